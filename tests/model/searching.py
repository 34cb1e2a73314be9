"""Lists, search and lookup: section 4, second half."""

from __future__ import annotations

import re
from typing import Any

from fakememtrace.wire import Request

from .base import ID, ID_FORM, TAG, TAG_FORM, TYPE, TYPE_FORM, Base, joined, tags_of
from .reading import fields_of, query_of, query_of_url, whole_number
from .refused import Arc, Refused

__all__ = ["Searching"]

COMMANDS = re.compile(r"\b(set|call|load|copy)\b", re.IGNORECASE)


class Searching(Base):
    """Every way to find a memory but the context."""

    def list_memories(self, request: Request) -> tuple[int, Any]:
        """Every filter there is."""
        query = query_of_url(request)
        tags = [tag.strip() for tag in query.get("tags", "").split(",")]
        return self.page_of(
            query, offset=max(whole_number(query.get("offset", "")) or 0, 0), tags=[t for t in tags if t]
        )

    def list_of_agent(self, agent_id: str, request: Request) -> tuple[int, Any]:
        """Of the last day, unless asked otherwise."""
        read = ("memory_type", "event_type", "since", "limit", "order")
        query = {name: value for name, value in query_of_url(request).items() if name in read}
        return self.page_of({**query, "agent_id": agent_id, "since": query.get("since") or "24h"})

    def list_of_session(self, session_id: str, request: Request) -> tuple[int, Any]:
        """Of any time, unless asked otherwise."""
        read = ("memory_type", "since", "limit", "order")
        query = {name: value for name, value in query_of_url(request).items() if name in read}
        return self.page_of({**query, "session_id": session_id})

    def page_of(self, query: dict[str, str], offset: int = 0, tags: list[str] | None = None) -> tuple[int, Any]:
        """A page of a list."""
        names = ("agent_id", "session_id", "memory_type", "event_type", "since", "until", "order")
        wanted = {name: query.get(name, "") for name in names}
        wanted |= {name + "s": [wanted[name]] if wanted[name] else [] for name in ("memory_type", "event_type")}
        found = self.select({**wanted, "tags": tags or []}, "query")
        asked = whole_number(query.get("limit", "")) or 0
        if asked <= 0:
            asked = 100
        page = found[offset:][: self.page(asked, 100)]
        more = len(found) > offset + len(page) if self.dialect["has_more"] == "more_exist" else len(page) >= asked
        return 200, {"memories": [self.memory_json(m) for m in page], "count": len(page), "has_more": more}

    def page(self, asked: int, default: int) -> int:
        """How many are on a page."""
        if asked > 1000:
            return 1000 if self.dialect["limit_over_1000"] == "clamped" else default
        return asked if asked > 0 else default

    def search(self, request: Request) -> tuple[int, Any]:
        """No paging in the released server."""
        wanted = query_of(fields_of(request, {}))
        found = self.select(wanted, "search")
        offset = max(wanted["offset"], 0) if self.dialect["offset"] == "honoured" else 0
        page = found[offset:][: self.page(wanted["limit"], self.dialect["search_default_limit"])]
        return 200, {"results": [self.memory_json(m) for m in page], "count": len(page), "query_time_ms": 0}

    def select(self, wanted: dict[str, Any], doing: str) -> list[dict[str, Any]]:
        """The memories that match, in order."""
        self.check_filters(wanted)
        bounds = {name: self.bound(name, wanted[name]) for name in ("since", "until")}
        flushed = self.flushed()
        self.check_guard(wanted, doing)
        rows = [memory for memory in flushed if self.has_fields(memory, wanted)]
        rows = self.within(rows, list(bounds.values()), f"{doing} memories")
        rows = [memory for memory in rows if self.matches(memory, wanted)]
        return sorted(rows, key=lambda memory: memory["time"], reverse=wanted["order"] != "asc")

    def check_filters(self, wanted: dict[str, Any]) -> None:
        """Every value has its form."""
        self.check_form(ID, wanted["agent_id"], f"invalid agent_id: {ID_FORM}")
        self.check_form(ID, wanted["session_id"], f"invalid session_id: {ID_FORM}")
        for name in ("memory_type", "event_type"):
            for value in wanted[name + "s"]:
                self.check_form(TYPE, value, f"invalid {name}: {TYPE_FORM}")
        for tag in wanted["tags"]:
            self.check_form(TAG, tag, f"invalid tag: {TAG_FORM}")

    def check_guard(self, wanted: dict[str, Any], doing: str) -> None:
        """The deployment attribute sql_guard."""
        likes = [*wanted["tags"], *([wanted["content_contains"]] if wanted.get("content_contains") else [])]
        if self.dialect["sql_guard"] == "on" and any(COMMANDS.search(text) for text in likes[1:]):
            raise Arc(f"{doing} memories", "Dangerous SQL operation not allowed")

    def has_fields(self, memory: dict[str, Any], wanted: dict[str, Any]) -> bool:
        """The equality filters."""
        return (
            wanted["agent_id"] in ("", memory["agent_id"])
            and wanted["session_id"] in ("", memory["session_id"])
            and (not wanted["memory_types"] or memory["memory_type"] in wanted["memory_types"])
            and (not wanted["event_types"] or memory["event_type"] in wanted["event_types"])
        )

    def matches(self, memory: dict[str, Any], wanted: dict[str, Any]) -> bool:
        """Importance, text and tags."""
        low, high = wanted.get("min_importance", 0), wanted.get("max_importance", 0)
        # decision: a bound below zero is none, as zero is.
        if low > 0 and memory["importance"] < float(f"{low:.6f}"):
            return False
        honoured = self.dialect["max_importance"] == "honoured"
        if high > 0 and honoured and memory["importance"] > float(f"{high:.6f}"):
            return False
        contains = self.contains(memory, wanted.get("content_contains", ""))
        return contains and all(self.has_tag(memory, tag) for tag in wanted["tags"])

    def contains(self, memory: dict[str, Any], text: str) -> bool:
        """Literally; a NUL is dropped from what is looked for."""
        text, content = text.replace("\0", ""), memory["content"]
        if self.dialect["content_match"] == "any_case":
            # decision: letters are folded as Unicode says, so that "STRASSE" finds "straße".
            text, content = text.casefold(), content.casefold()
        return text in content

    def has_tag(self, memory: dict[str, Any], tag: str) -> bool:
        """One tag."""
        if self.dialect["tag_match"] == "substring":
            return tag in joined(memory)
        # decision: an empty tag is one like any other where whole tags are compared.
        return tag in tags_of(memory)

    def get_memory(self, sought: str, request: Request) -> tuple[int, Any]:
        """By id, or by a text in it, newest first."""
        for memory in sorted(self.flushed(), key=lambda memory: -memory["time"]):
            # decision: a lookup by content compares letters as a search does.
            by_id = self.dialect["memory_lookup"] == "memory_id"
            if memory["memory_id"] == sought if by_id else self.contains(memory, sought):
                return 200, self.memory_json(memory)
        raise Refused(404, "memory not found")
