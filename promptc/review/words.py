"""Two texts word by word: what was taken out, what was put in, and what the eye can't see."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import groupby

from promptc.review.alignment import stretches
from promptc.review.difference import Word

_JOINER = "\u200d"
_JOINED = {"Mn", "Mc", "Me", "Cf", "Sk"}
"""The categories of characters that belong to the one before: accents, vowel signs, joiners, skin tones."""
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x9FFF),  # Han
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""The scripts that put no spaces between words: each character counts as one."""
_HYPHENS = {"-", ".", "'", "\u2019"}
"""What makes one word of two where it stands right between them: `well-known`, `wing.png`, a model's name."""
_KEY = re.compile(r"([A-Za-z0-9+/=_.~%&#;\\-]{20,})")
"""What may be a key, or a file's address."""
_PLAIN = re.compile(r"\n|[^\S\n]+|\w+(?:[-.']\w+)*|[^\w\s]")
"""The same words as elsewhere, where all is ASCII."""
_LIKE = str.maketrans(
    "асԁеһіјӏорԛѕуԝхАВЕНІЈКМОРСТХοναρΑΒΕΗΙΚΜΝΟΡΤΥΧΖ",  # noqa: RUF001 - they are here for being ambiguous
    "acdehijlopqsywxABEHIJKMOPCTXovapABEHIKMNOPTYXZ",
)
"""Letters of other scripts that look like Latin ones (Unicode Technical Standard 39, confusables)."""
_LIARS = frozenset(map(chr, _LIKE))


@lru_cache(maxsize=4096)  # the same words are changed in many cases
def words(old: str, new: str) -> tuple[Word, ...]:
    """Return two texts as one: what stayed, what was taken out, what was put in."""
    found: list[Word] = []
    before, after = _phrases(tokens(old)), _phrases(tokens(new))
    for same, one, other in stretches(*(["".join(phrase) for phrase in side] for side in (before, after))):
        gone, come = ([token for phrase in side for token in phrase] for side in (before[one], after[other]))
        found += [Word(mark=" ", text="".join(come))] if same else _changed(gone, come)
    return tuple(_runs(found))


def _phrases(found: Sequence[str]) -> list[list[str]]:
    """Return each word with the spaces behind it: so compared first, texts are half as long, and differ as they read."""
    phrases: list[list[str]] = []
    for item in found:
        if phrases and item.isspace() and item != "\n":
            phrases[-1].append(item)
        else:
            phrases.append([item])
    return phrases


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Word]:
    for same, one, other in stretches(old, new):
        if same:
            yield Word(mark=" ", text="".join(new[other]))
            continue
        if one.stop > one.start:
            yield Word(mark="-", text="".join(old[one]))
        if other.stop > other.start:
            yield Word(mark="+", text="".join(new[other]))


def tokens(text: str) -> list[str]:
    """Return a text's words, runs of spaces, line ends and signs; together they are the text.

    What may be a key is one word: half a key could not be known for what it is.
    """
    found: list[str] = []
    for number, piece in enumerate(_KEY.split(text)):
        found += [piece] if number % 2 else _tokens(piece)
    return found


def _tokens(text: str) -> list[str]:
    if text.isascii():
        return _PLAIN.findall(text)
    found: list[str] = []
    kind = ""
    for char in text:
        if found and (_joined(char) or found[-1].endswith(_JOINER)):
            found[-1] += char
            continue
        known, kind = kind, _kind(char)
        if kind == known and kind in {"word", "space"}:
            found[-1] += char
        elif (
            kind == "word" and found[-1:] and found[-1] in _HYPHENS and found[-2:-1] and _kind(found[-2][-1]) == "word"
        ):
            found[-2:] = ["".join(found[-2:]) + char]
        else:
            found.append(char)
    return found


@cache
def _joined(char: str) -> bool:
    return not char.isascii() and unicodedata.category(char) in _JOINED


@cache
def _kind(char: str) -> str:
    if char == "\n":
        return "end"
    if char.isspace():
        return "space"
    if any(first <= ord(char) <= last for first, last in _UNSPACED):
        return "sign"
    return "word" if char.isalnum() or char == "_" else "sign"


def _runs(found: Iterable[Word]) -> Iterator[Word]:
    """Yield neighbours that changed as one, with the lone space between them: so they are read."""
    stretch: list[Word] = []
    for changed, run in groupby(_with_spaces([*found]), key=lambda word: word.mark != " "):
        stretch = [*run]
        for mark in ("-", "+") if changed else (" ",):
            if text := "".join(word.text for word in stretch if word.mark == mark):
                yield Word(mark=mark, text=text)


def _with_spaces(found: list[Word]) -> Iterator[Word]:
    for number, word in enumerate(found):
        around = found[max(number - 2, 0) : number], found[number + 1 : number + 3]
        lone = word.mark == " " and word.text.isspace() and "\n" not in word.text
        changed = all(around) and " " not in {around[0][-1].mark, around[1][0].mark}
        if lone and changed and {"-", "+"} <= {one.mark for side in around for one in side}:
            yield replace(word, mark="-")
            yield replace(word, mark="+")
        else:
            yield word


def likeness(old: Counter[str], new: Counter[str]) -> float:
    """Return how much two bags of words have in common, from 0 to 1 (Sørensen-Dice)."""
    total = old.total() + new.total()
    return 2 * (old & new).total() / total if total else 1.0


@lru_cache(maxsize=4096)
def bag(text: str) -> Counter[str]:
    """Return a text's words with how often each is there, signs and spaces left out; nobody may change it."""
    return Counter(token.casefold() for token in tokens(text) if any(map(str.isalnum, token)))


def seen(found: Iterable[Word]) -> tuple[Word, ...]:
    """Return the words with the code points of what was changed, where the eye would see no difference.

    Letters that pretend to be Latin ones, among Latin ones, always show theirs.
    """
    told = [*found]
    old, new = ("".join(word.text for word in told if word.mark == mark) for mark in ("-", "+"))
    shown = _points if _look(old) == _look(new) else _unmasked
    return tuple(word if word.mark == " " else replace(word, text=shown(word.text)) for word in told)


def _unmasked(text: str) -> str:
    if _LIARS.isdisjoint(text):  # almost always, and ten times faster
        return text
    return "".join(
        "".join(_point(char) if char in _LIARS else char for char in token) if _mixed(token) else token
        for token in tokens(text)
    )


def _mixed(token: str) -> bool:
    return not _LIARS.isdisjoint(token) and any(char.isascii() and char.isalpha() for char in token)


def _look(text: str) -> str:
    """Return what the eye sees of a text."""
    plain = unicodedata.normalize("NFKC", text).translate(_LIKE)
    return "".join(char for char in plain if not char.isspace() and unicodedata.category(char) not in {"Cc", "Cf"})


def _points(text: str) -> str:
    return "".join(_point(char) for char in text)


def _point(char: str) -> str:
    if char == " ":
        return "·"
    if char.isascii() and char.isprintable():
        return char
    return {"\n": "\\n", "\t": "\\t"}.get(char) or f"\\u{ord(char):04x}"
