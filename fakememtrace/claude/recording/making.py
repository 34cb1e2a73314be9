"""From a request and what was heard to the interaction that is kept: without secrets, media by their digest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import CassetteError
from ..entry import EntryReader
from ..fake import Asked
from ..interaction import RECORDED, WITNESS, Event, Interaction, Provenance
from ..media import digested
from ..redact import Redactor, headers
from ..redaction.spans import Span, find
from ..sse import accumulated
from ..writing import entries
from .hearing import Heard

__all__ = ["kept", "made", "recorded_form", "unreadable"]

# Where the texts stand that a stream cuts into pieces.
_PIECES = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}


def made(asked: Asked, heard: Heard, day: str) -> Interaction:
    """The interaction as it was, secrets and all."""
    body = accumulated(event.data for event in heard.events) if heard.events else heard.body
    named = (body.get("model") if isinstance(body, dict) else None, asked.body.get("model"), asked.body.get("id"))
    model = next((name for name in named if isinstance(name, str)), "")
    return Interaction(
        request=asked.body,
        response=body,
        provenance=Provenance(RECORDED, model, day, WITNESS),
        status=heard.status,
        stream=bool(heard.events),
        duration_ms=heard.duration_ms,
        headers=headers(heard.headers),
        endpoint=asked.endpoint,
        betas=asked.betas,
        events=heard.events,
    )


def kept(this: Interaction, redactor: Redactor) -> Interaction:
    """The interaction as it may be written, as far as the `redactor` knows."""
    events = tuple(_cleaned_stream(this.events, redactor))
    return Interaction(
        request=recorded_form(this.request, redactor),
        response=accumulated(event.data for event in events) if events else redactor.clean(this.response),
        provenance=replace(this.provenance, model=redactor.clean(this.provenance.model)),
        status=this.status,
        stream=this.stream,
        duration_ms=this.duration_ms,
        headers=redactor.clean(this.headers),
        endpoint=this.endpoint,
        betas=None if this.betas is None else tuple(sorted(redactor.clean([*this.betas]))),
        events=events,
    )


def recorded_form(request: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    """The body of a request as it may be written."""
    return redactor.clean(digested(request))


def unreadable(this: Interaction) -> str:
    """Why the interaction could not be read again from a cassette; empty when it could."""
    try:
        EntryReader(Path(), entries([this])).interaction(1)
    except CassetteError as error:
        return f"{error.place}: {error.problem}"
    return ""


def _cleaned_stream(events: tuple[Event, ...], redactor: Redactor) -> Iterator[Event]:
    """The events without secrets, those that are cut into pieces too."""
    texts = _whole_texts(events)
    cleaned = {place: iter(_cleaned_pieces(pieces, redactor)) for place, pieces in texts.items()}
    for at_ms, data in events:
        place = _place(data)
        if place is not None:
            data = {**data, "delta": {**data["delta"], place[1]: next(cleaned[place])}}
        yield Event(at_ms, redactor.clean(data))


def _whole_texts(events: tuple[Event, ...]) -> dict[tuple[int, str], list[str]]:
    texts: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for _, data in events:
        place = _place(data)
        if place is not None:
            texts[place].append(data["delta"][place[1]])
    return texts


def _place(data: dict[str, Any]) -> tuple[int, str] | None:
    """Which text of which block the event goes on with; None when it does not."""
    delta, index = data.get("delta"), data.get("index")
    if not isinstance(delta, dict) or not isinstance(index, int):
        return None
    key = _PIECES.get(str(delta.get("type")))
    return (index, key) if key is not None and isinstance(delta.get(key), str) else None


def _cleaned_pieces(pieces: list[str], redactor: Redactor) -> list[str]:
    """The pieces of one text, each secret replaced in the piece where it begins."""
    while spans := find("".join(pieces), redactor.kinds):
        pieces = list(_without(pieces, spans))
    return pieces


def _without(pieces: list[str], spans: list[Span]) -> Iterator[str]:
    start = 0
    for piece in pieces:
        end = start + len(piece)
        left, at = "", start
        for span in spans:
            if span.start >= end or span.end <= start:
                continue
            left += piece[at - start : max(span.start, at) - start]
            left += f"<{span.kind}>" if span.start >= start else ""
            at = min(span.end, end)
        yield left + piece[at - start :]
        start = end
