"""The command: what it prints and writes, how it ends, and every error that a user can get."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .helpers import Agent, drift

TEA = "me = agent()\nremember(me, 'Green Tea')\nfound = memtrace.post('/search', json={'content_contains': 'tea'})\n"
SEARCH = TEA + "ask(shown(found), 'Well?')\n"
PLAIN = "me = agent()\nremember(me, 'Likes tea')\nask('Be kind.', 'Well?')\n"
PRINTED = """\
demo · documented beside 0.2.0 · A test

  1         Your agent searches for a text: on 0.2.0 it does not find what is written with other
              capitals.
  cause     content_match: exact_case on 0.2.0, any_case on documented
  e.g.      Your agent searches for "dark mode": on 0.2.0 it does not find "Dark mode", nor does a
              lookup by content.
    run 1, request 1
      asked         POST /api/v1/search (content_contains: "tea")
      by            demo/program.py, line 34
      0.2.0         no memory
      documented    1 memory
      "Green Tea"
        not shown on 0.2.0, whole on documented; searched for "tea"

requests to Claude
  run 1
    1  differs: see 1
      answer assumed from interaction 1 of cassette.json, the nearest recording on documented
      - system: [-nothing-]
      + system: {+- Green Tea+}
        user: Well?

DRIFT demo (documented beside 0.2.0): 1 finding, 1 of 1 request to Claude not the same, 1 answer assumed

"""


def test_drift_is_printed_and_ends_with_1(tmp_path: Path) -> None:
    """The sentence, the cause, the place, both sides and the request stand there, the same every time."""
    Agent(tmp_path / "scenarios", SEARCH)
    first, second = drift(tmp_path), drift(tmp_path, PYTHONHASHSEED="7")
    assert (first.returncode, first.stdout, first.stderr) == (1, PRINTED, "")
    assert (second.returncode, second.stdout) == (1, PRINTED)


def test_no_drift_ends_with_0(tmp_path: Path) -> None:
    """One line says so."""
    Agent(tmp_path / "scenarios", PLAIN)
    ended = drift(tmp_path, "demo", "--quiet")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "NO DRIFT demo (documented beside 0.2.0): 1 request to Claude, the same on both sides\n"


def test_the_json(tmp_path: Path) -> None:
    """Its whole shape."""
    Agent(tmp_path / "scenarios", SEARCH)
    ended = drift(tmp_path, "--json", "drift.json", "-q")
    assert ended.returncode == 1
    lines = ["- system: [-nothing-]", "+ system: {+- Green Tea+}", "  user: Well?"]
    place = {
        "run": 1,
        "requests": [1],
        "asked": "POST /api/v1/search",
        "question": 'content_contains: "tea"',
        "where": "demo/program.py, line 34",
        "first": "no memory",
        "second": "1 memory",
        "memories": [
            {"content": "Green Tea", "first": "not shown", "second": "whole", "fact": 'searched for "tea"'},
        ],
    }
    behaviour = {
        "name": "content_match",
        "first": "exact_case",
        "second": "any_case",
        "meaning": 'Your agent searches for "dark mode": on 0.2.0 it does not find "Dark mode", '
        "nor does a lookup by content.",
    }
    written = json.loads((tmp_path / "drift.json").read_text("utf-8"))
    assert written == {
        "drift": True,
        "comparisons": [
            {
                "drift": True,
                "scenario": "demo",
                "title": "A test",
                "first": "0.2.0",
                "second": "documented",
                "rows": [
                    {
                        "run": 1,
                        "first": 1,
                        "second": 1,
                        "state": "differs",
                        "answered": [
                            {"how": "recorded", "cassette": "cassette.json", "interaction": 1},
                            {"how": "assumed", "cassette": "cassette.json", "interaction": 1},
                        ],
                        "findings": [1],
                        "why": "",
                        "lines": lines,
                    }
                ],
                "findings": [
                    {
                        "kind": "memory",
                        "headline": "Your agent searches for a text: on 0.2.0 it does not find what is written "
                        "with other capitals.",
                        "behaviours": [behaviour],
                        "behind": [],
                        "places": [place],
                        "detail": "",
                    }
                ],
                "notices": [],
                "stored": [],
                "extras": [],
                "stopped": ["", ""],
                "problems": [[], []],
            }
        ],
    }


def test_a_program_that_asks_nothing(tmp_path: Path) -> None:
    """Where nothing was asked there is nothing to compare, and that is no silent success."""
    agent = Agent(tmp_path / "scenarios", PLAIN)
    agent.write("program.py", "print('hello')\n")
    ended = drift(tmp_path, "demo")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        f"fakememtrace: {agent.path}: no request was made to Claude on either side, so there is nothing to compare.\n"
        "What to do: look at what the program does with its input; fakememtrace replay shows what happened.\n"
    )


def test_a_program_that_stops_before_it_asks(tmp_path: Path) -> None:
    """Why it did is told."""
    agent = Agent(tmp_path / "scenarios", PLAIN)
    agent.write("program.py", "raise ValueError('too late')\n")
    ended = drift(tmp_path, "demo")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        f"fakememtrace: {agent.path}: no request was made to Claude on either side, so there is nothing to compare.\n"
        "The program was stopped: demo/program.py, line 1: the program raised ValueError: too late\n"
        "Expected: it comes to its end.\n"
        "What to do: look at what the program does with its input; fakememtrace replay shows what happened.\n"
    )


def test_a_program_that_ends_nowhere_is_no_success(tmp_path: Path) -> None:
    """Where it stops on both sides alike there is no drift, and the command ends with 1 and says why."""
    agent = Agent(tmp_path / "scenarios", PLAIN)
    agent.write("program.py", (agent.path / "program.py").read_text("utf-8") + "raise ValueError('too late')\n")
    ended = drift(tmp_path, "demo")
    assert ended.returncode == 1
    assert ended.stdout == (
        "demo · documented beside 0.2.0 · A test\n\nrequests to Claude\n  run 1\n    1  same\n\n"
        "stopped on 0.2.0\n  demo/program.py, line 35: the program raised ValueError: too late\n"
        "  Expected: it comes to its end.\n\n"
        "stopped on documented\n  demo/program.py, line 35: the program raised ValueError: too late\n"
        "  Expected: it comes to its end.\n\n"
        "FAILED demo (documented beside 0.2.0): 0 findings, 0 of 1 request to Claude not the same, "
        "the program did not come to its end\n\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["dema"], "unknown scenario 'dema'. Did you mean 'demo'? Known: demo."),
        (
            ["--sdk-dir", "there"],
            "--sdk-dir says where versions are kept, and --sdk names none. Name them: --sdk 0.1.1,0.2.0.",
        ),
        (
            ["--sdk", "newest"],
            (
                "--sdk newest: 'newest' is no version of memtrace-sdk.\n"
                "Expected versions with commas between them: --sdk 0.1.1,0.2.0."
            ),
        ),
        (
            ["--scenarios", "nowhere"],
            "nowhere: there is no such folder.\nName the folder of your scenarios with --scenarios DIR.",
        ),
    ],
)
def test_what_cannot_be_asked_for(tmp_path: Path, arguments: list[str], message: str) -> None:
    """It is refused in words before anything runs."""
    Agent(tmp_path / "scenarios", PLAIN)
    ended = drift(tmp_path, *arguments)
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", f"fakememtrace: {message}\n")


def test_versions_of_the_sdk_for_a_program_without_it(tmp_path: Path) -> None:
    """A program that runs with the documented client has no use for them."""
    agent = Agent(tmp_path / "scenarios", PLAIN, client="documented")
    ended = drift(tmp_path, "--sdk", "0.1.1")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        f'fakememtrace: {agent.path / "script.toml"}, client: the program runs with client = "documented", '
        "to which no version of memtrace-sdk matters.\n"
        'Leave --sdk out, or name scenarios with client = "sdk".\n'
    )


def test_versions_of_the_sdk_for_all_scenarios_leave_out_who_has_no_use_for_them(tmp_path: Path) -> None:
    """Where nobody named them, those with the documented client are compared all the same, and it is said."""
    Agent(tmp_path / "scenarios", PLAIN, name="a", client="documented")
    Agent(tmp_path / "scenarios", PLAIN, name="b")
    for version in ("0.1.1", "0.2.0"):
        (tmp_path / "sdks" / version / "memtrace").mkdir(parents=True)
        (tmp_path / "sdks" / version / "memtrace" / "__init__.py").touch()
    ended = drift(tmp_path, "--sdk", "0.1.1,0.2.0", "--sdk-dir", "sdks", "--quiet")
    count = "1 request to Claude, the same on both sides"
    assert ended.stdout == (
        f"NO DRIFT a (documented beside 0.2.0): {count}\n"
        f"NO DRIFT b (documented beside 0.2.0): {count}\n"
        f"NO DRIFT b (memtrace-sdk 0.2.0 beside memtrace-sdk 0.1.1): {count}\n"
    )
    assert ended.stderr == (
        'fakememtrace: a runs with client = "documented", to which no version of memtrace-sdk matters: only its '
        "dialects are compared\n"
    )
    assert ended.returncode == 0
    named = drift(tmp_path, "a", "--sdk", "0.1.1,0.2.0", "--sdk-dir", "sdks")
    assert (named.returncode, named.stdout) == (2, "")
