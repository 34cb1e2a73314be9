"""``search_sessions``, which the server does not have: list and pick."""

from __future__ import annotations

from typing import Any

import pytest

from fakememtrace import World
from fakememtrace.client import CreateSessionRequest, Memtrace, RegisterAgentRequest, SessionQuery


@pytest.fixture
def agent(client: Memtrace) -> str:
    """The id of an agent."""
    return client.register_agent(RegisterAgentRequest(name="helper")).id


def session(client: Memtrace, agent: str, **metadata: Any) -> str:
    """The id of a new session."""
    return client.create_session(CreateSessionRequest(agent_id=agent, metadata=metadata)).id


def found(client: Memtrace, **fields: Any) -> list[str]:
    """The ids of the sessions found."""
    result = client.search_sessions(SessionQuery(**fields))
    assert result.count == len(result.sessions)
    return [session.id for session in result.sessions]


def test_it_finds_those_whose_metadata_has_every_pair(client: Memtrace, agent: str) -> None:
    """More pairs in the session do no harm, one that is missing or different does."""
    both = session(client, agent, account="7", channel="telegram")
    session(client, agent, account="7")
    session(client, agent, account="8", channel="telegram")
    session(client, agent)
    assert found(client, metadata={"account": "7", "channel": "telegram"}) == [both]


def test_the_newest_comes_first_unless_asked_otherwise(client: Memtrace, agent: str) -> None:
    """The first of the list is the one to resume."""
    first, second, third = (session(client, agent, k=1) for _ in range(3))
    assert found(client) == found(client, order="desc") == [third, second, first]
    assert found(client, order="asc") == [first, second, third]


def test_the_limit_is_applied_last(client: Memtrace, agent: str) -> None:
    """The newest of those that match, not those that match of the newest."""
    wanted = session(client, agent, k=1)
    session(client, agent, k=2)
    assert found(client, metadata={"k": 1}, limit=1) == [wanted]
    assert len(found(client, limit=1)) == 1
    assert len(found(client, limit=5)) == 2


def test_the_status_is_compared(client: Memtrace, agent: str) -> None:
    """A closed session is not resumed."""
    closed, active = session(client, agent), session(client, agent)
    client.close_session(closed)
    assert found(client, status="active") == [active]
    assert found(client, status="closed") == [closed]


def test_the_agent_is_the_servers_filter(world: World, client: Memtrace, agent: str) -> None:
    """An agent_id is asked of the server, which knows how to list by it."""
    mine = session(client, agent)
    session(client, client.register_agent(RegisterAgentRequest(name="other")).id)
    assert found(client, agent_id=agent) == [mine]
    assert world.journal[-1].request.query == f"agent_id={agent}"


# decision: values are compared as JSON, where true is not 1 and 1.0 is 1.
@pytest.mark.parametrize(
    ("stored", "asked", "same"),
    [
        (1, 1.0, True),
        (True, 1, False),
        (0, False, False),
        (True, True, True),
        ("1", 1, False),
        ({"a": [1, {"b": True}]}, {"a": [1.0, {"b": True}]}, True),
        ({"a": [1]}, {"a": [True]}, False),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ([1, 2], (1, 2), True),
        ([1, 2], [1], False),
        ([1], {"0": 1}, False),
    ],
)
def test_values_are_the_same_as_json(client: Memtrace, agent: str, stored: Any, asked: Any, same: bool) -> None:
    """What the server made of a value equals what was given, and nothing else does."""
    session(client, agent, k=stored)
    assert bool(found(client, metadata={"k": asked})) is same


def test_a_pair_whose_value_is_none_is_a_pair(client: Memtrace, agent: str) -> None:
    """Null in the metadata is something else than no such key."""
    null = session(client, agent, k=None)
    session(client, agent)
    assert found(client, metadata={"k": None}) == [null]


def test_every_use_is_noted(world: World, client: Memtrace) -> None:
    """However it is called, it is one thing that the SDK does not have."""
    client.search_sessions()
    client.search_sessions({"status": "active"})
    client.search_sessions(status="active")
    assert world.journal.notes == ["search_sessions"] * 3
