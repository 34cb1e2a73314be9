"""Memory mutation testing of a user's tests: a fault in every world that a fixture opens, and what pytest says then."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from fakememtrace import UsageError
from fakememtrace.cli import cli
from fakememtrace.evals.mutating import user_suite as runner
from fakememtrace.evals.mutating.mutants import chosen_mutants
from fakememtrace.evals.mutating.trial import Trial
from fakememtrace.evals.mutating.user_suite import UserSuite, pytest_arguments, user_suite, user_trials

ASK = """
import httpx
import pytest

def store(world, content, **fields):
    body = {"agent_id": "agent_1", "content": content, **fields}
    return httpx.post(world.url + "/api/v1/memories", json=body, headers={"x-api-key": world.api_key})

def found(world):
    answer = httpx.get(world.url + "/api/v1/memories", headers={"x-api-key": world.api_key})
    return [memory["content"] for memory in answer.json()["memories"]]
"""
TESTS = """
def test_it_is_there(fakememtrace):
    store(fakememtrace, "Ada likes green tea", tags=["drink"])
    assert len(found(fakememtrace)) == 1

def test_it_is_the_first(fakememtrace):
    store(fakememtrace, "Ada likes jazz")
    assert found(fakememtrace)[0].startswith("Ada")

def test_nothing_is_stored(fakememtrace):
    assert found(fakememtrace) == []

def test_no_memory():
    assert 1 + 1 == 2

@pytest.mark.xfail(strict=True)
def test_it_is_there_twice(fakememtrace):
    store(fakememtrace, "Ada likes rain")
    assert len(found(fakememtrace)) == 2

@pytest.mark.skip
def test_another_day(fakememtrace):
    pass
"""


@pytest.fixture
def project(pytester):
    """A project with tests; what pytest prints there, and the report that it wrote."""

    def make(tests, *options):
        pytester.makepyfile(test_it=ASK + tests)
        done = pytester.runpytest_inprocess(*options, "--memory-fault-report", "report.json")
        file = pytester.path / "report.json"
        value = json.loads(file.read_text("utf-8")) if file.exists() else {}
        return done, value

    return make


def seen(value):
    """The outcome of each test, how many worlds it opened, and how often the fault struck."""
    return {one["test"].partition("::")[2]: (one["outcome"], one["worlds"], one["struck"]) for one in value["tests"]}


# -- the options of pytest ----------------------------------------------------------------------


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_a_fault_is_in_every_world(project, options):
    """Each test is noted with its outcome and strikes, also where workers run them; the summary names who noticed."""
    done, value = project(TESTS, "--memory-fault", "lost_write", *options)
    done.assert_outcomes(passed=2, failed=2, xfailed=1, skipped=1)
    assert (value["format"], value["version"], value["fault"]) == ("fakememtrace-memory-fault", 1, "lost_write")
    assert seen(value) == {
        "test_another_day": ("skipped", 0, 0),
        "test_it_is_the_first": ("crashed", 1, 1),
        "test_it_is_there": ("failed", 1, 1),
        "test_it_is_there_twice": ("skipped", 1, 1),
        "test_no_memory": ("passed", 0, 0),
        "test_nothing_is_stored": ("passed", 1, 0),
    }
    done.stdout.fnmatch_lines(
        [
            "*= memory fault lost_write =*",
            "It struck in 3 of 6 tests, of which 2 failed.",
            "  test_it.py::test_it_is_the_first",
            "  test_it.py::test_it_is_there",
        ]
    )


def test_without_a_fault_nothing_is_said(project):
    """A report alone changes nothing: it says what passes, and where there is a world at all."""
    done, value = project(TESTS)
    done.assert_outcomes(passed=4, xfailed=1, skipped=1)
    assert value["fault"] == ""
    assert seen(value)["test_it_is_there"] == ("passed", 1, 0)
    assert "memory fault" not in done.stdout.str()


WORLDS = """
from fakememtrace import World

@pytest.fixture(scope="module")
def shared():
    with World() as world:
        yield world

@pytest.fixture
def own(shared):
    return shared

def test_a(own):
    store(own, "tea")
    own.faults.clear()

def test_b(shared):
    store(shared, "jazz")

def test_c(fakememtrace):
    store(fakememtrace, "tea")
    fakememtrace.journal.clear()
    store(fakememtrace, "jazz")

@pytest.fixture
def storing(fakememtrace):
    store(fakememtrace, "rain")
    yield
    store(fakememtrace, "snow")

def test_d(storing):
    pass
"""


def test_any_fixture_may_open_the_world(project):
    """A world is one however many fixtures hand it on; strikes count for the test in which they were."""
    _, value = project(WORLDS, "--memory-fault", "lost_write,times=9", "-p", "no:randomly")
    assert seen(value) == {
        "test_a": ("passed", 1, 1),
        "test_b": ("passed", 0, 0),
        "test_c": ("passed", 1, 1),
        "test_d": ("passed", 1, 2),
    }


def test_it_stops_at_the_first_that_notices(project):
    """A test that fails anyhow does not stop it, and the run has failed all the same."""
    tests = """
def test_a():
    assert 1 == 2

def test_b(fakememtrace):
    store(fakememtrace, "tea")
    assert found(fakememtrace) == ["tea"]

def test_c(fakememtrace):
    pass
"""
    done, value = project(tests, "--memory-fault", "lost_write", "--memory-fault-stop", "-p", "no:randomly")
    assert list(seen(value)) == ["test_a", "test_b"]
    assert done.ret == 1
    done.stdout.fnmatch_lines(["*the memory fault was noticed by test_it.py::test_b*"])


def test_a_scored_test_that_does_not_hold_has_failed(project):
    """What another plugin makes of a failed assertion does not hide it: the gate at the end is where it counts."""
    hook = """
@pytest.fixture(autouse=True)
def forgiving(request):
    request.config.pluginmanager.register(Forgiving()) if not request.config.pluginmanager.has_plugin("x") else None

class Forgiving:
    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self):
        report = yield
        report.outcome = "passed"
        return report
"""
    done, value = project(hook + TESTS, "--memory-fault", "lost_write", "-k", "is_there and not twice")
    done.assert_outcomes(passed=1, deselected=5)
    assert seen(value) == {"test_it_is_there": ("failed", 1, 1)}


def test_what_is_no_fault_is_refused(project):
    """The words are those of every other place that takes a fault."""
    done, value = project(TESTS, "--memory-fault", "lost_writ")
    assert (done.ret, value) == (4, {})
    done.stderr.fnmatch_lines(
        ["ERROR: --memory-fault: unknown kind of fault 'lost_writ'. Did you mean 'lost_write'? Known: cut, *"]
    )


# -- the command --------------------------------------------------------------------------------


@pytest.fixture
def here(pytester):
    """A project with these tests as the working directory."""
    pytester.makepyfile(test_it=ASK + TESTS)
    return pytester.path


def test_a_suite_is_mutated(here):
    """Killed by a test, survived where it struck, not reached where nothing of the kind happens; with the exit code."""
    faults = ("--fault", "lost_write", "--fault", "dropped_field,field=tags", "--fault", "foreign_row")
    done = CliRunner().invoke(
        cli, ["mutate", *faults, "--workers", "2", "--", "pytest", "-p", "no:randomly", "-q", "test_it.py"]
    )
    assert done.stdout == (
        "mutant                    tests        first killed by\n"
        "lost_write                killed       test_it.py::test_it_is_there\n"
        "dropped_field,field=tags  SURVIVED\n"
        "foreign_row               NOT REACHED\n"
        "\n"
        "SURVIVED: dropped_field,field=tags\n"
        "  A memory is stored without its tags. It struck in test_it.py::test_it_is_there, and nothing failed.\n"
        "  What to do: write a test that stores memories with tags and reads by one of the tags.\n"
        "\n"
        "NOT REACHED: these struck in no test, so nothing could notice them\n"
        "  Where one of them can happen to you, write a test that does what is said of it.\n"
        "  foreign_row: stores in another organization what fits every read, and looks for it in each\n"
        "FAILED: 1 of 3 killed, 1 survived, 1 not reached (3 mutants, 4 tests)\n"
    )
    assert done.exit_code == 1
    assert not (here / ".pytest_cache").exists()


def test_a_suite_that_does_not_pass_is_refused(here):
    """The failing tests are named, and no fault is tried."""
    (here / "test_it.py").write_text(ASK + TESTS.replace("== 1", "== 3").replace("1 + 1 == 2", "1 == 2"), "utf-8")
    with pytest.raises(UsageError) as refused:
        user_suite(["-q"])
    assert str(refused.value) == (
        "pytest -q: the tests must pass without a fault, else what they notice under one means nothing, and these do "
        "not: test_it.py::test_it_is_there, test_it.py::test_no_memory.\n"
        "Correct them first, or name those that pass."
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["-k", "nothing_like_it"],
            "pytest -k nothing_like_it ran no test.\nName a folder with tests, or other tests.",
        ),
        (
            ["-k", "no_memory"],
            (
                "pytest -k no_memory: no fixture opened a world, so no fault can be set.\n"
                "Expected tests that take the fixture fakememtrace, or another one that yields a World."
            ),
        ),
    ],
)
def test_a_suite_without_worlds_is_refused(here, arguments, words):
    """Nothing could strike there, so that nothing survived would say nothing."""
    with pytest.raises(UsageError) as refused:
        user_suite(arguments)
    assert str(refused.value) == words


def test_what_pytest_refuses_is_shown(here):
    """Its own words stand in the refusal."""
    with pytest.raises(UsageError) as refused:
        user_suite(["--no-such-option"])
    assert "it ended with status 4:\n  ERROR: usage: " in str(refused.value)
    assert "unrecognized arguments: --no-such-option" in str(refused.value)


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        (["pytest", "tests", "-q"], ("tests", "-q")),
        (["py.test"], ()),
        (["/opt/venv/bin/pytest", "-x"], ("-x",)),
        (["python3.11", "-m", "pytest", "tests"], ("tests",)),
    ],
)
def test_the_command_line_is_that_of_pytest(words, arguments):
    """However pytest is called, it runs with the interpreter of fakememtrace."""
    assert pytest_arguments(words) == arguments


SUITE = UserSuite(("tests",), frozenset({"a", "b"}), 2.0)
LOST = chosen_mutants(["lost_write"])


def ran(monkeypatch, status, output, tests):
    """What becomes of a mutant when pytest ends like this."""
    kept = None if tests is None else tuple(runner.Seen(*one) for one in tests)
    asked = []

    def run(*given):
        asked.append(given)
        return runner._Run(status, output, kept)

    monkeypatch.setattr(runner, "_ran", run)
    (trial,) = user_trials(SUITE, LOST)
    assert asked == [(("tests",), ["--memory-fault", "lost_write", "--memory-fault-stop"], 80.0)]
    return trial


def trial_of(killers=(), crashes=(), reached=(), ran=0, stray=()):
    """A trial of the two tests that passed."""
    return Trial("lost_write", "tests", killers, crashes, reached, ran, 2, stray)


def test_a_test_that_failed_before_is_no_kill(monkeypatch):
    """Only what passed without a fault can notice one."""
    found = ran(monkeypatch, 1, "", [("a", "passed", 1, 1), ("other", "failed", 1, 1)])
    assert found == trial_of(reached=("a",), ran=2, killers=("the run as a whole",))


def test_a_test_that_fails_where_nothing_struck_is_no_kill(monkeypatch):
    """It is told as what it is, and the mutant survived."""
    found = ran(monkeypatch, 1, "", [("a", "passed", 1, 1), ("b", "failed", 1, 0)])
    assert found == trial_of(reached=("a",), ran=2, stray=("b",))
    assert found.state == "survived"


def test_a_run_that_fails_in_the_end_is_a_kill(monkeypatch):
    """A gate over all tests notices what no test does by itself."""
    assert ran(monkeypatch, 1, "", [("a", "passed", 1, 1)]) == trial_of(
        killers=("the run as a whole",), reached=("a",), ran=1
    )


def test_a_run_that_breaks_is_a_crash(monkeypatch):
    """It is told with its status and pytest's last line."""
    found = ran(monkeypatch, 3, "...\nINTERNALERROR> it broke\n", None)
    assert found == trial_of(crashes=("the run as a whole, which ended with status 3 (INTERNALERROR> it broke)",))
    assert found.state == "crashed"


def test_a_run_without_an_end_is_a_crash(monkeypatch):
    """A fault can let an agent ask for ever; it is given ten times as long as without, and a minute."""
    assert ran(monkeypatch, None, "", None) == trial_of(
        crashes=("the run as a whole, which took more than 10 times as long as without a fault",)
    )


def test_a_run_is_ended_that_does_not_end(here):
    """What takes longer than it may is stopped, and has no status."""
    (here / "test_it.py").write_text("import time\ndef test_it():\n    time.sleep(60)\n", "utf-8")
    assert runner._ran((), (), 0.2) == (None, "", None)


def test_where_there_is_no_pytest_it_is_said(monkeypatch):
    """The tests of somebody who has no pytest beside fakememtrace are no traceback."""
    monkeypatch.setattr("fakememtrace.evals.mutating.user_suite.find_spec", lambda name: None)
    with pytest.raises(UsageError) as refused:
        user_suite(["tests"])
    assert str(refused.value) == (
        "the tests are run by the Python that fakememtrace is installed in, and it has no pytest.\n"
        "Install it there: pip install pytest"
    )
