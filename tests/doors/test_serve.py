"""The command ``fakememtrace serve``."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import time

import anthropic
import httpx
import pytest
from memtrace import Memtrace

from fakememtrace import Cassette, World
from tests.claude.helpers import interaction, request

COMMAND = [sys.executable, "-m", "fakememtrace", "serve"]


@contextlib.contextmanager
def command(*arguments, lines=5):
    """The command, running, and the lines it has printed; it is killed at the end if it still runs."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process, [process.stdout.readline().rstrip("\n") for _ in range(lines)]
    finally:
        process.kill()
        process.communicate()


def run(*arguments, **options):
    """The command that must end by itself."""
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False, **options)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_stops_at_a_signal(number):
    """URL and key are printed as a shell can take them; Ctrl-C and SIGTERM end it well, without a word."""
    with command() as (process, printed):
        url = printed[0].split(" at ")[1].partition(",")[0]
        assert printed == [
            f"Memtrace 0.2.0 at {url}, virtual clock at 2026-02-07T12:00:00Z. Ctrl-C stops it.",
            f"  MEMTRACE_URL={url}",
            f"  MEMTRACE_API_KEY={World().api_key}",
            f"  ANTHROPIC_BASE_URL={url}",
            f"  what happens: {url}/ui",
        ]
        assert re.fullmatch(r"http://127\.0\.0\.1:[1-9][0-9]+", url)
        with Memtrace(url, World().api_key) as memtrace:
            memtrace.remember("agent_1", "tea")
            assert memtrace.recall("agent_1").count == 1
            process.send_signal(number)
            assert process.communicate(timeout=10) == ("", "")
    assert process.returncode == 0


def test_a_second_signal_does_not_wait():
    """Whoever cannot wait for an answer under way presses Ctrl-C twice."""
    with command("--clock", "real", "--control", lines=6) as (process, printed):
        url = printed[1].partition("=")[2]
        httpx.post(f"{url}/_fakememtrace/faults", json={"kind": "delay", "route": "GET /health", "by": "1h"})
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 10) as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
            while not httpx.get(f"{url}/_fakememtrace/journal").json()["exchanges"]:
                time.sleep(0.01)
            start = time.monotonic()
            process.send_signal(signal.SIGINT)
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=10) == ("", "")
            assert time.monotonic() - start < 0.9
            assert connection.recv(1) == b""
    assert process.returncode == 0


def test_its_options_make_the_world(tmp_path):
    """Dialect, key, clock, cassette and control surface are what was asked for."""
    cassette = tmp_path / "cassette.json"
    Cassette([interaction(request("hi"), "Tea")]).save(cassette)
    options = ("--dialect", "documented", "--key", "mtk_mine", "--clock", "real", "--cassette", str(cassette))
    with command(*options, "--control", lines=6) as (_, printed):
        url = printed[0].split(" at ")[1].partition(",")[0]
        assert printed[0] == f"Memtrace documented at {url}, real clock. Ctrl-C stops it."
        assert printed[2] == "  MEMTRACE_API_KEY=mtk_mine"
        assert printed[5] == f"  control surface: {url}/_fakememtrace"
        created = httpx.post(
            f"{url}/api/v1/memories", json={"agent_id": "a", "content": "x"}, headers={"x-api-key": "mtk_mine"}
        ).json()
        assert created["memory_id"].startswith("mem_")
        assert abs(time.time() - time.mktime(time.strptime(created["time"][:19], "%Y-%m-%dT%H:%M:%S"))) < 100_000
        assert httpx.get(f"{url}/_fakememtrace/clock").json()["clock"] == "real"
        with anthropic.Anthropic(base_url=url, api_key="k") as claude:
            assert claude.messages.create(**request("hi")).content[0].text == "Tea"


def test_a_seed_is_what_it_starts_from(tmp_path):
    """A snapshot of a world is served with everything in it."""
    world = World("documented")
    with world, Memtrace(world.url, world.api_key) as memtrace:
        memtrace.remember("agent_1", "tea")
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(world.snapshot()))
    with command("--seed", str(seed)) as (_, printed):
        assert printed[0].startswith("Memtrace documented at ")
        url = printed[0].split(" at ")[1].partition(",")[0]
        with Memtrace(url, world.api_key) as memtrace:
            assert memtrace.recall("agent_1").memories[0].content == "tea"


def test_another_address_than_loopback_is_warned_about():
    """Who opens the server to other machines is told so."""
    with command("--host", "0.0.0.0") as (process, printed):
        assert printed[0].startswith("Memtrace 0.2.0 at http://127.0.0.1:")
        process.terminate()
        assert process.communicate(timeout=10)[1] == (
            "fakememtrace: warning: 0.0.0.0 can be reached from other machines, and so can all that is stored here.\n"
            "Leave --host out to listen on this machine only.\n"
        )
    assert process.returncode == 0


def test_a_port_in_use_ends_the_command():
    """One message, exit code 2."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = run("--port", str(port))
    problem = f"port {port} of 127.0.0.1 is in use. Stop what listens there, or take another port; 0 is any free one."
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", f"fakememtrace: {problem}\n")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (
            ("--dialect", "document"),
            "unknown dialect 'document'. Did you mean 'documented'? Known: 0.2.0 and documented.",
        ),
        (
            ("--key", "two words"),
            "--key 'two words': no client could send this in a header. Expected ASCII without spaces, such as {key}.",
        ),
        (
            ("--host", "192.0.2.1"),
            "the server cannot listen at 192.0.2.1, port 9100: {reason}. Name an address of this machine.",
        ),
    ],
)
def test_what_cannot_be_served_ends_the_command(arguments, problem):
    """What is wrong is said in one message, with exit code 2 and without a traceback."""
    ended = run(*arguments)
    words = problem.format(key="mtk_my-key", reason="Cannot assign requested address")
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", f"fakememtrace: {words}\n")


def test_without_uvicorn_the_words_say_how_to_get_it():
    """The server is an extra."""
    code = "import sys; sys.modules['uvicorn'] = None; from fakememtrace.cli import main; main()"
    ended = subprocess.run([sys.executable, "-c", code, "serve"], capture_output=True, text=True, check=False)
    problem = 'the server needs uvicorn. Install it with: pip install "fakememtrace[server]"'
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", f"fakememtrace: {problem}\n")
