"""From what a Jinja spec's template yields to its system text and its turns."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from promptc.compiler.pieces import LOST, At, Picture, Piece, ReplyMark, Role, Turn, blank


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A turn as pieces, or a reply where there are none; `at` is its tag, nothing for a body without tags."""

    role: Role | None
    pieces: Sequence[Piece]
    at: At | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A part that is text; its pieces say where it stands."""

    text: str
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """Something that stands outside of all turns, though there are some."""

    piece: Piece


def said(pieces: Sequence[Piece]) -> Iterator[Said | Stray]:
    """Yield the turns in order; a body without role tags is one turn of the user's."""
    if all(blank(piece) for piece in pieces):
        return
    if not any(isinstance(piece.value, (Turn, ReplyMark)) for piece in pieces):
        yield Said(role="user", pieces=pieces, at=None)
        return
    for piece in pieces:
        value = piece.value
        if isinstance(value, Turn):
            yield Said(role=value._role, pieces=value._pieces, at=value._at)  # noqa: SLF001 - templates must not see it
        elif isinstance(value, ReplyMark):
            yield Said(role=None, pieces=(), at=value._at)  # noqa: SLF001
        elif not blank(piece) and value is not LOST:
            yield Stray(piece=piece)


def parts(pieces: Sequence[Piece]) -> Iterator[Text | Picture | Piece]:
    """Yield a turn's parts: text trimmed at the turn's ends, pictures, and what can be neither.

    Only the template's own white space is trimmed or dropped: a value is sent as it is.
    """
    runs = [*_runs(_spread(pieces))]
    for i, run in enumerate(runs):
        if isinstance(run, list):
            if all(blank(piece) for piece in run):
                continue
            empty = all(blank(piece) or piece.value == "" for piece in run)
            trimmed = [] if empty else _trimmed(run, start=i == 0, end=i == len(runs) - 1)
            yield Text(text="".join(trimmed), pieces=run)
        else:
            yield run


def _spread(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield pieces with lists of pictures taken apart."""
    for piece in pieces:
        if isinstance(piece.value, list) and piece.value and all(isinstance(item, Picture) for item in piece.value):
            yield from (Piece(value=item, at=piece.at) for item in piece.value)
        else:
            yield piece


def _runs(pieces: Iterable[Piece]) -> Iterator[list[Piece] | Picture | Piece]:
    run: list[Piece] = []
    for piece in pieces:
        if isinstance(piece.value, (str, int, float)):
            run.append(piece)
            continue
        if run:
            yield run
            run = []
        yield _picture(piece) if isinstance(piece.value, Picture) else piece
    if run:
        yield run


def _picture(piece: Piece) -> Picture:
    """Return a picture that knows where it was put out."""
    picture: Picture = piece.value
    return picture if picture._at else Picture(picture._ref, piece.at, picture._pins, picture._way)  # noqa: SLF001


def _trimmed(run: Sequence[Piece], *, start: bool, end: bool) -> list[str]:
    texts = [str(piece.value) for piece in run]
    if start:
        for i, piece in enumerate(run):
            if not piece.literal:
                break
            texts[i] = texts[i].lstrip()
            if texts[i]:
                break
    if end:
        for i in reversed(range(len(run))):
            if not run[i].literal:
                break
            texts[i] = texts[i].rstrip()
            if texts[i]:
                break
    return texts
