"""docs/evals-in-pytest.md is true: its tests run, and what it shows is what pytest says."""

from __future__ import annotations

import re
import shutil

import anthropic  # noqa: F401
import memtrace  # noqa: F401
import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.evals.in_pytest.marker import _KINDS

from ...claude.helpers import interaction
from ..authors import EVALS
from .helpers import told

PAGE = (EVALS.parent / "docs" / "evals-in-pytest.md").read_text("utf-8")


def blocks(language):
    """The fenced blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def commands(block):
    """Every command of a console with what it prints; all of them are of pytest."""
    assert block.count("$ ") == block.count("$ pytest")
    for line, printed in re.findall(r"^\$ pytest ?(.*)\n((?:[^$].*\n)*)", block, re.MULTILINE):
        yield line.split(), printed.splitlines()


def test_its_first_eval_says_what_is_shown(run):
    """Typed as it stands, blessed, and then with an agent that comes back later."""
    test, (first, later, _) = blocks("python")[0], blocks("console")
    for options, printed in commands(first):
        assert told(run(*options, test_recall=test)) == printed
    ((options, printed),) = commands(later)
    result = run(*options, test_recall=test.replace("HOURS = 20", "HOURS = 30"))
    assert (told(result), result.ret) == (printed, pytest.ExitCode.TESTS_FAILED)
    assert not result.parseoutcomes().get("failed")


def test_its_marker_has_all_that_is_allowed(run):
    """The example names every keyword, and would be collected."""
    (marker,) = (block for block in blocks("python") if "suite=" in block and "data=" in block)
    assert re.findall(r"^    (\w+)=", marker, re.MULTILINE) == list(_KINDS)
    result = run("--collect-only", "-q", test_it=marker.replace("facts.json", "test_it.py"))
    assert result.ret == pytest.ExitCode.OK


def test_its_samples_run(run, pytester):
    """Two right answers of three are enough."""
    test = blocks("python")[2]
    asked = {
        "model": "claude-sonnet-5",
        "max_tokens": 100,
        "system": "You know: Ada likes green tea.",
        "messages": [{"role": "user", "content": "What shall I offer Ada?"}],
    }
    for number, text in enumerate(["Green tea.", "A coffee.", "Some tea."], 1):
        path = pytester.path / f"cassettes/test_answers/test_drink-sample-{number}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        Cassette([interaction(asked, text)]).save(path)
    assert told(run("--memory-eval-bless", test_answers=test)) == [
        "blessed  answers: 1 item, mean none → 1.0000; baselines/answers.json written"
    ]


def test_its_contract_evals_run(run, pytester):
    """The commands choose among our own catalogue."""
    shutil.copytree(EVALS, pytester.path / "evals", ignore=shutil.ignore_patterns("synthetic"))
    ((all_of_it, _), (chosen, _)) = commands(blocks("console")[2])
    assert run("--collect-only", "-q", *all_of_it).ret == pytest.ExitCode.OK
    result = run(*chosen)
    assert result.parseoutcomes()["passed"] >= 2
    assert result.ret == pytest.ExitCode.OK


def test_every_option_is_explained(pytester):
    """An option that the page leaves out is one that nobody finds."""
    shown = pytester.runpytest_inprocess("--help").stdout.str()
    options = set(re.findall(r"--memory-eval[a-z-]*", shown))
    assert options == {"--memory-evals", "--memory-eval-bless", "--memory-eval-json"}
    assert {option for option in options if option not in PAGE} == set()
