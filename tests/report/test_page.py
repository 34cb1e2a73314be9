"""docs/report.md is true: its Python runs, and it has every key and every command that writes a report."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from fakememtrace.cli import _COMMANDS, cli
from fakememtrace.report import html, live

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "report.md").read_text("utf-8")
BASE = (Path(html.__file__).parent / "templates" / "base.html").read_text("utf-8")


@pytest.mark.parametrize("code", re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE))
def test_its_python_runs(code):
    """Every block as it stands."""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_it_has_every_command_that_writes_a_report():
    """What takes --html is named there."""
    commands = {name: cli.get_command(None, name) for name in _COMMANDS}
    writing = {name for name, one in commands.items() if any("--html" in option.opts for option in one.params)}
    assert writing == {"diff", "drift", "eval", "replay", "run"}
    assert {name for name in writing if not re.search(rf"fakememtrace {name} .*--html", PAGE)} == set()


def test_it_has_every_key():
    """The keys of its table are those that the help of a report has."""
    table = PAGE[PAGE.index("| key |") : PAGE.index("It can be read on a phone")]
    shown = [key for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for key in re.findall("`(.*?)`", row)]
    keys = re.findall(r"<dt>(.*?)</dt>", BASE)
    assert shown == [*re.findall(r"<kbd>(.*?)</kbd>", "".join(keys)), "?"]


def test_its_limits_are_those_of_the_code():
    """From how much on a page waits, and how many memories a server shows."""
    assert f"With more than {html._MANY:,} exchanges and memories on a page" in PAGE
    assert f"with the {live._MOST:,} newest" in PAGE.replace("\n", " ")
