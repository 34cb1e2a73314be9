"""A program that has its key of Memtrace in its code runs unchanged, once it is said which key that is."""

from __future__ import annotations

from .helpers import run

OWN = """\
from memtrace import AuthenticationError, Memtrace

store = Memtrace("http://localhost:9100", "mtk_of-my-own")
for fact in ("tea", "dark mode"):
    try: store.remember("ada", fact)
    except AuthenticationError as error: print(error)
"""


def test_a_key_of_the_programs_own_opens_memtrace_when_it_is_named(tmp_path):
    """With --memtrace-key its calls are served, and so are those of the processes that it starts."""
    child = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', CODE])\n"
    program = f"CODE = {OWN.replace('ada', 'bob')!r}\n{OWN}{child}"
    ran = run(tmp_path, program, "--memtrace-key", "mtk_of-my-own")
    assert ran == (
        0,
        "",
        "fakememtrace: agent.py: 0 requests to Claude, 4 memories stored, nothing unexpected\n",
    )


def test_a_key_that_nobody_named_is_told_of(tmp_path):
    """The program's 401 is not passed over in silence, the way out is told, and the key itself is not."""
    ran = run(tmp_path, OWN)
    assert ran == (
        0,
        "invalid API key\ninvalid API key\n",
        (
            "fakememtrace: Memtrace refused 2 requests with 401: the key that the program sends is not the one that "
            "opens this Memtrace, which is in MEMTRACE_API_KEY.\n"
            "What to do: let the program read that variable, or say which key it sends: --memtrace-key KEY\n\n"
            "fakememtrace: agent.py: 0 requests to Claude, 0 memories stored, nothing unexpected\n"
        ),
    )


def test_a_request_without_any_key_is_the_programs_own_affair(tmp_path):
    """What sends no key at all cannot be helped by naming one."""
    ran = run(tmp_path, "import httpx\nprint(httpx.get('http://localhost:9100/api/v1/agents').status_code)\n")
    assert (ran.code, ran.out) == (0, "401\n")
    assert ran.err == "fakememtrace: agent.py: 0 requests to Claude, 0 memories stored, nothing unexpected\n"


def test_an_empty_key_is_refused(tmp_path):
    """A variable that is not set in the shell does not open Memtrace to a key that is made up."""
    assert run(tmp_path, OWN, "--memtrace-key", "") == (
        2,
        "",
        "fakememtrace: --memtrace-key is empty. Say which key the program sends, or leave the option out.\n",
    )
