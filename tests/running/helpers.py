"""Runs programs through the command, as a user does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from fakememtrace.claude.cassette import Cassette

from ..claude.helpers import interaction, request
from ..scenario.helpers import ASK

__all__ = ["ASK", "PROGRAMS", "Ran", "command", "python", "recorded", "run"]

PROGRAMS = Path(__file__).parent / "programs"


class Ran(NamedTuple):
    """What a process ended with, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """The summary."""
        return self.err.rstrip("\n").rpartition("\n")[2]


def command(*arguments: str, cwd: Path, said: str = "") -> Ran:
    """What the command makes of `arguments`; the program reads what is `said`."""
    ended = subprocess.run(
        [sys.executable, "-m", "fakememtrace", *arguments],
        cwd=cwd,
        input=said.encode(),
        capture_output=True,
        check=False,
        timeout=120,
    )
    return Ran(ended.returncode, ended.stdout.decode("latin-1"), ended.stderr.decode())


def run(folder: Path, program: str, *options: str, said: str = "") -> Ran:
    """Run a program of that text as ``agent.py`` in `folder`."""
    (folder / "agent.py").write_text(program, "utf-8")
    return command("run", "agent.py", *options, cwd=folder, said=said)


def python(folder: Path, *arguments: str, said: str = "") -> Ran:
    """What Python itself makes of it."""
    ended = subprocess.run(
        [sys.executable, *arguments], cwd=folder, input=said.encode(), capture_output=True, check=False, timeout=120
    )
    return Ran(ended.returncode, ended.stdout.decode("latin-1"), ended.stderr.decode())


def recorded(folder: Path, *pairs: tuple[str, str]) -> Path:
    """A cassette of questions and answers."""
    file = folder / "cassette.json"
    Cassette([interaction(request(question), answer) for question, answer in pairs]).save(file)
    return file
