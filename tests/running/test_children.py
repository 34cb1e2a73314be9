"""The processes that a program starts are served by its world, however they are started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from fakememtrace import World
from fakememtrace.running.children import Children

from .helpers import ASK, run

HEAD = """\
import asyncio, multiprocessing, os, subprocess, sys
from memtrace import Memtrace

CHILD = '''
import os, sys
from memtrace import Memtrace
store = Memtrace("http://localhost:9100", os.environ["MEMTRACE_API_KEY"])
print(store.remember("a", sys.argv[1]).content, flush=True)
'''
COMMAND = [sys.executable, "-c", CHILD, "from a child"]


def remember(word):
    store = Memtrace(os.environ["MEMTRACE_URL"], os.environ["MEMTRACE_API_KEY"])
    print(store.remember("a", word).content, flush=True)
    return store


async def start():
    await (await asyncio.create_subprocess_exec(*COMMAND)).wait()


def fork():
    child = os.fork()
    if not child:
        remember("from a child")
        sys.exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3


def process(method):
    child = multiprocessing.get_context(method).Process(target=remember, args=("from a child",))
    child.start()
    child.join()


if __name__ == "__main__":
    store = remember("first")
    before = dict(os.environ)
"""
TAIL = """
    assert dict(os.environ) == before
    print([memory.content for memory in store.recall("a").memories])
"""
WAYS = {
    "run": "subprocess.run(COMMAND, check=True)",
    "an environment of its own": "subprocess.run(COMMAND, env={}, check=True)",
    "asyncio": "asyncio.run(start())",
    "a shell": "import shlex; os.system(shlex.join(COMMAND))",
    "spawnv": "os.spawnv(os.P_WAIT, sys.executable, COMMAND)",
    "spawnve": "os.spawnve(os.P_WAIT, sys.executable, COMMAND, {})",
    "posix_spawn": "os.waitpid(os.posix_spawn(sys.executable, COMMAND, {}), 0)",
    "os.fork": "fork()",
    "fork": "process('fork')",
    "spawn": "process('spawn')",
    "forkserver": "process('forkserver')",
}


def test_processes_are_served_by_the_programs_world(tmp_path):
    """However one is started: what it stores is the program's, and in the summary; the environment stays as it was."""
    ran = run(
        tmp_path, HEAD + "".join(f"    print({way!r}, flush=True)\n    {code}\n" for way, code in WAYS.items()) + TAIL
    )
    assert ran.out.splitlines() == [
        "first",
        *(line for way in WAYS for line in (way, "from a child")),
        str(["from a child"] * len(WAYS) + ["first"]),
    ]
    assert (ran.code, ran.err) == (
        0,
        f"fakememtrace: agent.py: 0 requests to Claude, {len(WAYS) + 1} memories stored, nothing unexpected\n",
    )


def test_a_python_process_has_no_network_either(tmp_path):
    """What leaves the machine is refused there as in the program, and --allow-host holds there as well."""
    program = """\
import subprocess, sys
CODE = "import socket\\ntry: socket.getaddrinfo('agent.invalid', 80)\\nexcept OSError as error: print(error)"
subprocess.run([sys.executable, "-c", CODE])
"""
    refused = run(tmp_path, program).out
    assert (
        "the host 'agent.invalid' is neither faked nor on this machine, and a program under fakememtrace run" in refused
    )
    assert "was refused" not in run(tmp_path, program, "--allow-host", "agent.invalid").out


def test_a_process_has_no_key_that_opens_anything(tmp_path, monkeypatch):
    """Another program that goes its own way has nothing to be let in with, and is told where it is served."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-api03-real")
    program = "import os, subprocess\nprint(os.environ['ANTHROPIC_API_KEY'], flush=True)\nsubprocess.run(['env'])\n"
    first, *lines = run(tmp_path, program).out.splitlines()
    variables = dict(line.split("=", 1) for line in lines if "=" in line)
    assert first == "sk-ant-api03-real"
    assert variables["ANTHROPIC_API_KEY"] == "sk-ant-fakememtrace"
    assert variables["ANTHROPIC_BASE_URL"] == variables["MEMTRACE_URL"] != "http://localhost:9100"


def test_a_sitecustomize_of_the_user_still_runs(tmp_path, monkeypatch):
    """Ours stands before it, and hands on."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("print('mine', flush=True)\n", "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    program = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'print(1)'])\n"
    assert run(tmp_path, program).out.endswith("mine\n1\n")


def test_without_a_server_a_python_process_is_refused_in_words(tmp_path):
    """Where uvicorn is missing, another Python is not started; other programs are."""
    program = """\
import subprocess, sys
sys.modules["uvicorn"] = None
subprocess.run(["true"], check=True)
try: subprocess.run([sys.executable, "-c", "pass"])
except Exception as error: print(error)
"""
    ran = run(tmp_path, program)
    words = (
        f"the program starts {sys.executable} -c pass, a Python of its own, which cannot be served: uvicorn is not "
        "installed.\nExpected a program of one process.\n"
        'What to do: pip install "fakememtrace[server]", with which it is served, too.\n'
    )
    assert (ran.code, ran.out) == (1, words)
    assert words in ran.err


def test_a_request_of_a_process_can_stop_the_program(tmp_path):
    """What a process asks goes into the draft as well, and is answered from it in the next run."""
    program = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {ASK!r}], input=b'hi')\n"
    stopped = run(tmp_path, program, "--draft", "d.json")
    assert stopped.code == 1
    assert "fakememtrace: d.json, interaction 1, has no answer yet." in stopped.err
    assert "Client error '400 Bad Request'" in stopped.err
    assert stopped.last.startswith("fakememtrace: agent.py: 1 request to Claude, ")
    draft = tmp_path / "d.json"
    draft.write_text(draft.read_text("utf-8").replace('"response": null', '"response": "hello"'), "utf-8")
    ran = run(tmp_path, program, "--draft", "d.json")
    assert (ran.code, ran.out) == (0, "hello\n")


HELD = """\
import os, signal, subprocess, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

CODE = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(100)"
signal.signal(signal.SIGINT, signal.SIG_IGN)

def work():
    exec(CODE)

if __name__ == "__main__":
"""
HOLDS = {
    "a process": "    subprocess.run([sys.executable, '-c', CODE])\n",
    "a pool": "    ProcessPoolExecutor(2, get_context('fork')).submit(work).result()\n",
    "a process of multiprocessing": "    get_context('spawn').Process(target=work).start()\n",
    "a fork": "    os.fork() or work()\n    os.wait()\n",
}


# How a run ends: its time, the signals that it gets, and its exit code.
ENDS = {
    "its time is over": ("5", [], 1),
    "Ctrl-C twice": ("100", [signal.SIGINT, signal.SIGINT], 137),
    "SIGTERM": ("100", [signal.SIGTERM], 143),
}


@pytest.mark.parametrize(("seconds", "signals", "code"), ENDS.values(), ids=ENDS.keys())
@pytest.mark.parametrize("hold", HOLDS.values(), ids=HOLDS.keys())
def test_what_a_program_started_is_ended_with_it(tmp_path, hold, seconds, signals, code):
    """Who is ended hard cannot tell its processes to end, and nobody else knows them."""
    (tmp_path / "agent.py").write_text(HELD + hold, "utf-8")
    running = subprocess.Popen(
        [sys.executable, "-m", "fakememtrace", "run", "agent.py", "--timeout", seconds],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    for _ in range(400):
        if (tmp_path / "pid").exists():
            break
        time.sleep(0.05)
    for number in signals:
        running.send_signal(number)
        time.sleep(0.3)
    # The pipes are at their end when nobody holds them any more, which those processes do.
    running.communicate(timeout=40)
    assert running.returncode == code
    assert (tmp_path / "pid").exists()


def test_what_was_awaited_is_left_alone(monkeypatch):
    """The number of a process that is gone may be somebody else's by now."""
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    ended.wait()
    killed = []
    monkeypatch.setattr(os, "kill", lambda *call: killed.append(call))
    children = Children(World())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as running:
        children._started |= {ended.pid, running.pid}
        children.end()
    assert killed == [(running.pid, signal.SIGTERM)]
