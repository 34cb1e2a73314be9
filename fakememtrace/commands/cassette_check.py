"""``fakememtrace cassette check``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import completion
from .options import json_option, quiet_option
from .output import Output

if TYPE_CHECKING:
    from ..claude.cassette import Cassette
    from ..claude.redact import Finding
    from ..errors import FileError
    from ..report.text import Line

__all__ = ["command"]


@click.command("check", short_help="Say what is wrong with cassettes.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=completion.files)
@click.option("--secrets", is_flag=True, help="Look for secrets, too, also in files that are no cassettes of ours.")
@json_option("What was found")
@quiet_option("Only what is wrong, and how much there was")
def command(files: tuple[str, ...], secrets: bool, json_file: str | None, quiet: bool) -> None:
    """Say what is wrong with cassettes, and what they hold.

    FILE may be a folder: then every cassette in it is looked at.  Ends with 0, and with 1 when one of them is
    broken or holds what looks like a secret; ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN and MEMTRACE_API_KEY are
    secrets, where they are set.

    Example:  fakememtrace cassette check scenarios tests --secrets
    """
    from ..report.text import Line
    from .cassette_files import any_files, cassettes, is_cassette

    out = Output(json_file)
    paths = any_files(files) if secrets else cassettes(files)
    weak = _unsought() if secrets else []
    out.show(Line(words, "yellow") for words in weak)
    seen = []
    for path in paths:
        seen.append(_Seen.of(path, not secrets or is_cassette(path), secrets))
        if out.is_watched:
            out.show(seen[-1].complaints())
        else:
            out.show(seen[-1].lines(quiet))
    if out.is_watched and not quiet:
        _show_table([one for one in seen if one.cassette])
    bad = sum(one.is_bad for one in seen)
    count = "1 file" if len(paths) == 1 else f"{len(paths)} files"
    out.show([Line(f"{count}, {bad} bad" if bad else f"{count}, none bad", "bold red" if bad else "bold green")])
    out.document({"files": [one.as_json() for one in seen], "bad": bad, "not_looked_for": weak})
    if bad:
        sys.exit(1)


@dataclass
class _Seen:
    """A file: what is wrong with it, the secrets in it, and the cassette that it is where nothing is."""

    path: Path
    problems: list[FileError]
    secrets: list[Finding]
    cassette: Cassette | None

    @classmethod
    def of(cls, path: Path, is_cassette: bool, secrets_too: bool) -> _Seen:
        """Look at the file."""
        from ..claude.cassette import Cassette
        from ..claude.reading import complaints
        from ..errors import FileError
        from .cassette_secrets import secrets_in

        problems: list[FileError] = [*complaints(path)] if is_cassette else []
        found: list[Finding] = []
        try:
            found += secrets_in(path, is_cassette) if secrets_too else ()
        except FileError as error:
            problems.append(error)
        is_good = is_cassette and not problems and not found
        return cls(path, problems, found, Cassette.load(path) if is_good else None)

    @property
    def is_bad(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.problems or self.secrets)

    def complaints(self) -> Iterator[Line]:
        """A line for each thing that is wrong."""
        from ..report.text import Line

        for error in self.problems:
            where = f"{error.path}, {error.place}" if error.place else error.path
            yield Line(f"{where}: {error.problem} {error.advice}", "red")
        for secret in self.secrets:
            yield Line(f"{self.path}, {secret.place}: {secret.kind}, {secret.shown}", "red")

    def lines(self, quiet: bool) -> Iterator[Line]:
        """What is wrong; what it holds, where nothing is and unless `quiet`."""
        from ..report.conversation import origins
        from ..report.text import Line

        yield from self.complaints()
        if self.cassette is not None and not quiet:
            more = "" if self.cassette.is_canonical() else "; would be rewritten by fakememtrace cassette format"
            yield Line(f"{self.path}: {origins(self.cassette)}{more}")

    def as_json(self) -> dict[str, Any]:
        """As plain JSON; what it holds is null where something is wrong, and in what is no cassette."""
        cassette = self.cassette
        kinds = None if cassette is None else Counter(this.provenance.kind for this in cassette.interactions)
        return {
            "file": str(self.path),
            "problems": [
                {"place": error.place, "problem": error.problem, "advice": error.advice} for error in self.problems
            ],
            "secrets": [{"place": secret.place, "kind": secret.kind, "shown": secret.shown} for secret in self.secrets],
            "interactions": None if kinds is None else dict(sorted(kinds.items())),
            "canonical": None if cassette is None else cassette.is_canonical(),
        }


def _show_table(seen: list[_Seen]) -> None:
    """What the good cassettes hold, for a person."""
    from ..report.conversation import origins
    from .tables import show_table

    rows, styles = [], []
    for one in seen:
        if one.cassette is not None:
            is_canonical = one.cassette.is_canonical()
            rows.append((str(one.path), origins(one.cassette), "canonical" if is_canonical else "to be formatted"))
            styles.append("" if is_canonical else "yellow")
    if rows:
        show_table(("cassette", "holds", "form"), rows, styles)


def _unsought() -> list[str]:
    """Which credentials of the environment are too weak to be looked for."""
    from ..claude.redaction.own import in_environment

    return [credential.weakness for credential in in_environment() if credential.weakness]
