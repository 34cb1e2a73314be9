"""The options of ``fakememtrace mcp``, and what it refuses."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from fakememtrace import UsageError, World
from fakememtrace.commands.mcp import command

from .helpers import COMMAND, GREETING, called, spoken, texts

SEED = {
    "memories": [{"agent_id": "a", "content": "ours"}],
    "orgs": [{"name": "acme", "memories": [{"agent_id": "a", "content": "theirs"}]}],
}
SEARCH = called(1, "search")


def found(messages):
    """The contents that the first call found."""
    return [memory["content"] for memory in json.loads(texts(messages)[1])["results"]]


@pytest.fixture
def seed(tmp_path):
    """A seed with a memory of each of two orgs."""
    file = tmp_path / "seed.json"
    file.write_text(json.dumps(SEED), "utf-8")
    return str(file)


def test_memory_outlives_the_command(tmp_path):
    """What one run saves another begins with, in its dialect and later in time, be it one and the same file."""
    file = str(tmp_path / "memory.json")
    remember = called(1, "remember", agent_id="a", content="tea")
    code, messages, _ = spoken(remember, "--dialect", "documented", "--save", file)
    assert code == 0
    stored = json.loads(texts(messages)[1])
    assert (stored["memory_id"][:4], stored["time"]) == ("mem_", "2026-02-07T12:00:00Z")

    later = called(1, "search") + called(2, "remember", agent_id="a", content="jazz")
    code, messages, _ = spoken(later, "--seed", file, "--save", file, "--start", "2026-02-08T09:00:00Z")
    assert (code, found(messages)) == (0, ["tea"])
    jazz = json.loads(texts(messages)[2])
    assert (jazz["memory_id"][:4], jazz["time"]) == ("mem_", "2026-02-08T09:00:00Z")
    assert [memory.content for memory in World(seed=file).memory.memories()] == ["tea", "jazz"]


def test_an_org_has_a_memory_of_its_own(seed):
    """--org speaks for that org, which finds what is its own and nothing else."""
    assert found(spoken(SEARCH, "--seed", seed)[1]) == ["ours"]
    assert found(spoken(SEARCH, "--seed", seed, "--org", "acme")[1]) == ["theirs"]


def test_a_real_clock_is_the_machines_and_text_may_be_all():
    """A memory has the time it is; there is no structured content unless it is asked for."""
    _, messages, _ = spoken(called(1, "remember", agent_id="a", content="tea"), "--clock", "real", "--org", "new")
    (answer,) = (answer["result"] for answer in messages if answer["id"] == 1)
    assert "structuredContent" not in answer
    stored = json.loads(answer["content"][0]["text"])
    assert stored["org_id"] == "org_new"
    assert abs(time.time() - time.mktime(time.strptime(stored["time"][:19], "%Y-%m-%dT%H:%M:%S"))) < 100_000


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ["--dialect", "document"],
            "unknown dialect 'document'. Did you mean 'documented'? Known: 0.2.0 and documented.",
        ),
        (
            ["--clock", "real", "--start", "2026-02-07T12:00:00Z"],
            "--clock real --start 2026-02-07T12:00:00Z: a real clock shows the time it is. Leave out one of them.",
        ),
        (
            ["--start", "noon"],
            "'noon' is no moment in time. Expected ISO 8601 with a time zone, such as \"2026-02-07T12:00:00Z\".",
        ),
        (
            ["--org", "two words"],
            None,
        ),
        (
            [],
            "there is no stdin. MCP is spoken over stdin and stdout; have an MCP client start this command.",
        ),
    ],
)
def test_what_cannot_be_is_refused(options, words):
    """One paragraph each, before anything is served."""
    refused = CliRunner().invoke(command, options).exception
    assert isinstance(refused, UsageError)
    if words is None:
        with pytest.raises(UsageError) as same:
            World().org(options[1])
        words = str(same.value)
    assert str(refused) == words


def test_what_cannot_be_saved_is_refused_at_once(tmp_path):
    """Before anything is stored that would be lost."""
    refused = CliRunner().invoke(command, ["--save", str(tmp_path / "nowhere" / "memory.json")]).exception
    assert isinstance(refused, UsageError)
    assert str(refused).startswith(f"--save {tmp_path}/nowhere/memory.json: this cannot be written, its folder ")


def test_a_start_before_the_seeds_is_refused(tmp_path):
    """A seed is not younger than the world that begins with it."""
    World(start="2026-02-07T12:00:00Z").save(tmp_path / "seed.json")
    options = ["--seed", str(tmp_path / "seed.json"), "--start", "2026-02-06T00:00:00Z"]
    refused = CliRunner().invoke(command, options).exception
    assert str(refused) == (
        "the clock stands at 2026-02-07T12:00:00Z and does not run backwards to 2026-02-06T00:00:00Z. "
        "To start earlier, open the world with an earlier start."
    )


def test_without_the_sdk_the_words_say_how_to_get_it():
    """The server is an extra."""
    code = "import sys; sys.modules['mcp'] = None; from fakememtrace.cli import main; main()"
    ended = subprocess.run([sys.executable, "-c", code, "mcp"], capture_output=True, text=True, check=False)
    problem = 'the MCP server needs the official SDK, mcp. Install it with: pip install "fakememtrace[mcp]"'
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", f"fakememtrace: {problem}\n")


def test_the_sdk_is_imported_by_nothing_else():
    """The package, its commands' help and the plugin do without it, which takes most of a second."""
    code = (
        "import sys, fakememtrace.cli, fakememtrace.plugin, fakememtrace.commands.mcp as command\n"
        "from fakememtrace.doors.mcp import calling, stdio, tools\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('mcp', 'mcp_types', 'jsonschema')))\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


def test_a_person_is_told_who_starts_it():
    """At a terminal it says what it waits for, on stderr, and Ctrl-C ends it."""
    near, far = pty.openpty()
    process = subprocess.Popen(COMMAND, stdin=far, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        first = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert process.stdout.read() == b""
        assert (first + process.stderr.read()).decode() == (
            "fakememtrace: an MCP client starts this, such as Claude Code, and speaks to it over stdin and stdout:\n"
            "  claude mcp add memtrace -- fakememtrace mcp\n"
            "Ctrl-C ends it.\n"
        )
    finally:
        process.kill()
        process.communicate()
        os.close(near)
        os.close(far)


def test_the_greeting_says_who_it_is():
    """Name and version of the server, what it is for, and that it has tools and nothing else."""
    import fakememtrace

    _, (greeting,), _ = spoken("")
    assert GREETING.startswith('{"jsonrpc": "2.0", "id": 0, "method": "initialize"')
    result = greeting["result"]
    assert (result["serverInfo"]["name"], result["serverInfo"]["version"]) == ("memtrace", fakememtrace.__version__)
    assert result["instructions"].startswith("Memtrace is a memory that outlives the conversation")
    assert sorted(result["capabilities"]) == ["tools"]
