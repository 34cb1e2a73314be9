"""The text that a model reads: section 5."""

from __future__ import annotations

from typing import Any

from fakememtrace.wire import Request

from .base import ID, ID_FORM, TYPE, TYPE_FORM
from .directory import Sessions
from .reading import Broken, fields_of, options_of
from .refused import Refused
from .times import DAY, ago, rfc3339

__all__ = ["Contexts"]


class Contexts(Sessions):
    """Session contexts."""

    def context(self, session_id: str, request: Request) -> tuple[int, Any]:
        """Newest first, at most a hundred."""
        try:
            options = options_of(fields_of(request, {}))
        except (Refused, Broken):
            options = options_of({})
        self.check_form(ID, session_id, f"invalid session_id: {ID_FORM}")
        self.check_types(options, "include")
        if self.dialect["context_options"] == "honoured":
            self.check_types(options, "exclude")
        session = self.find_session(session_id)
        if session is None and self.dialect["unknown_session"] == "not_found":
            raise Refused(404, "session not found")
        shown = self.shown(session_id, session, options)
        text = self.markdown(session_id, shown)
        while self.dialect["max_tokens"] == "honoured" and options["max_tokens"] > 0 and shown:
            if len(text) <= 4 * options["max_tokens"]:
                break
            shown.remove(min(shown, key=lambda memory: memory["time"]))
            text = self.markdown(session_id, shown)
        return 200, {"session_id": session_id, "context": text, "memory_count": len(shown)}

    def check_types(self, options: dict[str, Any], which: str) -> None:
        """Refuse a type of bad form."""
        for name in options[f"{which}_types"]:
            self.check_form(TYPE, name, f"invalid {which}_type '{name}': {TYPE_FORM}")

    def shown(self, session_id: str, session: dict[str, Any] | None, options: dict[str, Any]) -> list[dict[str, Any]]:
        """The session's own memories, then the agent's earlier ones; the newest hundred."""
        newest = self.flushed()[::-1]
        own = [memory for memory in newest if memory["session_id"] == session_id]
        own = self.in_context(own, options)[:100]
        before: list[dict[str, Any]] = []
        if self.dialect["context_scope"] == "agent" and session is not None:
            names = self.names_of(session["agent_id"])
            before = [m for m in newest if m["session_id"] != session_id and m["agent_id"] in names]
            # decision: earlier is before the session was created; a hundred in all.
            before = [m for m in before if m["time"] < session["created_at"]]
            before = self.in_context(before, options)[: 100 - len(own)]
        if self.dialect["context_options"] == "honoured" and options["order"] == "asc":
            own, before = own[::-1], before[::-1]
        return own + before

    def names_of(self, agent_id: str) -> set[str]:
        """The id and the name of the agent that is called so."""
        # decision: both are one agent.
        for agent in self.agents:
            if agent_id in (agent["id"], agent["name"]):
                return {agent["id"], agent["name"]}
        return {agent_id}

    def in_context(self, rows: list[dict[str, Any]], options: dict[str, Any]) -> list[dict[str, Any]]:
        """Those of the wanted types and times."""
        honoured = self.dialect["context_options"] == "honoured"
        excluded = options["exclude_types"] if honoured else []
        bounds = [self.context_since(options["since"]), self.bound("until", options["until"] if honoured else "")]
        rows = [
            memory
            for memory in rows
            if (not options["include_types"] or memory["memory_type"] in options["include_types"])
            and memory["memory_type"] not in excluded
        ]
        return self.within(rows, bounds, "query session context")

    def context_since(self, text: str) -> Any:
        """What tells whether a time is in the window."""
        relative = ago(self.now, text, self.dialect["relative_units"])
        if relative is not None:
            return lambda time: time > relative
        if text and self.dialect["context_options"] == "honoured":
            return self.bound("since", text)
        everything = not text and self.dialect["context_window"] == "everything"
        now = self.now
        return lambda time: everything or time > now - DAY

    def markdown(self, session_id: str, shown: list[dict[str, Any]]) -> str:
        """Heading by heading."""
        text = f"## Session Context ({session_id})\n\n"
        for heading, belongs in self.headings():
            lines = [self.line(memory) for memory in shown if belongs(memory)]
            if lines:
                last = heading in ("Other", "Session")
                text += f"### {heading} ({len(lines)})\n" + "".join(lines) + ("" if last else "\n")
        return text

    def headings(self) -> list[tuple[str, Any]]:
        """Each heading, and what belongs below it."""

        def of(kind: str) -> Any:
            return lambda memory: memory["memory_type"] == kind

        if self.dialect["context_headings"] == "documented":
            return [
                ("Recent Actions", of("episodic")),
                ("Decisions", of("decision")),
                ("Entities", of("entity")),
                ("Session", of("session")),
            ]
        error = {"memory_type": "session", "event_type": "error"}
        return [
            ("Recent Actions", of("episodic")),
            ("Decisions Made", of("decision")),
            ("Errors", lambda m: error.items() <= m.items()),
            ("Other", lambda m: m["memory_type"] in ("entity", "session") and not error.items() <= m.items()),
        ]

    def line(self, memory: dict[str, Any]) -> str:
        """One memory."""
        if self.dialect["context_line"] == "content":
            return f"- {memory['content']}\n"
        data = memory["content"].encode()
        # decision: one U+FFFD for a cut character.
        hint = memory["content"] if len(data) <= 80 else data[:80].decode(errors="replace") + "..."
        return f"- [{rfc3339(memory['time'])}] {memory['event_type']}: {hint}\n"
