"""What a shell proposes while a command is typed, through click's own machinery."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from fakememtrace.cli import cli
from fakememtrace.conformance import load
from fakememtrace.evals.mutating.mutants import MUTANTS

from ..evals.helpers import BODY, case_file
from .tree import COMMANDS

ROOT = Path(__file__).parents[2]
SHELLS = {"bash": BashComplete, "fish": FishComplete, "zsh": ZshComplete}


def proposed(*words: str) -> list[str]:
    """What is proposed for the last of these words."""
    complete = BashComplete(cli, {}, "fakememtrace", "_FAKEMEMTRACE_COMPLETE")
    *typed, incomplete = words
    return [item.value if item.type == "plain" else item.type for item in complete.get_completions(typed, incomplete)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["re"], ["record", "replay"]),
        (["cassette", ""], ["check", "drop", "format", "import", "show"]),
        (["replay", "--js"], ["--json"]),
        (["replay", ""], ["first", "second"]),
        (["replay", "f"], ["first"]),
        (["replay", "first", ""], ["second"]),
        (["replay", "--scenarios", "other", ""], ["third"]),
        (["drift", "s"], ["second"]),
        (["record", "f"], ["first"]),
        (["diff", "--only", "f"], ["first"]),
        (["replay", "--dialect", ""], ["0.2.0", "documented"]),
        (["eval", "--dialect", ""], ["0.2.0", "documented", "both"]),
        (["serve", "--dialect", "d"], ["documented"]),
        (["eval", "--evals", "cases.toml", ""], ["Demo", "demo"]),
        (["mutate", "--evals", "cases.toml", "d"], ["demo"]),
        (["mutate", "--fault", "late"], ["late_write", "late_write,by=10m"]),
        (["conform", "keys"], ["keys", *(one.id for one in load() if one.id.startswith("keys/"))]),
        (["run", "ag"], ["file"]),
        (["replay", "--json", ""], ["file"]),
        (["sweep", ""], ["file"]),
        (["init", ""], ["dir"]),
        (["replay", "--scenarios", ""], ["dir"]),
    ],
)
def test_what_is_proposed(project, words, expected):
    """Commands, options, names that are there, and files where the shell knows better."""
    case_file(project, BODY)
    for name in ("scenarios/second", "other/third"):
        (project / name).mkdir(parents=True)
        (project / name / "script.toml").touch()
    assert proposed(*words) == expected


@pytest.mark.parametrize(
    "words",
    [["replay", ""], ["eval", ""], ["mutate", "x"], ["nosuch", "x"], ["cassette", "nosuch", "x"], ["drift", ""]],
)
def test_where_nothing_is_there_nothing_is_said(tmp_path, monkeypatch, words):
    """No error comes into the line that is being typed."""
    monkeypatch.chdir(tmp_path)
    assert proposed(*words) == []


def test_a_slip_before_the_word_does_not_stop_it(tmp_path, monkeypatch):
    """With run --cassete agent.py the options that there are are still proposed."""
    monkeypatch.chdir(tmp_path)
    assert proposed("run", "--cassete", "agent.py", "--dr") == ["--draft"]


def test_every_fault_is_proposed():
    """Each kind, and each mutant as it is spelled."""
    assert set(proposed("mutate", "--fault", "")) == {
        *(mutant.name for mutant in MUTANTS),
        *(mutant.fault["kind"] for mutant in MUTANTS),
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_every_file_and_folder_is_completed(name):
    """An option or argument that is a path lets the shell look for it."""
    missing = [
        one.name
        for one in COMMANDS[name].params
        if re.search(r"\b(FILE|DIR|PATH|SRC)\b|SCRIPT", one.metavar or "")
        and one.name != "data"
        and proposed_by(one) not in (["file"], ["dir"])
    ]
    assert missing == []


def proposed_by(parameter):
    """The kinds of what the parameter itself proposes."""
    return [item.type for item in parameter.shell_complete(click.Context(cli), "")]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_reference_says_how_it_is_switched_on(shell, monkeypatch):
    """The line for each shell asks for the script that click has for it, by the right variable."""
    page = (ROOT / "docs" / "reference" / "commands.md").read_text("utf-8")
    (variable, kind) = re.search(rf"(?m)^- {shell}\b.*`(?:eval \"\$\()?(\w+)=(\w+) fakememtrace", page).groups()
    assert kind == f"{shell}_source"
    monkeypatch.setattr(BashComplete, "_check_version", staticmethod(lambda: None))
    script = SHELLS[shell](cli, {}, "fakememtrace", variable).source()
    assert f"{variable}={shell}_complete" in script
