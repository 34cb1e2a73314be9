"""The pages that people read, and what stands in their blocks of code."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt

__all__ = ["PAGES", "ROOT", "Block", "as_pattern", "blocks", "read", "steps"]

ROOT = Path(__file__).parents[2]
PAGES = [
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")),
]


class Block(NamedTuple):
    """A block of code: its page, its language, the how-manieth of that language it is (from 1), its line, its text."""

    page: str
    language: str
    number: int
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.page}, line {self.line}: {self.language} {self.number}"


def read(page: str) -> str:
    """The text of a page."""
    return (ROOT / page).read_text("utf-8")


def blocks(page: str, language: str | None = None) -> list[Block]:
    """The blocks of a page, or those in a language; what Sphinx is told in braces is none."""
    found: list[Block] = []
    seen: dict[str, int] = {}
    for token in MarkdownIt().parse(read(page)):
        name = token.info.strip() if token.type == "fence" else "indented"
        if token.type in ("fence", "code_block") and not name.startswith("{"):
            seen[name] = seen.get(name, 0) + 1
            found.append(Block(page, name, seen[name], (token.map or [0])[0] + 1, token.content))
    return [block for block in found if language in (None, block.language)]


def steps(session: str) -> Iterator[tuple[str, str]]:
    """The commands of a console, each with what is shown of its output; lines that begin with > go on a command."""
    for part in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        more = [line[2:] for line in itertools.takewhile(lambda line: line.startswith(">"), lines[1:])]
        yield "".join([lines[0], *(line or "\n" for line in more)]), "".join(lines[1 + len(more) :])


def as_pattern(shown: str) -> str:
    """What is shown as a pattern: a line of three dots is any lines, three dots in a line are anything in it."""
    parts = [re.escape(part) for part in re.split(r"^ *\.\.\.\n", shown, flags=re.MULTILINE)]
    return r"(?:.*\n)*?".join(parts).replace(re.escape("..."), ".*")
