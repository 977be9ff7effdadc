"""Edits by their origin: what one change of the sources does is told once, with all the cases that it touches."""

from collections.abc import Iterable

from promptc.review.asked import written
from promptc.review.difference import Edit, Group, Pair, Shared
from promptc.review.hunks import Hunks
from promptc.review.origins import Ground, Key, Origin

_LAST = "\U0010ffff"


def grouped(pairs: Iterable[Pair], hunks: Hunks) -> tuple[Group, ...]:
    """Return the edits of all cases by origin, in the order of the files and their lines."""
    pairs = [*pairs]
    specs = {hunks.new_names.get(pair.new.path) for pair in pairs if pair.new}
    specs |= {hunks.old_names.get(pair.old.path) for pair in pairs if pair.old}
    common = [hunk for file, found in sorted(hunks.by_file.items()) if file not in specs for hunk in found]
    origins: dict[Key, Origin] = {}
    edits: dict[Key, dict[str, tuple[Edit, list[str]]]] = {}
    for pair in pairs:
        if not pair.edits:
            continue
        ground = Ground.of(pair, hunks, common)
        for edit in pair.edits:
            for origin in ground.origins(edit):
                origins.setdefault(origin.key, origin)
                shared = edits.setdefault(origin.key, {}).setdefault(_likes(edit), (edit, []))
                shared[1].append(pair.id)
    return tuple(
        Group(
            edits=tuple(Shared(edit=edit, cases=tuple(dict.fromkeys(cases))) for edit, cases in edits[key].values()),
            old_span=origins[key].old_span,
            new_span=origins[key].new_span,
            edited=origins[key].edited,
        )
        for key in sorted(origins, key=lambda key: _place(origins[key], hunks))
    )


def _likes(edit: Edit) -> str:
    """Return what is equal for edits that are told as one."""
    return written([edit.topic, edit.step, edit.pointer, edit.old, edit.new])


def _place(origin: Origin, hunks: Hunks) -> tuple[str, int, str]:
    """Return where a group stands among the others: by its file's name and its lines of today."""
    span, names = (origin.new_span, hunks.new_names) if origin.new_span else (origin.old_span, hunks.old_names)
    file = names.get(span.source.path, span.source.path.as_posix()) if span else _LAST
    return file, span.start if span else 0, written([*origin.key])
