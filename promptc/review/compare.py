"""Two compilations compared: cases matched, what differs in each, and all of it by cause."""

from collections.abc import Mapping, Sequence

from promptc.request import Case
from promptc.review.asked import same
from promptc.review.difference import Difference, Edit, Pair
from promptc.review.edits import request_edits
from promptc.review.grouping import grouped
from promptc.review.hunks import Hunks
from promptc.review.matching import Known, matched
from promptc.review.terms import expectation_edits, mark_edits, variable_edits
from promptc.source import Source


def compare(
    old: Sequence[Case], new: Sequence[Case], old_sources: Mapping[str, Source], new_sources: Mapping[str, Source]
) -> Difference:
    """Compare the cases of two states of a project; the sources are its text files by name."""
    before, after = [Known(case) for case in old], [Known(case) for case in new]
    heirs = matched(before, after)
    pairs = [_pair(heirs.get(known.case.id), known) for known in after]
    gone = {id(known) for known in heirs.values()}
    pairs += [Pair(old=known.case, new=None) for known in before if id(known) not in gone]
    renamed = {pair.old.path: pair.new.path for pair in pairs if pair.old and pair.new}
    return Difference(pairs=tuple(pairs), groups=grouped(pairs, Hunks.between(old_sources, new_sources, renamed)))


def _pair(old: Known | None, new: Known) -> Pair:
    if old is None:
        return Pair(old=None, new=new.case)
    return Pair(old=old.case, new=new.case, edits=tuple(_edits(old, new)))


def _edits(old: Known, new: Known) -> Sequence[Edit]:
    """Return what differs in a case; a variable is told only where no request shows it."""
    found = () if _same(old.case, new.case) else request_edits(old.case, new.case, old.asked, new.asked)
    found = found or tuple(variable_edits(old.case, new.case))
    return (*found, *expectation_edits(old.case, new.case), *mark_edits(old.case, new.case))


def _same(old: Case, new: Case) -> bool:
    """Say whether two cases plainly ask the same, without a look at their canonical form."""
    one, other = old.requests[-1], new.requests[-1]
    return all(
        same(getattr(one, name), getattr(other, name)) for name in ("model", "method", "contents", "rest", "unchecked")
    )
