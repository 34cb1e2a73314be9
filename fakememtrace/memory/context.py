"""Memories -> the text that a model reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, NamedTuple

from .dialect import Dialect
from .directory import Directory
from .forms import check_id, check_type
from .query import Selection, bound, matching, select
from .records import Memory, Session
from .refusal import Refusal
from .store import DAY, MemoryStore
from .timespan import Unreadable, moment_before

__all__ = ["session_context", "wanted_in"]

_MOST = 100
_HINT_BYTES = 80
_CHARACTERS_PER_TOKEN = 4
_TYPES = ("episodic", "session", "decision", "entity")
_HEADINGS = {
    "released": ("Recent Actions", "Decisions Made", "Errors", "Other"),
    "documented": ("Recent Actions", "Decisions", "Entities", "Session"),
}


class _Window(NamedTuple):
    after: int | Unreadable | None
    before: int | Unreadable | None


def session_context(
    store: MemoryStore,
    directory: Directory,
    session_id: str,
    given: Mapping[str, Any],
    arrange: Callable[[list[Memory]], list[Memory]] | None = None,
) -> dict[str, Any]:
    """What ``POST /sessions/{id}/context`` answers; `given` are the fields of its body.

    It is made of what `arrange` makes of its memories, where that is given.  A session_id or a
    type of bad form is a Refusal, and so is an unknown session where the dialect says so.
    """
    dialect = store.dialect
    _check(session_id, given, dialect)
    session = directory.session(session_id)
    if session is None and dialect.unknown_session == "not_found":
        raise Refusal(404, "session not found")
    memories = _memories(store, directory, session_id, session, given)
    if dialect.max_tokens == "honoured":
        memories = _fitted(session_id, memories, given.get("max_tokens", 0), dialect)
    if arrange:
        memories = arrange(memories)
    text = _markdown(session_id, memories, dialect)
    return {"session_id": session_id, "context": text, "memory_count": len(memories)}


def wanted_in(given: Mapping[str, Any], now: int, dialect: Dialect) -> Selection:
    """What the body `given` asks for at `now` (microseconds since 1970), whatever the session."""
    after, before = _window(given, now, dialect)
    failure = "failed to query session context"
    return Selection(among=_types(given, dialect), after=after, before=before, limit=_MOST, failure=failure)


def _check(session_id: str, given: Mapping[str, Any], dialect: Dialect) -> None:
    check_id("session_id", session_id, dialect.bad_filter)
    for word in ("include", "exclude"):
        if word == "include" or dialect.context_options == "honoured":
            for value in given.get(f"{word}_types", ()):
                check_type(f"{word}_type '{value}'", value, dialect.bad_filter)


def _memories(
    store: MemoryStore, directory: Directory, session_id: str, session: Session | None, given: Mapping[str, Any]
) -> list[Memory]:
    dialect = store.dialect
    wanted = wanted_in(given, store.now(), dialect)
    memories = select(store, wanted._replace(equal={"session_id": session_id}))
    ascending = dialect.context_options == "honoured" and given.get("order") == "asc"
    parts = [memories]
    if dialect.context_scope == "agent" and session is not None:
        parts.append(_earlier(store, directory, session, wanted)[: _MOST - len(memories)])
    return [memory for part in parts for memory in (reversed(part) if ascending else part)]


def _earlier(store: MemoryStore, directory: Directory, session: Session, wanted: Selection) -> list[Memory]:
    """What the session's agent, under its id or its name, remembered before the session began."""
    agent = directory.agent(session.agent_id)
    names = {session.agent_id} | ({agent.id, agent.name} if agent else set())
    before = min(wanted.before, session.created_at) if isinstance(wanted.before, int) else session.created_at
    found: list[Memory] = []
    for name in names:
        rows = matching(store, wanted._replace(equal={"agent_id": name}, before=before))
        found += islice((row for row in rows if row.session_id != session.id), _MOST)
    return sorted(found, key=lambda memory: -memory.time)


def _window(given: Mapping[str, Any], now: int, dialect: Dialect) -> _Window:
    since, until = given.get("since", ""), given.get("until", "")
    default = now - DAY if dialect.context_window == "24h" else None
    if dialect.context_options == "honoured":
        return _Window(bound("since", since, now, dialect) if since else default, bound("until", until, now, dialect))
    relative = moment_before(now, since, dialect.relative_units)
    if relative is None:
        relative = now - DAY if since else default
    return _Window(relative, None)


def _types(given: Mapping[str, Any], dialect: Dialect) -> dict[str, list[str]]:
    included, excluded = given.get("include_types", []), given.get("exclude_types", [])
    if excluded and dialect.context_options == "honoured":
        included = [kind for kind in included or _TYPES if kind not in excluded]
        return {"memory_type": included}
    return {"memory_type": included} if included else {}


def _fitted(session_id: str, memories: list[Memory], max_tokens: int, dialect: Dialect) -> list[Memory]:
    kept = list(memories)
    most = max_tokens * _CHARACTERS_PER_TOKEN
    while max_tokens > 0 and kept and len(_markdown(session_id, kept, dialect)) > most:
        kept.remove(min(kept, key=lambda memory: memory.time))
    return kept


def _markdown(session_id: str, memories: list[Memory], dialect: Dialect) -> str:
    headings = _HEADINGS[dialect.context_headings]
    line = _content if dialect.context_line == "content" else _hint
    lines: dict[str, list[str]] = {heading: [] for heading in headings}
    for memory in memories:
        lines[_heading(memory, headings)].append(line(memory))
    text = f"## Session Context ({session_id})\n\n"
    for heading, entries in lines.items():
        if entries:
            end = "" if heading == headings[-1] else "\n"
            text += f"### {heading} ({len(entries)})\n" + "".join(entries) + end
    return text


def _heading(memory: Memory, headings: tuple[str, ...]) -> str:
    actions, decisions, third, last = headings
    if memory.memory_type == "episodic":
        return actions
    if memory.memory_type == "decision":
        return decisions
    if third == "Errors":
        return third if memory.memory_type == "session" and memory.event_type == "error" else last
    return third if memory.memory_type == "entity" else last


def _content(memory: Memory) -> str:
    return f"- {memory.content}\n"


def _hint(memory: Memory) -> str:
    return f"- [{memory.shown_time}] {memory.event_type}: {_cut(memory.content)}\n"


def _cut(content: str) -> str:
    if content.isascii():
        return content if len(content) <= _HINT_BYTES else content[:_HINT_BYTES] + "..."
    encoded = content.encode()
    if len(encoded) <= _HINT_BYTES:
        return content
    return encoded[:_HINT_BYTES].decode("utf-8", "replace") + "..."
