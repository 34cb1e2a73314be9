"""What each step of a case does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..clock import duration, rfc3339
from .actor import Actor, Crash
from .case import Fact, Step
from .conversing import talk

__all__ = ["take"]

_FIELDS = ("memory_type", "event_type", "tags", "importance", "dedup_key", "metadata")
_MOST_IN_A_BATCH = 1000


def take(actor: Actor, step: Step) -> None:
    """Do one step; a Crash when that is not possible."""
    _STEPS[step.verb](actor, step.value, step.options)


def _register(actor: Actor, name: str, options: Mapping[str, Any]) -> None:
    actor.agent(name, options.get("org", ""))


def _open(actor: Actor, name: str, options: Mapping[str, Any]) -> None:
    actor.opened(name, options.get("agent", ""), options.get("org", ""), options.get("metadata", {}))


def _close(actor: Actor, name: str, options: Mapping[str, Any]) -> None:
    org = options.get("org", "")
    actor.need("PUT", f"/sessions/{actor.session(name, org)}", org, {"status": "closed"})


def _update(actor: Actor, name: str, options: Mapping[str, Any]) -> None:
    org = options.get("org", "")
    body = {key: value for key, value in options.items() if key in ("status", "metadata")}
    actor.need("PUT", f"/sessions/{actor.session(name, org)}", org, body)


def _store(actor: Actor, id_: str, options: Mapping[str, Any]) -> None:
    fact = actor.case.facts.get(id_)
    if fact is None:
        raise Crash(f"this case says nothing that is called {id_!r}.")
    org = options.get("org", "")
    actor.store(org, _fields(actor, options, fact.text), [fact])


def _note(actor: Actor, text: str, options: Mapping[str, Any]) -> None:
    """Store what nobody looks for, once or so many times; each time its number is part of the text."""
    times, org = options.get("times", 1), options.get("org", "")
    if times == 1:
        actor.store(org, _fields(actor, options, text))
        return
    texts = [f"{text} ({number} of {times})" for number in range(1, times + 1)]
    for start in range(0, times, _MOST_IN_A_BATCH):
        items = [_fields(actor, options, one) for one in texts[start : start + _MOST_IN_A_BATCH]]
        actor.need("POST", "/memories", org, {"memories": items})


def _batch(actor: Actor, ids: list[str], options: Mapping[str, Any]) -> None:
    facts = [actor.case.facts[id_] for id_ in ids]
    org = options.get("org", "")
    actor.batch(org, [(fact, _fields(actor, options, fact.text)) for fact in facts])


def _remember(actor: Actor, id_: str, options: Mapping[str, Any]) -> None:
    """What remember() of the SDK sends: no session."""
    fields = {"memory_type": "episodic", "event_type": "general"}
    _sent(actor, actor.case.facts[id_], options, fields)


def _decide(actor: Actor, id_: str, options: Mapping[str, Any]) -> None:
    """What decide() of the SDK sends: no session, the reasoning as metadata."""
    reasoning = options.get("reasoning", "It was asked for.")
    fields = {"memory_type": "decision", "event_type": "decision", "metadata": {"reasoning": reasoning}}
    _sent(actor, actor.case.facts[id_], options, fields)


def _sent(actor: Actor, fact: Fact, options: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    org = options.get("org", "")
    agent = actor.agent(options.get("agent", ""), org)
    actor.store(org, {"agent_id": agent, "content": fact.text, **fields}, [fact])


def _advance(actor: Actor, span: str, _options: Mapping[str, Any]) -> None:
    actor.world.clock.advance(span)


def _move_to(actor: Actor, when: str, _options: Mapping[str, Any]) -> None:
    actor.world.clock.move_to(when)


def _age(actor: Actor, span: str, options: Mapping[str, Any]) -> None:
    """Let the clock stand where the last attempt to store a fact is exactly so old."""
    id_ = options.get("of", next(iter(actor.case.facts)))
    if not actor.attempts.get(id_):
        raise Crash(f"{id_!r} was not stored before its age was set to {span}.")
    actor.world.clock.move_to(rfc3339(actor.attempts[id_][-1].at + duration(span)))


def _flush(actor: Actor, org: str, _options: Mapping[str, Any]) -> None:
    """Read something of an org, which empties the server's write buffer."""
    actor.ask("GET", "/memories", org, query={"limit": 1})


def _fields(actor: Actor, options: Mapping[str, Any], text: str) -> dict[str, Any]:
    org, filler = options.get("org", ""), options.get("filler", "x")
    session = actor.session(options.get("session"), org)
    fields = {
        "agent_id": actor.agent(options.get("agent", ""), org),
        "content": filler * options.get("before", 0) + text + filler * options.get("after", 0),
        **({"session_id": session} if session else {}),
        **{name: options[name] for name in _FIELDS if name in options},
    }
    if "parent" in options:
        fields["parent_id"] = actor.name_of(options["parent"]) or "unknown"
    return fields


_STEPS: dict[str, Callable[[Actor, Any, Mapping[str, Any]], None]] = {
    "register": _register,
    "open": _open,
    "close": _close,
    "update": _update,
    "store": _store,
    "note": _note,
    "batch": _batch,
    "remember": _remember,
    "decide": _decide,
    "advance": _advance,
    "move_to": _move_to,
    "age": _age,
    "flush": _flush,
    "talk": talk,
}
