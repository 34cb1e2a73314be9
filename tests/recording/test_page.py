"""docs/recording.md is true: its example runs, and its tables are the code's."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

from fakememtrace.claude.recording.modes import MODES

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "recording.md").read_text("utf-8")


def first_cells(heading):
    """The first column of the table with that heading, without its marks."""
    table = re.search(rf"^\| {heading} \|.*\n\|[- |]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [re.search(r"`(.*?)`", line)[1] for line in table[1].splitlines()]


def test_the_example_runs(api, tape):
    """The program of the page records, and replays what it has recorded."""
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    exec(compile(code, "the page", "exec"), {"__name__": "page"})
    assert api.calls == 1


def test_every_mode_is_in_the_table():
    """The table has the modes in their order."""
    assert tuple(first_cells("mode")) == MODES


def test_every_option_is_in_the_table(pytester):
    """The table has the options of the plugin, and no other."""
    text = pytester.runpytest_subprocess("--help").stdout.str()
    assert sorted(set(re.findall(r"--claude-[a-z-]+", text))) == sorted(
        name.partition("=")[0] for name in first_cells("option")
    )


def test_every_option_of_the_command_exists():
    """No option of the command is made up."""
    command = import_module("fakememtrace.commands.record").command
    known = {option for parameter in command.params for option in parameter.opts}
    section = PAGE.partition("## Scenarios")[2].partition("\n## ")[0]
    assert set(re.findall(r"--[a-z]+", section)) <= known


def test_every_fixture_exists():
    """The fixtures that the page names are the plugin's."""
    plugin = import_module("fakememtrace.plugin")
    named = set(re.findall(r"`(claude_\w+)`", PAGE))
    assert named == {"claude_cassette", "claude_redact", "claude_allow"}
    assert all(hasattr(plugin, name) for name in named)


def test_every_link_leads_somewhere():
    """What the page links to is there."""
    links = re.findall(r"\]\((.*?)\)", PAGE)
    assert links
    assert [link for link in links if not (DOCS / link).is_file()] == []
