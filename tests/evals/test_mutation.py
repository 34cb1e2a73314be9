"""Memory mutation testing of evals that are data: our own kill every mutant, and one less lets one survive."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from fakememtrace.cli import cli
from fakememtrace.errors import UsageError
from fakememtrace.evals.case import DIALECTS
from fakememtrace.evals.mutating import cases as engine
from fakememtrace.evals.mutating.cases import suite_of, trials
from fakememtrace.evals.mutating.mutants import MUTANTS, chosen_mutants
from fakememtrace.evals.mutating.text import summary, table, unkilled
from fakememtrace.evals.mutating.trial import Trial, is_good, report

from .authors import EVALS
from .helpers import BODY, case_file
from .test_catalogue import CASES

# That is what this list of evals is about: without the second, a fault of metadata is not noticed by the first.
REACHES, NOTICES = "decide-in-context", "reasons-of-a-decision"


def mutated(*arguments):
    """The command with these arguments, without a process of its own."""
    return CliRunner().invoke(cli, ["mutate", *map(str, arguments)])


@cache
def suite(dialect, without=frozenset()):
    """The catalogue without some evals, in a dialect."""
    return suite_of([case for case in CASES if case.name not in without], dialect, EVALS)


def suites():
    """The catalogue in both dialects."""
    return [suite(dialect) for dialect in DIALECTS]


def texts(lines):
    """The lines without their styles."""
    return [line.text for line in lines]


# -- our own catalogue --------------------------------------------------------------------------


def test_our_catalogue_kills_every_mutant():
    """The report shows no survivor in either dialect, nothing that was not reached, and no kill by a crash."""
    found = list(trials(suites(), MUTANTS))
    assert [trial for trial in found if trial.state != "killed"] == []
    assert len(found) == len(MUTANTS) * len(DIALECTS)
    assert is_good(found, strict=True)
    assert summary(found, "eval").text == (
        f"PASSED: {len(found)} of {len(found)} killed ({len(MUTANTS)} mutants, {len(CASES)} evals)"
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_without_the_only_eval_that_notices_it_a_fault_survives(dialect):
    """Whichever mutant only one eval kills is not killed without that eval, and some eval reached one all the same."""
    faults = ["dropped_field,field=metadata", "dropped_field,field=parent_id", "dropped_field,field=dedup_key"]
    mutants = chosen_mutants([*faults, "foreign_row"])
    alone = {trial.mutant: trial.killers for trial in trials([suite(dialect)], mutants, whole=True)}
    assert alone == {
        "dropped_field,field=metadata": (NOTICES,),
        "dropped_field,field=parent_id": ("hand-off-by-parent-chain",),
        "dropped_field,field=dedup_key": ("own-dedup-key",),
        "foreign_row": ("isolation-of-organizations",),
    }
    gone = frozenset(name for killers in alone.values() for name in killers)
    found = {trial.mutant: trial for trial in trials([suite(dialect, gone)], mutants)}
    assert {name: trial.state for name, trial in found.items()} == {
        "dropped_field,field=metadata": "survived",
        "dropped_field,field=parent_id": "not reached",
        "dropped_field,field=dedup_key": "not reached",
        "foreign_row": "not reached",
    }
    survivor = found["dropped_field,field=metadata"]
    assert survivor.reached == (REACHES,)
    assert survivor.ran == survivor.of == len(CASES) - 4


def test_the_command_reports_the_survivor():
    """All evals but one, as the command says it: which mutant, where it struck, and what eval to write."""
    names = [case.name for case in CASES if case.name != NOTICES]
    done = mutated("--evals", EVALS, "--fault", "dropped_field", *names)
    assert done.exit_code == 1
    assert done.stdout == (
        "mutant                           0.2.0     documented  first killed by\n"
        "dropped_field,field=tags         killed    killed      tag-substrings\n"
        "dropped_field,field=session_id   killed    killed      resumed-session-by-context\n"
        "dropped_field,field=memory_type  killed    killed      decide-in-context\n"
        "dropped_field,field=event_type   killed    killed      decide-in-context\n"
        "dropped_field,field=importance   killed    killed      importance\n"
        "dropped_field,field=metadata     SURVIVED  SURVIVED\n"
        "dropped_field,field=parent_id    killed    killed      hand-off-by-parent-chain\n"
        "dropped_field,field=dedup_key    killed    killed      own-dedup-key\n"
        "\n"
        "SURVIVED: dropped_field,field=metadata (0.2.0, documented)\n"
        "  A memory is stored without its metadata. It struck in decide-in-context, and nothing failed.\n"
        "  What to do: write an eval that stores with metadata and looks at the metadata that come back.\n"
        f"FAILED: 14 of 16 killed, 2 survived (8 mutants, {len(names)} evals)\n"
    )
    with_it = mutated("--evals", EVALS, "--fault", "dropped_field", "--strict", *names, NOTICES)
    assert (with_it.exit_code, with_it.stdout.splitlines()[-1]) == (
        0,
        f"PASSED: 16 of 16 killed (8 mutants, {len(CASES)} evals)",
    )


# -- one mutant ---------------------------------------------------------------------------------


def test_it_stops_at_the_first_kill_unless_all_are_wanted():
    """The matrix has every killer; the short way has the first of them, and ran no other after it."""
    mutants = chosen_mutants(["dropped_field,field=tags", "foreign_row"])
    short, whole = (list(trials([suite("0.2.0")], mutants, whole=one)) for one in (False, True))
    for first, every in zip(short, whole, strict=True):
        assert first.killers == every.killers[:1]
        assert first.reached == every.reached[: len(first.reached)]
        assert first.ran < every.ran == len(CASES)
    assert set(whole[0].killers) == {
        *("tag-substrings", "hand-off-by-tag", "grid-of-list-filters", "grid-of-search-filters"),
    }
    # The one that says itself that it is about foreign rows comes first.
    assert short[1].ran == 1


def test_workers_find_the_same():
    """Two processes make the same report as none, byte for byte."""
    mutants = chosen_mutants(["dropped_field", "wrong_order"])
    one, two = (
        json.dumps(report(mutants, list(trials(suites(), mutants, workers=workers)), whole=False)) for workers in (1, 2)
    )
    assert one == two


def test_what_never_struck_is_no_survivor(tmp_path):
    """A case that stores no tags says nothing about lost ones; one that loses its memory is killed."""
    done = mutated("--evals", case_file(tmp_path), "--dialect", "0.2.0", "--fault", "dropped_field,field=tags")
    assert done.exit_code == 1
    assert done.stdout == (
        "mutant                    0.2.0        first killed by\n"
        "dropped_field,field=tags  NOT REACHED\n"
        "\n"
        "NOT REACHED: these struck in no eval, so nothing could notice them\n"
        "  Where one of them can happen to you, write an eval that does what is said of it.\n"
        "  dropped_field,field=tags: stores memories with tags and reads by one of the tags\n"
        "FAILED: 0 of 1 killed, 1 not reached (1 mutant, 1 eval)\n"
    )


def test_what_was_not_reached_fails_only_where_it_is_to(tmp_path):
    """With something killed, what could not happen in this suite is no failure; --strict makes it one."""
    asked = ["--evals", case_file(tmp_path), "--fault", "lost_write", "--fault", "foreign_row"]
    assert mutated(*asked).exit_code == 0
    strict = mutated(*asked, "--strict")
    assert strict.exit_code == 1
    assert strict.stdout.splitlines()[-1] == "FAILED: 2 of 4 killed, 2 not reached (2 mutants, 1 eval)"


def test_a_survivor_fails(tmp_path):
    """The fault struck in the case, and the case did not look."""
    body = BODY.replace('store = "tea"', 'store = "tea", tags = ["drink"]')
    done = mutated("--evals", case_file(tmp_path, body), "--fault", "dropped_field,field=tags", "--all")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[1:] == [
        "dropped_field,field=tags  SURVIVED  SURVIVED",
        "",
        "SURVIVED: dropped_field,field=tags (0.2.0, documented)",
        "  A memory is stored without its tags. It struck in demo, and nothing failed.",
        "  What to do: write an eval that stores memories with tags and reads by one of the tags.",
        "FAILED: 0 of 2 killed, 2 survived (1 mutant, 1 eval)",
    ]


def test_a_crash_is_told_apart(tmp_path, monkeypatch):
    """An eval that cannot go on kills, since the suite is red; it is said, and --strict does not take it for a kill."""
    plain = engine.run

    def crashing(case, dialect, faults=(), **options):
        result = plain(case, dialect, faults, **options)
        return result._replace(state="crashed") if result.state == "failed" else result

    monkeypatch.setattr(engine, "run", crashing)
    asked = ["--evals", case_file(tmp_path), "--dialect", "documented", "--fault", "lost_write"]
    done = mutated(*asked)
    assert done.stdout.splitlines() == [
        "mutant      documented         first killed by",
        "lost_write  killed by a crash  demo",
        "",
        "CRASHED: lost_write",
        "  A memory is answered 201 and not stored. No eval failed, and what could not go on is demo.",
        "  What to do: write an eval that reads in a later session what was stored in an earlier one.",
        "PASSED: 1 of 1 killed, 1 of them by a crash only (1 mutant, 1 eval)",
    ]
    assert done.exit_code == 0
    assert mutated(*asked, "--strict").exit_code == 1


# -- before anything is run ---------------------------------------------------------------------


def refused(*arguments):
    """The words of the refusal; nothing was printed."""
    done = mutated(*arguments)
    assert isinstance(done.exception, UsageError)
    assert done.exception.exit_code == 2
    assert done.output == ""
    return str(done.exception)


def test_a_suite_that_does_not_pass_is_refused(tmp_path):
    """What fails without a fault says nothing about one; the words say which fails, how, and what to do."""
    file = case_file(tmp_path, BODY.replace("1.0", "0.5"))
    assert refused("--evals", file) == (
        f"{file}: the evals must pass without a fault, else what they notice under one means nothing, and 1 does not, "
        "of 1 in 0.2.0.\n"
        "The first is demo, which failed: list: expected 0.5, found 1.0\n"
        f"See: fakememtrace eval --evals {file}. Correct them first, or name those that pass."
    )


def test_a_suite_that_crashes_is_refused(tmp_path):
    """A case that cannot go on passes as little."""
    file = case_file(tmp_path, BODY.replace('{ open = "monday" }, ', '{ close = "monday" }, '))
    assert "The first is demo, which crashed: no session 'monday' was opened" in refused("--evals", file)


def test_a_suite_without_a_score_is_refused():
    """An eval that nobody recorded can notice nothing."""
    (case,) = (one for one in CASES if one.name == "judged-answer")
    silent = case._replace(path=Path("nowhere") / "cases.toml", probes=case.measured[-1:], claude="")
    with pytest.raises(UsageError) as found:
        suite_of([silent], "0.2.0", EVALS)
    assert str(found.value) == (
        "no eval is scored in 0.2.0 without a fault, of 1, so none can notice one.\n"
        "Record what they need, or name others."
    )


def test_names_and_pytest_do_not_go_together():
    """Evals that are data and tests are mutated one at a time."""
    assert refused("--dialect", "0.2.0", "--", "pytest") == (
        "NAME, --evals and --dialect are about evals that are data, and behind -- stands pytest.\n"
        "Leave out the one or the other; a test's dialect is what its fixture fakememtrace_dialect says."
    )


@pytest.mark.parametrize(
    ("words", "found"),
    [((), "found nothing"), (("tox", "-e", "py"), "found 'tox -e py'"), (("python",), "found 'python'")],
)
def test_only_pytest_stands_behind(words, found):
    """Another command is refused with an example."""
    assert refused("--", *words) == (
        f"expected a command line of pytest after --, {found}.\nSuch as: fakememtrace mutate -- pytest tests"
    )


def test_results_as_json(tmp_path):
    """The file has each mutant with its trials, and how many came to what."""
    target = tmp_path / "report.json"
    asked = ["--evals", case_file(tmp_path), "--fault", "lost_write", "--fault", "foreign_row", "--json", target]
    assert mutated(*asked).exit_code == 0
    value = json.loads(target.read_text("utf-8"))
    assert (value["format"], value["version"], value["whole"]) == ("fakememtrace-mutation", 1, False)
    assert value["states"] == {"killed": 2, "crashed": 0, "survived": 0, "not reached": 2}
    assert [one["mutant"] for one in value["mutants"]] == ["lost_write", "foreign_row"]
    assert value["mutants"][0]["trials"][1] == {
        "state": "killed",
        "mutant": "lost_write",
        "place": "documented",
        "killers": ["demo"],
        "crashes": [],
        "reached": ["demo"],
        "ran": 1,
        "of": 1,
        "stray": [],
    }


# -- the text -----------------------------------------------------------------------------------


def test_many_names_are_cut_short():
    """Of many evals the first five are named; the table says how many killed, and the first in each place."""
    names = tuple(f"eval-{number}" for number in range(9))
    (mutant,) = chosen_mutants(["wrong_order"])
    one = Trial("wrong_order", "0.2.0", (), (), names, 9, 9)
    other = Trial("wrong_order", "documented", names[3:], (), names, 9, 9)
    assert table([mutant], [one, other], whole=True) == (
        ("mutant", "0.2.0", "documented", "first killed by"),
        [("wrong_order", "SURVIVED", "killed, 6 of 9", "eval-3 (documented)")],
        ["bold red"],
    )
    assert texts(unkilled([mutant], [one, other], "eval"))[2] == (
        "  An answer stands in the reverse order. It struck in eval-0, eval-1, eval-2, eval-3, eval-4 and 4 more, and "
        "nothing"
    )


def test_what_fails_without_a_strike_is_no_kill():
    """It is told, since such a suite does not do the same every time."""
    (mutant,) = chosen_mutants(["wrong_order"])
    found = [Trial("wrong_order", "tests", (), (), (), 2, 2, ("test_a.py::test_it",))]
    assert texts(unkilled([mutant], found, "test"))[:3] == [
        "",
        "NOT REACHED: wrong_order",
        "  Though it had not struck there, test_a.py::test_it failed, which is no kill: run it again without a fault.",
    ]
    assert not is_good(found, strict=False)
