"""Which of the compiled cases the options take: by name, by tag, by expression."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from promptc.diagnostics import did_you_mean
from promptc.errors import UsageError
from promptc.pipeline.expression import Expression
from promptc.request import Case

_NAMED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a case must be to be taken: of one of the names, with one of the tags, and as the expression says.

    `cases` are names or globs, `tags` whole tags; what is empty lets every case pass.
    """

    cases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    expression: Expression | None = None

    def takes(self, case: Case) -> bool:
        """Say whether everything that is asked for holds for a case."""
        return all(holds(case) for _, holds in self._options())

    def require(self, cases: Sequence[Case], nowhere: str) -> None:
        """Refuse to take none of the cases, or to name what none of them has; raises UsageError.

        It would pass by doing nothing. `nowhere` begins the message: "`moths` has no case".
        """
        for pattern in self.cases:
            if "::" in pattern:
                msg = f"--case takes the name behind `::`; to name the spec too, write `{pattern}` without --case"
                raise UsageError(msg)
            if not any(named(case, pattern) for case in cases):
                raise no_case(nowhere, pattern, cases)
        for tag in self.tags:
            if not any(tag in case.tags for case in cases):
                raise _no_tag(nowhere, tag, cases)
        if self.expression and not any(_says(case, self.expression) for case in cases):
            raise _none_selected(nowhere, self.expression, cases)
        if cases and not any(map(self.takes, cases)):
            each = [
                f"{option} takes {quoted(case.id for case in cases if holds(case))}"
                for option, holds in self._options()
            ]
            options = _joined([option for option, _ in self._options()])
            msg = f"{nowhere} that {options} take together: {'; '.join(each)}"
            raise UsageError(msg)

    def _options(self) -> Iterator[tuple[str, Callable[[Case], bool]]]:
        expression = self.expression
        if self.cases:
            yield "--case", lambda case: any(named(case, pattern) for pattern in self.cases)
        if self.tags:
            yield "--tag", lambda case: any(tag in case.tags for tag in self.tags)
        if expression:
            yield "-k", lambda case: _says(case, expression)


EVERYTHING = Filter()
"""Takes every case."""


def named(case: Case, pattern: str) -> bool:
    """Say whether a case has the name, or one that the glob fits."""
    return fnmatchcase(case.name, pattern)


def no_case(nowhere: str, pattern: str, cases: Iterable[Case]) -> UsageError:
    """Return the error for a name that no case has."""
    names = [case.name for case in cases]
    hint = did_you_mean(pattern, names) or f"there {_are(names)}"
    return UsageError(f"{nowhere} `{pattern}`; {hint}")


def quoted(names: Iterable[str]) -> str:
    """Return names for a message, shortened where they are many."""
    each = [f"`{name}`" for name in dict.fromkeys(names)]
    if len(each) > _NAMED:
        return f"{', '.join(each[: _NAMED - 1])} and {len(each) - _NAMED + 1} more"
    return _joined(each)


def _joined(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _no_tag(nowhere: str, tag: str, cases: Iterable[Case]) -> UsageError:
    tags = sorted({tag for case in cases for tag in case.tags})
    hint = did_you_mean(tag, tags) or (f"there {_are(tags)}" if tags else "there are no tags at all")
    return UsageError(f"{nowhere} with the tag `{tag}`; {hint}")


def _none_selected(nowhere: str, expression: Expression, cases: Sequence[Case]) -> UsageError:
    """Name the first word that is nowhere to be found, or else what there is."""
    hint = f"there {_are(case.id for case in cases)}"
    known = [word for case in cases for word in (case.spec, case.name, *case.tags)]
    for word in expression.words:
        if not any(_fits(case, word) for case in cases):
            hint = f"`{word}` fits no name and no tag; {did_you_mean(word, known) or hint}"
            break
    return UsageError(f"{nowhere} that -k `{' '.join(expression.text.split())}` takes; {hint}")


def _are(names: Iterable[str]) -> str:
    each = list(dict.fromkeys(names))
    return f"{'is only' if len(each) == 1 else 'are'} {quoted(each)}"


def _says(case: Case, expression: Expression) -> bool:
    return expression.holds(lambda word: _fits(case, word))


def _fits(case: Case, word: str) -> bool:
    """Say whether a word of an expression is about a case; letters' case doesn't count."""
    folded = word.casefold()
    known = [name.casefold() for name in (case.id, case.name, *case.tags)]
    if any(char in word for char in "*?["):
        return any(fnmatchcase(name, folded) for name in known)
    return folded in known[0] or folded in known[2:]
