"""docs/plugin.md is true: its tests pass, its tables are the code's, and what it shows is what pytest says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.in_pytest import fixtures, markers
from fakememtrace.in_pytest.options import SETTINGS

from ..claude.helpers import interaction
from ..test_pages import blocks, rows

PAGE = (Path(__file__).parents[2] / "docs" / "plugin.md").read_text("utf-8")
MISUSED, UNMET, TRANSCRIPT = blocks(PAGE, "text")
TESTS = blocks(PAGE, "python")


def test_every_python_block_passes(pytester, monkeypatch):
    """Each block is a file of tests that passes as it stands; the last one's transcript is the one that is shown."""
    monkeypatch.setenv("PYTEST_PLUGINS", "fakememtrace.plugin,syrupy,anyio.pytest_plugin")
    question = {"model": "claude-sonnet-5", "messages": [{"role": "user", "content": "Good morning!"}]}
    for number, code in enumerate(TESTS):
        (pytester.path / f"test_{number}.py").write_text(code, "utf-8")
        path = pytester.path / f"cassettes/test_{number}/greeting.json"
        if '"greeting"' in code:
            path.parent.mkdir(parents=True)
            Cassette([interaction({**question, "max_tokens": 7}, "Good morning, Ada!")]).save(path)
    result = pytester.runpytest_subprocess("-W", "error", "--snapshot-update")
    assert result.parseoutcomes() == {"passed": sum(map(count_in, TESTS))}
    (kept,) = (pytester.path / "__snapshots__").iterdir()
    written = kept.read_text("utf-8").partition("# name: test_drinks\n")[2].partition("# ---")[0]
    assert [line.removeprefix("  ") for line in written.splitlines()] == TRANSCRIPT.splitlines()


def count_in(code: str) -> int:
    """How many tests a block is: one for each function, and one more where it is run in both dialects."""
    return len(re.findall(r"def test_", code)) + code.count('dialect="both"')


def test_a_misused_marker_is_told_as_shown(run):
    """The error of the page, but for where its lines are broken."""
    result = run(test_it='@pytest.mark.fakememtrace(dialct="documented")\ndef test_it():\n    pass\n')
    assert " ".join(MISUSED.split()) in " ".join(result.stdout.str().split())


def test_an_assertion_that_fails_is_told_as_shown(run):
    """The section below the failure, but for where its lines are broken."""
    (code,) = (code for code in TESTS if "shown_to_model" in code)
    failing = code.replace('contains="vegetarian", agent', 'contains="vegan", agent')
    result = run(test_it=failing)
    result.assert_outcomes(failed=1)
    section = result.stdout.str().partition("fakememtrace: what was expected")[2]
    assert " ".join(UNMET.split()) in " ".join(section.split())


def test_all_that_can_be_said_is_in_the_table():
    """Each fixture that says something, with the keyword, the option and the setting that say it, too."""
    # Its first cells only: of clients there is another table.
    table = rows(PAGE.partition("## Markers")[0], "fixture")
    named = [row[0].strip("`") for row in table]
    decisions = [name for name in fixtures.__all__ if re.match(r"(fakememtrace_|claude_|default_)", name)]
    assert sorted(named) == sorted(decisions)
    settings = {cell.strip("`") for row in table for cell in row[3:4] if cell.startswith("`")}
    assert settings == {name for name in SETTINGS if name != "fakememtrace_report_dir"}
    for row in table:
        if len(row) > 3 and row[3].startswith("`"):
            assert row[2] == f"`--{row[3].strip('`').replace('_', '-')}`"


@pytest.mark.parametrize(("marker", "page"), [(markers.WORLD, "fakememtrace"), (markers.CASSETTE, "claude_cassette")])
def test_every_keyword_is_on_the_page(marker, page):
    """What a marker takes is in the first table or in that of its keywords, and nothing else is."""
    said = {row[0].strip("`") for row in rows(PAGE, "keyword")} if marker == markers.CASSETTE else set()
    said |= set(re.findall(rf"`{page}\((\w+)=\.\.\.\)`", PAGE))
    assert said == set(markers._WORDS[marker])


def test_every_client_is_in_its_table():
    """The clients of the page are the fixtures that hand one out."""
    named = re.findall(r"^\| `(\w+)` \| `(?:anthropic\.)?(?:Async)?(?:Memtrace|Anthropic)\(", PAGE, re.MULTILINE)
    assert named == ["memtrace_client", "async_memtrace_client", "claude", "async_claude"]
    assert set(named) <= set(fixtures.__all__)


def test_the_settings_shown_are_settings(run, pytester):
    """Pytest takes the ini file of the page as it stands."""
    (ini,) = blocks(PAGE, "ini")
    (pytester.path / "pytest.ini").write_text(ini, "utf-8")
    run(
        "--strict-config",
        test_it="""
def test_it(fakememtrace_dialect, claude_cassette_dir, claude_redact):
    assert (fakememtrace_dialect, claude_cassette_dir.parent.name) == ("documented", "recordings")
    assert claude_redact == ["Ada Lovelace"]
""",
    ).assert_outcomes(passed=1)
