"""The engine: what is evidence, and what becomes of a case that cannot be measured."""

import pytest

from fakememtrace.evals.case import DIALECTS
from fakememtrace.evals.engine import run
from fakememtrace.faults.kinds import DROPPABLE

from .authors import EVALS
from .helpers import one, result
from .test_catalogue import CASES

STORED = 'says = { tea = "Ada likes green tea" }\nhistory = [{ open = "monday" }, { store = "tea" }]\n'


def probes(*lines, head=STORED):
    """A case with these probes."""
    return head + "probes = [\n" + "".join(f"    {{ {line} }},\n" for line in lines) + "]\n"


@pytest.mark.parametrize("expected", [0.0, 0.5])
def test_better_than_expected_is_a_failure_too(expected, tmp_path):
    """A value that is not the expected one fails, be it lower or higher, and both are told."""
    found = result(tmp_path, probes(f'read = "list", measure = "recall", both = {expected}'))
    assert found.state == "failed"
    assert found.words == f"list: expected {expected}, found 1.0"


def test_what_a_reading_cost_is_counted(tmp_path):
    """Calls are all requests of the case, tokens those of what was read, and recall says how much came back."""
    found = result(tmp_path, probes('read = "list", measure = "recall", both = 1.0'))
    assert (found.calls, found.tokens) == (4, 5)
    assert found.findings[0].returned == 1


def test_the_words_of_the_question_are_no_evidence(tmp_path):
    """A fact that stands in what is asked, or in a memory of somebody else, has not come back."""
    body = probes(
        'read = "search", content_contains = "Ada likes green tea", measure = "recall", both = 0.0',
        head='says = { tea = "Ada likes green tea" }\nhistory = [{ note = "Ada likes green tea" }]\n',
    )
    found = result(tmp_path, body)
    assert found.findings[0].found == 0.0
    assert found.findings[0].returned == 1
    assert found.words == (
        "search: vacuous: nothing that is looked for is stored, so that it does not come back says nothing"
    )


def test_a_memory_is_known_without_any_id_of_the_server(tmp_path):
    """Two memories with the same words are told apart, in both dialects."""
    body = probes(
        'read = "list", memory_type = "decision", measure = "facts", both = ["second"]',
        head=(
            'says = { first = "Tea", second = "Tea" }\nhistory = [{ open = "monday" }, { store = "first" },'
            ' { store = "second", event_type = "choice", memory_type = "decision" }]\n'
        ),
    )
    assert [result(tmp_path, body, dialect).state for dialect in ("0.2.0", "documented")] == ["passed", "passed"]


def test_a_crash_is_no_zero(tmp_path):
    """A case that cannot go on has crashed, with the reason, and has no value at all."""
    body = probes('read = "context", session = "tuesday", measure = "recall", both = 0.0')
    found = result(tmp_path, body)
    assert (found.state, found.findings) == ("crashed", ())
    assert found.words == "no session 'tuesday' was opened in this case. Open it first: { open = 'tuesday' }."


def test_a_read_that_is_refused_is_a_crash(tmp_path):
    """Where a status was not asked for, an error is none of the values of a recall."""
    found = result(tmp_path, probes('read = "list", since = "2w", measure = "recall", both = 0.0'))
    assert found.state == "crashed"
    assert found.words.startswith("list: this read was answered 500: {")


def test_a_store_that_is_refused_is_a_crash(tmp_path):
    """What the server does not take is a mistake of the case, unless it is a duplicate."""
    head = 'says = { tea = "Tea" }\nhistory = [{ store = "tea", memory_type = "dream" }]\n'
    found = result(tmp_path, probes('read = "list", measure = "recall", both = 0.0', head=head))
    assert found.words == ('POST /api/v1/memories was answered 400: {"error":"invalid memory_type: dream"}')


def test_silence_is_no_isolation(tmp_path):
    """A case of isolation in which no read returned anything anywhere is vacuous, and fails."""
    head = (
        'says = { canary = "Egret" }\n'
        'history = [{ open = "a", org = "acme" }, { store = "canary", org = "acme" }, { open = "b" }]\n'
    )
    lines = [f'read = "{read}", measure = "leaks", both = 0' for read in ("list", "search", "context")]
    found = result(tmp_path, probes(*lines, head=head))
    assert found.state == "failed"
    assert found.findings[0].words == "vacuous: no read returned anything anywhere, so nothing could leak"


def test_without_a_canary_nothing_can_leak(tmp_path):
    """A case of isolation whose canary was never stored fails."""
    head = 'says = { own = "Heron", canary = "Egret" }\nhistory = [{ open = "b" }, { store = "own" }]\n'
    found = result(tmp_path, probes('read = "list", wants = ["canary"], measure = "leaks", both = 0', head=head))
    assert found.words == "list: vacuous: what must not come back is not stored at all"


def test_parameters_make_a_curve(tmp_path):
    """A case is run for every value, and what differs is told by ranges."""
    head = (
        'says = { code = "7319" }\nover = { at = "70..90" }\n'
        'history = [{ open = "a" }, { store = "code", before = "{at}" }]\n'
    )
    found = result(tmp_path, probes('read = "context", measure = "recall", both = 1.0', head=head))
    assert found.words == "context: expected 1.0, found {'70..76': 1.0, '77..90': 0.0}"


def test_faults_are_plain_data(tmp_path):
    """A fault is given as the world's own options, and strikes from the first step on."""
    case = one(tmp_path)
    assert run(case, "0.2.0").passed
    assert run(case, "0.2.0", [{"kind": "lost_write", "times": 1}]).words == "list: expected 1.0, found 0.0"


def test_an_unknown_fault_is_a_crash_in_words(tmp_path):
    """Nothing is raised past a case; what was wrong with the fault is told."""
    found = run(one(tmp_path), "0.2.0", [{"kind": "lost_wrote"}])
    assert found.state == "crashed"
    assert found.words.startswith("unknown kind of fault 'lost_wrote'. Did you mean 'lost_write'?")


def test_a_verdict_that_was_not_recorded_is_unscored():
    """A judge's verdict is of one rubric; under another one the eval is unscored, and not failed."""
    case = next(case for case in CASES if case.name == "judged-answer")
    asked = tuple(
        one._replace(options={**one.options, "rubric": "Is it polite?"}) if one.measure == "verdict" else one
        for one in case.probes
    )
    found = run(case._replace(probes=asked), "0.2.0")
    assert found.state == "unscored"
    assert found.words == "judge: no verdict is recorded for this question, answer, context and rubric"


def test_an_answer_that_was_not_recorded_is_unscored():
    """Where Claude has no recording, what the request holds is still measured, and the answer is unscored."""
    case = next(case for case in CASES if case.name == "answer-from-memory")
    said = tuple(
        step._replace(value="What shall I bake?") if step.verb == "talk" and step.options else step
        for step in case.history
    )
    found = run(case._replace(history=said), "0.2.0")
    assert [finding.state for finding in found.findings] == ["passed", "unscored", "unscored"]
    assert found.findings[1].words == "Claude has no recording for this request (400)."


def test_what_claude_was_shown_must_come_from_the_store():
    """A fact that only the user repeats in the question was not shown out of the store."""
    case = next(case for case in CASES if case.name == "needles-in-the-request")
    said = tuple(
        step._replace(value="I'm vegetarian, what shall I cook?", options={}) if step.options.get("reads") else step
        for step in case.history
    )
    found = run(case._replace(history=said), "documented")
    assert found.findings[0].found == 0.0
    assert {trace.lost for trace in found.traces} == {"matched"}
    assert (EVALS / "cassettes").is_dir()


WHOLE = """\
says = { tea = "Ada likes green tea", boat = "Ada has a boat" }
[[history]]
open = "monday"
[[history]]
store = "boat"
[[history]]
store = "tea"
memory_type = "decision"
event_type = "choice"
tags = ["b", "a"]
importance = 0.7
metadata = { why = "It was asked for.", at = 1.0 }
parent = "boat"
dedup_key = "own"
[[probes]]
read = "list"
measure = "intact"
both = 1.0
"""


def whole(tmp_path, fault):
    """What becomes of a memory with every field under a fault."""
    return result(tmp_path, WHOLE.replace("[[", "[[case."), faults=[fault] if fault else [])


def test_intact_is_with_every_field(tmp_path):
    """A memory that comes back with all that it was stored with is intact, with few fields or with many."""
    assert whole(tmp_path, None).findings[0].found == 1.0


@pytest.mark.parametrize(
    "fault",
    [
        *({"kind": "dropped_field", "field": field} for field in DROPPABLE if field != "session_id"),
        {"kind": "truncated", "characters": 18},
    ],
    ids=lambda fault: fault.get("field", fault["kind"]),
)
def test_what_lost_a_field_is_not_intact(fault, tmp_path):
    """Whichever field is lost, the other fact came back whole and this one did not."""
    assert whole(tmp_path, fault).findings[0].found == 0.5


def test_what_lost_its_session_is_not_intact(tmp_path):
    """Both memories were stored in it."""
    assert whole(tmp_path, {"kind": "dropped_field", "field": "session_id"}).findings[0].found == 0.0


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_context_shows_nothing_intact(dialect, tmp_path):
    """A context says little or nothing of a memory but its text."""
    body = probes(
        'read = "context", measure = "recall", both = 1.0', 'read = "context", measure = "intact", both = 0.0'
    )
    assert result(tmp_path, body, dialect).passed
