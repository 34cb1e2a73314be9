"""Replaying a scenario: what holds, what does not, and what is shown of both."""

from __future__ import annotations

import json
from pathlib import Path

from fakememtrace import replay
from fakememtrace.report.text import outcome_lines, verdict

from .helpers import ASK, ASK_WITH_SDK, Folder, command

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def shown(outcome):
    """The outcome as the command prints it."""
    return "\n".join(line.text for line in [*outcome_lines(outcome), verdict(outcome)])


def test_the_second_run_is_shown_what_the_first_stored():
    """The first request of the second run carries the memories of the first, and they came out of the store."""
    outcome = replay(SCENARIOS / "single_agent")
    prompts = [[event["text"] for event in run["events"] if event["who"] == "shown"] for run in outcome.runs]
    stored = [event["text"] for event in outcome.runs[0]["events"] if event["who"] == "stored"]
    assert "Ada is vegetarian" in stored
    assert "Ada is vegetarian" not in prompts[0][0]
    assert "general: Ada is vegetarian" in prompts[1][0]


def test_a_lost_memory_fails_the_scenario(tmp_path):
    """When memories are stored where the session does not see them, what Claude is told changes, and that is seen."""
    folder = Folder(tmp_path)
    for name in ("program.py", "script.toml", "expectations.toml", "cassette.json"):
        folder.write(name, (SCENARIOS / "single_agent" / name).read_text("utf-8"))
    program = (folder.path / "program.py").read_text("utf-8")
    stored_elsewhere = program.replace("                session_id=session.id,\n", "", 1)
    assert stored_elsewhere != program
    outcome = replay(folder.write("program.py", stored_elsewhere).path)
    assert not outcome.passed
    assert outcome.stopped.startswith("demo/program.py, line ")
    assert (
        "    - - Team dinner on Friday at Lucia's trattoria\n"
        "    - - Ada is vegetarian\n"
        "    - - Ada prefers dark mode\n"
        "    + No memories found.\n"
    ) in outcome.problems[0]
    (miss,) = outcome.misses
    assert (miss["kind"], miss["explanation"] in outcome.problems[0]) == ("memory block", True)
    assert [(memory["verb"], memory["content"], memory["session"]) for memory in miss["memories"]] == [
        ("missing", "Team dinner on Friday at Lucia's trattoria", ""),
        ("missing", "Ada is vegetarian", ""),
        ("missing", "Ada prefers dark mode", ""),
    ]


def test_two_replays_print_the_same_bytes(tmp_path):
    """Replaying twice gives byte-identical output, on the screen and in the JSON file."""
    Folder(tmp_path / "scenarios")
    first = command("replay", "--json", "1.json", cwd=tmp_path)
    second = command("replay", "--json", "2.json", cwd=tmp_path)
    assert (first.returncode, first.stdout) == (0, second.stdout)
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes()


def test_the_json_file_holds_the_whole_outcome(tmp_path):
    """--json has the transcript, the checks and the verdict as plain data."""
    Folder(tmp_path / "scenarios")
    assert command("replay", "--json", "out.json", cwd=tmp_path).returncode == 0
    (outcome,) = json.loads((tmp_path / "out.json").read_text("utf-8"))["outcomes"]
    assert outcome == {
        "scenario": "demo",
        "dialect": "0.2.0",
        "title": "A test",
        "runs": [
            {
                "run": 1,
                "at": "2026-02-07 12:00:00 UTC",
                "events": [
                    {"who": "user", "text": "hi", "facts": None},
                    {"who": "claude", "text": "hello", "facts": None},
                ],
            }
        ],
        "checks": [{"expected": "request 1 of run 1 contains 'hi'", "held": True, "detail": ""}],
        "problems": [],
        "misses": [],
        "stopped": "",
        "calls": 1,
        "stored": 0,
        "output": "hello\n",
        "passed": True,
    }


def test_scenarios_are_replayed_by_name_and_in_order(tmp_path):
    """Without names all are replayed, sorted; with names those, as they were asked for; verdicts come last."""
    for name in ("b", "a", "c"):
        Folder(tmp_path / "scenarios", name)
    everything = command("replay", cwd=tmp_path)
    assert [line.split()[1] for line in everything.stdout.splitlines() if line.startswith("PASSED")] == ["a", "b", "c"]
    assert len(everything.stdout.rstrip().rsplit("\n\n", 1)[1].splitlines()) == 3
    some = command("replay", "c", "a", "--quiet", cwd=tmp_path)
    assert some.stdout == (
        "PASSED c (0.2.0): 1 run, 1 request to Claude, 0 memories stored, 1 of 1 expectation held\n"
        "PASSED a (0.2.0): 1 run, 1 request to Claude, 0 memories stored, 1 of 1 expectation held\n"
    )


def test_what_was_expected_and_did_not_happen_is_shown(tmp_path):
    """A failed expectation stands beside the nearest thing that did happen."""
    folder = Folder(tmp_path)
    folder.write(
        "program.py",
        ASK
        + """
import os
from memtrace import AddMemoryRequest, Memtrace
memtrace = Memtrace(os.environ["MEMTRACE_URL"], os.environ["MEMTRACE_API_KEY"])
memtrace.add_memory(AddMemoryRequest(agent_id="a", memory_type="entity", event_type="x", content="likes tea",
    tags=["t"], importance=0.5))
memtrace.remember("a", "something else")
""",
    )
    folder.write(
        "expectations.toml",
        """
[[memory]]
content = "likes tea"
type = "episodic"
[[memory]]
contains = "coffee"
[[memory]]
contains = "tea"
type = "entity"
event = "x"
tags = ["t"]
importance = 0.5
[[request]]
contains = ["hello there"]
[[request]]
number = 2
lacks = ["x"]
[[request]]
lacks = ["hi"]
[[tools]]
called = ["remember"]
""",
    )
    outcome = replay(folder.path)
    near = 'content "likes tea", type "entity", event "x", tags ["t"], importance 0.5, agent "a"'
    other = 'content "something else", type "episodic", event "general", tags [], importance 0, agent "a"'
    assert [(check.expected, check.held, check.detail) for check in outcome.checks] == [
        (
            'stored: content "likes tea", type "episodic"',
            False,
            f'nearest of 2 stored: {near}\n  type: expected "episodic", found "entity"',
        ),
        (
            'stored: contains "coffee"',
            False,
            f'nearest of 2 stored: {other}\n  content: expected contains "coffee", found "something else"',
        ),
        ('stored: contains "tea", type "entity", event "x", tags ["t"], importance 0.5', True, ""),
        (
            "request 1 of run 1 contains 'hello there'",
            False,
            "'hello there' is not in it; nearest line:\n  - hello there\n  + hi",
        ),
        ("request 2 of run 1 lacks 'x'", False, "only 1 request was made in this run"),
        ("request 1 of run 1 lacks 'hi'", False, "'hi' is in it: 'hi'"),
        ("run 1 calls remember", False, "called: nothing"),
    ]
    assert verdict(outcome).text == (
        "FAILED demo (0.2.0): 1 run, 1 request to Claude, 2 memories stored, 1 of 7 expectations held"
    )


def test_memory_content_cannot_steer_the_terminal(tmp_path):
    """Escape sequences in what was stored are shown as text."""
    folder = Folder(tmp_path).record(("hi", "\x1b[31mred\x07"))
    assert "  claude    \\x1b[31mred\\x07" in shown(replay(folder.path)).splitlines()


def test_a_stream_is_transcribed_like_an_answer(tmp_path):
    """A program that streams has the same transcript as one that does not."""
    folder = Folder(tmp_path)
    plain = replay(folder.path)
    streaming = ASK_WITH_SDK.replace("message = claude.messages.create(", "with claude.messages.stream(").replace(
        "\n    )\n", "\n    ) as stream:\n        message = stream.get_final_message()\n"
    )
    streamed = replay(folder.write("program.py", streaming).path)
    assert streamed.passed
    assert streamed.runs == plain.runs


def test_the_users_environment_does_not_matter(tmp_path, monkeypatch):
    """Addresses and keys in the environment do not reach the program."""
    folder = Folder(tmp_path)
    folder.write("program.py", ASK + 'import os\nprint(os.environ["ANTHROPIC_API_KEY"], os.environ["MEMTRACE_URL"])\n')
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-real")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://elsewhere.example")
    monkeypatch.setenv("MEMTRACE_URL", "https://memory.example")
    outcome = replay(folder.path)
    assert outcome.output == "hello\nsk-ant-fakememtrace http://localhost:9100\n"


def test_runs_share_their_world_and_are_apart_in_time(tmp_path):
    """A later run starts `after` the one before it and finds what that one left."""
    folder = Folder(tmp_path).record(("hi", "hello"), ("again", "hello again"))
    folder.write("script.toml", 'title = "t"\n[[run]]\nsays = ["hi"]\n[[run]]\nafter = "2d"\nsays = ["again"]\n')
    outcome = replay(folder.path)
    assert outcome.passed
    assert [run["at"] for run in outcome.runs] == ["2026-02-07 12:00:00 UTC", "2026-02-09 12:00:00 UTC"]


def test_a_program_may_import_what_lies_beside_it(tmp_path):
    """A scenario's program can have modules of its own, and no bytecode is left beside them."""
    folder = Folder(tmp_path)
    folder.write("helper.py", "WORD = 'helped'\n").write("program.py", ASK + "import helper\nprint(helper.WORD)\n")
    before = folder.files()
    assert replay(folder.path).output == "hello\nhelped\n"
    assert folder.files() == before
