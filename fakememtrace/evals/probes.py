"""What each read of a case asks, and what its answer shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from .actor import Actor, Answered, Crash
from .case import Fact

__all__ = ["Question", "Reading", "Shown", "question", "reading"]

_NAMES = ("agent", "session", "org")
_LINE = re.compile(r"- \[(\S+Z)\] (\w+): ")


class Question(NamedTuple):
    """A read as it is sent: its kind, the org that asks, the id in its path, and its parameters."""

    read: str
    org: str
    id: str
    parameters: Mapping[str, Any]


class Shown(NamedTuple):
    """One memory in an answer, as it stands there.

    ``org`` and ``time`` are empty where a context does not say them; ``text`` is all that is shown of it, ``heading``
    the one that it stands under in a context, ``names`` its ids: agent, session, dedup key, parent, memory_id.
    ``fields`` are all that an answer says of it, none in a context.
    """

    org: str
    time: str
    content: str
    text: str
    heading: str = ""
    names: tuple[str, ...] = ()
    fields: Mapping[str, Any] = MappingProxyType({})


class Reading(NamedTuple):
    """What came back: the status, the memories in order, the count that the answer says, and what was read in all."""

    question: Question
    at: int
    status: int
    rows: tuple[Shown, ...] = ()
    counted: int = 0
    text: str = ""

    def shows(self, fact: Fact, actor: Actor) -> Shown | None:
        """The first memory that came of storing `fact` and is shown with all of it."""
        sources = [(row.org_id, row.shown_time, row.content) for row in actor.sources(fact)]
        for row in self.rows:
            if fact.is_in(row.content) and any(_same(row, *source) for source in sources):
                return row
        return None

    def and_then(self, later: Reading) -> Reading:
        """Both in one, as when several questions are asked for one thing; what was shown already is not new."""
        new = tuple(row for row in later.rows if row not in self.rows)
        status = self.status if self.status >= 400 else later.status
        rows = self.rows + new
        return Reading(later.question, later.at, status, rows, len(rows), "\n".join([self.text, later.text]))


def question(actor: Actor, read: str, options: Mapping[str, Any]) -> Question:
    """The question of a read, its names made ids."""
    org = options.get("org", "")
    given = {name: value for name, value in options.items() if name not in _NAMES}
    if read in ("list", "search", "chain"):
        # Of an agent and of a session only where it says so.
        if options.get("agent"):
            given["agent_id"] = actor.agent(options["agent"], org)
        if options.get("session"):
            given["session_id"] = actor.session(options["session"], org)
        return Question(read, org, "", given)
    if read in ("context", "session"):
        return Question(read, org, _session(actor, options, org, read), given)
    if read == "lookup":
        return Question(
            read,
            org,
            given.get("id") or actor.name_of(given.get("of") or next(iter(actor.case.facts))) or "unknown",
            {},
        )
    return Question(read, org, actor.agent(options.get("agent", ""), org), given)


def reading(actor: Actor, asked: Question) -> Reading:
    """Ask it; what came back."""
    at, (read, org, id_, given) = actor.world.clock.micros(), asked
    if read in ("search", "context"):
        path = "/search" if read == "search" else f"/sessions/{id_}/context"
        answer = actor.ask("POST", path, org, dict(given))
    else:
        path = {"lookup": f"/memories/{id_}", "stats": f"/agents/{id_}/stats"}.get(read) or _LISTS[read].format(id_)
        answer = actor.ask("GET", path, org, query=_as_query(given))
    if answer.status >= 400 and read != "lookup":
        return Reading(asked, at, answer.status, text=answer.text)
    rows = tuple(_READ.get(read, _listed)(answer, actor.org(org).id))
    if read == "chain":
        rows = tuple(_chained(rows))
    return Reading(asked, at, answer.status, rows, _count(answer, rows), _text(answer, rows))


_LISTS = {
    "list": "/memories",
    "chain": "/memories",
    "agent": "/agents/{}/memories",
    "session": "/sessions/{}/memories",
}


def _session(actor: Actor, options: Mapping[str, Any], org: str, read: str) -> str:
    session = actor.session(options.get("session"), org)
    if not session:
        raise Crash(f"a read of the kind {read!r} needs a session, and none was opened before.")
    return session


def _as_query(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: ",".join(value) if isinstance(value, list) else value for name, value in given.items()}


def _listed(answer: Answered, org: str) -> Iterator[Shown]:
    for row in _objects(answer.value.get("memories", answer.value.get("results", []))):
        yield _row(row, org)


def _looked_up(answer: Answered, org: str) -> Iterator[Shown]:
    if "content" in answer.value:
        yield _row(answer.value, org)


def _in_context(answer: Answered, _org: str) -> Iterator[Shown]:
    """The lines of a context; a line that is none of its own belongs to the one before."""
    heading, lines = "", list[str]()
    for line in [*str(answer.value.get("context", "")).split("\n"), "### "]:
        if line.startswith(("### ", "- ")) and lines:
            yield _line("\n".join(lines), heading)
            lines = []
        if line.startswith("### "):
            heading = line[4:].rpartition(" (")[0]
        elif line.startswith("- ") or (lines and line):
            lines.append(line)


def _line(text: str, heading: str) -> Shown:
    found = _LINE.match(text)
    if found is None:
        return Shown("", "", text[2:], text, heading)
    return Shown("", found[1], text[found.end() :], text, heading)


def _row(row: Mapping[str, Any], org: str) -> Shown:
    content = str(row.get("content", ""))
    names = tuple(str(row.get(name, "")) for name in ("agent_id", "session_id", "dedup_key", "parent_id", "memory_id"))
    return Shown(str(row.get("org_id", org)), str(row.get("time", "")), content, content, "", names, row)


def _chained(rows: tuple[Shown, ...]) -> Iterator[Shown]:
    """The newest memory, its parent, and so on: what an agent finds that follows parent_id."""
    by_name = {name: row for row in reversed(rows) for name in (row.names[2], row.names[4]) if name}
    at, seen = (rows[0] if rows else None), set[str]()
    while at is not None and at.time not in seen:
        seen.add(at.time)
        yield at
        at = by_name.get(at.names[3])


def _nothing(_answer: Answered, _org: str) -> Iterator[Shown]:
    yield from ()


_READ = {"lookup": _looked_up, "context": _in_context, "stats": _nothing}


def _count(answer: Answered, rows: tuple[Shown, ...]) -> int:
    # A chain is shorter than the list that it was found in.
    counted = answer.value.get("memory_count")
    return counted if isinstance(counted, int) else len(rows)


def _text(answer: Answered, rows: tuple[Shown, ...]) -> str:
    return str(answer.value["context"]) if "context" in answer.value else "\n".join(row.content for row in rows)


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _same(row: Shown, org: str, time: str, content: str) -> bool:
    """Whether a memory that is shown is that row: by its time, which no other has, else by its whole content."""
    return row.org in ("", org) and (row.time == time if row.time else row.content == content)
