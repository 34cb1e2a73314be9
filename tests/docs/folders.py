"""What lies in the folder in which a page is typed: the small project of somebody who would read it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml

from ..evals.sets import tiny
from ..importing.made import vcrpy
from ..scenario.helpers import Folder
from .pages import ROOT, blocks

__all__ = ["FOLDERS", "SUITE", "broken_set", "catalogue"]

# Who asks without the SDK, whose import takes a second.
TEST = """
import os
import httpx

def test_greets(fakememtrace):
    body = {"model": "claude-x", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    url = os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages"
    headers = {"x-api-key": os.environ["ANTHROPIC_API_KEY"], "anthropic-version": "2023-06-01"}
    assert httpx.post(url, json=body, headers=headers).json()["content"][0]["text"] == "Hello!"
"""
CASE = """
[[case]]
name = "{name}"
title = "A test."
why = "It is needed."
says = {{ tea = "Ada likes green tea" }}
history = [{{ open = "monday" }}, {{ store = "tea", tags = ["drink"] }}]
probes = [{{ read = "list", tags = ["drink"], measure = "intact", both = 1.0 }}]
"""
DATA_SET = """
[[dataset]]
name = "{name}"
title = "A search finds what was said."
why = "It is needed."
set = "{name}"
dialects = ["0.2.0"]
plans = ["substring"]
metric = "recall"
k = 3
baseline = "{name}.json"
"""
SUITE = """
def test_support(fakememtrace, memtrace_client):
    memtrace_client.remember("support", "Ada likes tea")
    assert memtrace_client.recall("support").count == 1
"""


def recorded(folder: Path) -> None:
    """A test and a scenario that ask Claude, and recordings of another tool."""
    Folder(folder / "scenarios", "single_agent")
    asking(folder / "tests" / "agents")
    foreign = folder / "tests" / "cassettes" / "greeting.yaml"
    foreign.parent.mkdir()
    foreign.write_text(yaml.safe_dump({"interactions": [vcrpy()], "version": 1}), "utf-8")


def changed(folder: Path) -> None:
    """A test that asks Claude, and our scenario, whose prompt has changed."""
    asking(folder / "tests")
    shutil.copytree(ROOT / "scenarios" / "single_agent", folder / "scenarios" / "single_agent")
    program = folder / "scenarios" / "single_agent" / "program.py"
    text = program.read_text("utf-8")
    assert "You are a helpful assistant." in text
    program.write_text(text.replace("You are a helpful assistant.", "You are a kind assistant."), "utf-8")


def asking(folder: Path) -> None:
    """A test that asks Claude."""
    folder.mkdir(parents=True)
    (folder / "test_agent.py").write_text(TEST, "utf-8")


def two_dialects(folder: Path) -> None:
    """A scenario of the name that the page has."""
    Folder(folder / "scenarios", "multi_agent")


def catalogue(folder: Path) -> None:
    """Evals of the names that the pages have, and tests."""
    (folder / "evals").mkdir()
    for group, name in (("Windows", "yesterday"), ("Budget", "needle-at-every-byte")):
        text = f'group = "{group}"\n{CASE.format(name=name)}'
        (folder / "evals" / f"{group.lower()}.toml").write_text(text, "utf-8")
    (folder / "tests" / "support").mkdir(parents=True)
    (folder / "tests" / "support" / "test_support.py").write_text(SUITE, "utf-8")


def data_sets(folder: Path) -> None:
    """Evals of data sets, and beside the project something in the format of LoCoMo."""
    (folder / "evals").mkdir()
    text = "".join(DATA_SET.format(name=name) for name in ("synthetic", "locomo"))
    (folder / "evals" / "sets.toml").write_text(f'group = "Sets"\n{text}', "utf-8")
    (folder.parent / "locomo").mkdir()
    tiny(folder.parent / "locomo")


def broken_set(folder: Path) -> None:
    """A copy of LoCoMo in which somebody has changed something."""
    file = tiny(folder) / "locomo10.json"
    samples = json.loads(file.read_text("utf-8"))
    samples[0]["qa"][1]["evidence"] = "D1:1"
    file.write_text(json.dumps(samples), "utf-8")


def swept(folder: Path) -> None:
    """The sweep of the page."""
    (folder / "plans.toml").write_text(blocks("docs/sweeps.md", "toml")[0].text, "utf-8")


def seeded(folder: Path) -> None:
    """The seed of the page."""
    (folder / "seed.json").write_text(blocks("docs/seeds.md", "json")[0].text, "utf-8")


def a_copy(folder: Path) -> None:
    """Something in the format of LoCoMo, in the folder that the page names."""
    (folder / "FOLDER").mkdir()
    tiny(folder / "FOLDER")


FOLDERS: Mapping[str, Callable[[Path], None]] = {
    "README.md": recorded,
    "docs/datasets.md": a_copy,
    "docs/drift.md": two_dialects,
    "docs/evals.md": catalogue,
    "docs/gate.md": data_sets,
    "docs/mutation.md": catalogue,
    "docs/real-traffic.md": recorded,
    "docs/recording.md": changed,
    "docs/seeds.md": seeded,
    "docs/sweeps.md": swept,
}
