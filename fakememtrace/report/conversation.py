"""A cassette as a person reads it: who said what to whom, as lines of text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..claude.cassette import Cassette
from ..claude.interaction import COUNT_TOKENS, ESTIMATED, MESSAGES, MODELS, Interaction
from ..claude.writing import entries
from .text import Line, labelled, printable

__all__ = ["conversation_lines", "origins"]

# How many lines of a text are shown unless all are asked for.
_MOST_LINES = {"system": 6}
_MOST_OTHERS = 20
_STYLES = {
    "calls": "magenta",
    "cites": "dim",
    "claude": "green",
    "ends": "dim",
    "error": "bold red",
    "events": "dim",
    "result": "yellow",
    "set": "dim",
    "system": "cyan",
    "thinks": "dim italic",
    "tools": "magenta",
    "user": "bold",
}
_WHO = {"assistant": "claude"}
_DIGEST = re.compile(r"sha256:[0-9a-f]{64} \((\d+) (\w+)\)")
_NAMED = ("model", "system", "tools", "messages")


def conversation_lines(cassette: Cassette, number: int | None = None, full: bool = False) -> Iterator[Line]:
    """The whole cassette, or all of its interaction `number`; unless `full`, long texts are shortened."""
    yield Line(f"{cassette}: {origins(cassette)}", "bold")
    written = entries(cassette.interactions)
    for this, entry in zip(cassette.interactions, written, strict=True):
        if number in (None, entry["number"]):
            base = entry.get("continues", entry.get("like")) if number is None else None
            before = cassette.interactions[base - 1] if base else None
            yield Line("")
            yield from _Interaction(this, entry, before, full).lines()


def origins(cassette: Cassette) -> str:
    """``9 interactions, all authored`` or ``9 interactions: 3 authored, 6 recorded``."""
    kinds = [interaction.provenance.kind for interaction in cassette.interactions]
    count = f"{len(kinds)} {'interaction' if len(kinds) == 1 else 'interactions'}"
    found = sorted(set(kinds))
    if len(found) < 2:
        return f"{count}, {'all ' if len(kinds) > 1 else ''}{found[0]}" if found else count
    return f"{count}: " + ", ".join(f"{kinds.count(kind)} {kind}" for kind in found)


class _Interaction:
    """One interaction in lines; of what it shares with an earlier one only that it does."""

    def __init__(self, this: Interaction, entry: Mapping[str, Any], base: Interaction | None, full: bool) -> None:
        self._this, self._entry, self._base, self._full = this, entry, base, full
        self._tools: dict[str, str] = {}

    def lines(self) -> Iterator[Line]:
        yield Line(printable(self._title()), "bold")
        yield from self._parameters()
        messages = [message for message in self._this.messages if isinstance(message, dict)]
        skipped = len(self._base.messages) + 1 if self._base and "continues" in self._entry else 0
        for position, message in enumerate(messages):
            shown = list(self._content(_who(message), message.get("content")))
            if position >= skipped:
                yield from shown
        yield from self._answer()

    def _title(self) -> str:
        this, origin = self._this, self._this.provenance
        told = [f"{this.events[-1].at_ms / 1000:g} s" if this.events else "", f"{this.duration_ms / 1000:g} s"]
        stream = f"a stream of {len(this.events)} events in {told[0]}" if this.events else "a stream"
        facts = [
            f"interaction {self._entry['number']}{self._relation()}",
            "" if this.endpoint == MESSAGES else this.endpoint,
            str(this.request.get("model") or origin.model),
            f"{origin.kind} {origin.date}".rstrip(),
            told[1] if this.duration_ms else "",
            stream if this.stream else "",
            f"betas {', '.join(this.betas)}" if this.betas else "",
        ]
        return " · ".join(fact for fact in facts if fact)

    def _relation(self) -> str:
        if self._base is None:
            return ""
        key = "continues" if "continues" in self._entry else "like"
        return f" {key} {self._entry[key]}"

    def _parameters(self) -> Iterator[Line]:
        request, before = self._this.request, self._base.request if self._base else {}
        for key in ("system", "tools"):
            if key in request and request[key] != before.get(key):
                yield from self._system(request[key]) if key == "system" else self._offered(request[key])
        others = [
            f"{key}: {_json(value)}"
            for key, value in request.items()
            if key not in _NAMED and (key not in before or value != before[key])
        ]
        gone = [f"no {key}" for key in before if key not in request and key != "messages"]
        if others or gone:
            yield from self._labelled("set", ", ".join(others + gone))

    def _system(self, system: Any) -> Iterator[Line]:
        texts = [system] if isinstance(system, str) else [_text_of(block) for block in _listed(system)]
        yield from self._labelled("system", "\n".join(texts))

    def _offered(self, tools: Any) -> Iterator[Line]:
        offered = [tool for tool in _listed(tools) if isinstance(tool, dict)]
        names = [str(tool.get("name") or tool.get("type")) for tool in offered]
        if not self._full:
            yield from self._labelled("tools", ", ".join(names))
            return
        for number, (name, tool) in enumerate(zip(names, offered, strict=True)):
            words = f"{name}: {tool['description']}" if tool.get("description") else name
            yield from self._labelled("" if number else "tools", words, "tools")

    def _content(self, who: str, content: Any) -> Iterator[Line]:
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else _listed(content)
        for block in blocks:
            yield from self._block(who, block if isinstance(block, dict) else {"type": _json(block)})

    def _block(self, who: str, block: dict[str, Any]) -> Iterator[Line]:
        kind = str(block.get("type"))
        if kind == "text":
            yield from self._labelled(who, str(block.get("text", "")))
            yield from self._cited(block.get("citations"))
        elif kind == "thinking":
            yield from self._labelled("thinks", str(block.get("thinking", "")))
        elif kind == "redacted_thinking":
            yield from self._labelled("thinks", f"[redacted, {len(str(block.get('data', ''))):,} characters]")
        elif kind.endswith("tool_use"):
            yield from self._called(block, kind)
        elif kind.endswith("tool_result"):
            yield from self._result(block)
        else:
            yield from self._labelled(who, _other(block))

    def _called(self, block: dict[str, Any], kind: str) -> Iterator[Line]:
        name = str(block.get("name"))
        self._tools[str(block.get("id"))] = name
        yield from self._labelled("calls", name if kind == "tool_use" else f"{name}, which the API answers itself")
        given = block.get("input")
        for key, value in given.items() if isinstance(given, dict) else ():
            yield from self._labelled("", f"  {key}: {_json(value)}", "calls")

    def _result(self, block: dict[str, Any]) -> Iterator[Line]:
        called = str(block.get("tool_use_id"))
        content = block.get("content", "")
        texts = [content] if isinstance(content, str) else [_text_of(part) for part in _listed(content) or [content]]
        failed = "failed: " if block.get("is_error") else ""
        yield from self._labelled("result", f"{self._tools.get(called, called)}: {failed}" + "\n".join(texts))

    def _cited(self, citations: Any) -> Iterator[Line]:
        for citation in filter(_is_object, _listed(citations)):
            source = citation.get("url") or citation.get("source") or citation.get("document_title")
            words = _json(citation.get("cited_text"))
            yield from self._labelled("cites", f"{words} ({source})" if source else words)

    def _answer(self) -> Iterator[Line]:
        this = self._this
        response = this.response
        if isinstance(response, str):
            yield from self._labelled("error", f"{this.status}: {response}")
        elif this.status != 200 or response.get("type") == "error":
            yield from self._error(response)
        elif this.endpoint == COUNT_TOKENS:
            yield from self._labelled("ends", f"{response.get('input_tokens')} tokens counted{self._guessed()}")
        elif this.endpoint == MODELS:
            listed = _listed(response.get("data")) or [response]
            models = [str(model.get("id")) for model in listed if _is_object(model)]
            yield from self._labelled("claude", ", ".join(models))
        else:
            yield from self._content("claude", response.get("content"))
            yield from self._labelled("ends", " · ".join(self._ending(response)))
        kept = [f"{name}: {value}" for name, value in this.headers.items()]
        if kept:
            yield from self._labelled("", ", ".join(kept), "ends")

    def _error(self, response: dict[str, Any]) -> Iterator[Line]:
        error = response.get("error")
        told = f"{error.get('type')}: {error.get('message')}" if isinstance(error, dict) else _json(response)
        yield from self._labelled("error", f"{self._this.status} {told}")

    def _ending(self, message: dict[str, Any]) -> Iterator[str]:
        yield str(message.get("stop_reason") or "cut off")
        if message.get("stop_sequence"):
            yield f"at {_json(message['stop_sequence'])}"
        told = message.get("usage")
        usage = {key: value for key, value in told.items() if type(value) is int} if isinstance(told, dict) else {}
        yield f"{usage.get('input_tokens', 0):,} tokens in, {usage.get('output_tokens', 0):,} out{self._guessed()}"
        for key, words in (("cache_read_input_tokens", "read from"), ("cache_creation_input_tokens", "written to")):
            if usage.get(key):
                yield f"{usage[key]:,} {words} the cache"

    def _guessed(self) -> str:
        return f" ({ESTIMATED})" if self._this.provenance.usage == ESTIMATED else ""

    def _labelled(self, label: str, text: str, style: str = "") -> Iterator[Line]:
        lines = text.split("\n")
        most = _MOST_LINES.get(label, _MOST_OTHERS)
        if not self._full and len(lines) > most + 1:
            lines = [*lines[:most], f"... {len(lines) - most} more lines, see --full"]
        yield from labelled(label, "\n".join(lines), _STYLES.get(style or label, ""))


def _who(message: Mapping[str, Any]) -> str:
    role = str(message.get("role"))
    return _WHO.get(role, role)


def _text_of(block: Any) -> str:
    return str(block["text"]) if isinstance(block, dict) and "text" in block else _other(block)


def _other(block: Any) -> str:
    """A block that is no text, in a line: media by what they are and how much, everything else as JSON."""
    if not isinstance(block, dict):
        return _json(block)
    if block.get("type") == "web_search_result":
        return f"{block.get('title')} ({block.get('url')})"
    if not isinstance(block.get("source"), dict):
        return _json(block)
    source = block["source"]
    facts = [source.get("media_type"), block.get("title"), source.get("url") or source.get("file_id"), _size(source)]
    return f"[{block.get('type')}: {', '.join(str(fact) for fact in facts if fact)}]"


def _size(source: Mapping[str, Any]) -> str:
    data = source.get("data")
    if not isinstance(data, str):
        return ""
    digest = _DIGEST.fullmatch(data)
    if digest:
        return f"{int(digest[1]):,} {digest[2]}"
    if source.get("type") != "base64":
        return f"{len(data):,} characters"
    plain = "".join(data.split()).rstrip("=")
    return f"{len(plain) * 3 // 4:,} bytes"


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
