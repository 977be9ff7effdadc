"""A talk at a terminal about the answers that wait, case by case."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from promptc.cli.faces import show, show_diagnostics
from promptc.cli.keys import pressed
from promptc.errors import UsageError
from promptc.pipeline.accept import accept, reject
from promptc.pipeline.filter import EVERYTHING
from promptc.pipeline.pending import waiting_units
from promptc.pipeline.review import Review, differences, review
from promptc.pipeline.unit import Unit
from promptc.report.review import View, review_text
from promptc.report.style import Style, line
from promptc.review.pictures import PictureError
from promptc.source import shown

_KEYS = {
    "a": "accept: the new answer becomes the truth",
    "r": "reject: the new answer is removed",
    "s": "skip: it waits on",
    "i": "more or less: changes, moments, files and texts in full, of later cases too",
    "o": "open: the pictures that differ, and a picture of the difference",
    "q": "quit: this one and the rest wait on",
}
"""What can be pressed: a word for the line that asks, and what it means."""
_SETTLED = {"a": ("accepted", accept), "r": ("rejected", reject)}
_ENDS = {"s": "skipped", "q": None}
_ELSEWHERE = "settled by somebody else"


class Reviewer:
    """Shows cases and asks for keys; what was drawn to be seen is removed at its end."""

    def __init__(self, style: Style) -> None:
        """Begin with few details."""
        self.view = View(style=style, more="`i` shows more")
        self.place = ""
        self.stack = ExitStack()
        self.folder: Path | None = None
        self.outcomes: list[str] = []

    def ask(self, units: Sequence[Unit]) -> None:
        """Ask about each case; `outcomes` has what became of those that were looked at until somebody quit."""
        with self.stack:
            for number, unit in enumerate(units, start=1):
                self.place = f"{number} of {len(units)}"
                outcome = self._case(unit)
                show(f"{outcome or 'quit'}\n\n")
                if outcome is None:
                    break
                self.outcomes.append(outcome)

    def _case(self, unit: Unit) -> str | None:
        """Ask about one case until something becomes of it; None where somebody quits."""
        if not _waits(unit):
            return _ELSEWHERE
        found = self._shown(unit)
        while True:
            key = self._key(found)
            if key in _ENDS:
                return _ENDS[key]
            if key in _SETTLED and (key == "r" or found.acceptable):
                settled = _settled(unit, found, key)
                if isinstance(settled, str):
                    return settled
                unit = settled
                found = self._shown(unit)
            elif key == "i":
                self.view = replace(self.view, details=not self.view.details)
                show("more\n\n" if self.view.details else "less\n\n")
                found = self._shown(unit)
            elif key == "o":
                self._open(found)
            else:
                show("?\n" + "".join(f"  {letter}  {told}\n" for letter, told in _keys(found)))

    def _shown(self, unit: Unit) -> Review:
        found = review(unit)
        show(review_text(found, self.place, self.view))
        return found

    def _key(self, found: Review) -> str:
        """Ask for a key; raises click.Abort where somebody turns away."""
        words = ", ".join(f"{letter} {told.partition(':')[0]}" for letter, told in _keys(found))
        show(f"{words}: ")
        try:
            return pressed()
        except click.Abort:
            show("\n")
            raise

    def _open(self, found: Review) -> None:
        """Show pictures with the system's viewer; it takes its time, so what is drawn for it stays to the end."""
        self.folder = self.folder or Path(self.stack.enter_context(TemporaryDirectory(prefix="promptc-")))
        try:
            files = [*differences(found, self.folder)]
        except (OSError, PictureError) as error:
            show(f"open\n  the pictures can't be opened: {line(str(error))}\n")
            return
        show("open\n" if files else "open\n  no pictures differ\n")
        for file in files:
            opened = click.launch(str(file.absolute())) == 0
            show(f"  {'opened' if opened else 'no viewer could be started for'} {line(shown(file))}\n")


def _settled(unit: Unit, found: Review, key: str) -> str | Unit:
    """Accept or reject; return what became of the case, or the case as it is compiled now if nothing did."""
    word, settle = _SETTLED[key]
    try:
        result = settle(unit.project, [found.address], seen=found.sight)
        if result.cases:
            return word
        show("not done\n\n")
        show_diagnostics(result.diagnostics, err=False)
        units, _ = waiting_units(unit.project, [found.address], only=EVERYTHING)
    except UsageError as error:  # it was renamed or removed since
        show(f"not done\n\nerror: {line(str(error))}\n")
        units = ()
    if units:
        return units[0]
    return "skipped" if _waits(unit) else _ELSEWHERE  # its spec has mistakes now, or is gone


def _waits(unit: Unit) -> bool:
    """Look anew: others may settle it at any moment."""
    return unit.store.waits


def _keys(found: Review) -> Iterator[tuple[str, str]]:
    yield from ((letter, told) for letter, told in _KEYS.items() if letter != "a" or found.acceptable)
