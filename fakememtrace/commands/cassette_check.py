"""``fakememtrace cassette check``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .output import show

if TYPE_CHECKING:
    from ..claude.redact import Finding, Redactor
    from ..report.text import Line

__all__ = ["command"]

# What has a zero byte among so many is no text.
_HEAD = 8192


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--secrets", is_flag=True, help="Look for secrets, too, also in files that are no cassettes of ours.")
def command(files: tuple[str, ...], secrets: bool) -> None:
    """Say what is wrong with cassettes, and what they hold.

    FILE may be a folder: then every cassette in it is looked at.  Ends with 0, and with 1 when one of them is
    broken or holds what looks like a secret; ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN and MEMTRACE_API_KEY are
    secrets, where they are set.

    Example:  fakememtrace cassette check scenarios tests --secrets
    """
    from ..report.text import Line
    from .cassette_files import any_files, cassettes, is_cassette

    paths = any_files(files) if secrets else cassettes(files)
    if secrets:
        show(_unsought())
    bad = 0
    for path in paths:
        known = not secrets or is_cassette(path)
        complaints = [*(_complaints(path) if known else ()), *(_secrets(path, known) if secrets else ())]
        bad += bool(complaints)
        show(complaints)
        if known and not complaints:
            show([_verdict(path)])
    count = "1 file" if len(paths) == 1 else f"{len(paths)} files"
    show([Line(f"{count}, {bad} bad" if bad else f"{count}, none bad", "bold red" if bad else "bold green")])
    if bad:
        sys.exit(1)


def _complaints(path: Path) -> Iterator[Line]:
    from ..claude.reading import complaints
    from ..report.text import Line

    for error in complaints(path):
        where = f"{error.path}, {error.place}" if error.place else error.path
        yield Line(f"{where}: {error.problem} {error.advice}", "red")


def _secrets(path: Path, known: bool) -> Iterator[Line]:
    from ..claude.redact import Redactor, scan_text
    from ..claude.redaction.own import in_environment
    from ..report.text import Line

    redactor = Redactor(own=in_environment())
    try:
        content = path.read_bytes()
    except OSError as error:
        if not known:
            yield Line(f"{path}: cannot be read: {error.strerror}. Check the path.", "red")
        return
    text = "" if b"\0" in content[:_HEAD] else content.decode("utf-8", "replace")
    findings = scan_text(text, path.name, redactor=redactor)
    told = {(finding.kind, finding.shown) for finding in findings}
    inside = _inside(text, redactor)
    for finding in [*findings, *inside, *(_hidden(path, redactor, told) if known else ())]:
        yield Line(f"{path}, {finding.place}: {finding.kind}, {finding.shown}", "red")


def _inside(text: str, redactor: Redactor) -> Iterator[Finding]:
    """What stands in the file in base64, compressed or not."""
    from ..claude.importing.inside import texts_inside
    from ..claude.redact import scan_text

    for start, told in texts_inside(text):
        for finding in scan_text(told, redactor=redactor):
            line = text.count("\n", 0, start) + 1
            yield finding._replace(place=f"line {line}, in base64")


def _hidden(path: Path, redactor: Redactor, told: set[tuple[str, str]]) -> Iterator[Finding]:
    """What the lines of a cassette do not show: what stands in several of them, or is told by what is around it."""
    from ..claude.cassette import Cassette
    from ..claude.redact import suspicious
    from ..claude.redaction.parts import parts
    from ..errors import CassetteError

    try:
        interactions = Cassette.load(path).interactions
        found = [suspicious(parts(this), redactor=redactor) for this in interactions]
    except CassetteError:
        # What is wrong with it is said already.
        return
    for number, findings in enumerate(found, 1):
        for finding in findings:
            if (finding.kind, finding.shown) not in told:
                # The next interaction repeats the conversation so far.
                told.add((finding.kind, finding.shown))
                yield finding._replace(place=f"interaction {number}, {finding.place}")


def _unsought() -> Iterator[Line]:
    from ..claude.redaction.own import in_environment
    from ..report.text import Line

    weak = (credential.weakness for credential in in_environment())
    return (Line(words, "yellow") for words in weak if words)


def _verdict(path: Path) -> Line:
    from ..claude.cassette import Cassette
    from ..report.conversation import origins
    from ..report.text import Line

    cassette = Cassette.load(path)
    more = "" if cassette.is_canonical() else "; would be rewritten by fakememtrace cassette format"
    return Line(f"{path}: {origins(cassette)}{more}")
