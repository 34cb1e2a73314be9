"""The catalogue in evals/: every eval passes in both dialects, and fails when the memory is really lost."""

import pickle

import pytest

from fakememtrace.evals.case import DIALECTS
from fakememtrace.evals.engine import cassette_of, run
from fakememtrace.evals.outcome import Result
from fakememtrace.evals.reading import load
from fakememtrace.evals.readme import readme
from fakememtrace.evals.sets import load_sets

from .authors import EVALS, TURNS, authored, verdicts

CASES = load(EVALS)
EACH = [pytest.param(case, dialect, id=f"{case.name}-{dialect}") for case in CASES for dialect in DIALECTS]
LOST = {"kind": "lost_write"}


def test_there_are_at_least_forty_in_the_groups_that_were_asked_for():
    """The catalogue has its eight groups, and more than forty evals."""
    assert len(CASES) >= 40
    assert list(dict.fromkeys(case.group for case in CASES)) == [
        "Comes back later",
        "Windows",
        "Budget and truncation",
        "Search",
        "Lost at writing",
        "Order, staleness, attribution, hand-off",
        "Isolation",
        "With recorded Claude",
    ]


@pytest.mark.parametrize(("case", "dialect"), EACH)
def test_every_eval_passes(case, dialect):
    """What is expected of each dialect is what the fake does in it."""
    found = run(case, dialect)
    assert (found.state, found.words) == ("passed", "")


@pytest.mark.parametrize(("case", "dialect"), EACH)
def test_every_eval_fails_when_the_memory_is_lost(case, dialect):
    """With every write lost an eval fails; it does not crash, is not unscored, and never passes as an honest zero."""
    assert run(case, dialect, [LOST]).state == "failed"


@pytest.mark.parametrize(("case", "dialect"), [pair for pair in EACH if pair.values[0].fault != LOST])
def test_every_eval_fails_under_the_fault_that_it_names(case, dialect):
    """An eval that measures something else than a loss fails under the fault that brings that about."""
    assert run(case, dialect, [case.fault]).state == "failed"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "late_write", "by": "10m"},
        {"kind": "truncated", "bytes": 20},
        {"kind": "duplicate"},
        {"kind": "duplicate", "where": "read"},
        {"kind": "foreign_row"},
        {"kind": "stale_version"},
    ],
    ids=str,
)
def test_every_fault_of_memories_is_noticed(fault, dialect):
    """Whatever else happens to memories, some eval of the catalogue fails because of it."""
    assert any(run(case, dialect, [fault]).state == "failed" for case in CASES)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_truncation_is_noticed(dialect):
    """An eval of what is in a list fails when the store has only the start of it."""
    case = next(case for case in CASES if case.name == "next-session-by-list")
    found = run(case, dialect, [{"kind": "truncated", "bytes": 10}])
    assert found.state == "failed"
    assert {trace.lost for trace in found.traces} == {"stored"}


@pytest.mark.parametrize(("case", "dialect"), EACH)
def test_a_deviation_in_either_direction_fails(case, dialect):
    """No eval passes in both dialects when it is told to expect what the other one does, unless both do the same."""
    other = next(name for name in DIALECTS if name != dialect)
    swapped = case._replace(
        probes=tuple(
            one._replace(expected={dialect: one.expected[other], other: one.expected[dialect]})
            if one in case.measured
            else one
            for one in case.probes
        )
    )
    same = all(one.expected[dialect] == one.expected[other] for one in case.measured)
    assert run(swapped, dialect).passed == same


def test_results_are_plain_data():
    """A result goes through JSON and into another process and is the same; two runs give the same one."""
    case = next(case for case in CASES if case.name == "long-session")
    found = run(case, "0.2.0")
    assert Result.from_json(found.to_json()) == found
    assert pickle.loads(pickle.dumps(found)) == found
    assert run(case, "0.2.0") == found
    assert pickle.loads(pickle.dumps(case)) == case


def test_the_readme_is_of_these_cases():
    """evals/README.md is what `python -m fakememtrace.evals.readme evals` writes."""
    assert (EVALS / "README.md").read_text("utf-8") == readme(CASES, load_sets(EVALS))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", TURNS)
def test_the_cassettes_are_as_authored(name, dialect, tmp_path):
    """Each cassette of the evals is what `python -m tests.evals.authors` writes."""
    authored(name, dialect).save(tmp_path / "cassette.json")
    kept = EVALS / "cassettes" / f"{name}.{dialect}.json"
    assert kept.read_text("utf-8") == (tmp_path / "cassette.json").read_text("utf-8")


def test_the_verdicts_are_as_authored():
    """evals/verdicts.json has the judge's verdict on just these answers."""
    assert (EVALS / "verdicts.json").read_text("utf-8") == verdicts()


def test_a_cassette_may_be_of_one_dialect():
    """A case names the stem of its cassettes; only one with Claude in it has any."""
    case = next(case for case in CASES if case.name == "abstains")
    assert cassette_of(case, "documented") == str(EVALS / "cassettes" / "sister.documented.json")
    assert cassette_of(CASES[0], "documented") is None
