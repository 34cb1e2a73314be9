"""What looks like a secret in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FileError

if TYPE_CHECKING:
    from ..claude.redact import Finding, Redactor

__all__ = ["secrets_in"]

# What has a zero byte among so many is no text.
_HEAD = 8192


def secrets_in(path: Path, is_cassette: bool) -> Iterator[Finding]:
    """Each in its place; of a cassette of ours also what only its whole interactions show.

    Raises:
        FileError: it cannot be read, and is no cassette, whose reader says that.
    """
    from ..claude.redact import Redactor, scan_text
    from ..claude.redaction.own import in_environment

    redactor = Redactor(own=in_environment())
    try:
        content = path.read_bytes()
    except OSError as error:
        if is_cassette:
            return
        raise FileError(path, f"cannot be read: {error.strerror}.", "Check the path.") from None
    text = "" if b"\0" in content[:_HEAD] else content.decode("utf-8", "replace")
    findings = scan_text(text, path.name, redactor=redactor)
    told = {(finding.kind, finding.shown) for finding in findings}
    yield from findings
    yield from _inside(text, redactor)
    if is_cassette:
        yield from _hidden(path, redactor, told)


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
