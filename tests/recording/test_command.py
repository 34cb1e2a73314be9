"""``fakememtrace record``: a rehearsal, a plan, a question, and then the real thing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.interaction import RECORDED

from ..scenario.helpers import Folder
from . import api as replies

BUNDLED = Path(__file__).parents[2] / "scenarios"
# As the scenarios' own, but it goes where the environment points.
ASK = """\
import os
import sys
import httpx

URL = os.environ.get("ANTHROPIC_BASE_URL", "https://api.anthropic.com")

def ask(text):
    body = {"model": "claude-x", "max_tokens": 100, "messages": [{"role": "user", "content": text}]}
    headers = {"anthropic-version": "2023-06-01", "x-api-key": os.environ["ANTHROPIC_API_KEY"]}
    return httpx.post(URL + "/v1/messages", json=body, headers=headers).raise_for_status().json()["content"][0]["text"]

for line in sys.stdin:
    print(ask(line.strip()))
"""
SCRIPT = 'title = "A test"\n{}\n[[run]]\nsays = ["{}"]\n'
PLAN = (
    "scenarios/demo/cassette.json: 1 call\n"
    "  conversation 1: 1 call in place of interaction 1 (conversation), "
    'first claude-x, 1 message, the last from user: "hi there"\n'
)
PASSED = "PASSED demo (0.2.0): 1 run, 1 request to Claude, 0 memories stored, 1 of 1 expectation held\n"


def record(cwd, *arguments, answer=""):
    """Run the command as a user does, who may answer something."""
    command = [sys.executable, "-m", "fakememtrace", "record", *arguments]
    return subprocess.run(command, cwd=cwd, input=answer, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def demo(tmp_path):
    """A scenario whose program has changed since it was recorded: it says something else."""
    folder = Folder(tmp_path / "scenarios")
    return folder.write("program.py", ASK).write("script.toml", SCRIPT.format("", "hi there"))


def recorded(folder, name="cassette.json"):
    """The last question of each interaction, and whether it was recorded."""
    return [
        (one.messages[-1]["content"], one.provenance.kind) for one in Cassette.load(folder.path / name).interactions
    ]


def test_what_changed_is_recorded(api, demo):
    """The plan is shown, the program runs, and its new answers replace the old ones; then it replays."""
    ended = record(demo.root.parent, "demo", "--yes")
    assert (ended.stdout, ended.stderr, ended.returncode) == (
        PLAN + PASSED + "scenarios/demo/cassette.json: 1 answer recorded by the scenario demo\n" + PLAN,
        "",
        0,
    )
    assert recorded(demo) == [("hi there", RECORDED)]
    assert api.calls == 1
    again = record(demo.root.parent, "demo", "--yes")
    assert (again.stdout, again.returncode) == ("scenarios/demo/cassette.json: nothing to record\n", 0)
    assert api.calls == 1


def test_nobody_is_asked_without_a_yes(api, demo):
    """Where nobody can say yes, the plan is shown, and that is all."""
    before = demo.files()
    ended = record(demo.root.parent, "demo")
    assert (ended.stdout, ended.returncode) == (PLAN, 2)
    assert ended.stderr == (
        "fakememtrace: this asks the real Claude, and there is no terminal to ask you whether it shall.\n"
        "Expected a yes.\n"
        "What to do: look at the plan above, and say --yes.\n"
    )
    assert (api.calls, demo.files()) == (0, before)


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no terminals here")
@pytest.mark.parametrize(("answer", "calls", "code"), [("y\n", 1, 0), ("n\n", 0, 1), ("\n", 0, 1)])
def test_on_a_terminal_it_asks(api, demo, answer, calls, code):
    """Who sits at a terminal is asked, and no is what happens by itself."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "fakememtrace", "record", "demo"]
    os.write(ours, answer.encode())
    ended = subprocess.run(
        command, cwd=demo.root.parent, stdin=theirs, stdout=subprocess.PIPE, text=True, check=False, timeout=120
    )
    os.close(ours)
    os.close(theirs)
    assert (ended.returncode, api.calls) == (code, calls)
    assert f"{PLAN}Ask the real Claude? [y/N]: " in ended.stdout


@pytest.mark.parametrize("mode", ["new", "changed", "all"])
def test_without_a_key_nothing_is_run(demo, mode):
    """The key is asked for before the rehearsal."""
    ended = record(demo.root.parent, "demo", "--yes", "--mode", mode)
    assert (ended.stdout, ended.returncode) == ("", 2)
    assert ended.stderr == (
        f"fakememtrace: fakememtrace record --mode {mode} asks the real Claude, and there is no key for it.\n"
        "Expected ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN) in the environment.\n"
        "What to do: set it, or leave the recording out: what is recorded is replayed without a key.\n"
    )


def test_once_needs_no_key_where_there_is_a_cassette(demo):
    """What is there is not recorded once more."""
    ended = record(demo.root.parent, "demo", "--mode", "once")
    left = "scenarios/demo/cassette.json: there it is, so mode once leaves it as it is\n"
    assert (ended.stdout, ended.stderr, ended.returncode) == (left, "", 0)


@pytest.mark.parametrize("mode", ["once", "new", "changed", "all"])
def test_a_scenario_without_a_cassette(api, demo, mode):
    """The first recording of a scenario: how many calls it will be is a guess, and said to be one."""
    (demo.path / "cassette.json").unlink()
    ended = record(demo.root.parent, "demo", "--yes", "--mode", mode)
    assert ended.returncode == 0
    assert ended.stdout.startswith("scenarios/demo/cassette.json: at least 1 call\n  a new conversation: 1 call (")
    assert recorded(demo) == [("hi there", RECORDED)]


def test_a_program_that_fails_leaves_the_old_cassette(api, demo):
    """Where the program breaks, or an expectation does not hold, the old file stays, and that is said."""
    demo.write("expectations.toml", '[[request]]\nrun = 1\nnumber = 1\ncontains = ["nobody says this"]\n')
    ended = record(demo.root.parent, "demo", "--yes")
    assert ended.returncode == 1
    assert "FAILED demo (0.2.0)" in ended.stdout
    assert (
        "scenarios/demo/cassette.json stays as it was, since not all went well; what was recorded is in "
        "scenarios/demo/cassette.unfinished.json.\n" in ended.stdout
    )
    assert recorded(demo)[0][0] == "hi"
    assert recorded(demo, "cassette.unfinished.json") == [("hi there", RECORDED)]


def test_a_program_that_breaks_in_the_rehearsal(api, demo):
    """A rehearsal that does not come to its end is a plan that may not be all."""
    demo.write("program.py", ASK + "raise SystemExit(3)\n")
    ended = record(demo.root.parent, "demo")
    assert ended.returncode == 2
    assert ended.stdout.startswith(
        PLAN + "  the program did not come to its end, so it may be more: demo/program.py, line 14: "
    )


def test_a_time_out_leaves_what_was_paid_for(api, demo):
    """A program that runs out of time in the middle of a recording leaves it beside the old file."""
    demo.write("program.py", ASK + "if 'ANTHROPIC_BASE_URL' in os.environ:\n    import time\n    time.sleep(60)\n")
    ended = record(demo.root.parent, "demo", "--yes", "--timeout", "2")
    assert ended.returncode == 1
    assert "the program did not end within 2 s of wall time" in ended.stdout
    assert recorded(demo, "cassette.unfinished.json") == [("hi there", RECORDED)]


def test_the_script_says_what_is_replaced(api, demo):
    """What is to be replaced is in script.toml, so that the recording is found again when it is replayed."""
    demo.write("script.toml", SCRIPT.format('redact = ["Ada Lovelace"]', "I am Ada Lovelace"))
    demo.write("expectations.toml", '[[request]]\nrun = 1\nnumber = 1\ncontains = ["Ada"]\n')
    assert record(demo.root.parent, "demo", "--yes").returncode == 0
    assert recorded(demo) == [("I am <redacted>", RECORDED)]
    replayed = subprocess.run(
        [sys.executable, "-m", "fakememtrace", "replay"], cwd=demo.root.parent, capture_output=True, check=False
    )
    assert replayed.returncode == 0


def test_several_scenarios_are_planned_before_any_is_recorded(api, demo, tmp_path):
    """All plans come first, then one question, then all recordings; another name is refused with the nearest."""
    other = Folder(tmp_path / "scenarios", "other").write("program.py", ASK)
    other.write("script.toml", SCRIPT.format("", "hello")).write(
        "expectations.toml", '[[request]]\nrun = 1\nnumber = 1\ncontains = ["hello"]\n'
    )
    ended = record(tmp_path, "other", "demo", "--yes")
    heads = [line.partition(" (")[0] for line in ended.stdout.splitlines() if not line.startswith(" ")]
    assert heads == [
        "scenarios/other/cassette.json: 1 call",
        "scenarios/demo/cassette.json: 1 call",
        "PASSED other",
        "scenarios/other/cassette.json: 1 answer recorded by the scenario other",
        "scenarios/other/cassette.json: 1 call",
        "PASSED demo",
        "scenarios/demo/cassette.json: 1 answer recorded by the scenario demo",
        "scenarios/demo/cassette.json: 1 call",
    ]
    ended = record(tmp_path, "dmo", "--yes")
    assert (ended.returncode, ended.stderr) == (
        2,
        "fakememtrace: unknown scenario 'dmo'. Did you mean 'demo'? Known: demo and other.\n",
    )


@pytest.mark.slow
def test_the_bundled_scenario(api, tmp_path):
    """The scenario that comes with us can be recorded anew, and replays without the API."""
    shutil.copytree(BUNDLED, tmp_path / "scenarios")
    folder = tmp_path / "scenarios" / "single_agent"
    authored = Cassette.load(folder / "cassette.json")
    api.will(*(replies.json_reply(200, one.response) for one in authored.interactions))
    ended = record(tmp_path, "single_agent", "--mode", "all", "--yes")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("scenarios/single_agent/cassette.json: 9 calls\n")
    assert api.calls == 9
    made = Cassette.load(folder / "cassette.json")
    assert [one.response for one in made.interactions] == [one.response for one in authored.interactions]
    assert {one.provenance.kind for one in made.interactions} == {RECORDED}
    replayed = subprocess.run(
        [sys.executable, "-m", "fakememtrace", "replay", "-q"], cwd=tmp_path, capture_output=True, check=False
    )
    assert replayed.returncode == 0
