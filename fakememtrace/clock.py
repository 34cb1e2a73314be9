"""The clock and the source of ids.  Time and ids are handed in, never taken from the air."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import NoReturn

from .errors import ClockError
from .hashing import sha256

__all__ = ["DEFAULT_START", "EARLIEST", "Clock", "Ids", "RealClock", "drawn", "duration", "moment", "rfc3339"]

DEFAULT_START = "2026-02-07T12:00:00Z"

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICRO = timedelta(microseconds=1)
# The last second that a datetime can tell, in microseconds since 1970.
_LATEST = (datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc) - _EPOCH) // _MICRO
# The first one.
EARLIEST = (datetime(1, 1, 1, tzinfo=timezone.utc) - _EPOCH) // _MICRO
_UNITS = {"us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
_UNITS["w"] = 7 * _UNITS["d"]
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h|d|w)")
_FRACTION = re.compile(r"\.(\d+)")


def duration(span: str | timedelta) -> int:
    """`span` in microseconds.

    `span` is a timedelta or numbers with a unit: ``90m``, ``1h30m``, ``250ms``, ``2d``
    (us, ms, s, m, h, d, w).  Anything else, and anything negative, is a ClockError.
    """
    if isinstance(span, timedelta):
        micros = span // _MICRO
    elif isinstance(span, str) and re.fullmatch(f"(?:{_SPAN.pattern})+", span):
        micros = round(sum(float(number) * _UNITS[unit] for number, unit in _SPAN.findall(span)))
    else:
        raise ClockError(
            f"{span!r} is no duration. Expected numbers with a unit (us, ms, s, m, h, d, w), "
            'such as "90m", "1h30m" or "2d", or a datetime.timedelta.'
        )
    if micros < 0:
        raise ClockError(
            f"{span!r} is negative, and the clock does not run backwards. "
            "To start earlier, open the world with an earlier start."
        )
    return micros


def moment(text: str | datetime) -> int:
    """The moment `text` in microseconds since 1970.

    `text` is an aware datetime or ISO 8601 with an offset or ``Z``; one without is a
    ClockError, since its meaning would depend on the machine.
    """
    value = text if isinstance(text, datetime) else _parse_iso(text)
    if value.tzinfo is None:
        raise ClockError(
            f"{text!s} has no time zone, so its meaning depends on the machine. "
            'Add "Z" or an offset, such as "2026-02-07T12:00:00Z".'
        )
    return (value - _EPOCH) // _MICRO


def _parse_iso(text: object) -> datetime:
    try:
        if not isinstance(text, str):
            raise ValueError
        # Python 3.10 reads neither "Z" nor a fraction that has not three or six digits.
        plain = _FRACTION.sub(lambda found: "." + found[1][:6].ljust(6, "0"), text.strip())
        if plain[-1:] in "Zz":
            plain = plain[:-1] + "+00:00"
        return datetime.fromisoformat(plain)
    except ValueError:
        raise ClockError(
            f'{text!r} is no moment in time. Expected ISO 8601 with a time zone, such as "2026-02-07T12:00:00Z".'
        ) from None


def rfc3339(micros: int) -> str:
    """`micros` since 1970 as RFC 3339 in UTC, trailing zeros of the fraction dropped."""
    seconds, fraction = divmod(micros, 1_000_000)
    text = _whole(seconds)
    return f"{text}.{fraction:06d}".rstrip("0") + "Z" if fraction else text + "Z"


@lru_cache(maxsize=64)
def _whole(seconds: int) -> str:
    # Writes come in bursts within one second.
    return (_EPOCH + timedelta(seconds=seconds)).isoformat()[:19]


class Clock:
    """A virtual clock: it stands still but for what moves it.

    Each write moves it by one microsecond (so that order is what it is on a real server),
    each replayed Claude turn by its recorded duration, and the test by :meth:`advance` and
    :meth:`move_to`.
    """

    is_real = False

    def __init__(self, start: str | datetime = DEFAULT_START) -> None:
        self._micros = moment(start)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The current time, an aware datetime in UTC."""
        return _EPOCH + timedelta(microseconds=self._micros)

    def micros(self) -> int:
        """The current time in microseconds since 1970."""
        return self._micros

    def stamp(self) -> int:
        """The time of a write, in microseconds since 1970; the clock moves one on."""
        with self._lock:
            self._micros += 1
            return self._micros - 1

    def pass_by(self, micros: int) -> None:
        """Let `micros` microseconds go by: something took its time."""
        with self._lock:
            if self._micros + micros > _LATEST:
                raise ClockError(
                    f"the clock stands at {rfc3339(self._micros)}, and so much later the year would be over 9999. "
                    "Let less time go by."
                )
            self._micros += micros

    def restore(self, micros: int) -> None:
        """Stand at `micros` since 1970 again, be that earlier or later."""
        with self._lock:
            self._micros = micros

    def advance(self, span: str | timedelta) -> datetime:
        """Move on by `span` (``"90m"``, ``"1h30m"``, a timedelta); the new time."""
        self.pass_by(duration(span))
        return self.now()

    def move_to(self, when: str | datetime) -> datetime:
        """Move on to the moment `when` (ISO 8601 with a time zone, or an aware datetime)."""
        target = moment(when)
        with self._lock:
            if target < self._micros:
                raise ClockError(
                    f"the clock stands at {rfc3339(self._micros)} and does not run backwards to "
                    f"{rfc3339(target)}. To start earlier, open the world with an earlier start."
                )
            self._micros = target
        return self.now()

    def __repr__(self) -> str:
        return f"<Clock {rfc3339(self._micros)}>"


class RealClock(Clock):
    """The machine's own clock, for a server that other programs use as they would the real one.

    It goes by itself: nothing moves it, and a door waits where a fault says that an answer is late.
    What was recorded to take its time takes none.
    """

    is_real = True

    def __init__(self) -> None:
        super().__init__()
        self._micros = 0
        self.micros()

    def now(self) -> datetime:
        """The current time, an aware datetime in UTC."""
        return _EPOCH + timedelta(microseconds=self.micros())

    def micros(self) -> int:
        """The current time in microseconds since 1970; never earlier than it was, whatever the machine's clock does."""
        with self._lock:
            self._micros = max(self._micros, time.time_ns() // 1000)
            return self._micros

    def stamp(self) -> int:
        """The time of a write, in microseconds since 1970; later than every other stamp."""
        self.micros()
        return super().stamp()

    def pass_by(self, micros: int) -> None:
        """Nothing: time goes by of itself."""

    def advance(self, span: str | timedelta) -> NoReturn:
        """Refused with a ClockError."""
        raise ClockError(_refused("advanced"))

    def move_to(self, when: str | datetime) -> NoReturn:
        """Refused with a ClockError."""
        raise ClockError(_refused("moved"))

    def __repr__(self) -> str:
        return f"<RealClock {rfc3339(self.micros())}>"


def _refused(what: str) -> str:
    return f"this clock is the machine's own and cannot be {what}. To move time, use a virtual clock."


class Ids:
    """Deterministic ids that look like the server's: the n-th of a prefix is always the same."""

    def __init__(self) -> None:
        self.taken: frozenset[str] = frozenset()
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()

    def next(self, prefix: str) -> str:
        """The next id of `prefix`: the prefix and 24 hexadecimal digits."""
        return drawn(prefix, self.count(prefix))

    def count(self, prefix: str) -> int:
        """The number of the next id of `prefix`, from 1, for :func:`drawn`; it counts as given out."""
        with self._lock:
            number = self._counts.get(prefix, 0) + 1
            while self.taken and drawn(prefix, number) in self.taken:
                number += 1
            self._counts[prefix] = number
        return number

    def counts(self) -> dict[str, int]:
        """How many ids of each prefix were given out."""
        with self._lock:
            return dict(sorted(self._counts.items()))

    def restore(self, counts: Mapping[str, int], taken: frozenset[str] = frozenset()) -> None:
        """Go on after so many ids of each prefix, and give out none of those that are `taken`."""
        with self._lock:
            self._counts, self.taken = dict(counts), taken


def drawn(prefix: str, number: int) -> str:
    """The id of `prefix` with that number."""
    return prefix + sha256(f"{prefix}{number}".encode()).hexdigest()[:24]
