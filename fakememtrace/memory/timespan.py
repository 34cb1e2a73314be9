"""``24h`` and ISO 8601 -> a moment, read the way the server and its database read them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache

__all__ = ["HOUR", "Unreadable", "moment_before", "read"]

HOUR = 3_600_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FAR = 1 << 62
_NAMED = {"epoch": 0, "infinity": _FAR, "-infinity": -_FAR}
_UNITS = {"m": HOUR // 60, "h": HOUR, "d": 24 * HOUR, "w": 168 * HOUR}
# A year, except that the server allows as many minutes as hours.
_MOST = {"m": 8760, "h": 8760, "d": 365, "w": 52}
_WHOLE = re.compile(r"[+-]?[0-9]+")
_LITERAL = re.compile(
    r"\s*([0-9]{1,9})([-/])([0-9]{1,2})\2([0-9]{1,2})"
    r"(?:(?:T|\s+)([0-9]{1,2}):([0-5]?[0-9])"
    r"(?::([0-5]?[0-9])(?:\.([0-9]*))?(Z|[+-][0-9]{2}(?::?[0-9]{2}(?::[0-9]{2})?)?)?(?:\s+([A-Za-z][\w/+-]*))?)?\s*)?"
)
_FORMAT = "expected format is (YYYY-MM-DD HH:MM:SS[.US][±HH[:MM[:SS]]| ZONE])"


class Unreadable(str):
    """Why the database refuses a time, in its words (``Conversion Error: ...``)."""


def moment_before(now: int, text: str, units: str) -> int | None:
    """The moment that the relative time `text` (``30m``, ``2h``, ``7d``) before `now` is; None when it is none.

    `units` are the letters it may end in.
    """
    # Nothing longer is within the year, and what is long is not to be kept.
    span = _span(text, units) if len(text) < 20 else None
    return None if span is None else now - span


@lru_cache(maxsize=64)
def _span(text: str, units: str) -> int | None:
    unit = text[-1:]
    if not unit or unit not in units or not _WHOLE.fullmatch(text, 0, len(text) - 1):
        return None
    amount = int(text[:-1])
    return amount * _UNITS[unit] if 0 < amount <= _MOST[unit] else None


def read(now: int, text: str, units: str) -> int | Unreadable:
    """The moment of `text`, relative to `now` or a literal, in microseconds since 1970."""
    relative = moment_before(now, text, units)
    return _literal(text.replace("\0", "")) if relative is None else relative


def _literal(text: str) -> int | Unreadable:
    if text.lower() in _NAMED:
        return _NAMED[text.lower()]
    found = _LITERAL.fullmatch(text)
    if found is None:
        too_long = re.match(r"\s*-?[0-9]{10}", text)
        return _out_of_range(text) if too_long else _no_timestamp(text)
    if (found[10] or "UTC").upper() != "UTC":
        return Unreadable(f"Conversion Error: Unknown TimeZone '{found[10]}'!")
    try:
        return _moment(found)
    except (ValueError, OverflowError):
        return _out_of_range(text)


def _moment(found: re.Match[str]) -> int:
    hour, minute, second = (int(found[group] or 0) for group in (5, 6, 7))
    if hour > 24 or (hour == 24 and (minute or second)):
        raise ValueError
    day = datetime(int(found[1]), int(found[3]), int(found[4]), tzinfo=timezone.utc)
    micros = int((found[8] or "")[:6].ljust(6, "0"))
    local = (day - _EPOCH) // timedelta(microseconds=1) + hour * HOUR + (minute * 60 + second) * 1_000_000 + micros
    return local - _offset(found[9])


def _offset(zone: str | None) -> int:
    if zone is None or zone == "Z":
        return 0
    digits = zone[1:].replace(":", "").ljust(6, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:4]) * 60 + int(digits[4:])
    return (-seconds if zone[0] == "-" else seconds) * 1_000_000


def _no_timestamp(text: str) -> Unreadable:
    return Unreadable(f'Conversion Error: invalid timestamp field format: "{text}", {_FORMAT}')


def _out_of_range(text: str) -> Unreadable:
    return Unreadable(f'Conversion Error: timestamp field value out of range: "{text}"')
