"""``fakememtrace eval``: the funnel first, a line for each eval, and an exit code."""

import json

import pytest
from click.testing import CliRunner

from fakememtrace.cli import cli
from fakememtrace.errors import UsageError
from fakememtrace.evals.case import DIALECTS
from fakememtrace.evals.suite import report, run_all

from .authors import EVALS
from .helpers import BODY, case_file, one


def evaluated(*arguments):
    """The command with these arguments, without a process of its own."""
    return CliRunner().invoke(cli, ["eval", *map(str, arguments)])


def test_what_is_printed(tmp_path):
    """The funnel is the headline; then what came back in each eval, and where the rest was lost."""
    body = (
        BODY.replace("history = [", 'history = [{ note = "Rain" }, ')
        .replace(
            "both = 1.0 }]",
            'both = 1.0 }, { read = "context", session = "monday", since = "1m", measure = "facts", both = [] }]',
        )
        .replace('{ store = "tea" }]', '{ store = "tea" }, { advance = "1h" }]')
    )
    done = evaluated("--evals", case_file(tmp_path, body), "--dialect", "0.2.0")
    assert done.stdout == (
        "0.2.0: said 2 → stored 2 → inside the window 1 → inside the limit 1 → matched 1 → rendered 1\n"
        "ok       demo (0.2.0): 1 of 2 came back; 6 calls, 19 tokens\n"
        "    lost    tea, context, before it was inside the window: the memory of 2026-02-07T12:00:00.000003Z\n"
        "               ('Ada likes green tea'): only what is later than 2026-02-07T12:59:00.000004Z was\n"
        "              asked for\n"
        "PASSED: 1 of 1 passed (1 eval)\n"
    )
    assert done.exit_code == 0


def test_a_failure_is_told_and_ends_with_1(tmp_path):
    """What was expected and found stands below the eval."""
    done = evaluated("--evals", case_file(tmp_path, BODY.replace("1.0", "0.5")), "--quiet")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[2:4] == [
        "FAILED   demo (0.2.0): 1 of 1 came back; 4 calls, 5 tokens",
        "            list: expected 0.5, found 1.0",
    ]
    assert done.stdout.splitlines()[-1] == "FAILED: 0 of 2 passed (1 eval)"


def test_an_unknown_name_is_refused():
    """Nothing is run when a name is wrong."""
    done = evaluated("--evals", EVALS, "abstain")
    assert isinstance(done.exception, UsageError)
    assert done.exception.exit_code == 2
    assert done.output == ""


def test_results_as_json(tmp_path):
    """The file has the funnel of each dialect, every loss, and every result."""
    target = tmp_path / "results.json"
    done = evaluated("--evals", EVALS, "next-session-by-context", "--json", target, "--quiet")
    assert done.exit_code == 0
    value = json.loads(target.read_text("utf-8"))
    assert value["funnel"]["0.2.0"]["reached"]["rendered"] == 0
    assert value["funnel"]["documented"]["headline"].endswith("matched 1 → rendered 1")
    assert value["states"] == {"passed": 2, "unscored": 0, "failed": 0, "crashed": 0}
    assert [(loss["fact"], loss["lost"]) for loss in value["losses"]] == [("tea", "matched")]
    assert [result["dialect"] for result in value["results"]] == list(DIALECTS)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_report_is_the_same_every_time(dialect, tmp_path):
    """Same cases, same bytes."""
    case = one(tmp_path)
    first, second = (json.dumps(report(list(run_all([case], [dialect])))) for _ in range(2))
    assert first == second
