"""Where things stand in a template: Jinja knows lines, people want columns."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from jinja2 import Environment, TemplateSyntaxError

Range: TypeAlias = tuple[int, int]
"""The characters from the first number to the second, which is excluded."""

_OPENINGS = ("variable_begin", "block_begin", "comment_begin", "raw_begin")
_CLOSINGS = ("variable_end", "block_end")
_SKIPPED = ("comment_end", "raw_end")
_MARKS = ("{{", "{%", "{#")
_LONE = ("else", "elif", "do")
_LEXER = Environment(keep_trailing_newline=True, autoescape=False)  # noqa: S701 - it only cuts text into tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A `{{ … }}` or `{% … %}`: its place, and kind, text and offset of each token that counts."""

    start: int
    end: int
    tokens: Sequence[tuple[str, str, int]]

    @property
    def tag(self) -> str | None:
        """The tag's name; nothing for `{{ … }}`."""
        return self.tokens[1][1] if self.tokens[0][0] == "block_begin" and len(self.tokens) > 1 else None


@lru_cache(maxsize=256)
def blocks(text: str) -> tuple[tuple[Block, ...], int | None]:
    """Return the blocks of a template, and where the first one starts that can't be read."""
    found: list[Block] = []
    start, tokens, cursor = None, list[tuple[str, str, int]](), 0
    try:
        for _, kind, value in _LEXER.lex(text.replace("\r", " ")):
            at = max(text.find(value, cursor), cursor)
            cursor = at + len(value)
            if kind in _OPENINGS:
                start, tokens = at, []
            if kind != "whitespace":
                tokens.append((kind, value, at))
            if kind in _CLOSINGS and start is not None:
                found.append(Block(start=start, end=cursor, tokens=tuple(tokens)))
                start = None
            if kind in _SKIPPED:
                start = None
    except TemplateSyntaxError:
        return tuple(found), start if start is not None else _opening(text, cursor)
    return tuple(found), start


def name_place(text: str, name: str, *, after: Sequence[str] = ()) -> int | None:
    """Return where a template first uses a name, as a variable or `after` one of some words."""
    for block in blocks(text)[0]:
        before = ""
        for kind, value, at in block.tokens:
            if kind == "name" and value == name and (before in after if after else before not in {".", "|"}):
                return at
            before = value
    return None


def syntax_place(text: str, line: int, fails: Callable[[str], bool], *, tag: str | None = None) -> Range:
    """Return the block that makes a template invalid; `fails` says so of a template."""
    complete, broken = blocks(text)
    if broken is not None:
        newline = text.find("\n", broken)
        return broken, len(text) if newline < 0 else newline
    for block in complete:
        if block.tag is None and fails(text[block.start : block.end]):
            return block.start, block.end
    for block in complete:
        if tag is not None and block.tag == tag:
            return block.start, block.end
    return line_place(text, line)


def unclosed(text: str) -> Block | None:
    """Return the innermost block tag that nothing closes."""
    stack: list[Block] = []
    for block in blocks(text)[0]:
        if block.tag is None or block.tag in _LONE:
            continue
        if not block.tag.startswith("end"):
            stack.append(block)
        elif stack and block.tag == f"end{stack[-1].tag}":
            stack.pop()
    return next((block for block in reversed(stack) if block.tag != "set" or _is_set_block(block)), None)


def failing_place(text: str, line: int | None, fails: Callable[[str], bool]) -> Range:
    """Return the block that fails; `line` is where Jinja saw it, if it did."""
    near = list(_on_line(text, line)) if line else list(blocks(text)[0])
    for block in near:
        if block.tag is None and fails(text[block.start : block.end]):
            return block.start, block.end
    return line_place(text, line or 1)


def line_place(text: str, line: int) -> Range:
    """Return the first block that ends on or after a line, or the line itself."""
    for block in _on_line(text, line):
        return block.start, block.end
    return _line(text, line)


def _on_line(text: str, line: int) -> Iterator[Block]:
    start, end = _line(text, line)
    return (block for block in blocks(text)[0] if block.end > start and block.start <= end)


def _line(text: str, line: int) -> Range:
    starts = [0, *(i + 1 for i, char in enumerate(text) if char == "\n")]
    start = starts[min(line, len(starts)) - 1]
    newline = text.find("\n", start)
    return start, len(text) if newline < 0 else newline


def _opening(text: str, cursor: int) -> int:
    return min((at for mark in _MARKS if (at := text.find(mark, cursor)) >= 0), default=cursor)


def _is_set_block(block: Block) -> bool:
    return all(value != "=" for _, value, _ in block.tokens)
