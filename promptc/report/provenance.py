"""Where answers come from, in a line: targets, models, and how old they are."""

from collections import Counter
from collections.abc import Iterable

from promptc import age
from promptc.replay.provenance import Provenance
from promptc.report.style import line
from promptc.wording import plural

_NAMED = 3
_LONGEST = 60
_STAND_IN = "promptc-emulator/"
"""What the emulator puts before a model's name."""


def answers_from(recordings: Iterable[Provenance | None]) -> str:
    """Return where the answers of recordings come from, on one line; nothing where there are none."""
    known = [recording for recording in recordings if recording]
    if not known:
        return ""
    targets = Counter(target(recording) for recording in known)
    models = Counter(version for recording in known for version in versions(recording))
    parts = [_named(targets), _named(models), _old(known)]
    return f"answers: {', '.join(part for part in parts if part)}\n"


def traffic(*, asked: int, waiting: int, stand_ins: int) -> str:
    """Return what a run has sent, what it leaves to accept, and how many of its recordings are stand-ins."""
    parts = [f"{plural(asked, 'request')} sent" if asked else "offline, no request sent"]
    parts += [f"{plural(waiting, 'new answer')} to accept"] * bool(waiting)
    parts += [by_emulator(stand_ins)] * bool(stand_ins)
    return "; ".join(parts)


def by_emulator(count: int) -> str:
    """Return how many recordings are no answers of the API."""
    return f"{plural(count, 'recording')} by the emulator, stand-ins for the API's answers"


def target(recording: Provenance) -> str:
    """Return where a recording comes from."""
    return f"{line(recording.target)}{' (stand-in)' if recording.emulator else ''}"


def versions(recording: Provenance) -> list[str]:
    """Return the models that gave its answers; what the emulator stands in for, where it is one."""
    prefix = _STAND_IN if recording.emulator else ""
    names = (line(version).removeprefix(prefix) for version in recording.model_versions)
    return [name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…" for name in names]


def ages(recordings: Iterable[Provenance]) -> str | None:
    """Return how old the newest and the oldest answer are, as `3 days` or `3 to 95 days`; None where nobody knows."""
    spans = sorted(age.now() - moment for recording in recordings for moment in recording.moments if moment)
    if not spans:
        return None
    newest, oldest = age.told(spans[0]), age.told(spans[-1])
    if newest == oldest:
        return oldest
    count, _, unit = newest.partition(" ")
    same_unit = count.isdigit() and unit.rstrip("s") == oldest.partition(" ")[2].rstrip("s")
    return f"{count if same_unit else newest} to {oldest}"


def origin_words(recording: Provenance) -> str:
    """Return where one recording comes from and how long ago, for the end of a line."""
    span = ages([recording])
    when = f"{span} old" if span else "of unknown age"
    return ", ".join([target(recording), *versions(recording), when])


def _old(recordings: list[Provenance]) -> str:
    span = ages(recordings)
    if span is None:
        return "of unknown age"
    unknown = sum(recording.oldest is None for recording in recordings)
    return f"{span} old" + (f", {unknown} of unknown age" if unknown else "")


def _named(counts: Counter[str]) -> str:
    """Return the first names by how often they occur, and how many more there are."""
    names = [name for name, _ in counts.most_common()]
    if len(names) > _NAMED + 1:  # one more takes no more room than saying so
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
