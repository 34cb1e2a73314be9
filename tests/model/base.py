"""What every section of the model needs: its state, time and ids, the write buffer, forms and bounds."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from .refused import Arc, Bad, Refused
from .times import SECOND, ago, literal, rfc3339

__all__ = ["ID", "ID_FORM", "TAG", "TAG_FORM", "TYPE", "TYPE_FORM", "Base", "joined", "tags_of"]

ID_FORM = "invalid ID format: must be alphanumeric with underscores/hyphens, max 128 chars"
TYPE_FORM = "invalid type format: must be alphanumeric with underscores, max 64 chars"
TAG_FORM = "invalid tag format: must be alphanumeric with underscores/hyphens/dots, max 64 chars"
ID = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,127}")
TYPE = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,63}")
TAG = re.compile(r"[a-zA-Z0-9_.\-]{1,64}")


class Base:
    """The state; ``now`` is moved by whoever runs the model."""

    def __init__(self, dialect: dict[str, Any], now: int, api_key: str, org_id: str = "org_default") -> None:
        self.dialect, self.api_key, self.org_id, self.orgs = dialect, api_key, org_id, [org_id]
        self.now = self.started = self.looked = now
        self.agents: list[dict[str, Any]] = []
        self.sessions: list[dict[str, Any]] = []
        self.buffer: list[dict[str, Any]] = []
        self.stored: list[dict[str, Any]] = []
        self.drawn: dict[str, int] = {}

    def stamp(self) -> int:
        """The time of a write: no two are the same."""
        # decision: a write takes a microsecond (the fake's virtual clock).
        self.now += 1
        return self.now - 1

    def new_id(self, prefix: str) -> str:
        """The next id of a kind, as a server might draw it."""
        # decision: the n-th id of a kind is always the same.
        self.drawn[prefix] = self.drawn.get(prefix, 0) + 1
        return prefix + hashlib.sha256(f"{prefix}{self.drawn[prefix]}".encode()).hexdigest()[:24]

    def tick(self) -> None:
        """Let the buffer's ticks go by that were since it was last looked at."""
        # decision: it ticks from the server's start.
        ticks = (self.looked - self.started) // SECOND
        if (self.now - self.started) // SECOND > ticks:
            self.flush(self.started + (ticks + 1) * SECOND)
        self.looked = self.now

    def flush(self, time: int) -> None:
        """Arc has, from `time` on, what waited."""
        self.stored += [memory | {"flushed_at": time} for memory in self.buffer]
        self.buffer = []

    def seen(self) -> list[dict[str, Any]]:
        """What stats and the dedup check see."""
        self.tick()
        delay = self.dialect["visibility_delay"]
        return [memory for memory in self.stored if memory["flushed_at"] + delay <= self.now] if delay else self.stored

    def flushed(self) -> list[dict[str, Any]]:
        """What lists, searches and contexts see."""
        self.tick()
        self.flush(self.now)
        return self.seen()

    def memory_json(self, memory: dict[str, Any]) -> dict[str, Any]:
        """A memory on the wire."""
        shown = {"time": rfc3339(memory["time"]), "content": memory["content"]}
        shown |= {name: memory[name] for name in ("org_id", "agent_id", "memory_type", "event_type")}
        optional = ("session_id", "metadata", "dedup_key", "importance", "parent_id")
        shown |= {name: memory[name] for name in optional if memory[name]}
        # decision: tags are shown as they are read back, from what was joined by commas.
        shown |= {"tags": tags_of(memory)} if tags_of(memory) else {}
        return shown | ({"memory_id": memory["memory_id"]} if self.dialect["memory_id"] == "shown" else {})

    def check_form(self, form: re.Pattern[str], value: str, text: str, status: int = 0) -> None:
        """Refuse a value of bad form; an empty one is no value."""
        if value and not form.fullmatch(value):
            raise Refused(status or self.dialect["bad_filter"], text)

    def bound(self, name: str, text: str) -> Any:
        """What tells whether a time is within; always, for no bound."""
        if not text or (name == "until" and text == "now"):
            return lambda time: True
        limit = ago(self.now, text, self.dialect["relative_units"])
        if limit is None:
            limit = literal(text)
        if isinstance(limit, Bad):
            if self.dialect["bad_filter"] == 400:
                # decision: the caller's fault is told whether or not a memory is there.
                raise Refused(400, f"invalid {name}: {limit.text.removeprefix('Conversion Error: ')}")
            return limit
        return (lambda time: time > limit) if name == "since" else (lambda time: time < limit)

    def within(self, rows: list[dict[str, Any]], bounds: list[Any], doing: str) -> list[dict[str, Any]]:
        """The rows between the bounds; a bound that cannot be read is told when a row reaches it."""
        # decision: a bound that can be read is compared first, tags and text come later.
        for bound in sorted(bounds, key=lambda bound: isinstance(bound, Bad)):
            if isinstance(bound, Bad) and rows:
                raise Arc(doing, bound.text)
            rows = rows if isinstance(bound, Bad) else [memory for memory in rows if bound(memory["time"])]
        return rows


def joined(memory: dict[str, Any]) -> str:
    """The tags as the database has them."""
    return ",".join(memory["tags"])


def tags_of(memory: dict[str, Any]) -> list[str]:
    """The tags as they are read back."""
    return joined(memory).split(",") if joined(memory) else []
