"""How old a recording is: moments as RFC 3339, ages as people write them."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from promptc.wording import plural

_AGE = re.compile(r"([1-9][0-9]{0,4})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_HOUR, _DAY = 3600, 86400


def now() -> datetime:
    """Return the present moment, UTC; the one clock that recordings are dated by."""
    return datetime.now(UTC)


def written(moment: datetime) -> str:
    """Return a moment as recordings keep it: RFC 3339, in seconds, UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime | None:
    """Return the moment that a recording names; None where it is none."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def http_date(text: str) -> datetime | None:
    """Return the moment that a header of HTTP names (RFC 9110, section 5.6.7); None where it is none."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)  # `-0000`: nobody's zone (RFC 5322, section 3.3)


def age(text: str) -> timedelta | None:
    """Return what `12h`, `90d` or `2w` means; None where it is none of these."""
    match = _AGE.fullmatch(text)
    return int(match[1]) * _UNITS[match[2]] if match else None


def short(span: timedelta) -> str:
    """Return an age of whole hours as `age` reads it: `12h`, `90d`."""
    hours = int(span.total_seconds()) // _HOUR
    return f"{hours // 24}d" if hours % 24 == 0 else f"{hours}h"


def told(span: timedelta) -> str:
    """Return an age in one unit: `5 minutes`, `3 days`; never less than none."""
    seconds = max(int(span.total_seconds()), 0)
    units = (("day", _DAY), ("hour", _HOUR), ("minute", 60))
    for name, length in units:
        if seconds >= length:
            count = seconds // length
            return plural(count, name)
    return "less than a minute"
