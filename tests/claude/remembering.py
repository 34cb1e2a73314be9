"""Programs that remember something by Memtrace and ask Claude, and what is said when that is not recorded."""

from __future__ import annotations

import contextlib
from textwrap import dedent

import anthropic
from memtrace import AddMemoryRequest, ConflictError, ContextOptions, ListOptions, Memtrace

from fakememtrace import World
from fakememtrace.claude.author import Author, Turn, text

from .helpers import request

FACTS = ("Likes green tea", "Is vegetarian", "Works at night")
TAIL = (
    "What to do: look at what is said of the memory above; if it is meant to be so, change what is recorded of it "
    "(or record again)."
)


def remember(client, *contents, session="sess_1", agent="helper"):
    """Store memories as an agent does; one that is there already is none to worry about."""
    given = {"agent_id": agent, "session_id": session, "memory_type": "episodic", "event_type": "general"}
    for content in contents:
        with contextlib.suppress(ConflictError):
            client.add_memory(AddMemoryRequest(content=content, **given))


def context(client, session="sess_1", **options):
    """What a session remembers, as Memtrace writes it for a model."""
    return client.get_session_context(session, ContextOptions(**{"since": "4h", **options})).context


def listing(client):
    """The same as a list of the program's own."""
    memories = client.list_memories(ListOptions(agent_id="helper", since="24h")).memories
    return "\n".join(f"- {memory.content}" for memory in memories) or "Nothing yet."


def ask(prompt, *messages, **parameters):
    """Ask Claude; a miss is seen in the world."""
    with contextlib.suppress(anthropic.BadRequestError):
        anthropic.Anthropic().messages.create(
            **request(*(messages or ("What do I drink?",)), system=prompt, **parameters)
        )


def converse(world, facts=FACTS, form=context, client=None):
    """What most tests do: store facts, read them, ask."""
    client = client or Memtrace(world.url, world.api_key)
    remember(client, *facts)
    ask(f"You are helpful.\nBe brief.\n\n{form(client)}\nAnswer in English.")


def miss_of(recorded, sent, *, dialect="0.2.0", before=None, fault=None, turns=1, matching=None):
    """The miss when a program does `sent` where a cassette has `recorded`.

    `before` is done in both worlds, and then a `fault` strikes in the second one.
    """
    author = Author([Turn([text("Tea.")], 0)] * turns, "2026-02-07")
    with World(dialect, author) as world:
        if before:
            before(world)
        recorded(world)
    with World(dialect, author.cassette, matching=matching) as world:
        if before:
            before(world)
        if fault:
            world.faults.add(**fault)
        sent(world)
        return world.claude.misses[-1]


def told(miss):
    """What became of which memories."""
    return [(memory.verb, memory.content) for memory in miss.memories]


def pinned(words):
    """An explanation, dedented."""
    return dedent(words).strip("\n")


def results(*contents):
    """The results of the tools that Claude called, in order."""
    return [
        {"type": "tool_result", "tool_use_id": f"t{number}", "content": content}
        for number, content in enumerate(contents)
    ]


def calling(*names):
    """A message in which Claude calls tools."""
    return [{"type": "tool_use", "id": f"t{number}", "name": name, "input": {}} for number, name in enumerate(names)]
