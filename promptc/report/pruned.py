"""What `prune` found and what became of it."""

from collections.abc import Sequence

from promptc.pipeline.prune import Pruned, PruneResult
from promptc.report.as_json import dumped
from promptc.report.style import Style, line
from promptc.source import shown
from promptc.wording import plural


def prunable_table(result: PruneResult, style: Style) -> str:
    """Return the files that may go, each with its size and why, and then those that are spared."""
    files = (*result.files, *result.spared)
    rows = [(line(shown(file.file)), f"{file.size:,} bytes", line(file.reason)) for file in files]
    names, sizes = (max((len(row[i]) for row in rows), default=0) for i in (0, 1))
    return "".join(
        f"{name.ljust(names)}  {style.paint(size.rjust(sizes), 'dim')}  {reason}\n" for name, size, reason in rows
    )


def prune_summary(result: PruneResult) -> str:
    """Return what became of the files, in a line, and those that are still there."""
    if result.broken:
        have = "has" if len(result.broken) == 1 else "have"
        return (
            f"nothing was removed: {line(', '.join(result.broken))} {have} mistakes, so not all cases are known; "
            "`promptc check` tells which\n"
        )
    if result.spared:
        return f"{_outcome(result)}{_counted(result.spared)} kept; `promptc check` tells what brings them back\n"
    return _outcome(result)


def _outcome(result: PruneResult) -> str:
    if not result.files:
        return "nothing to prune\n"
    if not result.tried:
        return f"{_counted(result.files)}; nothing was removed: `promptc prune --yes` does so without asking\n"
    gone = [file for file in result.files if file.removed]
    kept = len(result.files) - len(gone)
    told = f"; {plural(kept, 'file')} left, written or kept by somebody meanwhile" if kept else ""
    return f"{_counted(gone)} removed{told}\n"


def prune_json(result: PruneResult) -> str:
    """Return the files as JSON."""
    return dumped(
        [
            {"file": shown(file.file), "reason": file.reason, "size": file.size, "removed": file.removed}
            for file in (*result.files, *result.spared)
        ]
    )


def _counted(files: Sequence[Pruned]) -> str:
    return f"{plural(len(files), 'file')}, {sum(file.size for file in files):,} bytes"
