"""Whoever acts in a case: names of agents and sessions for ids, requests for steps, and which row has which fact."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from ..memory.forms import new_memory
from ..memory.records import Memory
from ..memory.rows import dedup_key
from ..memory.tenants import Org
from ..wire import Request, Response
from ..world import World
from .case import Case, Fact

if TYPE_CHECKING:
    from .conversing import Talk

__all__ = ["Actor", "Answered", "Attempt", "Crash"]

API = "/api/v1"
FIRST_AGENT = "ada"
FIRST_ORG = "default"


class Crash(Exception):
    """A case that cannot go on: what was asked, and what came back instead of an answer."""


class Answered(NamedTuple):
    """An answer: its status, its value, and its text where that is no JSON object."""

    status: int
    value: dict[str, Any]
    text: str


class Attempt(NamedTuple):
    """One attempt to store a fact: when, status and error of the answer, the rows that came of it, what was sent."""

    at: int
    status: int
    error: str
    dedup_key: str
    rows: tuple[Memory, ...]
    sent: Mapping[str, Any] = MappingProxyType({})


class Actor:
    """Acts in `world` as the steps of `case` say.

    ``attempts`` are those of every fact, in order: a row belongs to a fact because it came into being when the fact
    was stored, whatever ids the server shows.
    """

    def __init__(self, world: World, case: Case) -> None:
        self.world, self.case = world, case
        self.attempts: dict[str, list[Attempt]] = {id_: [] for id_ in case.facts}
        self.calls = 0
        self.talks: list[Talk] = []
        self.current: dict[str, str] = {}
        self._agents: dict[tuple[str, str], str] = {}
        self._sessions: dict[tuple[str, str], str] = {}
        self._agent_of: dict[tuple[str, str], str] = {}

    def ask(
        self, method: str, path: str, org: str, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> Answered:
        """One request, through the door of the world."""
        headers = {"x-api-key": self.org(org).api_key, **({} if body is None else {"content-type": "application/json"})}
        sent = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        request = Request(method, self.world.url, API + path, urlencode(query or {}), headers, sent)
        self.calls += 1
        return _answered(self.world.handle(request))

    def need(self, method: str, path: str, org: str, body: Any = None) -> dict[str, Any]:
        """The value of an answer that must be a success; else a Crash."""
        answer = self.ask(method, path, org, body)
        if not 200 <= answer.status < 300:
            raise Crash(f"{method} {API}{path} was answered {answer.status}: {answer.text}")
        return answer.value

    def org(self, name: str) -> Org:
        """The org of that name."""
        return self.world.org(name or FIRST_ORG)

    def agent(self, name: str, org: str) -> str:
        """The id of the agent called `name`, which is registered when it is first named."""
        name = name or self.current_agent(org)
        if (org, name) not in self._agents:
            self._agents[org, name] = str(self.need("POST", "/agents", org, {"name": name})["id"])
        return self._agents[org, name]

    def current_agent(self, org: str) -> str:
        """The name of the agent whose session is the current one; of the first agent where there is none."""
        return self._agent_of.get((org, self.current.get(org, "")), FIRST_AGENT)

    def names_of_agent(self, agent_id: str) -> list[str]:
        """An agent's id and the name that the case gave it."""
        return [agent_id, *(name for (_, name), id_ in self._agents.items() if id_ == agent_id)]

    def opened(self, name: str, agent: str, org: str, metadata: Mapping[str, Any]) -> None:
        """Open a session, which is the current one from here on."""
        body = {"agent_id": self.agent(agent or FIRST_AGENT, org), "metadata": dict(metadata)}
        self._sessions[org, name] = str(self.need("POST", "/sessions", org, body)["id"])
        self._agent_of[org, name] = agent or FIRST_AGENT
        self.current[org] = name

    def session(self, name: str | None, org: str) -> str:
        """The id of the session called `name`; of the current one where it is None, and nothing where it is empty."""
        name = self.current.get(org, "") if name is None else name
        if name and (org, name) not in self._sessions:
            raise Crash(f"no session {name!r} was opened in this case. Open it first: {{ open = {name!r} }}.")
        return self._sessions[org, name] if name else ""

    def rows(self, org: str) -> list[Memory]:
        """Everything in the store of an org."""
        return self.org(org).memories()

    def sources(self, fact: Fact) -> list[Memory]:
        """The rows that came of storing a fact and have it whole."""
        return [row for attempt in self.attempts[fact.id] for row in attempt.rows if fact.is_in(row.content)]

    def name_of(self, fact: str) -> str:
        """How the memory of a fact can be named: its memory_id where it is shown, else its dedup key; or nothing."""
        rows = [row for attempt in self.attempts.get(fact, ()) for row in attempt.rows]
        if not rows:
            return ""
        return rows[-1].memory_id if self.world.memory.dialect.memory_id == "shown" else rows[-1].dedup_key

    def store(self, org: str, fields: Mapping[str, Any], facts: Iterable[Fact] = ()) -> Answered:
        """Store one memory, which is of these facts; a duplicate is an answer like any other."""
        before, at = len(self.rows(org)), self.world.clock.micros()
        answer = self.ask("POST", "/memories", org, fields)
        self.settle(answer, "POST", "/memories")
        rows = tuple(self.rows(org)[before:])
        error = "" if answer.status < 300 else _error(answer)
        for fact in facts:
            self.attempts[fact.id].append(Attempt(at, answer.status, error, _key(fields), rows, fields))
        return answer

    def batch(self, org: str, items: Iterable[tuple[Fact, Mapping[str, Any]]]) -> None:
        """Store several memories with one request; a row is of the fact whose content it was sent with."""
        pairs = list(items)
        before, at = len(self.rows(org)), self.world.clock.micros()
        answer = self.ask("POST", "/memories", org, {"memories": [dict(fields) for _, fields in pairs]})
        self.settle(answer, "POST", "/memories")
        left = self.rows(org)[before:]
        for fact, fields in pairs:
            row = next((row for row in left if fields["content"].startswith(row.content)), None)
            if row is not None:
                left.remove(row)
            rows = () if row is None else (row,)
            error = "" if rows else "it was left out of the batch"
            self.attempts[fact.id].append(Attempt(at, answer.status, error, _key(fields), rows, fields))

    def tag(self, at: int, rows: Iterable[Memory]) -> None:
        """Note the rows that a conversation stored, each with the facts that it has whole."""
        kept = list(rows)
        for fact in self.case.facts.values():
            own = tuple(row for row in kept if fact.is_in(row.content))
            if own:
                self.attempts[fact.id].append(Attempt(at, 201, "", "", own))

    def settle(self, answer: Answered, method: str, path: str) -> None:
        """Crash where an answer is neither a success nor a refused duplicate."""
        if not 200 <= answer.status < 300 and answer.status != 409:
            raise Crash(f"{method} {API}{path} was answered {answer.status}: {answer.text}")


def _answered(response: Response) -> Answered:
    text = response.body.decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except ValueError:
        value = {}
    return Answered(response.status, value if isinstance(value, dict) else {}, text)


def _key(fields: Mapping[str, Any]) -> str:
    """The dedup key of what is sent."""
    return str(fields.get("dedup_key") or dedup_key(new_memory({**fields, "metadata": ""})))


def _error(answer: Answered) -> str:
    return str(answer.value.get("message") or answer.value.get("error") or answer.text)
