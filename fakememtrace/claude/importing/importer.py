"""Foreign recordings become cassettes: read all, then write what could be read."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...errors import CassetteError, FileError, UsageError, listed
from ..cassette import Cassette
from ..entry import EntryReader
from ..interaction import Interaction
from ..media import digested
from ..recording.making import kept
from ..redact import Redactor, suspicious
from ..redaction.parts import parts
from .broken import MENDED, Broken, kind_of
from .exchange import interaction, left_out
from .foreign import Format, recognised
from .sources import Source, content_of, sources

__all__ = ["Outcome", "import_recordings"]

_MOST_FINDINGS = 5


@dataclass
class Outcome:
    """What became of one file.

    ``format`` is empty where it was not recognised.  ``left`` are the exchanges that no cassette holds: why,
    and how many of them.  ``redacted`` is how many interactions had secrets in them that were taken out.
    ``problems`` say what could not be read, where, and what to do.  ``cassette`` is the file that was written,
    None where there was nothing to write.
    """

    source: Path
    format: str = ""
    interactions: list[Interaction] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    redacted: int = 0
    problems: list[FileError] = field(default_factory=list)
    cassette: Path | None = None

    @property
    def streams(self) -> int:
        """How many of the interactions are streams, kept event by event."""
        return sum(bool(interaction.events) for interaction in self.interactions)

    def blame(self, broken: Broken, place: str = "") -> None:
        """Write down what is wrong, with the file and the place in it."""
        where = ", ".join(filter(None, (place, broken.place)))
        self.problems.append(FileError(self.source, broken.problem, broken.advice, where))


def import_recordings(
    given: Iterable[str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    force: bool = False,
    redactor: Redactor | None = None,
    allow: Sequence[str] = (),
) -> list[Outcome]:
    """Write a cassette into `folder` for each recording in `given`, files and folders; what became of each.

    What cannot be read is in the outcomes, and the others are imported all the same.

    Args:
        given: recordings of vcrpy and go-vcr, HAR files, and folders of these.
        folder: made where there is none.  Nothing is written outside of it.
        force: whether cassettes that are there already are replaced.
        redactor: takes out secrets; by default every known kind of them.
        allow: texts that look like secrets and are none.

    Raises:
        UsageError: `folder` is a file, or YAML is to be read and PyYAML is not installed.
    """
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file. Expected a folder for the cassettes.\nName another one.")
    found = sources(given)
    reader = _Reader(redactor or Redactor(), allow)
    outcomes = [reader.read(source) for source in found]
    writer = _Writer(target, force, found, outcomes)
    for source, outcome in zip(found, outcomes, strict=True):
        writer.write(source, outcome)
    return outcomes


class _Reader:
    """Reads files: one outcome for each."""

    def __init__(self, redactor: Redactor, allow: Sequence[str]) -> None:
        self._redactor, self._allow = redactor, allow

    def read(self, source: Source) -> Outcome:
        outcome = Outcome(source.path)
        try:
            format_, document = recognised(content_of(source))
            outcome.format = format_.name
            entries = format_.recorded(document)
        except Broken as broken:
            outcome.blame(broken)
            return outcome
        for number, entry in enumerate(entries, 1):
            try:
                self._take(outcome, format_, entry)
            except Broken as broken:  # noqa: PERF203 - the others are taken all the same
                outcome.blame(broken, f"exchange {number}")
            except RecursionError:
                outcome.blame(Broken("", "this is nested too deeply.", MENDED), f"exchange {number}")
        if outcome.interactions:
            self._check_whole(outcome)
        return outcome

    def _take(self, outcome: Outcome, format_: Format, entry: Any) -> None:
        if not isinstance(entry, dict):
            raise Broken("", f"expected an object with a request and a response, found {kind_of(entry)}.")
        exchange = format_.exchange(entry)
        reason = left_out(exchange)
        if reason:
            outcome.left[reason] += 1
            return
        whole = interaction(exchange)
        _check_kept([whole])
        taken = kept(whole, self._redactor)
        self._check_secrets(taken)
        outcome.interactions.append(taken)
        outcome.redacted += taken != replace(whole, request=digested(whole.request))

    def _check_secrets(self, taken: Interaction) -> None:
        findings = suspicious(parts(taken), self._allow, self._redactor)
        if findings:
            shown = [f"\n  {place}: {kind}, {masked}" for kind, place, masked in findings[:_MOST_FINDINGS]]
            more = len(findings) - _MOST_FINDINGS
            raise Broken(
                "",
                "here is what looks like a secret, so this was not imported."
                + "".join([*shown, *([f"\n  ... and {more} more"] if more > 0 else [])]),
                "Name a secret with --redact, so that it is replaced; allow what is none with --allow.",
            )

    def _check_whole(self, outcome: Outcome) -> None:
        try:
            _check_kept(outcome.interactions)
        except Broken as broken:
            # A defect of ours: each of them came back alone.
            outcome.blame(broken)
            outcome.interactions.clear()


def _check_kept(interactions: list[Interaction]) -> None:
    """Refuse what would not come back from a cassette as it is."""
    # Not by way of a file: what is looked at may still hold secrets.
    reader = EntryReader(Path(), json.loads(Cassette(interactions).dumps())["interactions"])
    try:
        back = [reader.interaction(number) for number in reader.numbers()]
    except CassetteError as error:
        place = error.place.removeprefix("interaction 1").removeprefix(", ")
        raise Broken(place, error.problem) from None
    if back != interactions:
        raise Broken("", "this would not come back from a cassette as it is.", "Leave it out, and report it please.")


class _Writer:
    """Writes the cassettes into one folder, each where no other one is."""

    def __init__(self, folder: Path, force: bool, found: Sequence[Source], outcomes: Sequence[Outcome]) -> None:
        self._folder, self._force = folder, force
        self._found = {os.path.realpath(source.path) for source in found}
        self._wanted: dict[Path, list[Path]] = {}
        for source, outcome in zip(found, outcomes, strict=True):
            if outcome.interactions:
                self._wanted.setdefault(source.name, []).append(source.path)

    def write(self, source: Source, outcome: Outcome) -> None:
        """Write the cassette of `outcome` where it has one, and say so in it; or why not."""
        if not outcome.interactions:
            return
        path = self._folder / source.name
        try:
            for refusal in self._refusals(source, path):
                raise refusal
            path.parent.mkdir(parents=True, exist_ok=True)
            Cassette(outcome.interactions).save(path)
        except Broken as broken:
            outcome.blame(broken)
        except FileError as error:
            outcome.blame(Broken("", f"its cassette {path} {error.problem}", error.advice))
        except OSError as error:
            problem = f"its cassette {path} cannot be written: {error.strerror}."
            outcome.blame(Broken("", problem, "Name another folder with --out."))
        else:
            outcome.cassette = path

    def _refusals(self, source: Source, path: Path) -> Iterator[Broken]:
        same = [str(other) for other in self._wanted[source.name] if other != source.path]
        if same:
            problem = f"its cassette would be {path}, and so would that of {listed(same)}; neither was written."
            yield Broken("", problem, "Import them one by one, into different folders.")
        where = Path(os.path.realpath(path))
        if not where.is_relative_to(os.path.realpath(self._folder)):
            problem = f"its cassette {path} would be written outside of {self._folder}, to {where}."
            yield Broken("", problem, "Take that link away, or name another folder with --out.")
        if str(where) in self._found:
            problem = f"its cassette would be written over the recording {path}."
            yield Broken("", problem, "Name another folder with --out.")
        if path.exists() and not self._force:
            problem = f"its cassette {path} is there already, and was left as it is."
            yield Broken("", problem, "Add --force to replace it, or name another folder with --out.")
