"""``fakememtrace diff`` as a user sees it, and docs/regression.md."""

from __future__ import annotations

import json
import re
import shutil
from importlib import import_module
from pathlib import Path

import pytest

from .helpers import Agent, diff

ROOT = Path(__file__).parents[2]
PINNED = Path(__file__).parent / "pinned"
MARKDOWN = (PINNED / "changed.md").read_text("utf-8")
JSON = json.loads((PINNED / "changed.json").read_text("utf-8"))
PINNED = Path(__file__).parent / "pinned"
MARKDOWN = (PINNED / "changed.md").read_text("utf-8")
JSON = json.loads((PINNED / "changed.json").read_text("utf-8"))
PAGE = (ROOT / "docs" / "regression.md").read_text("utf-8")
VERDICT = (
    "CHANGED demo (0.2.0): 2 of 2 conversations changed, "
    "to record again: 4 calls, 603 tokens in and 74 out (estimated)\n"
)


@pytest.fixture
def agent(tmp_path):
    """An agent whose prompt has changed since it was recorded."""
    return Agent(tmp_path / "scenarios").change("Be brief.", "Be very brief.")


def test_markdown(tmp_path, agent):
    """The whole summary of a changed prompt, as it is posted."""
    ended = diff(tmp_path, "--github")
    assert (ended.stdout, ended.stderr, ended.returncode) == (MARKDOWN, "", 1)
    assert diff(tmp_path, "--github").stdout == ended.stdout


def test_a_short_summary(tmp_path, agent):
    """With --quiet there is a line for each scenario, or the table of the Markdown."""
    assert diff(tmp_path, "--quiet").stdout == VERDICT
    assert diff(tmp_path, "--quiet", "--github").stdout == MARKDOWN.partition("\n\n####")[0] + "\n"


def test_json(tmp_path, agent):
    """In JSON there is all of it: the miss, what is to be recorded again with its memories, and what it costs."""
    ended = diff(tmp_path, "--quiet", "--json", "out.json")
    assert (ended.stdout, ended.returncode) == (VERDICT, 1)
    text = (tmp_path / "out.json").read_text("utf-8")
    whole = json.loads(text)
    miss = whole["scenarios"][0]["conversations"][0].pop("miss")
    other = whole["scenarios"][0]["conversations"][1].pop("miss")
    assert miss["explanation"].startswith("the system prompt differs: ")
    assert (miss["kind"], miss["nearest"], other["nearest"]) == ("system prompt", 1, 4)
    assert whole == JSON
    diff(tmp_path, "--quiet", "--json", "out.json")
    assert (tmp_path / "out.json").read_text("utf-8") == text


def test_several_scenarios(tmp_path, agent):
    """Each has its verdict, and all together a line; some can be picked."""
    Agent(tmp_path / "scenarios", "same")
    ended = diff(tmp_path, "--quiet")
    assert ended.stdout == (
        f"{VERDICT}UNCHANGED same (0.2.0): 2 conversations\n"
        "2 scenarios, 1 changed; to record again: 4 calls, 603 tokens in and 74 out (estimated)\n"
    )
    ended = diff(tmp_path, "--quiet", "--only", "same")
    assert (ended.stdout, ended.returncode) == ("UNCHANGED same (0.2.0): 2 conversations\n", 0)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--only", "dmo"], "unknown scenario 'dmo'. Did you mean 'demo'? Known: demo.\n"),
        (
            ["--scenarios", "nowhere"],
            "nowhere: there is no such folder.\nName the folder of your scenarios with --scenarios DIR.\n",
        ),
        (
            ["HEAD", "--update-tools"],
            (
                "--update-tools pins the tools that are offered now, and 'HEAD' says what was recorded then.\n"
                "Expected one of both.\n"
                "What to do: pin them without a revision, and compare afterwards.\n"
            ),
        ),
    ],
)
def test_what_cannot_be(tmp_path, agent, arguments, problem):
    """Nothing runs, and the exit code is 2."""
    ended = diff(tmp_path, *arguments)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("", f"fakememtrace: {problem}", 2)


def test_what_is_broken_is_told_before_anything_runs(tmp_path, agent):
    """The last of several scenarios is looked at before the first one runs."""
    Agent(tmp_path / "scenarios", "late").write("tools.json", "[]")
    ended = diff(tmp_path)
    assert (ended.stdout, ended.returncode) == ("", 2)
    assert "late/tools.json: expected" in ended.stderr


def test_a_scenario_without_a_cassette_cannot_be_compared(tmp_path, agent):
    """There has to be something to compare with."""
    (agent.path / "cassette.json").unlink()
    ended = diff(tmp_path)
    assert (ended.stdout, ended.returncode) == ("", 2)
    assert "/scenarios/demo/cassette.json: there is no such cassette.\n" in ended.stderr


def test_the_example_of_the_page(tmp_path):
    """What the page changes in the bundled scenario is told as the page shows it."""
    shutil.copytree(ROOT / "scenarios" / "single_agent", tmp_path / "scenarios" / "single_agent")
    program = tmp_path / "scenarios" / "single_agent" / "program.py"
    (changed,) = re.findall(r"^```diff\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    text = program.read_text("utf-8")
    for old, new in re.findall(r"^-(.*)\n\+(.*)\n", changed, re.MULTILINE):
        assert text.count(old) == 1
        text = text.replace(old, new)
    program.write_text(text, "utf-8")
    printed = diff(tmp_path).stdout.splitlines()
    (picture,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    position = 0
    for part in re.split(r"^ *\.\.\.\n", picture, flags=re.MULTILINE):
        lines = part.rstrip("\n").splitlines()
        found = [at for at in range(position, len(printed)) if printed[at : at + len(lines)] == lines]
        assert found, f"not printed:\n{part}"
        position = found[0] + len(lines)


def test_every_option_is_on_the_page():
    """The table of the page has the options of the command, and no other."""
    command = import_module("fakememtrace.commands.diff").command
    known = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    assert set(re.findall(r"^\| `(--[a-z-]+)", PAGE, re.MULTILINE)) == known


def test_every_state_is_on_the_page():
    """The table of the page has what may become of a conversation."""
    result = import_module("fakememtrace.regression.result")
    states = (
        *(result.UNCHANGED, result.CHANGED, result.LONGER, result.SHORTER),
        *(result.NEW, result.GONE, result.UNREACHED),
    )
    table = PAGE.partition("| a conversation is |")[2].partition("\n\n")[0]
    assert tuple(re.findall(r"^\| `(.*?)`", table, re.MULTILINE)) == states


def test_every_link_leads_somewhere():
    """What the page links to is there."""
    links = re.findall(r"\]\((.*?)\)", PAGE)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).is_file()] == []
