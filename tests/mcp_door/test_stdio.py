"""``fakememtrace mcp`` over its pipes: the official client, the end of stdin, signals, and who goes away."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time

import mcp
import pytest

from fakememtrace import World
from fakememtrace.doors.mcp.server import server

from .helpers import COMMAND, GREETING, OLDER, called, message, spoken, started, texts, walk

BAD_TAG = (
    "invalid tag 'no spaces': invalid tag format: must be alphanumeric with underscores/hyphens/dots, max 64 chars"
)


def walked(where, dialect):
    """What the walk through all tools gives with the SDK's client."""

    async def walking():
        async with mcp.Client(where) as client:
            return await walk(client, dialect)

    return asyncio.run(walking())


def command(*options, sdk=None):
    """The command as the client starts it."""
    path = {} if sdk is None else {"PYTHONPATH": str(sdk)}
    return mcp.StdioServerParameters(
        command=COMMAND[0], args=[*COMMAND[1:], "--structured", *options], env={"PATH": os.environ["PATH"], **path}
    )


@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
def test_the_official_client_walks_through_all_tools(dialect):
    """In another process the tools give, byte for byte, what they give in this one."""
    heard = walked(command("--dialect", dialect), dialect)
    assert heard == walked(server(World(dialect), structured=True), dialect)
    error, context = (said for said in heard if said.value is None)
    assert (error.is_error, error.text) == (True, f"memtrace api error (status 400): {BAD_TAG}")
    line = "- Waits for CI" if dialect == "documented" else "- [2026-02-07T12:00:00.000003Z] ci_pending: Waits for CI"
    assert context.text.splitlines()[:4] == [
        f"## Session Context ({heard[1].value['id']})",
        "",
        "### Recent Actions (2)",
        line,
    ]
    assert heard[6].value["count"] == 3
    assert [memory["content"] for memory in heard[7].value["results"]] == ["Naïve SQL & no tests"]


@pytest.mark.skipif(not OLDER.is_dir(), reason="`make sdks` puts an SDK of the first generation there")
def test_a_server_of_the_first_generation_does_the_same():
    """With mcp 1.30 installed instead, the client hears the same words."""
    assert walked(command(sdk=OLDER), "0.2.0") == walked(server(World(), structured=True), "0.2.0")


@pytest.mark.parametrize("sdk", [None, OLDER], ids=["2.x", "1.30"])
def test_what_was_asked_before_the_end_is_answered(sdk):
    """Lines at once and the end of stdin after them: every request is answered, in order, and always by the same bytes.

    A line that is no JSON, and one that asks for what is not there, end nothing.
    """
    if sdk is not None and not sdk.is_dir():
        pytest.skip("`make sdks` puts an SDK of the first generation there")
    calls = "".join(called(number, "remember", agent_id="a", content=f"tea {number}") for number in range(1, 60))
    lines = f"{calls}no JSON\n\n{message(60, 'tools/sing')}{called(61, 'recall', agent_id='a', limit=3)}"
    code, messages, _ = ended = spoken(lines, sdk=sdk)
    assert ended == spoken(lines, sdk=sdk)
    assert code == 0
    answers = {answer["id"]: answer for answer in messages if "id" in answer}
    assert list(answers) == list(range(62))
    assert answers[60]["error"]["code"] < 0
    recalled = json.loads(answers[61]["result"]["content"][0]["text"])
    assert [memory["content"] for memory in recalled["memories"]] == ["tea 59", "tea 58", "tea 57"]


def test_an_end_at_once_is_an_end():
    """Without a line from the client nothing is said, to it or to anybody."""
    ended = subprocess.run(COMMAND, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_what_is_stored_is_saved(number, tmp_path):
    """Ctrl-C and SIGTERM end it without a word, while it waits for the next line, and --save is written."""
    file = tmp_path / "memory.json"
    process = started("--save", str(file))
    try:
        process.stdin.write((GREETING + called(1, "remember", agent_id="a", content="tea")).encode())
        process.stdin.flush()
        assert [json.loads(process.stdout.readline())["id"] for _ in range(2)] == [0, 1]
        process.send_signal(number)
        assert process.wait(10) == 0
        assert (process.stdout.read(), process.stderr.read()) == (b"", b"")
    finally:
        process.kill()
        process.communicate()
    assert [memory.content for memory in World(seed=file).memory.memories()] == ["tea"]


def test_it_ends_when_nobody_reads_any_more():
    """A client that closed its end is gone, whatever it asked for; its memory is saved all the same."""
    process = started()
    try:
        process.stdin.write(GREETING.encode())
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == 0
        process.stdout.close()
        process.stdin.write(called(1, "recall", agent_id="a").encode())
        process.stdin.flush()
        assert process.wait(10) == 0
        assert process.stderr.read() == b""
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stderr.close()


def test_an_answer_that_is_late_at_the_end_is_waited_for_a_second(tmp_path):
    """One that is late by less arrives; one that is late by an hour is given up, and the command ends."""
    seed = tmp_path / "seed.json"
    late = [
        {"kind": "delay", "by": "300ms", "route": "POST /api/v1/memories", "times": 1},
        {"kind": "delay", "by": "1h", "route": "POST /api/v1/search"},
    ]
    seed.write_text(json.dumps({"faults": late}), "utf-8")
    lines = called(1, "remember", agent_id="a", content="tea") + called(2, "search")
    begun = time.monotonic()
    code, messages, err = spoken(lines, "--clock", "real", "--seed", str(seed))
    assert time.monotonic() - begun < 15
    assert (code, err) == (0, "")
    assert list(texts(messages)) == [1]


def test_what_is_printed_does_not_reach_the_client():
    """Whatever prints in the process does so on stderr; stdout is the protocol's."""
    program = (
        "from fakememtrace.doors.mcp import calling\n"
        "plain = calling._outcome\n"
        "calling._outcome = lambda *given: (print('noise'), plain(*given))[1]\n"
        "from fakememtrace.cli import cli\n"
        "cli(['mcp'])\n"
    )
    lines = (GREETING + called(1, "recall", agent_id="a")).encode()
    ended = subprocess.run([sys.executable, "-c", program], input=lines, capture_output=True, check=False, timeout=60)
    assert [json.loads(line)["id"] for line in ended.stdout.splitlines()] == [0, 1]
    assert (ended.returncode, ended.stderr) == (0, b"noise\n")
