"""The loss funnel: each stage decided by evidence, with the memory that shows it."""

import pytest

from fakememtrace.evals.engine import run
from fakememtrace.evals.funnel import funnel, losses
from fakememtrace.evals.tracing import STAGES

from .helpers import result, trace
from .test_catalogue import CASES

TEA = 'says = { tea = "Ada likes green tea" }\nhistory = [{ open = "monday" }, { store = "tea"%s }%s]\n'
AT = "2026-02-07T12:00:00.000002Z"
MEMORY = f"the memory of {AT} ('Ada likes green tea')"


def body(probe, stored="", after=""):
    """A case with one stored fact and one probe."""
    return TEA % (stored, after) + f"probes = [{{ {probe}, both = 0.0 }}]\n"


LIST = 'read = "list", measure = "recall"'
LOST = {
    "stored": (body(LIST), [{"kind": "lost_write"}], "answered 201, and no memory is in the store"),
    "stored in part": (
        body(LIST),
        [{"kind": "truncated", "bytes": 9}],
        f"the memory of {AT} ('Ada likes') is stored, and has not all of it",
    ),
    "stored late": (
        body(LIST),
        [{"kind": "late_write", "by": "1h"}],
        f"{MEMORY} is found only from 2026-02-07T13:00:00.000002Z on",
    ),
    "window": (
        body(f'{LIST}, since = "1h"', after=', { advance = "2h" }'),
        [],
        f"{MEMORY}: only what is later than 2026-02-07T13:00:00.000003Z was asked for",
    ),
    "window until": (
        body(f'{LIST}, until = "2026-02-07"'),
        [],
        f"{MEMORY}: only what is earlier than 2026-02-07T00:00:00Z was asked for",
    ),
    "limit": (
        body(f"{LIST}, limit = 2", after=', { note = "Rain", times = 5 }'),
        [],
        f"{MEMORY}: it is number 6 of 6 that fit, and 2 were shown",
    ),
    "matched by tag": (
        body(f'{LIST}, tags = ["drink"]', stored=', tags = ["food"]'),
        [],
        f"{MEMORY}: its tags are ['food'], and ['drink'] was asked for",
    ),
    "matched by type": (
        body(f'{LIST}, memory_type = "decision"'),
        [],
        f"{MEMORY}: its memory_type is 'episodic', and 'decision' was asked for",
    ),
    "matched by text": (
        body('read = "search", content_contains = "Green", measure = "recall"'),
        [],
        f"{MEMORY}: it does not contain 'Green'",
    ),
    "matched in another org": (
        body(f'{LIST}, org = "acme"'),
        [],
        f"{MEMORY}: it belongs to org_default, and org_acme asked",
    ),
    "rendered": (
        body('read = "context", measure = "recall"', stored=", before = 70"),
        [],
        f"the memory of {AT} ('{'x' * 57}...') is shown only up to '...{'x' * 44}Ada likes ...'",
    ),
}


@pytest.mark.parametrize("stage", LOST)
def test_the_stage_and_what_shows_it(stage, tmp_path):
    """Each way to lose a fact is told by its stage and by the memory, or the absence of one, that shows it."""
    text, faults, why = LOST[stage]
    found = trace(tmp_path, text, faults=faults)
    assert (found.lost, found.why) == (stage.split()[0], why)


def test_a_duplicate_is_shown_by_the_memory_that_it_repeats(tmp_path):
    """Where a write was refused, the earlier memory with the same key is the evidence."""
    text = (
        'says = { one = "Tea", two = "Tea" }\n'
        'history = [{ open = "a" }, { store = "one" }, { flush = "" }, { open = "b" }, { store = "two" }]\n'
        'probes = [{ read = "session", wants = ["two"], measure = "recall", both = 0.0 }]\n'
    )
    assert trace(tmp_path, text).why == f"duplicate memory: the memory of {AT} ('Tea') has the same dedup key"


def test_what_was_dropped_for_tokens_is_lost_at_the_limit(tmp_path):
    """max_tokens is a limit, where it is honoured."""
    text = body('read = "context", max_tokens = 20, measure = "recall"', after=', { note = "Rain", times = 9 }')
    found = trace(tmp_path, text, "documented")
    assert (found.lost, found.why) == ("limit", f"{MEMORY}: dropped for max_tokens = 20")


def test_a_stale_answer_is_lost_last(tmp_path):
    """What fits in every respect and is not in the answer, was lost where answers are made."""
    text = (
        'says = { old = "Ada lives in Rome", new = "Ada lives in Oslo" }\n'
        'history = [{ open = "a" }, { store = "old" }, { store = "new" }]\n'
        'probes = [{ read = "list", wants = ["new"], measure = "recall", both = 0.0 }]\n'
    )
    found = trace(tmp_path, text, faults=[{"kind": "stale_version"}])
    assert found.lost == "rendered"
    assert found.why.endswith("fits what was asked for, and the answer does not show it")


@pytest.mark.parametrize(
    ("name", "lost"), [("needles-in-the-request", "rendered"), ("new-session-is-asked", "matched")]
)
def test_stages_of_claude(name, lost):
    """Where Claude is part of a case, a fact goes on into the request, and the read before it tells why it did not."""
    case = next(case for case in CASES if case.name == name)
    asked = [one for one in run(case, "0.2.0").traces if one.probe == "request" and one.lost]
    assert [(one.lost, one.stages[-1]) for one in asked] == [(lost, "request")]
    assert not any(one.lost for one in run(case, "documented").traces)


def test_what_claude_keeps_to_itself_is_lost_in_the_answer():
    """A fact that the request held and the answer did not is lost at the last stage."""
    case = next(case for case in CASES if case.name == "abstains")
    asked = tuple(one._replace(wants=("dog",)) for one in case.probes)
    found = run(case._replace(probes=asked), "0.2.0").traces[-1]
    assert (found.lost, found.why) == ("answer", "Claude did not say it")


def test_the_headline_counts_every_stage(tmp_path):
    """Every stage has what reached it; the stages of Claude stand only where he has a part."""
    text = body(LIST)
    found = [result(tmp_path, text), result(tmp_path, text, faults=[{"kind": "lost_write"}])]
    assert funnel(found).headline == (
        "said 2 → stored 1 → inside the window 1 → inside the limit 1 → matched 1 → rendered 1"
    )
    assert [(loss.fact, loss.lost) for loss in losses(found)] == [("tea", "stored")]


def test_the_headline_says_of_how_many_claude_was_asked():
    """Where some of the cases are without Claude, his stages say of how many they count."""
    wanted = ("next-session-by-list", "new-session-is-asked")
    found = funnel(run(case, "documented") for case in CASES if case.name in wanted)
    assert list(found.of) == list(STAGES)
    assert found.headline == (
        "said 6 → stored 6 → inside the window 6 → inside the limit 6 → matched 6 → rendered 6 "
        "→ in the request 2 of 2 → in the answer 1 of 1"
    )
