from __future__ import annotations

import pytest

from fakememtrace.clock import moment
from fakememtrace.memory.timespan import HOUR, Unreadable, moment_before, read

FORMAT = "expected format is (YYYY-MM-DD HH:MM:SS[.US][±HH[:MM[:SS]]| ZONE])"
NOW = moment("2026-02-07T12:00:00Z")


@pytest.mark.parametrize(
    ("text", "hours"),
    [("30m", 0.5), ("2h", 2), ("7d", 168), ("8760h", 8760), ("365d", 8760), ("8760m", 146), ("+5h", 5)],
)
def test_a_relative_time_counts_back_from_now(text: str, hours: float) -> None:
    """A whole number and m, h or d, up to a year."""
    assert moment_before(NOW, text, "mhd") == NOW - int(hours * HOUR)


@pytest.mark.parametrize(
    "text",
    ["", "h", "0h", "-1h", "8761h", "8761m", "366d", "400d", "24H", "1w", "1.5h", " 1h", "1 h", "1h30m", "٣h", "1h\n"],
)
def test_what_is_not_relative(text: str) -> None:
    """Zero, negative, more than a year, other units and anything else is no relative time."""
    assert moment_before(NOW, text, "mhd") is None


@pytest.mark.parametrize(("text", "weeks"), [("1w", 1), ("52w", 52)])
def test_weeks_where_the_dialect_has_them(text: str, weeks: int) -> None:
    """The documented server knows w."""
    assert moment_before(NOW, text, "mhdw") == NOW - weeks * 168 * HOUR


def test_no_more_weeks_than_a_year() -> None:
    """53w is not relative, as 366d is not."""
    # decision: the documentation gives no limit for w; a year, as for days.
    assert moment_before(NOW, "53w", "mhdw") is None


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-02-07", "2026-02-07T00:00:00Z"),
        ("2026-2-7", "2026-02-07T00:00:00Z"),
        ("2026/02/07", "2026-02-07T00:00:00Z"),
        ("2026-02-07T09:59", "2026-02-07T09:59:00Z"),
        ("2026-02-07 09:59:59", "2026-02-07T09:59:59Z"),
        ("2026-02-07T09:59:59", "2026-02-07T09:59:59Z"),
        ("2026-02-07T09:59:59Z", "2026-02-07T09:59:59Z"),
        ("2026-02-07T09:59:59 UTC", "2026-02-07T09:59:59Z"),
        ("2026-02-07T09:59:59.5Z", "2026-02-07T09:59:59.5Z"),
        ("2026-02-07T09:59:59.123456789Z", "2026-02-07T09:59:59.123456Z"),
        ("2026-02-07T09:59:59+02:00", "2026-02-07T07:59:59Z"),
        ("2026-02-07T09:59:59-0230", "2026-02-07T12:29:59Z"),
        ("2026-02-07T09:59:59+02", "2026-02-07T07:59:59Z"),
        ("2026-02-07T24:00:00", "2026-02-08T00:00:00Z"),
        ("epoch", "1970-01-01T00:00:00Z"),
    ],
)
def test_a_literal_is_read_as_the_database_reads_it(text: str, same: str) -> None:
    """Dates, T or a space, offsets, Z, and UTC where there is no zone."""
    assert read(NOW, text, "mhd") == moment(same)


@pytest.mark.parametrize(("text", "sign"), [("infinity", 1), ("-infinity", -1)])
def test_infinity_is_beyond_every_memory(text: str, sign: int) -> None:
    """The database knows the two ends of time."""
    assert read(NOW, text, "mhd") == sign * (1 << 62)


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "now",
        "400d",
        "24H",
        "9000h",
        "0h",
        "2026-02-07T09:59:59z",
        "2026-02-07T10",
        "2026-02-07T09:59Z",
        "2026/02-07",
        "2026-02",
        "20260207",
        "2026-02-07Z",
        "2026-02-07T09:59:59 02:00",
        "2026-02-07 ",
        "a'b",
    ],
)
def test_what_is_no_time_is_refused_in_the_databases_words(text: str) -> None:
    """The text tells the value and the format that was expected."""
    problem = read(NOW, text, "mhd")
    assert problem == f'Conversion Error: invalid timestamp field format: "{text}", {FORMAT}'
    assert isinstance(problem, Unreadable)


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-13-01", "2026-02-07T25:00:00Z", "1770458399", "2026-02-07T24:01:00"]
)
def test_what_does_not_exist_is_out_of_range(text: str) -> None:
    """A day, month or hour that does not exist, and a number of seconds, are refused with another text."""
    assert read(NOW, text, "mhd") == f'Conversion Error: timestamp field value out of range: "{text}"'


def test_a_zone_other_than_utc_is_unknown() -> None:
    """Zone names are not known to the fake."""
    # decision: the real database knows them from its tables; the fake has none, and refuses rather than guesses.
    assert read(NOW, "2026-02-07T09:59:59 Mars/North", "mhd") == "Conversion Error: Unknown TimeZone 'Mars/North'!"
