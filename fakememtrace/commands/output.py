"""What commands have in common: lines on a screen and files they are asked to write."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from ..report.text import Line

__all__ = ["show", "writable"]


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
    return path


def show(lines: Iterable[Line]) -> None:
    """Print lines: in colour on a terminal, plain where piped, and never wrapped by the terminal's width."""
    from rich.console import Console
    from rich.text import Text

    if isinstance(sys.stdout, TextIOWrapper):
        # What the terminal's encoding has no letter for is shown as an escape.
        sys.stdout.reconfigure(errors="backslashreplace")
    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        text = Text(line.text, line.style)
        for start, end in line.marks:
            text.stylize("reverse", start, end)
        console.print(text)
