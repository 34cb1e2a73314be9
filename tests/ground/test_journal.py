"""The journal."""

from __future__ import annotations

import pytest

from fakememtrace.errors import UnexpectedTraffic
from fakememtrace.journal import Journal
from fakememtrace.wire import Request, Response

REQUEST = Request("GET", "http://localhost:9100", "/health", "verbose=1")


def test_a_clean_journal_says_nothing():
    """What was expected passes."""
    journal = Journal()
    journal.record(0, "memtrace", REQUEST, Response(200))
    journal.settle_with(lambda: "")
    journal.assert_clean()
    assert [str(exchange) for exchange in journal] == [
        "#1 1970-01-01T00:00:00Z memtrace GET http://localhost:9100/health?verbose=1 -> 200"
    ]


def test_everything_that_is_wrong_is_said_at_once():
    """Unexpected exchanges and open ends are all in one message, in order."""
    journal = Journal()
    journal.record(0, "claude", REQUEST, Response(400), "no such recording.")
    journal.record(1, "memtrace", REQUEST, Response(200))
    journal.record(2_000_000, "network", REQUEST, None, "refused.")
    journal.settle_with(lambda: "2 answers were never asked for.")
    with pytest.raises(UnexpectedTraffic) as found:
        journal.assert_clean()
    assert str(found.value) == (
        "3 problems in this world's traffic:\n\n"
        "#1 1970-01-01T00:00:00Z claude GET http://localhost:9100/health?verbose=1 -> 400\nno such recording.\n\n"
        "#3 1970-01-01T00:00:02Z network GET http://localhost:9100/health?verbose=1 -> refused\nrefused.\n\n"
        "2 answers were never asked for."
    )
    assert isinstance(found.value, AssertionError)


def test_what_happens_again_and_again_is_told_once():
    """A loop of the same problem is one problem, with how often and until when."""
    journal = Journal()
    for at in range(100):
        journal.record(at, "claude", REQUEST, Response(400), "no such recording.")
    (problem,) = journal.problems()
    assert problem == (
        "#1 1970-01-01T00:00:00Z claude GET http://localhost:9100/health?verbose=1 -> 400 "
        "(and 99 more like it, the last is #100)\nno such recording."
    )


def test_what_did_not_happen_can_be_left_out():
    """Open ends are told unless they are not asked for."""
    journal = Journal()
    journal.settle_with(lambda: "1 answer was never asked for.")
    assert journal.problems() == ["1 answer was never asked for."]
    journal.assert_clean(open_ends=False)


def test_it_can_be_read_by_service_and_number():
    """Exchanges are found by their service and by their place."""
    journal = Journal()
    first = journal.record(0, "memtrace", REQUEST, Response(200))
    second = journal.record(0, "claude", REQUEST, Response(200))
    assert journal.of("claude") == [second]
    assert journal[0] == first
    assert len(journal) == 2


def test_a_limited_journal_forgets_the_oldest():
    """With a limit it holds so many bytes of exchanges, the newest; the numbers go on."""
    journal = Journal(limit=25_000)
    for n in range(100):
        journal.record(
            n, "memtrace", Request("POST", "http://x", "/", body=b"x" * 5_000), Response(200, (), (b"y" * 1_000,))
        )
    assert [exchange.number for exchange in journal] == [98, 99, 100]
    journal.record(100, "memtrace", Request("GET", "http://x", "/", body=b"x" * 30_000), None)
    assert list(journal) == []
    journal.record(101, "memtrace", Request("GET", "http://x", "/"), None)
    assert [exchange.number for exchange in journal] == [102]
