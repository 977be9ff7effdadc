"""What `-k` takes: words joined by `and`, `or`, `not` and parentheses, as in pytest."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from promptc.diagnostics import did_you_mean
from promptc.errors import UsageError
from promptc.source import columns

_TOKEN = re.compile(r"[()]|[\w:/.*?\[\]+@-]+|\S")
_WORD = re.compile(r"[\w:/.*?\[\]+@-]+")
_OPERAND = "a word, `not` or `(`"
_BINDING = {"(": 0, "or": 1, "and": 2, "not": 3}
_ELSEWHERE = {"&": "and", "|": "or", ",": "or", "!": "not", "~": "not"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """An expression that was read; `postfix` has each operator behind what it joins."""

    text: str
    postfix: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The words, each once."""
        return tuple(dict.fromkeys(step for step in self.postfix if step not in _BINDING))

    def holds(self, says: Callable[[str], bool]) -> bool:
        """Work it out from what each word says."""
        known: list[bool] = []
        for step in self.postfix:
            if step == "not":
                known.append(not known.pop())
            elif step in _BINDING:
                right, left = known.pop(), known.pop()
                known.append((left and right) if step == "and" else (left or right))
            else:
                known.append(says(step))
        return known.pop()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    word: str
    start: int


def parse_expression(text: str) -> Expression:
    """Read an expression; raises UsageError that shows where it goes wrong."""
    if not text.strip():
        msg = "-k is empty: give it words, joined by `and`, `or`, `not` and parentheses"
        raise UsageError(msg)
    postfix: list[str] = []
    waiting: list[_Token] = []  # operators and open parentheses: no recursion, so nothing nests too deep
    expects_word = True
    for token in _tokens(text):
        if expects_word:
            if token.word in {"(", "not"}:
                waiting.append(token)
                continue
            if token.word in {")", "and", "or"}:
                raise _refused(text, token, f"expected {_OPERAND}, got `{token.word}`")
            postfix.append(token.word)
            expects_word = False
        elif token.word == ")":
            postfix += _pending(waiting, 0)
            if not waiting:
                raise _refused(text, token, "`)` closes no `(`")
            waiting.pop()
        elif token.word in {"and", "or"}:
            postfix += _pending(waiting, _BINDING[token.word] - 1)
            waiting.append(token)
            expects_word = True
        else:
            raise _unjoined(text, token)
    if expects_word:
        end = _Token(word="", start=len(text))
        raise _refused(text, end, f"expected {_OPERAND}, got the end")
    postfix += _pending(waiting, 0)
    if waiting:
        raise _refused(text, waiting[-1], "`(` is never closed")
    return Expression(text=text, postfix=tuple(postfix))


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        token = _Token(word=match.group(), start=match.start())
        if token.word not in {"(", ")"} and not _WORD.fullmatch(token.word):
            operator = _ELSEWHERE.get(token.word)
            hint = f"write `{operator}`" if operator else "words are joined by `and`, `or`, `not` and parentheses"
            raise _refused(text, token, f"`{_visible(token.word)}` means nothing here; {hint}")
        yield token


def _pending(waiting: list[_Token], binding: int) -> Iterator[str]:
    """Take off the operators that bind closer than that, the latest first."""
    while waiting and _BINDING[waiting[-1].word] > binding:
        yield waiting.pop().word


def _unjoined(text: str, token: _Token) -> UsageError:
    message = f"expected `and`, `or` or the end, got `{token.word}`"
    hint = did_you_mean(token.word, ["and", "or"])
    return _refused(text, token, f"{message}; {hint}" if hint else message)


def _refused(text: str, token: _Token, message: str) -> UsageError:
    """Show the expression with a caret under the place."""
    written = "".join(map(_visible, text))
    before = "".join(map(_visible, text[: token.start]))
    caret = "^" * max(columns(token.word), 1)
    return UsageError(f"-k can't be read: {message}\n  {written}\n  {' ' * columns(before)}{caret}")


def _visible(char: str) -> str:
    """Return what stands for a character in one line of a terminal."""
    return " " if char.isspace() else char if char.isprintable() else "\N{REPLACEMENT CHARACTER}"
