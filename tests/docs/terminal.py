"""A terminal in which the consoles of a page are typed: our command within this process, all else by bash."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from click.testing import CliRunner

from fakememtrace.cli import cli
from fakememtrace.errors import FakememtraceError

__all__ = ["SERVER", "Ended", "Terminal", "terminal"]

# What pages say of a server that somebody has; here it is another one, at a free port.
SERVER = "http://localhost:9100"


class Ended(NamedTuple):
    """What a command printed, and what it ended with."""

    out: str
    code: int


class Terminal:
    """Types commands in the working directory; `meant` is what stands for what the page shows, such as a server."""

    def __init__(self) -> None:
        self.meant: dict[str, str] = {}
        self._started: list[subprocess.Popen[str]] = []

    def type(self, command: str) -> Ended:
        """Type a command, and wait for its end; a server goes on until the terminal is closed."""
        for shown, here in self.meant.items():
            command = command.replace(shown, here)
        words = shlex.split(command, comments=True)
        if words[:2] == ["fakememtrace", "serve"]:
            return self._serve(words)
        if words[:2] == ["fakememtrace", "record"]:
            return _asked(words)
        if words[0] == "fakememtrace" and not re.search(r"[|><&;]", command.partition(" #")[0]):
            return _ours(words[1:])
        ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=120)
        assert "Traceback" not in ended.stderr, ended.stderr
        return Ended(ended.stdout, ended.returncode)

    def _serve(self, words: list[str]) -> Ended:
        """Start a server at a free port, as several tests may have one at once."""
        command = [sys.executable, "-m", *words, "--port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert process.stdout is not None
        told = ""
        for line in process.stdout:
            told += line
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                self._started.append(process)
                self.meant[SERVER] = found[0]
                return Ended("", 0)
        return Ended(told, process.wait())

    def close(self) -> None:
        """End what was started."""
        for process in self._started:
            process.terminate()
            process.communicate(timeout=30)


def _ours(words: list[str]) -> Ended:
    """What our command prints, its errors as well."""
    result = CliRunner().invoke(cli, words, prog_name="fakememtrace")
    if isinstance(result.exception, FakememtraceError):
        return Ended(f"{result.stdout}fakememtrace: {result.exception}\n", result.exception.exit_code)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.stdout, result.exit_code)


def _asked(words: list[str]) -> Ended:
    """What a command prints that asks a person before it goes on, who says no."""
    person, terminal = os.openpty()
    with os.fdopen(person, "wb", 0) as hand:
        hand.write(b"n\n")
        ended = subprocess.run(
            [sys.executable, "-m", *words], stdin=terminal, capture_output=True, text=True, check=False, timeout=120
        )
        os.close(terminal)
    # A person's answer ends the line, on the screen.
    return Ended(ended.stdout.rstrip() + "\n", ended.returncode)


@contextmanager
def terminal() -> Iterator[Terminal]:
    """A terminal that is closed afterwards."""
    opened = Terminal()
    try:
        yield opened
    finally:
        opened.close()
