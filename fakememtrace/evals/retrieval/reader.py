"""Reading from Memtrace as a client does, with the cost counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from ...errors import FakememtraceError
from ...wire import Request, Response
from ..metrics.spending import Spent, tokens

__all__ = ["ITEM", "MOST", "Found", "ReadFailed", "Reader"]

# The key in a memory's metadata that says which item of a data set it is.
ITEM = "item"
# The most that Memtrace gives in one answer.
MOST = 1000

_ORIGIN = "http://localhost:9100"


class ReadFailed(FakememtraceError):
    """Memtrace did not answer a read; a crash is no empty result."""


class Found(NamedTuple):
    """A memory that came back: the key of the item that it is (empty when it is none), and what a client sees of it."""

    key: str
    content: str
    agent: str = ""
    session: str = ""
    time: str = ""


class Reader:
    """One org of Memtrace, to read from.

    `handle` answers a request, such as ``world.handle`` or ``world.memory.handle``.  `speakers` are the
    names that a question may mention and that are no words to search for; `written` is what was stored, in
    that order: it tells which memory a line of a context is.  Only what is inside of the window `since` is read,
    unless a read names one itself.
    """

    def __init__(
        self,
        handle: Callable[[Request], Response],
        api_key: str,
        *,
        speakers: Collection[str] = (),
        written: Sequence[Found] = (),
        tags: Sequence[str] = (),
        since: str = "",
    ) -> None:
        self._handle, self._api_key, self._tags, self._since = handle, api_key, tuple(tags), since
        self._headers = {"x-api-key": api_key, "content-type": "application/json"}
        self.speakers = frozenset(name.casefold() for name in speakers)
        self.written = tuple(written)
        self.spent = Spent()

    def within(self, *tags: str) -> Reader:
        """The same org, where only memories with all these tags are read."""
        return self._like(tags, self._since)

    def looking_back(self, window: str) -> Reader:
        """The same org, where only memories of this window are read; a context's window is this, too."""
        return self._like(self._tags, window)

    def newest(self, limit: int, since: str = "", tags: Sequence[str] = ()) -> tuple[Found, ...]:
        """The newest memories, newest first; `since` as Memtrace reads it."""
        given = {"limit": str(limit), "since": since or self._since, "tags": ",".join((*self._tags, *tags))}
        query = urlencode({name: value for name, value in given.items() if value})
        return self._memories(Request("GET", _ORIGIN, "/api/v1/memories", query, self._headers))

    def search(self, text: str, limit: int = MOST) -> tuple[Found, ...]:
        """The memories whose content has `text`, newest first."""
        wanted = {"content_contains": text, "limit": limit, "tags": self._tags, "since": self._since}
        return self._memories(self._post("/api/v1/search", {name: value for name, value in wanted.items() if value}))

    def new_session(self) -> str:
        """The id of a new session of the agent that was registered first; empty when there is no agent."""
        agents = json.loads(self._answer(Request("GET", _ORIGIN, "/api/v1/agents", "", self._headers)).body)["agents"]
        if not agents:
            return ""
        # Newest first: the last one was registered first.
        session = self._answer(self._post("/api/v1/sessions", {"agent_id": agents[-1]["id"]}))
        return str(json.loads(session.body)["id"])

    def context(self, session: str, since: str = "") -> str:
        """The text that a model reads of a session."""
        window = since or self._since
        answer = self._answer(self._post(f"/api/v1/sessions/{session}/context", {"since": window} if window else {}))
        value = json.loads(answer.body)
        self._spend(value["memory_count"], value["context"])
        return str(value["context"])

    def _like(self, tags: Sequence[str], since: str) -> Reader:
        names, written = self.speakers, self.written
        return Reader(self._handle, self._api_key, speakers=names, written=written, tags=tags, since=since)

    def _memories(self, request: Request) -> tuple[Found, ...]:
        found, characters = _read(self._answer(request).body)
        self.spent = self.spent.plus(Spent(0, len(found), characters))
        return found

    def _answer(self, request: Request) -> Response:
        self.spent = self.spent.plus(Spent(1))
        answer = self._handle(request)
        if not 200 <= answer.status < 300:
            text = answer.body.decode("utf-8", "replace")
            raise ReadFailed(
                f"{request.method} {request.path} was answered with {answer.status}: {text}\n"
                "Expected memories. A read that fails is no empty result, so nothing was scored. "
                "What to do: look at the faults of the world, and at the values of the request."
            )
        return answer

    def _spend(self, returned: int, text: str) -> None:
        self.spent = self.spent.plus(Spent(0, returned, tokens(text)))

    def _post(self, path: str, value: Mapping[str, Any]) -> Request:
        return Request("POST", _ORIGIN, path, "", self._headers, json.dumps(value).encode())


# The same list is asked for again and again, and reading it takes longer than answering it.
@lru_cache(maxsize=256)
def _read(body: bytes) -> tuple[tuple[Found, ...], int]:
    """The memories of an answer, and how many tokens their contents are."""
    value = json.loads(body)
    found = tuple(map(_found, value["memories"] if "memories" in value else value["results"]))
    return found, sum(tokens(memory.content) for memory in found)


def _found(memory: Mapping[str, Any]) -> Found:
    metadata = memory.get("metadata") or {}
    return Found(
        str(metadata.get(ITEM, "")),
        memory["content"],
        memory["agent_id"],
        memory.get("session_id", ""),
        memory["time"],
    )
