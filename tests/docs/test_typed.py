"""The consoles of the pages, typed one after the other in the folder of somebody who would read them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakememtrace import World
from fakememtrace.conformance import chosen, load

from ..recording.api import serving
from .folders import FOLDERS
from .pages import as_pattern, blocks, steps
from .terminal import SERVER, Terminal, terminal

# Consoles that are not all typed here: which of them, from 1; the others are somebody else's, as claims.py says.
SOME = {
    "README.md": [2],
    "docs/faults.md": [1],
    "docs/seeds.md": [1],
    "docs/sweeps.md": [1],
}
WHOLE = [
    *("docs/datasets.md", "docs/drift.md", "docs/evals.md", "docs/gate.md", "docs/mutation.md"),
    *("docs/change-prompt.md", "docs/lost-memory.md", "docs/report.md", "docs/review.md", "docs/tutorial.md"),
    *("docs/real-traffic.md", "docs/recording.md", "docs/verify.md", "docs/xdist.md"),
]
# What the commands of a page end with that show nothing of what they print, where it is not 0 each time: 1 is that
# something was found, 3 that there is no baseline yet.
ENDS = {
    "docs/gate.md": [3, 3, 3, 0, 3, 0],
    "docs/mutation.md": [1, 1, 0, 1, 0, 0, 1],
}
NOT_TYPED = ("pip install ",)


def typed(page: str) -> Iterator[tuple[str, str]]:
    """The commands of a page that are typed here, with what is shown of what they print."""
    for block in blocks(page, "console"):
        if block.number in SOME.get(page, [block.number]):
            yield from ((command, shown) for command, shown in steps(block.text) if not command.startswith(NOT_TYPED))


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """A terminal in a project, for somebody whose pytest loads no more than our plugin, with a Claude that answers."""
    for name in ("CI", "BUILD_NUMBER", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "fakememtrace.plugin,xdist.plugin")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    with serving() as api, terminal() as opened:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "a-key-for-tests")
        yield opened


@pytest.fixture
def server(shell: Terminal, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server of somebody's, with two orgs; of the vectors a few, since other tests hold it against all."""
    vectors = chosen(load(), ["stats", "windows"])
    monkeypatch.setattr("fakememtrace.conformance.load", lambda: vectors)
    world = World()
    with world.serve() as url:
        other = {"other_org=mtk_...": f"other_org={world.org('other').api_key}"}
        shell.meant = {SERVER: url, **other, "mtk_...": world.api_key}
        yield


@pytest.mark.parametrize("page", [*SOME, *WHOLE])
def test_every_command_does_what_is_shown(page: str, shell: Terminal, server: None) -> None:
    """Every command can be given, and prints what the page shows of it; one that shows nothing ends well."""
    FOLDERS.get(page, lambda folder: None)(Path.cwd())
    ends = []
    for command, shown in typed(page):
        ended = shell.type(command)
        if shown:
            assert re.fullmatch(as_pattern(shown), ended.out), f"$ {command}\n{ended.out}"
        else:
            ends.append(ended.code)
    assert ends == ENDS.get(page, [0] * len(ends))
    assert list(typed(page))


def test_what_is_shown_is_looked_at() -> None:
    """A pattern holds the words that are shown, so that other words do not pass."""
    pattern = as_pattern("one\n...\nthree in ...\n")
    assert re.fullmatch(pattern, "one\ntwo\ntwo\nthree in 3 s\n")
    assert not re.fullmatch(pattern, "one\ntwo\nfour in 3 s\n")
    assert not re.fullmatch(pattern, "two\nthree in 3 s\n")
