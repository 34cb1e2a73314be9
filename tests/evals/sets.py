"""Data-set evals for the tests: a tiny copy of LoCoMo's format, and worlds in which memories get lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from click.testing import CliRunner

from fakememtrace.cli import cli
from fakememtrace.evals.datasets import storing
from fakememtrace.world import World

from .authors import EVALS

__all__ = ["TABLE", "conversation", "evaluated", "ours", "struck", "tiny", "written"]

TABLE = """\
[[dataset]]
name = "tiny"
title = "A search finds what was said."
why = "It is needed."
set = "locomo"
plans = ["substring"]
metric = "recall"
k = 3
baseline = "tiny.json"
"""


def conversation(number: int, things=("kayak", "violin", "camera", "lantern")):
    """A conversation in LoCoMo's format: a turn and a question for each of `things`."""
    turns = [
        {"speaker": "Ada", "dia_id": f"D1:{place}", "text": f"I bought a {thing}."}
        for place, thing in enumerate(things, 1)
    ]
    return {
        "sample_id": f"conv-{number}",
        "conversation": {
            "speaker_a": "Ada",
            "speaker_b": "Ben",
            "session_1_date_time": "1:56 pm on 1 May, 2023",
            "session_1": turns,
        },
        "qa": [
            {"question": f"What of a {thing}?", "answer": thing, "evidence": [f"D1:{place}"], "category": 4}
            for place, thing in enumerate(things, 1)
        ],
    }


def tiny(folder: Path, conversations=4, **more) -> Path:
    """Such a copy in `folder`."""
    value = [conversation(number, **more) for number in range(conversations)]
    (folder / "locomo10.json").write_text(json.dumps(value), "utf-8")
    return folder


def written(folder: Path, table: str = TABLE) -> Path:
    """A file with that eval in it."""
    path = folder / "sets.toml"
    path.write_text(f'group = "Sets"\n\n{table}', "utf-8")
    return path


def ours(folder: Path) -> Path:
    """A copy of our own data-set evals, with their baselines."""
    shutil.copy(EVALS / "9_datasets.toml", folder)
    shutil.copytree(EVALS / "baselines", folder / "baselines", ignore=lambda *_: ["locomo.json"])
    return folder


def struck(monkeypatch, **fault):
    """From now on memories of data sets are stored under this fault."""

    def make(*arguments, **options):
        world = World(*arguments, **options)
        world.faults.add(**fault)
        return world

    monkeypatch.setattr(storing, "World", make)


def evaluated(*arguments):
    """The command with these arguments, without a process of its own."""
    return CliRunner().invoke(cli, ["eval", *map(str, arguments)])
