"""A state machine that calls every route of a Memtrace, in any order, and lets time go by."""

from __future__ import annotations

import itertools
from typing import Any, ClassVar
from urllib.parse import quote

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from hypothesis.strategies import SearchStrategy

from .bodies import agents, batches, invalid_agents, invalid_batches, invalid_memories, invalid_sessions
from .bodies import memories as new_memories
from .bodies import sessions as new_sessions
from .driver import Driver
from .queries import (
    context_options,
    invalid_context_options,
    invalid_list_options,
    invalid_search_queries,
    list_options,
    search_queries,
)
from .windows import invalid_windows, windows
from .words import fragments, ids, invalid_ids, mostly, objects

__all__ = ["MemtraceMachine"]

_SPANS = ("1us", "999ms", "1s", "1m", "1h", "23h59m59.999999s", "23h59m59.999998s", "24h", "2d")
# A third one shows nothing that two do not, and makes everything after it slow.
_MOST_CROWDS = 2
_NARROWER: tuple[dict[str, Any], ...] = (
    {},
    {"tags": ["prod"]},
    {"tags": ["EU"]},
    {"tags": ["b"]},
    {"tags": ["prod", "set"]},
    {"min_importance": 2 / 3},
    {"max_importance": 0.5},
    {"limit": 1, "offset": 1},
    {"limit": 1001},
)
# Requests that no client of Memtrace means to send: method, path, body, and the headers that differ.
_STRAYS: tuple[tuple[str, str, bytes, dict[str, str]], ...] = (
    ("GET", "/nowhere", b"", {}),
    ("GET", "/api/v1/nowhere", b"", {}),
    ("PUT", "/api/v1/memories", b"", {}),
    ("POST", "/health", b"", {}),
    ("HEAD", "/api/v1/agents", b"", {}),
    ("HEAD", "/api/v1/memories", b"", {}),
    ("GET", "/api/v1/memories", b"", {"x-api-key": ""}),
    ("POST", "/api/v1/nowhere", b"{}", {"x-api-key": "mtk_wrong"}),
    ("POST", "/api/v1/memories", b"{", {}),
    ("POST", "/api/v1/search", b"[]", {}),
    ("POST", "/api/v1/agents", b'{"name": NaN}', {}),
    ("POST", "/api/v1/sessions", b"", {}),
    ("POST", "/api/v1/memories", b'{"agent_id":"agent_a","content":"x"}', {"content-type": "text/plain"}),
    ("POST", "/api/v1/memories", b'{"AGENT_ID":"agent_a","content":"x","Content":"likes \xff tea","n":1}', {}),
)


def _known(attribute: str, others: SearchStrategy[str]) -> SearchStrategy[str]:
    """One of the strings that the running machine has in its list `attribute`; now and then one of `others`."""

    def of(machine: Any) -> SearchStrategy[str]:
        found = getattr(machine, attribute)
        return mostly(st.sampled_from(found[::-1]), others) if found else others

    return st.runner().flatmap(of)


def _piece(text: str) -> str:
    """What is left of `text` without its first and its last sign."""
    return text[1:-1]


class MemtraceMachine(Driver):
    """Agents, sessions, memories, lists, searches, contexts and stats, valid and invalid, and a moving clock.

    As it is, it drives a World's HTTP surface through httpx and checks what holds for every
    Memtrace.  A subclass says what else must hold (:meth:`check`), adds rules of its own, or drives
    something else (:meth:`connect`, the only method that has to be overridden for that)::

        class MyMachine(MemtraceMachine):
            def check(self, request, response):
                super().check(request, response)
                assert response.status != 500

        TestMyMachine = MyMachine.TestCase

    Attributes:
        agents, sessions: the ids of those created so far, oldest first.
        times, contents, memory_ids: of some of the memories created so far, oldest first; the
            ids where the dialect shows them.
        agent_ids, session_ids, moments, texts: strategies for the rules of a subclass; they draw
            from the lists above, and strangers.
    """

    agent_ids: ClassVar[SearchStrategy[str]] = _known("agents", ids())
    session_ids: ClassVar[SearchStrategy[str]] = _known("sessions", ids())
    moments: ClassVar[SearchStrategy[str]] = st.sampled_from(
        (_known("times", windows()), windows(), st.sampled_from(("1w", "52w")))
    ).flatmap(lambda drawn: drawn)
    texts: ClassVar[SearchStrategy[str]] = st.one_of(fragments(), st.builds(_piece, _known("contents", fragments())))

    def __init__(self) -> None:
        self.agents: list[str] = []
        self.sessions: list[str] = []
        self.times: list[str] = []
        self.contents: list[str] = []
        self.memory_ids: list[str] = []
        self.crowds = 0
        super().__init__()

    @initialize(batch=batches())
    def begin(self, batch: dict[str, Any]) -> None:
        """Two agents with a session each, and a few memories: most of what follows needs some."""
        for name in ("helper", "scribe"):
            agent = self._registered(name)
            self.create_session({"agent_id": agent, "metadata": {"task": name}})
        places = zip(itertools.cycle(self.agents), itertools.cycle(self.sessions[::-1]), batch["memories"])
        self.create_memories(
            {"memories": [{**body, "agent_id": agent, "session_id": session} for agent, session, body in places]}
        )

    @rule(span=st.sampled_from(_SPANS))
    def time_goes_by(self, span: str) -> None:
        """Up to two days, and to the edges of a second and of a day."""
        self.wait(span)

    @rule(path=st.sampled_from(("/health", "/ready")), stray=st.sampled_from(_STRAYS))
    def send_a_stray_request(self, path: str, stray: tuple[str, str, bytes, dict[str, str]]) -> None:
        """Health and readiness without a key; then an unknown path, a wrong method or key, or no JSON."""
        self.exchange("GET", path, headers={"x-api-key": "", "content-type": ""})
        method, path, body, headers = stray
        self.exchange(method, path, body, headers=headers)

    @rule(body=mostly(new_memories(agent_ids, session_ids), invalid_memories()))
    def create_memory(self, body: dict[str, Any]) -> None:
        """Store a memory; a duplicate and an invalid one are refused."""
        status, answer = self.ask("POST", "/memories", body)
        if status == 201:
            self._note([answer])

    @rule(
        body=new_memories(agent_ids, session_ids),
        changes=st.sampled_from(({}, {"session_id": "sess_a"}, {"tags": ["eu"]}, {"event_type": "error"})),
        look=st.sampled_from(("", "/memories", "/agents")),
        span=st.sampled_from(("0s", *_SPANS)),
    )
    def create_a_memory_again(self, body: dict[str, Any], changes: dict[str, Any], look: str, span: str) -> None:
        """At once or later, with a list in between (which shows the first one to the server) or without."""
        self.create_memory(body)
        if look:
            self.ask("GET", look)
        self.wait(span)
        self.create_memory({**body, **changes})

    @rule(body=mostly(batches(new_memories(agent_ids, session_ids)), invalid_batches()))
    def create_memories(self, body: dict[str, Any]) -> None:
        """Store a batch."""
        status, answer = self.ask("POST", "/memories", body)
        if status == 201:
            self._note(answer.get("memories", [answer]))

    @precondition(lambda self: self.crowds < _MOST_CROWDS)
    @rule(
        count=st.sampled_from((51, 99, 100, 101, 130)),
        different=st.sampled_from((7, 1000)),
        body=new_memories(agent_ids),
        session=session_ids,
        limit=st.sampled_from((0, 1001)),
    )
    def create_many_memories(self, count: int, different: int, body: dict[str, Any], session: str, limit: int) -> None:
        """A batch past the limits of pages and buffers, then what shows them; contents repeat after `different`."""
        self.crowds += 1
        body = {**body, "session_id": session, "dedup_key": ""}
        self.create_memories({"memories": [{**body, "content": f"m{n % different}"} for n in range(count)]})
        self.ask("GET", f"/agents/{body['agent_id']}/stats")
        self.ask("GET", "/memories", query={"limit": str(limit)})
        self.ask("POST", "/search", {"limit": limit})
        self.get_context(session, {})

    @rule(options=mostly(list_options(agent_ids, session_ids, moments), invalid_list_options()))
    def list_memories(self, options: dict[str, str]) -> None:
        """The org's memories, filtered and paged; then as many as there were, which fills the page exactly."""
        status, answer = self.ask("GET", "/memories", query=options)
        if status == 200 and answer["count"]:
            self.ask("GET", "/memories", query={**options, "limit": str(answer["count"])})

    @rule(query=mostly(search_queries(agent_ids, session_ids, moments, texts), invalid_search_queries()))
    def search(self, query: dict[str, Any]) -> None:
        """The org's memories, searched."""
        self.ask("POST", "/search", query)

    @rule(texts=st.lists(texts, min_size=1, max_size=3), narrower=st.sampled_from(_NARROWER))
    def search_for_texts(self, texts: list[str], narrower: dict[str, Any]) -> None:
        """All, then one after the other, with one more condition."""
        for text in ("", *texts):
            self.ask("POST", "/search", {"content_contains": text, **narrower})

    @rule(bound=st.sampled_from(("since", "until")), time=invalid_windows(), agent_id=agent_ids)
    def ask_for_a_time_that_is_none(self, bound: str, time: str, agent_id: str) -> None:
        """In a list and in a search."""
        self.ask("GET", "/memories", query={bound: time, "agent_id": agent_id})
        self.ask("POST", "/search", {bound: time, "agent_id": agent_id})

    # Clients take "." and ".." out of a path.
    @rule(text=st.one_of(texts, _known("memory_ids", ids())).filter(lambda text: text.strip(".")))
    def get_memory(self, text: str) -> None:
        """By its id; on the released server that is a text that the memory contains."""
        self.ask("GET", f"/memories/{quote(text, safe='')}")

    @rule(body=mostly(agents(), invalid_agents()))
    def register_agent(self, body: dict[str, Any]) -> None:
        """A new agent, unless its name is taken."""
        status, answer = self.ask("POST", "/agents", body)
        if status == 201:
            self.agents.append(answer["id"])

    @rule(agent=mostly(agent_ids, agents().map(lambda body: str(body["name"]))))
    def look_at_an_agent(self, agent: str) -> None:
        """By its id or its name, and in the list."""
        self.ask("GET", f"/agents/{quote(agent, safe='')}")
        self.ask("GET", "/agents")

    @rule(agent=mostly(agent_ids, agents().map(lambda body: str(body["name"]))))
    def delete_agent(self, agent: str) -> None:
        """By its id."""
        status, _ = self.ask("DELETE", f"/agents/{quote(agent, safe='')}")
        if status == 204:
            self.agents.remove(agent)

    @rule(agent=mostly(agent_ids, st.one_of(invalid_ids(), st.just("helper"))), options=list_options(times=moments))
    def look_at_an_agents_memories(self, agent: str, options: dict[str, str]) -> None:
        """Stats before and after its list, which shows what was just stored to the server."""
        place = f"/agents/{quote(agent, safe='')}"
        self.ask("GET", f"{place}/stats")
        self.ask("GET", f"{place}/memories", query=options)
        self.ask("GET", f"{place}/stats")

    @rule(body=new_memories(agent_ids, session_ids), span=st.sampled_from(_SPANS))
    def remember_and_count(self, body: dict[str, Any], span: str) -> None:
        """A memory; then, later, its agent's stats."""
        self.create_memory(body)
        self.wait(span)
        self.ask("GET", f"/agents/{body['agent_id']}/stats")
        self.ask("GET", f"/agents/{body['agent_id']}/memories")

    @rule(body=mostly(new_sessions(agent_ids), invalid_sessions()))
    def create_session(self, body: dict[str, Any]) -> None:
        """A new session of an agent, who may not exist."""
        status, answer = self.ask("POST", "/sessions", body)
        if status == 201:
            self.sessions.append(answer["id"])

    @rule(session=mostly(session_ids, invalid_ids()), agent=mostly(agent_ids, st.just("")))
    def look_at_a_session(self, session: str, agent: str) -> None:
        """By its id, and in the list."""
        self.ask("GET", f"/sessions/{quote(session, safe='')}")
        self.ask("GET", "/sessions", query={"agent_id": agent} if agent else {})

    @rule(
        session=session_ids,
        status=st.sampled_from(("closed", "active", "paused", "", None)),
        metadata=mostly(objects(), st.none()),
    )
    def update_session(self, session: str, status: str | None, metadata: dict[str, Any] | None) -> None:
        """Its status and its metadata; null leaves them."""
        self.ask("PUT", f"/sessions/{quote(session, safe='')}", {"status": status, "metadata": metadata})

    @rule(session=mostly(session_ids, invalid_ids()), options=list_options(times=moments))
    def list_a_sessions_memories(self, session: str, options: dict[str, str]) -> None:
        """All of them, unless asked otherwise."""
        self.ask("GET", f"/sessions/{quote(session, safe='')}/memories", query=options)

    @rule(
        session=mostly(session_ids, invalid_ids()),
        options=mostly(
            context_options(moments), st.one_of(invalid_context_options(), st.sampled_from((None, b"{", b"[]")))
        ),
    )
    def get_context(self, session: str, options: Any) -> None:
        """What a model reads of a session."""
        self.ask("POST", f"/sessions/{quote(session, safe='')}/context", options)

    @rule(
        session=session_ids,
        body=new_memories(agent_ids),
        span=st.sampled_from(("0s", *_SPANS)),
        options=context_options(moments),
    )
    def remember_in_a_session(self, session: str, body: dict[str, Any], span: str, options: dict[str, Any]) -> None:
        """A memory of a session; then, at once or later, its context."""
        self.create_memory({**body, "session_id": session})
        self.wait(span)
        self.get_context(session, options)

    def _registered(self, name: str) -> str:
        """The id of a new agent, or of the one that has its name already."""
        before = len(self.agents)
        self.register_agent({"name": name})
        found: str = self.agents[-1] if len(self.agents) > before else self.ask("GET", f"/agents/{name}")[1]["id"]
        return found

    def _note(self, created: list[dict[str, Any]]) -> None:
        for memory in created[-3:]:
            self.times.append(memory["time"])
            self.contents.append(memory["content"])
            self.memory_ids += [memory["memory_id"]] if "memory_id" in memory else []
