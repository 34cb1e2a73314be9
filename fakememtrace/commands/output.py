"""What commands have in common: lines on a screen, JSON, and files they are asked to write."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from ..errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from ..report.text import Line

__all__ = ["Output", "console", "is_looked_at", "show", "styled", "writable"]

_ALONE = "-"
_CASSETTE = b'"fakememtrace-cassette"'


class Output:
    """Where a command says what it found: in lines, and as JSON where that is asked for.

    ``is_json`` is whether the JSON is to stand alone on standard output; then no line is printed.

    Args:
        json_file: what ``--json`` names; ``-`` is standard output.

    Raises:
        UsageError: that file cannot be written, or is likely not what was meant.
    """

    def __init__(self, json_file: str | None) -> None:
        self.is_json = json_file == _ALONE
        self._target = None if self.is_json else _json_target(json_file)

    @property
    def is_watched(self) -> bool:
        """Whether a person sees the lines come."""
        return not self.is_json and is_looked_at(sys.stdout)

    def show(self, lines: Iterable[Line]) -> None:
        """Print the lines, unless the JSON stands alone."""
        if not self.is_json:
            show(lines)

    def document(self, values: object) -> None:
        """Write `values` as the one JSON document that was asked for, if one was."""
        self.text(json.dumps(values, indent=2, ensure_ascii=False) + "\n")

    def text(self, text: str) -> None:
        """The same of JSON that is made into text already."""
        if self.is_json:
            # In bytes: the terminal's encoding may lack a letter, and its escape would be no JSON.
            click.echo(text.encode("utf-8", "backslashreplace"), nl=False)
        if self._target:
            from ..files import write_whole

            write_whole(self._target, text)


def writable(option: str, file: str | None) -> Path | None:
    """Where to write the `file` that `option` names, or None; refused before any work when it cannot be written."""
    if file is None:
        return None
    path = Path(file)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise UsageError(
            f"{option} {file}: this cannot be written, its folder {path.absolute().parent} must exist "
            "and it must not be a folder itself.\nName a file in a folder that exists."
        )
    if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise UsageError(
            f"{option} {file}: this cannot be written, you may not write there.\n"
            "Name a file that is yours, or get the permission."
        )
    return path


def _json_target(file: str | None) -> Path | None:
    """Where to write the JSON; what stands behind ``--json`` by mistake is refused, and never written over."""
    if file is not None and not {".", "/", os.sep} & set(file):
        raise UsageError(
            f"--json {file}: this looks like no file. Expected one such as {file}.json, or nothing, for standard "
            "output.\n"
            f"Put --json at the end, or say --json={_ALONE} {file}."
        )
    path = writable("--json", file)
    if path and not _is_report(path):
        raise UsageError(
            f"--json {file}: there is a file already, and it is no report. Expected a new file, or a report that is "
            "written anew.\n"
            f"Put --json at the end, or say --json={_ALONE} {file}, if {file} is not the file to be written."
        )
    return path


def _is_report(path: Path) -> bool:
    """Whether the file may be replaced: it is not there, empty, or JSON that is no cassette."""
    try:
        content = path.read_bytes().strip() if path.is_file() else b""
    except OSError:
        return False
    is_json = path.suffix == ".json" or content.startswith(b"{")
    return not content or (is_json and _CASSETTE not in content)


def is_looked_at(stream: IO[str]) -> bool:
    """Whether a person looks: at a terminal, unless NO_COLOR or CI is set, and wherever FORCE_COLOR is."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


def console() -> Console:
    """Standard output; with colours where a person looks, else with nothing but the text."""
    from rich.console import Console

    if isinstance(sys.stdout, TextIOWrapper):
        # What the terminal's encoding has no letter for is shown as an escape.
        sys.stdout.reconfigure(errors="backslashreplace")
    return Console(highlight=False, markup=False, emoji=False, force_terminal=is_looked_at(sys.stdout))


def show(lines: Iterable[Line]) -> None:
    """Print lines: in colour on a terminal, plain where piped, and never wrapped by the terminal's width."""
    out = console()
    for line in lines:
        out.print(styled(line), soft_wrap=True)


def styled(line: Line) -> Text:
    """The line in its style, with what stands out in it."""
    from rich.text import Text

    text = Text(line.text, line.style)
    for start, end in line.marks:
        text.stylize("reverse", start, end)
    return text
