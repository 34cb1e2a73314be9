"""A cassette in the making: what is answered is replayed, and the next request without an answer is written into it.

Such a request stands in the file with ``"response": null``.  It is put in as text, after what is there: nothing
that somebody wrote by hand is written anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import CassetteError, ProgramStopped, SecretFound
from ..files import write_whole
from . import explain
from .author import counted
from .cassette import Cassette
from .entry import EntryReader
from .interaction import AUTHORED, COUNT_TOKENS, MESSAGES, Interaction, Provenance
from .player import Miss, Play, Player
from .reading import FORMAT, VERSION, read_interactions
from .recording.making import recorded_form
from .redact import Redactor, refuse_secrets
from .redaction.own import in_environment
from .slips import refuse_slips
from .splicing import with_entry
from .writing import entries

__all__ = ["Draft", "Unanswered"]

_FOR_EVER = (
    "Where that changes by itself in every run, the draft never comes to an end: with --freeze the time stands still, "
    "and what is drawn at random needs a seed."
)
# What an example of a tool's call has for a property that must be told.
_EXAMPLES: dict[Any, Any] = {"number": 1, "integer": 1, "boolean": True, "array": [], "object": {}}


class Unanswered(ProgramStopped):
    """Ends a program at a request to Claude whose answer is still to be written.

    ``words`` say which request that is, and where and how to write the answer.
    """

    def __init__(self, words: str, number: int) -> None:
        self.words, self.number = words, number
        super().__init__(f"interaction {number} of the draft has no answer yet")


class _Sheet(NamedTuple):
    """A draft as its file has it: the text, the entries, what they say, and the numbers of those without an answer."""

    text: str
    entries: list[Any]
    interactions: list[Interaction]
    pending: frozenset[int]


class Draft:
    """Answers from the file `path`, which need not exist; what has no answer there is put in, and ends the program.

    Tokens that are to be counted are estimated, and that is put in as an answer.

    Args:
        path: the cassette.
        player_of: makes a player of a cassette.
        today: the day, ISO 8601.

    Raises:
        CassetteError: the file is broken, or what was written by hand cannot be meant so.
    """

    def __init__(self, path: Path, player_of: Callable[[Cassette], Player], today: Callable[[], str]) -> None:
        self.path, self._player_of, self._today = path, player_of, today
        self._redactor = Redactor(own=in_environment())
        self._stop: Unanswered | None = None
        sheet = _read(path)
        for number, this in enumerate(sheet.interactions, 1):
            if number not in sheet.pending:
                refuse_slips(path, number, this)
        self._pending = sheet.pending
        self.player = player_of(Cassette(sheet.interactions, path))

    @property
    def is_whole(self) -> bool:
        """Whether every request in it has an answer, and nothing was asked that has none."""
        return self._stop is None and not self._pending

    def play(self, request: dict[str, Any], endpoint: str = MESSAGES, betas: Sequence[str] = ()) -> Play | Miss:
        """The answer of the file.

        Raises:
            Unanswered: there is none; the request stands in the file now.
            ProgramStopped: the request cannot be written.
        """
        if self._stop:
            # One after the other: the next request depends on the answer to this one, or could.
            raise self._stop
        found = self.player.play(request, endpoint, betas)
        if isinstance(found, Play) and found.number not in self._pending:
            return found
        if isinstance(found, Play):
            raise self._stopped(found.number, found.interaction.request, endpoint)
        beside = self._beside(found)
        number, interaction = self._put_in(request, endpoint)
        if endpoint != COUNT_TOKENS:
            raise self._stopped(number, interaction.request, endpoint, beside)
        return Play(number, interaction)

    def open_ends(self) -> str:
        """What is written and was never asked for, in words; empty when there is none."""
        return self.player.open_ends()

    def _beside(self, found: Miss) -> str:
        """How the request differs from the nearest one that is answered and was not asked for; empty without one."""
        number = found.nearest
        if number is None or number in self._pending or number in self.player.played():
            return ""
        from .missing.words import differing

        return (
            f"It is not that of interaction {number}, whose answer was not asked for. It differs in: "
            f"{', '.join(found.kinds)}.\n\n{differing(found)}{_FOR_EVER}\n"
        )

    def _put_in(self, request: dict[str, Any], endpoint: str) -> tuple[int, Interaction]:
        # Read again: somebody may have gone on writing while the program ran.
        sheet = _read(self.path)
        last = len(sheet.entries)
        is_stale = last in sheet.pending and last not in self.player.played() and _is_untouched(sheet)
        before = sheet.interactions[: last - is_stale]
        this = self._interaction(request, endpoint, len(before) + 1)
        entry = _entry(before, this, endpoint)
        write_whole(self.path, with_entry(sheet.text, entry, is_stale))
        if endpoint == COUNT_TOKENS:
            self._go_on()
        return len(before) + 1, this

    def _go_on(self) -> None:
        played, sheet = self.player.played(), _read(self.path)
        self._pending = sheet.pending
        self.player = self._player_of(Cassette(sheet.interactions, self.path))
        self.player.rewind([*played, len(sheet.interactions)])

    def _interaction(self, request: dict[str, Any], endpoint: str, number: int) -> Interaction:
        body = recorded_form(request, self._redactor)
        where = f"{self.player.cassette}, interaction {number}"
        try:
            refuse_secrets({"request": body}, where, self._redactor)
        except SecretFound as error:
            raise ProgramStopped(str(error)) from None
        if endpoint == COUNT_TOKENS:
            return counted(body, self._today())
        model = body.get("model")
        provenance = Provenance(AUTHORED, model if isinstance(model, str) else "", self._today())
        return Interaction(body, {}, provenance, endpoint=endpoint)

    def _stopped(self, number: int, request: dict[str, Any], endpoint: str, beside: str = "") -> Unanswered:
        self._stop = Unanswered(_words(str(self.player.cassette), number, request, endpoint, beside), number)
        return self._stop


def _read(path: Path) -> _Sheet:
    """The draft in the file `path`; an empty one where there is no file."""
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return _Sheet(Cassette().dumps(), [], [], frozenset())
    except (OSError, UnicodeDecodeError):
        text = ""
    found = _entries(text)
    if found is None:
        # What is wrong with it is said there.
        read_interactions(path)
        raise CassetteError(path, "this is no cassette.", "Name another file.")
    pending = frozenset(number for number, entry in enumerate(found, 1) if _is_pending(entry))
    stand_ins = [{**entry, "response": ""} if number in pending else entry for number, entry in enumerate(found, 1)]
    reader = EntryReader(path, stand_ins)
    return _Sheet(text, found, [reader.interaction(number) for number in reader.numbers()], pending)


def _entries(text: str) -> list[Any] | None:
    """The entries of a cassette's text; None when it is none."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or (document.get("format"), document.get("version")) != (FORMAT, VERSION):
        return None
    found = document.get("interactions")
    return found if isinstance(found, list) and len(document) == 3 else None


def _is_pending(entry: Any) -> bool:
    if not isinstance(entry, dict) or "events" in entry or entry.get("response") is not None:
        return False
    provenance = entry.get("provenance")
    return isinstance(provenance, dict) and provenance.get("kind") == AUTHORED


def _is_untouched(sheet: _Sheet) -> bool:
    """Whether the last entry, which has no answer, is still as it was put in."""
    *before, last = sheet.interactions
    origin = last.provenance
    asked = Interaction(last.request, {}, Provenance(AUTHORED, origin.model, origin.date), endpoint=last.endpoint)
    return bool(_entry(before, asked, last.endpoint) == sheet.entries[-1])


def _entry(before: list[Interaction], this: Interaction, endpoint: str) -> dict[str, Any]:
    """The entry of `this` after those `before`; without an answer, but for one that can be estimated."""
    entry = entries([*before, this])[-1]
    return entry if endpoint == COUNT_TOKENS else {**entry, "response": None}


def _words(file: str, number: int, request: dict[str, Any], endpoint: str, beside: str) -> str:
    text = 'a text:\n  "response": "Hello!"\n'
    call = _example(request)
    if call:
        shown = json.dumps({"content": [call]}, ensure_ascii=False)
        text = f'a text, or the call of a tool:\n  "response": "Hello!"\n  "response": {shown}\n'
    if endpoint != MESSAGES:
        text = 'what the API answers:\n  "response": {...}\n'
    return (
        f"{file}, interaction {number}, has no answer yet. It is this {explain.asked(endpoint)}: "
        f"{explain.describe(request, endpoint)}.\n{beside}"
        f'What to do: write the answer there in place of "response": null, {text}'
        "Then run the same command again: it comes to the next request."
    )


def _example(request: dict[str, Any]) -> dict[str, Any] | None:
    """A call of the first tool that the request offers."""
    tools = request.get("tools")
    own = [tool for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    named = [tool for tool in own if isinstance(tool.get("name"), str)]
    if not named:
        return None
    schema = _object(named[0].get("input_schema"))
    properties, required = _object(schema.get("properties")), schema.get("required")
    names = [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    given = {name: _EXAMPLES.get(str(_object(properties.get(name)).get("type")), "...") for name in names}
    return {"type": "tool_use", "name": named[0]["name"], "input": given}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
