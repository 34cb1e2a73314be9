"""Requests of a scenario that are not recorded: what is shown, what is told, and what its script leaves out."""

from __future__ import annotations

import json
import re

import pytest

from fakememtrace import ScenarioError, replay
from fakememtrace.report.text import Line, outcome_lines
from fakememtrace.scenario.outcome import Outcome
from fakememtrace.scenario.scenario import load_scenario

from .helpers import ASK, Folder, command

PROBLEM = """\
#1 2026-02-07T12:00:00Z claude POST https://api.anthropic.com/v1/messages -> 400
the memory block differs: no recorded answer
memory, in the system prompt:
    missing: "Likes tea"
        nothing like it is stored in this world

system prompt, line 2:
      You are helpful.
    - Be [-brief-], [-or-] quiet.
    + Be {+kind+}, {+and+} quiet.
    - - Likes tea
(- as recorded, + as sent)
What to do: look again."""


@pytest.fixture
def folder(tmp_path):
    """A scenario that works."""
    return Folder(tmp_path)


def swallowing(folder, question):
    """The scenario, its program asking one thing more and going on."""
    return folder.write("program.py", ASK + f"try:\n    ask({question!r})\nexcept httpx.HTTPStatusError:\n    pass\n")


def test_the_json_file_has_the_misses(folder):
    """--json has each miss as plain JSON, beside the problem that it is."""
    swallowing(folder, "hi you")
    result = command("replay", "--scenarios", ".", "--json", "out.json", cwd=folder.root)
    assert result.returncode == 1
    (outcome,) = json.loads((folder.root / "out.json").read_text("utf-8"))["outcomes"]
    (miss,), (problem,) = outcome["misses"], outcome["problems"]
    assert problem.partition("\n")[2] == miss["explanation"]
    assert {key: miss[key] for key in ("kind", "kinds", "cassette", "nearest", "memories")} == {
        "kind": "conversation",
        "kinds": ["conversation"],
        "cassette": "demo/cassette.json",
        "nearest": 1,
        "memories": [],
    }
    assert miss["differences"] == [
        {
            "part": "messages",
            "place": "messages[0] (user)",
            "kind": "text",
            "line": 1,
            "recorded": ["hi"],
            "sent": ["hi you"],
        }
    ]


def test_an_outcome_keeps_its_misses(folder):
    """They come from the program's process, and go to JSON and back."""
    outcome = replay(swallowing(folder, "hi you").path)
    assert [miss["kind"] for miss in outcome.misses] == ["conversation"]
    assert Outcome.from_json(json.loads(json.dumps(outcome.as_json()))) == outcome


def test_what_was_recorded_and_what_was_sent_have_colours():
    """On a terminal the two sides of a difference, the verbs and the advice stand out, and so do changed words."""
    outcome = Outcome("demo", "0.2.0", "A test", problems=[PROBLEM])
    lines = list(outcome_lines(outcome))
    styled = [line for line in lines[lines.index(Line("unexpected", "bold")) + 1 :] if line.style]
    assert [(line.style, line.text) for line in styled] == [
        ("yellow", '      missing: "Likes tea"'),
        ("red", "      - Be [-brief-], [-or-] quiet."),
        ("green", "      + Be {+kind+}, {+and+} quiet."),
        ("red", "      - - Likes tea"),
        ("bold", "  What to do: look again."),
    ]
    assert [[line.text[start:end] for start, end in line.marks] for line in styled] == [
        [],
        ["[-brief-]", "[-or-]"],
        ["{+kind+}", "{+and+}"],
        [],
        [],
    ]


def test_the_command_marks_the_words_that_changed(folder, monkeypatch):
    """In colour the changed words are reversed; piped, the text is the same without any."""
    swallowing(folder, "hi you")
    plain = command("replay", "--scenarios", ".", cwd=folder.root).stdout
    assert "\x1b" not in plain
    assert "      + hi {+you+}\n" in plain
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = command("replay", "--scenarios", ".", cwd=folder.root).stdout
    assert re.search("\x1b\\[[0-9;]*7[0-9;]*m{\\+you\\+}\x1b\\[0m", coloured)
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == plain


@pytest.mark.parametrize(
    "matching",
    [
        'ignore = ["max_tokens", "model"]',
        'only = ["messages"]',
        "only = ['messages', 'model']\nignore = ['model']\n",
    ],
)
def test_a_script_says_what_does_not_matter(folder, matching):
    """[matching] of script.toml leaves out what may differ from the recording."""
    changed = ASK.replace('"max_tokens": 100', '"max_tokens": 7').replace("claude-x", "claude-y")
    folder.write("program.py", changed)
    assert [miss["kind"] for miss in replay(folder.path).misses] == ["model or parameters"]
    script = (folder.path / "script.toml").read_text("utf-8")
    assert replay(folder.write("script.toml", f"{script}\n[matching]\n{matching}\n").path).passed


def test_a_script_says_what_is_normalised(folder):
    """Patterns are replaced in what is recorded and in what is sent."""
    folder.record(("It is 7 o'clock", "hello"))
    folder.write("expectations.toml", '[[request]]\ncontains = ["clock"]\n')
    script = "title = 't'\n[[run]]\nsays = [\"It is 8 o'clock\"]\n"
    assert [miss["kind"] for miss in replay(folder.write("script.toml", script).path).misses] == ["conversation"]
    assert replay(folder.write("script.toml", script + "[matching]\nnormalise = ['\\d+']\n").path).passed


@pytest.mark.parametrize(
    ("matching", "problem"),
    [
        (
            'ignore = ["modle"]',
            "[matching], \"ignore\": unknown part of a request 'modle'. Did you mean 'model'? Known: ",
        ),
        ("normalise = ['(']", "[matching], \"normalise\": normalise('(', '…') cannot be used: missing )"),
        ("only = []", '[matching], "only": Matching().only() leaves nothing to compare'),
        ('skip = ["model"]', "[matching]: unknown key 'skip'.\nKnown here: ignore, only and normalise."),
        ("ignore = 'model'", "[matching], \"ignore\": expected a list of strings, found 'model'."),
    ],
)
def test_a_matching_that_cannot_be_is_refused(folder, matching, problem):
    """What is wrong in [matching] is told with its place before anything runs."""
    script = (folder.path / "script.toml").read_text("utf-8")
    written = f"{script}\n[matching]\n{matching}\n"
    lines = len(written.splitlines())
    folder.write("script.toml", written)
    with pytest.raises(ScenarioError) as raised:
        load_scenario(folder.path)
    assert str(raised.value).startswith(f"{folder.path / 'script.toml'}, line {lines}, {problem}")


def test_a_matching_that_is_no_table_is_refused(folder):
    """[matching] is a table."""
    script = (folder.path / "script.toml").read_text("utf-8")
    with pytest.raises(ScenarioError) as raised:
        load_scenario(folder.write("script.toml", f'matching = "model"\n{script}').path)
    assert str(raised.value) == (
        f"{folder.path / 'script.toml'}, line 1, \"matching\": expected a table, found 'model'.\n"
        "Write it below a line [matching]."
    )
