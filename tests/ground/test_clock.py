"""The clock and the ids."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from fakememtrace.clock import Clock, Ids, RealClock, drawn, duration, moment, rfc3339
from fakememtrace.errors import ClockError

NOON = "2026-02-07T12:00:00Z"


def test_now_is_aware_and_utc():
    """now() is an aware datetime in UTC, at the given start."""
    assert Clock(NOON).now() == datetime(2026, 2, 7, 12, tzinfo=timezone.utc)
    assert Clock(NOON).now().tzinfo is timezone.utc


def test_it_stands_still():
    """Nothing but a move changes the time."""
    clock = Clock(NOON)
    assert {clock.now() for _ in range(1000)} == {clock.now()}


@pytest.mark.parametrize(
    ("span", "micros"),
    [
        ("90m", 90 * 60_000_000),
        ("1h30m", 90 * 60_000_000),
        ("250ms", 250_000),
        ("7us", 7),
        ("1.5s", 1_500_000),
        ("2d", 172_800_000_000),
        ("1w", 604_800_000_000),
        (timedelta(hours=23), 82_800_000_000),
    ],
)
def test_durations(span, micros):
    """A duration is numbers with units, or a timedelta."""
    assert duration(span) == micros


@pytest.mark.parametrize("span", ["", "90", "m", "1 h", "-5m", "1y", "h1", 90, None, "1h30"])
def test_a_bad_duration_is_explained(span):
    """What is no duration is refused in words that show good ones."""
    with pytest.raises(ClockError) as refused:
        duration(span)
    assert str(refused.value) == (
        f"{span!r} is no duration. Expected numbers with a unit (us, ms, s, m, h, d, w), "
        'such as "90m", "1h30m" or "2d", or a datetime.timedelta.'
    )


def test_a_negative_timedelta_is_refused():
    """The clock cannot be advanced by less than nothing."""
    with pytest.raises(ClockError) as refused:
        Clock(NOON).advance(timedelta(seconds=-1))
    assert str(refused.value) == (
        "datetime.timedelta(days=-1, seconds=86399) is negative, and the clock does not run backwards. "
        "To start earlier, open the world with an earlier start."
    )


def test_advance_and_move_to_return_the_new_time():
    """Both ways to move the clock say where it stands then."""
    clock = Clock(NOON)
    assert clock.advance("23h") == datetime(2026, 2, 8, 11, tzinfo=timezone.utc)
    assert clock.move_to("2026-02-08T13:00:00+01:00") == datetime(2026, 2, 8, 12, tzinfo=timezone.utc)
    assert clock.now() == datetime(2026, 2, 8, 12, tzinfo=timezone.utc)


def test_it_does_not_run_past_what_can_be_told():
    """A span that leads past the year 9999 is refused and moves nothing."""
    clock = Clock(NOON)
    with pytest.raises(ClockError) as refused:
        clock.advance("99999999999d")
    assert str(refused.value) == (
        "the clock stands at 2026-02-07T12:00:00Z, and so much later the year would be over 9999. Let less time go by."
    )
    assert rfc3339(clock.micros()) == NOON


def test_it_does_not_run_backwards():
    """Moving to the past is refused and moves nothing."""
    clock = Clock(NOON)
    with pytest.raises(ClockError) as refused:
        clock.move_to("2026-02-07T11:59:59Z")
    assert str(refused.value) == (
        "the clock stands at 2026-02-07T12:00:00Z and does not run backwards to 2026-02-07T11:59:59Z. "
        "To start earlier, open the world with an earlier start."
    )
    assert rfc3339(clock.micros()) == NOON


@pytest.mark.parametrize("text", ["yesterday", "", "12:00", None, "2026-02-30T00:00:00Z"])
def test_a_bad_moment_is_explained(text):
    """What is no moment is refused in words that show a good one."""
    with pytest.raises(ClockError) as refused:
        moment(text)
    assert str(refused.value) == (
        f'{text!r} is no moment in time. Expected ISO 8601 with a time zone, such as "2026-02-07T12:00:00Z".'
    )


def test_a_moment_without_a_zone_is_refused():
    """A time whose meaning depends on the machine is refused."""
    with pytest.raises(ClockError) as refused:
        Clock("2026-02-07T12:00:00")
    assert str(refused.value) == (
        "2026-02-07T12:00:00 has no time zone, so its meaning depends on the machine. "
        'Add "Z" or an offset, such as "2026-02-07T12:00:00Z".'
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-02-07T12:00:00.5Z", "2026-02-07T12:00:00.5Z"),
        ("2026-02-07T12:00:00.123456789Z", "2026-02-07T12:00:00.123456Z"),
        ("2026-02-07 14:00:00+02:00", "2026-02-07T12:00:00Z"),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
    ],
)
def test_moments_and_rfc3339_are_inverse(text, shown):
    """RFC 3339 is UTC with the trailing zeros of its fraction dropped, whatever was read."""
    assert rfc3339(moment(text)) == shown


def test_each_write_has_a_time_of_its_own():
    """A stamp is the present, and the next one is a microsecond later."""
    clock = Clock(NOON)
    assert [rfc3339(clock.stamp()) for _ in range(3)] == [
        "2026-02-07T12:00:00Z",
        "2026-02-07T12:00:00.000001Z",
        "2026-02-07T12:00:00.000002Z",
    ]


def test_ids_are_the_same_in_every_world():
    """The n-th id of a kind is always the same, whatever other kinds were drawn."""
    one, other = Ids(), Ids()
    other.next("sess_")
    assert [one.next("agent_"), one.next("agent_")] == [other.next("agent_"), other.next("agent_")]


def test_ids_look_like_the_servers():
    """An id is its prefix and 24 hexadecimal digits, and no two are equal."""
    ids = Ids()
    drawn = [ids.next("sess_") for _ in range(1000)]
    assert len(set(drawn)) == 1000
    assert all(len(name) == 29 and int(name[5:], 16) >= 0 for name in drawn)


def test_a_real_clock_tells_the_machines_time():
    """It starts at no moment of its own and goes by itself, in UTC."""
    before = datetime.now(timezone.utc)
    clock = RealClock()
    assert before - timedelta(microseconds=1) <= clock.now() <= datetime.now(timezone.utc)
    assert clock.is_real
    assert not Clock(NOON).is_real
    assert repr(clock).startswith("<RealClock 20")


def test_the_stamps_of_a_real_clock_increase(monkeypatch):
    """No two writes have one time, however fast they come and even when the machine's clock is set back."""
    times = iter([5_000_000, 5_000_000, 5_000_000, 3_000_000, 9_000_000, 9_000_000])
    monkeypatch.setattr("fakememtrace.clock.time.time_ns", lambda: next(times))
    clock = RealClock()
    stamps = [clock.stamp() for _ in range(4)]
    assert stamps == [5_000, 5_001, 5_002, 9_000]
    assert clock.micros() == 9_001


def test_the_stamps_of_many_threads_increase():
    """Threads that write at once get a time each."""
    clock = RealClock()
    with ThreadPoolExecutor(8) as threads:
        stamps = list(threads.map(lambda _: [clock.stamp() for _ in range(500)], range(8)))
    assert all(one == sorted(one) for one in stamps)
    assert len({stamp for one in stamps for stamp in one}) == 4_000


def test_nothing_passes_by_on_a_real_clock():
    """What took its time when it was recorded takes none on a clock that goes by itself."""
    clock = RealClock()
    before = clock.micros()
    clock.pass_by(duration("1d"))
    assert clock.micros() < before + duration("1h")


@pytest.mark.parametrize(
    ("move", "word"), [(lambda clock: clock.advance("1h"), "advanced"), (lambda clock: clock.move_to(NOON), "moved")]
)
def test_a_real_clock_is_not_moved(move, word):
    """Moving the machine's clock is refused, and the words say what to do."""
    with pytest.raises(ClockError) as refused:
        move(RealClock())
    assert str(refused.value) == (
        f"this clock is the machine's own and cannot be {word}. To move time, use a virtual clock."
    )


def test_ids_go_on_where_they_were():
    """The numbers of the ids given out can be told and put back; a number alone leads to its id."""
    ids = Ids()
    first = [ids.next("sess_"), ids.next("sess_"), ids.next("mem_")]
    assert ids.counts() == {"mem_": 1, "sess_": 2}
    other = Ids()
    other.restore({"sess_": 1})
    assert other.next("sess_") == first[1] == drawn("sess_", 2)
    assert drawn("mem_", other.count("mem_")) == first[2]


def test_a_clock_can_be_put_back():
    """Restoring a state is the only thing that turns a clock back."""
    clock = Clock()
    clock.advance("1h")
    clock.restore(Clock().micros())
    assert clock.now() == Clock().now()
