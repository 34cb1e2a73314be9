"""Times as a request may name them: relative, ISO 8601, and what is neither."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..clock import DEFAULT_START, moment

__all__ = ["invalid_windows", "windows"]

_FORMS = (
    "{:%Y-%m-%d}",
    "{:%Y-%m-%dT%H:%M:%S}",
    "{:%Y-%m-%d %H:%M:%S}",
    "{:%Y-%m-%dT%H:%M:%SZ}",
    "{:%Y-%m-%dT%H:%M:%S.%fZ}",
    "{:%Y-%m-%d %H:%M:%S.%f}",
)
_OFFSETS = (0, 120, -330, 840)
_REFUSED = (
    "yesterday",
    "now",
    "2026-02-30",
    "2026-13-01",
    "400d",
    "366d",
    "8761h",
    "0h",
    "-1h",
    "24H",
    "1.5h",
    "1h30m",
    " 1h",
    "54w",
    "2026-02-07T12:00:00z",
    "2026-02-07T25:00:00Z",
    "a'b",
    "☃",
)


def windows(near: datetime | str = DEFAULT_START) -> SearchStrategy[str]:
    """Values for ``since`` and ``until`` that every Memtrace takes.

    Relative ones (``30m``, ``24h``, ``7d``), and ISO 8601 up to three days away from `near` (an
    aware datetime or ISO 8601 with a zone): a date, ``T`` or a space, ``Z``, an offset, no zone.
    """
    middle = datetime.fromtimestamp(moment(near) // 1_000_000, timezone.utc)
    return st.one_of(_relative(), _absolute(middle))


def invalid_windows() -> SearchStrategy[str]:
    """Values for ``since`` that are refused: words, units and numbers that are not relative, days that do not exist.

    ``now`` among them is no error as ``until``.  The released server refuses only when a memory
    reaches the comparison, and its session context takes 24 hours instead.
    """
    return st.sampled_from(_REFUSED)


def _relative() -> SearchStrategy[str]:
    edges = st.sampled_from(("1m", "60m", "1h", "23h", "24h", "25h", "1d", "2d", "365d", "8760h", "8760m", "+5h"))
    return st.one_of(edges, st.builds("{}{}".format, st.integers(1, 99), st.sampled_from("mhd")))


def _absolute(middle: datetime) -> SearchStrategy[str]:
    steps = st.sampled_from((0, 1, 60, 3600, 86_400, 3 * 86_400, 0.000_001, 0.5))
    times = st.builds(lambda step, sign: middle + sign * timedelta(seconds=step), steps, st.sampled_from((-1, 1)))
    plain = st.builds(lambda form, time: form.format(time), st.sampled_from(_FORMS), times)
    return st.one_of(plain, st.builds(_with_offset, times, st.sampled_from(_OFFSETS)))


def _with_offset(time: datetime, minutes: int) -> str:
    return time.astimezone(timezone(timedelta(minutes=minutes))).isoformat()
