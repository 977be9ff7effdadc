"""The blocks of a template: what to point at when something is wrong at an offset."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from jinja2 import TemplateSyntaxError

from promptc.compiler.lexing import LEXER

Range: TypeAlias = tuple[int, int]
"""The characters from the first number to the second, which is excluded."""

_OPENINGS = ("variable_begin", "block_begin", "comment_begin", "raw_begin")
_CLOSINGS = ("variable_end", "block_end")
_SKIPPED = ("comment_end", "raw_end")
_MARKS = ("{{", "{%", "{#")
_LONE = ("else", "elif", "do", "include", "import", "from", "reply", "extends")


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
    start, tokens = None, list[tuple[str, str, int]]()
    try:
        for number, kind, value in LEXER.tokeniter(text.replace("\r", " "), None):
            at = number - 1
            if kind in _OPENINGS:
                start, tokens = at, []
            if kind != "whitespace":
                tokens.append((kind, value, at))
            if kind in _CLOSINGS and start is not None:
                end = at + len(value.rstrip()) if value.startswith("-") else at + len(value)
                found.append(Block(start=start, end=end, tokens=tuple(tokens)))
            if kind in (*_CLOSINGS, *_SKIPPED):
                start = None
    except TemplateSyntaxError as error:
        return tuple(found), start if start is not None else _opening(text, error.lineno - 1)
    return tuple(found), start


def place(text: str, at: int) -> Range:
    """Return the block around an offset, or what can't be read from there on, or the line."""
    complete, broken = blocks(text)
    if broken is not None and at >= broken:
        return broken, _line(text, broken)[1]
    around = next((block for block in complete if block.start <= at < block.end), None)
    return (around.start, around.end) if around else _line(text, at)


def broken_place(text: str, at: int) -> Range:
    """Return what makes a template unreadable: what is never closed, else the block around an offset."""
    _, broken = blocks(text)
    return place(text, at if broken is None else max(at, broken))


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


def _line(text: str, at: int) -> Range:
    newline = text.find("\n", at)
    return text.rfind("\n", 0, at) + 1, len(text) if newline < 0 else newline


def _opening(text: str, cursor: int) -> int:
    return min((at for mark in _MARKS if (at := text.find(mark, cursor)) >= 0), default=cursor)


def _is_set_block(block: Block) -> bool:
    return all(value != "=" for _, value, _ in block.tokens)
