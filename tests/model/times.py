"""Times, once more and plainly."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from .refused import Bad

__all__ = ["DAY", "SECOND", "ago", "literal", "rfc3339", "whole_seconds"]

SECOND = 1_000_000
DAY = 86_400 * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MINUTES = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
FORMAT = "expected format is (YYYY-MM-DD HH:MM:SS[.US][±HH[:MM[:SS]]| ZONE])"
LITERAL = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?(Z|[+-]\d\d(?::\d\d)?)?)?)?"
)


def rfc3339(time: int) -> str:
    """In UTC with Z, trailing zeros dropped."""
    text = (EPOCH + timedelta(microseconds=time)).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return text.rstrip("0").rstrip(".") + "Z"


def whole_seconds(time: int) -> str:
    """As SQLite gives an agent's time back."""
    return (EPOCH + timedelta(microseconds=time)).strftime("%Y-%m-%dT%H:%M:%SZ")


def ago(now: int, text: str, units: str) -> int | None:
    """The moment so long before `now`; None when `text` is not relative."""
    found = re.fullmatch(r"\+?([0-9]+)([mhdw])", text)
    if not found or found[2] not in units:
        return None
    number = int(found[1])
    # decision: the documentation gives no limit for w; a year, as for days.
    most = {"d": 365, "w": 52}.get(found[2], 8760)
    return now - number * MINUTES[found[2]] * 60 * SECOND if 0 < number <= most else None


def literal(text: str) -> int | Bad:
    """The moment that the database reads."""
    found = LITERAL.fullmatch(text)
    if not found:
        return Bad(f'Conversion Error: invalid timestamp field format: "{text}", {FORMAT}')
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        return Bad(f'Conversion Error: timestamp field value out of range: "{text}"')
    fraction = int((found[7] or "").ljust(6, "0")[:6])
    return (moment - EPOCH) // timedelta(microseconds=1) + fraction - offset(found[8] or "Z")


def offset(zone: str) -> int:
    """Microseconds east of Greenwich."""
    if zone == "Z":
        return 0
    hours, _, minutes = zone[1:].partition(":")
    span = (int(hours) * 60 + int(minutes or 0)) * 60 * SECOND
    return -span if zone[0] == "-" else span
