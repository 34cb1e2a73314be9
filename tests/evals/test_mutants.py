"""The mutants: a table of faults with fixed options, how they are spelled, and which are asked for."""

from __future__ import annotations

import pytest

from fakememtrace import UnknownName, UsageError, World
from fakememtrace.evals.mutating.mutants import MUTANTS, chosen_mutants
from fakememtrace.faults.kinds import DROPPABLE, KINDS
from fakememtrace.faults.spelling import read_fault, spelled


def test_every_kind_of_memory_fault_is_among_them():
    """Each kind that strikes memories is a mutant, in the order of the kinds; each field that can be lost is one."""
    kinds = list(dict.fromkeys(mutant.fault["kind"] for mutant in MUTANTS))
    assert sorted(kinds) == sorted(kind.name for kind in KINDS.values() if kind.strikes != "route")
    fields = [mutant.fault["field"] for mutant in MUTANTS if mutant.fault["kind"] == "dropped_field"]
    assert sorted(fields) == sorted(DROPPABLE)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_a_fault_that_can_be_set(mutant):
    """Its options are those of its kind, it can be spelled and read, and it says what to do in half a sentence."""
    assert World().faults.add(**mutant.fault).strikes in ("write", "read")
    assert read_fault(mutant.name) == mutant.fault
    for words in (mutant.does, mutant.advice):
        assert words == words.strip(" .")
        assert words[0].islower()


def test_no_two_are_the_same():
    """Each has a name of its own."""
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("lost_write", {"kind": "lost_write"}),
        ("late_write,by=10m,times=2", {"kind": "late_write", "by": "10m", "times": 2}),
        ('stale_version,same=["agent_id", "tags"]', {"kind": "stale_version", "same": ["agent_id", "tags"]}),
        ("lost_write,name=a,b", {"kind": "lost_write", "name": "a,b"}),
        ('lost_write,name="7"', {"kind": "lost_write", "name": "7"}),
        (
            "empty_answer,route=POST /api/v1/sessions/{id}/context",
            {"kind": "empty_answer", "route": "POST /api/v1/sessions/{id}/context"},
        ),
    ],
)
def test_a_fault_is_spelled_in_one_word(text, fault):
    """A value is JSON where it can be that, else text, and commas without an option behind them are part of it."""
    assert read_fault(text) == fault
    assert spelled(fault) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "late_write,10m",
            "'late_write,10m' has an option without a value. Expected KIND,option=value, such as late_write,by=10m.",
        ),
        (
            "late_write,by=1m,by=2m",
            "'late_write,by=1m,by=2m' says 'by=2m'. Expected KIND,option=value with each option once.",
        ),
    ],
)
def test_what_is_spelled_wrongly_is_refused(text, words):
    """The words say what was expected."""
    with pytest.raises(UsageError) as refused:
        read_fault(text)
    assert str(refused.value) == words


def test_all_are_chosen_unless_some_are():
    """Kinds come in the order of the table, whatever the order they were asked for in; one's own ones come last."""
    assert chosen_mutants([]) == list(MUTANTS)
    chosen = chosen_mutants(["truncated,bytes=7", "truncated", "lost_write", "truncated,bytes=20", "lost_write"])
    assert [mutant.name for mutant in chosen] == [
        *("lost_write", "truncated,bytes=20", "truncated,bytes=200", "truncated,bytes=7"),
    ]
    assert chosen[1] in MUTANTS
    assert chosen_mutants(["late_write,by=10m"]) == [mutant for mutant in MUTANTS if mutant.name == "late_write,by=10m"]


OF_MEMORY = (
    "lost_write, late_write, truncated, dropped_field, wrong_session, wrong_agent, duplicate, false_duplicate, "
    "missed_duplicate, foreign_row, stray_row, stale_version, lost_version, wrong_order, wrong_time, short_answer and "
    "empty_answer"
)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        *[
            (
                text,
                UsageError,
                (
                    "the fault 'drop' strikes requests, and memories stay as they are. Expected a fault of memories: "
                    f"{OF_MEMORY}.\n"
                    "What becomes of a program whose requests fail, say with world.faults in its own tests."
                ),
            )
            for text in ("drop", "drop,times=1")
        ],
        (
            "lost_writes",
            UnknownName,
            (
                "unknown kind of fault of memories 'lost_writes'. Did you mean 'lost_write'? Known: dropped_field, "
                "duplicate, empty_answer, false_duplicate, foreign_row, late_write, lost_version, lost_write, "
                "missed_duplicate, short_answer, stale_version, stray_row, truncated, wrong_agent, wrong_order, "
                "wrong_session and wrong_time."
            ),
        ),
        (
            "truncated,byte=7",
            UnknownName,
            (
                "unknown option of the fault 'truncated' 'byte'. Did you mean 'bytes'? Known: after, bytes, "
                "characters, name, org and times."
            ),
        ),
        (
            "wrong_time,times=1",
            UsageError,
            "the fault 'wrong_time' needs by, as in faults.add('wrong_time', by=...).",
        ),
    ],
)
def test_what_is_no_mutant_is_refused(text, error, words):
    """Nothing is run when a fault is wrong, and the words say what there is."""
    with pytest.raises(error) as refused:
        chosen_mutants([text])
    assert str(refused.value) == words
