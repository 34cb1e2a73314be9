"""Programs that never heard of us run as they are: what they print, read and end with is their own."""

from __future__ import annotations

import json

import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.interaction import Interaction, Provenance

from ..claude.helpers import answer
from .helpers import ASK, PROGRAMS, command, python, recorded, run

ECHO = """\
import os, sys
sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])
print(sys.argv, __name__, os.path.basename(__file__), sys.path[0] == os.path.dirname(__file__), os.getcwd())
print("ä", file=sys.stderr)
"""

FAILS = """\
import threading


def deep(number):
    if number:
        return deep(number - 1)
    raise KeyError("gone")


threading.Thread(target=print, args=("from a thread",)).start()
deep(2)
"""


def desk_cassette(folder):
    """What Claude says to each customer of the desk."""
    said = [
        ("ada: My router blinks.", "Turn it off and on."),
        ("bob: My bill is wrong.", "We'll look into it."),
        ("cyd: No sound on channel 4.", "It is a silent film."),
    ]
    provenance = Provenance("authored", "claude-sonnet-5", "2026-11-22")
    interactions = [
        Interaction(
            {"model": "claude-sonnet-5", "max_tokens": 100, "messages": [{"role": "user", "content": question}]},
            answer(text, model="claude-sonnet-5"),
            provenance,
        )
        for question, text in said
    ]
    Cassette(interactions).save(folder / "desk.json")


def test_an_asynchronous_program_with_threads_runs_the_same_twice(tmp_path):
    """Three conversations at once, a pool and a thread of its own: every byte of its output is the same again."""
    desk_cassette(tmp_path)
    first, second = (
        command("run", str(PROGRAMS / "desk.py"), "--cassette", "desk.json", "--json", name, cwd=tmp_path)
        for name in ("one.json", "two.json")
    )
    assert first == second
    assert (first.code, first.out) == (
        0,
        (
            "ada: Turn it off and on.\nbob: We'll look into it.\ncyd: It is a silent film.\n"
            "ada: 2 memories\nbob: 2 memories\ncyd: 2 memories\n"
        ),
    )
    assert first.err == "fakememtrace: desk.py: 3 requests to Claude, 6 memories stored, nothing unexpected\n"
    told = json.loads((tmp_path / "one.json").read_text("utf-8"))
    assert {key: value for key, value in told.items() if key != "events"} == {
        "program": str(PROGRAMS / "desk.py"),
        "dialect": "0.2.0",
        "requests": 12,
        "calls": 3,
        "stored": 6,
        "problems": [],
        "misses": [],
        "stopped": "",
        "notes": [],
        "code": 0,
        "is_known": True,
        "exit_code": 0,
    }
    assert sorted(event["text"] for event in told["events"] if event["who"] == "claude") == [
        "It is a silent film.",
        "Turn it off and on.",
        "We'll look into it.",
    ]


def test_arguments_input_and_output_are_the_programs_own(tmp_path):
    """Bytes in and out, arguments, name, file, folder and import path are what Python itself gives a script."""
    (tmp_path / "agent.py").write_text(ECHO, "utf-8")
    words = ["a b", "--unknown", "-x", "--", "--seed"]
    native = python(tmp_path, "agent.py", "a b", "--unknown", "-x", "--seed", said="\x00\n\xff")
    ran = command("run", "agent.py", *words, cwd=tmp_path, said="\x00\n\xff")
    assert (ran.code, ran.out) == (native.code, native.out)
    assert ran.err.startswith("ä\nfakememtrace: no request was made: agent.py asked neither Memtrace nor Claude")


@pytest.mark.parametrize(
    "program",
    [FAILS, "import sys\nsys.exit(7)\n", "raise SystemExit('no more')\n", "import os\nos.write(1, b'x')\n1 / 0\n"],
    ids=["raises", "exits", "exits saying", "divides"],
)
def test_an_end_is_the_one_that_python_makes(tmp_path, program):
    """Exit code, output and traceback are those of Python, and our lines come after them."""
    ran = run(tmp_path, program)
    native = python(tmp_path, "agent.py")
    assert (ran.code, ran.out) == (native.code, native.out)
    assert ran.err.startswith(native.err)
    assert ran.last == (
        f"fakememtrace: agent.py: 0 requests to Claude, 0 memories stored, nothing unexpected, "
        f"ended with exit code {native.code}"
    )


def test_a_run_without_a_request_says_so(tmp_path):
    """That nothing was asked is not taken for success in silence."""
    ran = run(tmp_path, "print('hi')\n")
    assert (ran.code, ran.out) == (0, "hi\n")
    assert ran.err == (
        "fakememtrace: no request was made: agent.py asked neither Memtrace nor Claude, as far as a World can see. It "
        "serves httpx and httpx2, which the SDKs of both speak; what other libraries ask for is refused in words, "
        "where they ask, and at localhost it finds nobody.\n\n"
        "fakememtrace: agent.py: 0 requests to Claude, 0 memories stored, nothing unexpected\n"
    )


def test_a_miss_ends_with_one_although_the_program_ends_well(tmp_path):
    """A program that swallows the error that it gets is told of all the same, with the explanation."""
    recorded(tmp_path, ("hi", "hello"))
    swallows = ASK.replace("print(ask(line.strip()))", "try: print(ask(line.strip()))\n    except Exception: pass")
    ran = run(tmp_path, swallows, "--cassette", "cassette.json", said="hi\nho\n")
    assert (ran.code, ran.out) == (1, "hello\n")
    assert "fakememtrace: 1 problem in the traffic:\n\n#2 " in ran.err
    assert ran.last == "fakememtrace: agent.py: 2 requests to Claude, 0 memories stored, 1 unexpected"


def test_an_answer_that_nobody_asked_for_ends_with_one(tmp_path):
    """What is recorded and never asked for is a problem here as everywhere."""
    recorded(tmp_path, ("hi", "hello"), ("ho", "hello again"))
    ran = run(tmp_path, ASK, "--cassette", "cassette.json", said="hi\n")
    assert ran.code == 1
    assert "1 of 2 recorded answers in cassette.json were never asked for: interaction 2." in ran.err


def test_without_a_cassette_the_way_to_one_is_told(tmp_path):
    """Who has no recording yet is told of drafts."""
    ran = run(tmp_path, ASK, said="hi\n")
    assert ran.code == 1
    assert (
        "\n\nTo write Claude's answers turn by turn, say --draft FILE in place of --cassette; "
        "to have them all, record them.\n\n"
    ) in ran.err


def test_time_and_seed_are_as_told(tmp_path):
    """--start is the time of what is stored, --seed what is there before, which does not count as stored."""
    (tmp_path / "seed.json").write_text('{"memories": [{"agent_id": "a", "content": "tea"}]}', "utf-8")
    program = """\
import os
from memtrace import Memtrace
memtrace = Memtrace(os.environ["MEMTRACE_URL"], os.environ["MEMTRACE_API_KEY"])
print(memtrace.recall("a").count, memtrace.remember("a", "milk").time)
"""
    ran = run(tmp_path, program, "--seed", "seed.json", "--start", "2030-01-01T00:00:00Z")
    assert (ran.code, ran.out[:12]) == (0, "1 2030-01-01")
    assert ran.last == "fakememtrace: agent.py: 0 requests to Claude, 1 memory stored, nothing unexpected"


def test_no_network_but_for_the_hosts_that_are_named(tmp_path):
    """What leaves the machine is refused with the line that asked, and --allow-host is the way out that is told."""
    program = "import socket\ntry: socket.getaddrinfo('agent.invalid', 80)\nexcept OSError as error: print(error)\n"
    ran = run(tmp_path, program)
    assert ran.code == 1
    assert ran.out == (
        "agent.py:2: socket.getaddrinfo('agent.invalid', 80) was refused: the host 'agent.invalid' is neither faked "
        "nor on this machine, and a program under fakememtrace run has no network.\n"
        "Served here, to httpx and httpx2: memtrace at http://localhost:9100, claude at https://api.anthropic.com; "
        "other loopback addresses are passed on.\n"
        "What to do: leave the call out, or answer it with something on this machine; to let a host through, say "
        "--allow-host HOST; where that is your Memtrace, set MEMTRACE_URL to its URL, and it is served.\n"
    )
    assert "was refused" not in run(tmp_path, program, "--allow-host", "agent.invalid").out


def test_the_folder_stays_as_it_was(tmp_path):
    """No byte code and no scratch file is left beside the program."""
    (tmp_path / "beside.py").write_text("word = 'hi'\n", "utf-8")
    run(tmp_path, "import beside\nprint(beside.word)\n")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["agent.py", "beside.py"]


@pytest.mark.parametrize("client", ["sdk", "documented"])
def test_import_memtrace_gives_the_client_that_is_named(tmp_path, client):
    """The documentation's calls work with the documentation's client, and its errors name what it has not."""
    program = """\
import os, memtrace
from memtrace import Memtrace
from memtrace.exceptions import NotFoundError
store = Memtrace(os.environ["MEMTRACE_URL"], os.environ["MEMTRACE_API_KEY"])
print(hasattr(store, "search_sessions"), issubclass(NotFoundError, memtrace.MemtraceError))
try: memtrace.SearchQuerry
except AttributeError as error: print(error)
"""
    documented = (
        "True True\nthe client that the documentation of Memtrace describes has no 'SearchQuerry'. Did you mean "
        "'SearchQuery'? A program for the released SDK runs with --client sdk.\n"
    )
    expected = {"sdk": "False True\nmodule 'memtrace' has no attribute 'SearchQuerry'\n", "documented": documented}
    assert run(tmp_path, program, "--client", client).out == expected[client]
