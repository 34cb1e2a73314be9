"""However a program ends, or does not: what it asked is told, and the terminal and the processes are left in order."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import subprocess
import sys
import termios

import pytest

from .helpers import ASK, python, recorded, run

ADVICE = "What to do: look for a loop or a wait there; a program that needs longer gets it with --timeout SECONDS."
WAITS = """\
import signal, sys, time
try:
    print("ready", flush=True)
    time.sleep(60)
finally:
    print("put away", flush=True)
"""


def started(folder, program, *options, **how):
    """The command, running the program, once that says that it is ready."""
    (folder / "agent.py").write_text(program, "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "fakememtrace", "run", "agent.py", *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **how,
    )
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("code", [0, 5])
def test_what_leaves_by_os_exit_is_told_of(tmp_path, code):
    """os._exit ends the process at once, with its code, and what was asked is known all the same."""
    recorded(tmp_path, ("hi", "hello"))
    ran = run(tmp_path, ASK + f"import os\nos._exit({code})\n", "--cassette", "cassette.json", said="hi\n")
    ended = f", ended with exit code {code}" if code else ""
    assert ran == (
        code,
        "hello\n",
        f"fakememtrace: agent.py: 1 request to Claude, 0 memories stored, nothing unexpected{ended}\n",
    )


@pytest.mark.parametrize(
    ("tail", "place"),
    [
        ("def spin():\n    while True:\n        pass\n\nspin()\n", "line 5, in spin"),
        ("import threading\nthreading.Event().wait()\n", "line 2"),
        ("import asyncio\nasync def main():\n    await asyncio.Event().wait()\nasyncio.run(main())\n", "line 4"),
        (
            "import threading\ndef wait():\n    threading.Event().wait()\nthreading.Thread(target=wait).start()\n",
            "line 3, in wait",
        ),
    ],
    ids=["loop", "wait", "asyncio", "thread"],
)
def test_a_program_that_runs_for_ever_is_stopped_where_it_stands(tmp_path, tail, place):
    """Past its time it is ended, with the line, and 1."""
    ran = run(tmp_path, tail, "--timeout", "2")
    where, _, rest = ran.err.partition(": the program did not end")
    assert (ran.code, rest.split("\n\n")[0]) == (1, f" within 2 s of wall time.\n{ADVICE}")
    assert where.startswith(f"fakememtrace: {tmp_path.name}/agent.py, line ")
    assert where.endswith(place) or "spin" in place
    assert ran.last == "fakememtrace: agent.py: 0 requests to Claude, 0 memories stored, nothing unexpected, stopped"


def test_a_program_that_asks_without_end_is_stopped(tmp_path):
    """Past its number of requests it is stopped, although it catches every Exception."""
    program = ASK + "while True:\n    try: ask('x')\n    except Exception: pass\n"
    ran = run(tmp_path, program, "--max-turns", "3")
    assert ran.code == 1
    assert (
        f"fakememtrace: {tmp_path.name}/agent.py, line 6, in ask: the program was stopped: it asked Claude more than 3 "
        "times.\nWhat to do: look for a loop there; a program that needs more gets it with --max-turns N.\n\n"
    ) in ran.err


def test_a_program_that_is_killed_is_not_taken_for_one_that_ended(tmp_path):
    """A signal that nothing can be said after is named, and its code is what a shell has for it."""
    assert run(tmp_path, "import os\nos.kill(os.getpid(), 9)\n") == (
        137,
        "",
        (
            "fakememtrace: agent.py: the process ended by SIGKILL before it could say what was asked of Memtrace and "
            "Claude.\nWhat to do: look for a signal or a crash in C.\n\n"
            "fakememtrace: agent.py: stopped; what it asked for is not known\n"
        ),
    )


@pytest.mark.parametrize(
    ("call", "itself"),
    [
        ("os.execvp('echo', ['echo', 'a b'])", ""),
        ("os.execv(sys.executable, [sys.executable, '-c', 'pass'])", ""),
        (
            "os.execv(sys.executable, [sys.executable, 'a b.py', '-v'])",
            ", or run the other program itself: fakememtrace run 'a b.py' -v",
        ),
    ],
)
def test_a_program_cannot_be_replaced(tmp_path, call, itself):
    """os.exec would end all that is known of the program: it is refused in words, and 1 even where that is caught."""
    ran = run(tmp_path, f"import os, sys\ntry: {call}\nexcept Exception as error: print(error)\n")
    words = (
        "os.execv replaces the program by another one, of which nothing could be told any more.\n"
        "Expected a program that ends, or starts a process of its own.\n"
        f"What to do: use subprocess.run there{itself}\n"
    )
    assert (ran.code, ran.out) == (1, words)
    assert words in ran.err


def test_threads_and_what_is_left_for_the_end_belong_to_the_program(tmp_path):
    """Threads are awaited and atexit functions called in a World that still serves, in Python's own order."""
    recorded(tmp_path, ("hi", "hello"), ("thread", "t"), ("end", "e"))
    tail = """
import atexit, threading, time
atexit.register(lambda: print(ask("end")))
threading.Thread(target=lambda: (time.sleep(0.3), print(ask("thread")))).start()
print("last line")
"""
    ran = run(tmp_path, ASK + tail, "--cassette", "cassette.json", said="hi\n")
    assert ran == (
        0,
        "hello\nlast line\nt\ne\n",
        "fakememtrace: agent.py: 3 requests to Claude, 0 memories stored, nothing unexpected\n",
    )


@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["to the command", "to its group"])
def test_ctrl_c_is_the_programs_own(tmp_path, send):
    """It ends as under Python, with its last steps and its traceback; then comes the summary, and 130."""
    process = started(tmp_path, WAITS)
    send(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "put away\n")
    assert err.startswith("Traceback (most recent call last):\n")
    assert "\nKeyboardInterrupt\n" in err
    assert err.endswith("nothing unexpected, ended with exit code 130\n")
    assert "fakememtrace/running" not in err


def test_ctrl_c_in_a_terminal_comes_once(tmp_path):
    """What is typed there reaches the program as it would without us."""
    ours, theirs = pty.openpty()
    process = started(tmp_path, WAITS, stdin=theirs, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.write(ours, b"\x03")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "put away\n")
    assert err.count("KeyboardInterrupt") == 1
    for end in (ours, theirs):
        os.close(end)


def test_a_second_ctrl_c_ends_it_hard(tmp_path):
    """A program that does not listen to the first one is gone with the second."""
    deaf = "import signal\nsignal.signal(signal.SIGINT, lambda *_: print('no', flush=True))\n"
    process = started(tmp_path, deaf + WAITS)
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "no\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 137
    assert err == (
        "fakememtrace: agent.py: Ctrl-C came a second time, and the process was ended hard, before it could say what "
        "was asked of Memtrace and Claude.\n"
        "What to do: look at what the program does about the first one.\n\n"
        "fakememtrace: agent.py: stopped; what it asked for is not known\n"
    )


def test_the_program_ends_with_the_command(tmp_path):
    """Whoever ends the command, gently or not, does not leave the program running."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        process = started(tmp_path, "import time\nprint('ready', flush=True)\ntime.sleep(600)\n")
        process.send_signal(how)
        # The pipe is at its end when nobody holds it any more, which the program does.
        assert process.communicate(timeout=60)[0] == ""


def test_the_terminal_is_left_as_it_was(tmp_path):
    """A program that has turned off the echo, and is ended hard, leaves a terminal that echoes."""
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    program = (
        "import os, sys, termios\nsettings = termios.tcgetattr(0)\nsettings[3] &= ~termios.ECHO\n"
        "termios.tcsetattr(0, termios.TCSANOW, settings)\nprint('ready', flush=True)\nos.kill(os.getpid(), 9)\n"
    )
    process = started(tmp_path, program, stdin=theirs)
    process.communicate(timeout=60)
    assert termios.tcgetattr(theirs) == before
    for end in (ours, theirs):
        os.close(end)


def test_the_order_of_a_set_is_the_same_in_every_run(tmp_path):
    """What a program prints depends on no hash seed."""
    program = "print({f'word {number}' for number in range(9)})\n"
    assert run(tmp_path, program).out == run(tmp_path, program).out
    assert python(tmp_path, "-c", "pass").code == 0
