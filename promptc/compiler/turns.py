"""From turns to contents: those that TOML lists, and those that a Jinja template yields."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from promptc.compiler.body import Said, Stray, Text, parts, said
from promptc.compiler.conversation import misplaced_reply, wrong_place
from promptc.compiler.expectations import expectation
from promptc.compiler.parts import EMPTY, MOST_PARTS, append_part, append_picture
from promptc.compiler.pieces import LOST, At, NotRenderableError, Picture, Piece, ReplyMark, Turn, blank, text_of
from promptc.compiler.template import render_pieces
from promptc.compiler.work import Work
from promptc.diagnostics import Severity
from promptc.request import Expectation, Reply
from promptc.source import Span
from promptc.toml_tree import Node
from promptc.tree import Tree, child

_CONTENTS = "/contents"
_SYSTEM = "/systemInstruction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What is asked: `replies` are the expectations of the reply turns, `system` a template's own."""

    contents: "tuple[Tree | Reply, ...]"
    replies: tuple[Expectation | None, ...] = ()
    system: Tree = None


def listed(work: Work, turns: Node) -> Talk:
    """Lower the turns that TOML lists."""
    work.note(_CONTENTS, turns)
    replies: list[Expectation | None] = []
    contents = [_turn(work, turn, child(_CONTENTS, i), replies) for i, turn in enumerate(turns.items)]
    return Talk(contents=tuple(contents), replies=tuple(replies))


def _turn(work: Work, turn: Node, pointer: str, replies: list[Expectation | None]) -> "Tree | Reply":
    work.note(pointer, turn)
    if "reply" in turn.table:
        expect, faults = expectation(turn.table.get("expect"), None, work.images)
        replies.append(expect if "expect" in turn.table else None)
        work.diagnostics.extend(faults)
        return Reply(step=len(replies))
    made: list[Tree] = []
    if "text" in turn.table:
        for place in ("parts", "parts/0", "parts/0/text"):
            work.note(f"{pointer}/{place}", turn.table["text"])
        made.append({"text": work.text(turn.table["text"], f"{pointer}/parts/0/text")})
    else:
        work.note(f"{pointer}/parts", turn.table["parts"])
        for part in turn.table["parts"].items:
            append_part(work, part, made, f"{pointer}/parts")
    if "role" in turn.table:
        work.note(f"{pointer}/role", turn.table["role"])
    return {"parts": made, "role": str(turn.table["role"].value) if "role" in turn.table else "user"}


def templated(work: Work, body: Node) -> Talk:
    """Lower the turns that a Jinja spec's template yields."""
    pieces = work.rendered(body, _CONTENTS, render_pieces)
    if pieces is None:
        return Talk(contents=())
    return _Templated(work=work, body=body).talk(pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Templated:
    work: Work
    body: Node
    contents: "list[Tree | Reply]" = field(default_factory=list)

    def talk(self, pieces: Sequence[Piece]) -> Talk:
        work = self.work
        work.note(_CONTENTS, self.body)
        found = [*said(pieces)]
        turns = [turn for turn in found if isinstance(turn, Said) and turn.role != "system"]
        self.strays([stray for stray in found if isinstance(stray, Stray)])
        self.order(turns)
        steps = 0
        for turn in turns:
            if turn.role is None:
                steps += 1
                self.place(child(_CONTENTS, len(self.contents)), turn.at)
                self.contents.append(Reply(step=steps))
            else:
                self.turn(turn)
        system = self.system([turn for turn in found if isinstance(turn, Said) and turn.role == "system"])
        if not turns:
            message, hint = "the template asks nothing", "let it yield a turn of the user's in every case"
            work.complain("P101", message, self.span(None), expected="text, or `{% user %}…{% enduser %}`", hint=hint)
            work.held.add(_CONTENTS)
        return Talk(contents=tuple(self.contents), replies=(None,) * steps, system=system)

    def turn(self, turn: Said) -> None:
        pointer = child(_CONTENTS, len(self.contents))
        self.place(pointer, turn.at)
        self.place(f"{pointer}/role", turn.at)
        made: list[Tree] = []
        known = len(self.work.diagnostics)
        for part in parts(turn.pieces):
            self.part(part, made, f"{pointer}/parts", turn.at)
            if len(made) > MOST_PARTS:
                message, hint = f"the turn has more than {MOST_PARTS:,} parts", "say less in one turn"
                self.work.complain("P211", message, self.span(turn.at), hint=hint)
                break
        lost = any(piece.value is LOST for piece in turn.pieces)
        if not made and not lost and len(self.work.diagnostics) == known:
            where = f"`{{% {turn.role} %}}`" if turn.at else "the template"
            message, hint = f"{where} says nothing", "write what is said, or leave the turn out"
            self.work.complain("P103", message, self.span(turn.at), hint=hint)
        if not made:
            self.work.held.add(pointer)
        self.contents.append({"parts": made, "role": turn.role})

    def part(self, part: Text | Picture | Piece, made: list[Tree], pointer: str, at: At | None) -> None:
        where = child(pointer, len(made))
        if isinstance(part, Text):
            self.text(part, made, where)
        elif isinstance(part, Picture):
            append_picture(self.work, part, self.span(part._at), made, pointer)  # noqa: SLF001 - templates must not see it
        elif part.value == []:
            message = "the list is empty, so nothing is sent here"
            self.work.complain("P104", message, self.span(part.at or at), hint=EMPTY, severity=Severity.NOTE)
        else:
            self.work.held.add(where)
            if part.value is not LOST:
                self.refuse(part.value, part.at or _at(part.value) or at)

    def text(self, part: Text, made: list[Tree], where: str) -> None:
        span = self.stretch(part.pieces)
        node = Node(value=part.text, span=span)
        self.work.note(where, node)
        self.work.note(f"{where}/text", node)
        made.append({"text": self.work.whole(part.text, span, f"{where}/text")})

    def refuse(self, value: object, at: At | None) -> None:
        """Say what can't stand in a turn."""
        if isinstance(value, (Turn, ReplyMark)):
            message, hint = (
                "a turn stands inside another one",
                "role tags stand side by side: close the outer one first",
            )
            self.work.complain("P103", message, self.span(at), hint=hint)
            return
        try:
            text_of(value)
        except NotRenderableError as problem:
            self.work.complain(problem.code, str(problem), self.span(at), hint=problem.hint)

    def system(self, turns: Sequence[Said]) -> Tree:
        if not turns:
            return None
        for turn in turns[1:]:
            message, hint = "the template has a second `{% system %}`", "put both into one"
            self.work.complain("P103", message, self.span(turn.at), hint=hint)
        self.place(_SYSTEM, turns[0].at)
        made: list[Tree] = []
        for part in parts(turns[0].pieces):
            if isinstance(part, Text):
                self.text(part, made, f"{_SYSTEM}/parts/{len(made)}")
            elif isinstance(part, Picture):
                message, hint = (
                    "an image stands in `{% system %}`, which takes text only",
                    "show it in a turn of the user's",
                )
                self.work.complain("P209", message, self.span(part._at), hint=hint)  # noqa: SLF001
            elif part.value is not LOST:
                self.refuse(part.value, part.at or turns[0].at)
        return {"parts": made}

    def strays(self, strays: Sequence[Stray]) -> None:
        for stray in strays[:1]:
            message, hint = "this stands outside of all turns", "move it into `{% user %}…{% enduser %}`"
            at = stray.piece.at
            if at and stray.piece.literal:  # point at the first thing that is no white space
                margin = len(stray.piece.value) - len(stray.piece.value.lstrip())
                span = self.work.library.exact(At(at.template, at.offset + margin), len(stray.piece.value.split()[0]))
            else:
                span = self.span(at)
            self.work.complain("P103", message, span, expected="white space between the turns", hint=hint)

    def order(self, turns: Sequence[Said]) -> None:
        """Refuse replies that have no turn of the user's before and after them."""
        replies = [turn.role is None for turn in turns]
        for i, turn in enumerate(turns):
            if replies[i] and (where := wrong_place(i, replies)):
                self.work.diagnostics.append(misplaced_reply(self.span(turn.at), where))
                self.work.held.add(_CONTENTS)

    def place(self, pointer: str, at: At | None) -> None:
        self.work.note(pointer, Node(value="", span=self.span(at)))

    def span(self, at: At | None) -> Span:
        """Return the block around a place, or the first character of the body."""
        if at:
            return self.work.library.span(at)
        text = str(self.body.value)
        margin = len(text) - len(text.lstrip())
        return self.body.within(margin, margin + 1)

    def stretch(self, pieces: Sequence[Piece]) -> Span:
        """Return from where to where a text stands, as far as one file goes."""
        spans = []
        for piece in pieces:
            if piece.at is None or blank(piece):
                continue
            literal = piece.literal
            spans.append(self.work.library.exact(piece.at, len(piece.value)) if literal else self.span(piece.at))
        if not spans:
            return self.span(None)
        same = [span for span in spans if span.source == spans[0].source]
        whole = spans[0].source.span(min(s.start for s in same), max(s.end for s in same))
        margin = len(whole.text) - len(whole.text.lstrip())
        return whole.source.span(whole.start + margin, whole.start + max(len(whole.text.rstrip()), margin + 1))


def _at(value: object) -> At | None:
    return value._at if isinstance(value, (Turn, ReplyMark)) else None  # noqa: SLF001 - templates must not see it
