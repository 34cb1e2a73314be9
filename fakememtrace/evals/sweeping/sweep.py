"""What a sweep is: cases, axes with their values, and the edits that are called by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

__all__ = ["ALL", "AS_WRITTEN", "AXES", "DEFAULT", "KINDS", "Edit", "Sweep"]

# The kinds of cases.
KINDS = ("data", "evals", "scenarios")
# The axes in the order in which they are crossed and shown, each with the kinds of cases that it changes.
AXES = {
    "dialect": KINDS,
    "plan": ("data",),
    "window": ("data",),
    "prompt": ("evals", "scenarios"),
    "tools": ("evals", "scenarios"),
}
# The prompt and the tools that a program has itself; the window that a plan's reads have by default.
AS_WRITTEN, DEFAULT = "as written", "default"
# Every eval, or every scenario.
ALL = "all"


class Edit(NamedTuple):
    """One change of what Claude is sent, under the ``name`` of a value of its ``axis``.

    Of the axis ``prompt`` the text ``old`` of the system prompt becomes ``new``; of ``tools``, ``new`` is the
    description of the tool that is called ``old``.
    """

    axis: str
    name: str
    old: str
    new: str


class Sweep(NamedTuple):
    """A sweep as its file has it.

    ``cases`` are names by kind, ``axes`` the values of those that the file names, ``where`` the paths of what it is
    made of, ``ks`` the numbers of results that are looked at.
    """

    path: Path
    title: str
    cases: Mapping[str, tuple[str, ...]]
    axes: Mapping[str, tuple[str, ...]]
    edits: tuple[Edit, ...]
    where: Mapping[str, Path]
    ks: tuple[int, ...]
