"""``[[memory]]`` and ``stored()``: what is in memory at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..errors import listed
from .check import Expectation
from .counting import KEYS, quantity
from .evidence import Evidence, Stored
from .given import Given
from .judging import Candidate, judged
from .nearness import Gap, gaps
from .values import MISSING, Matcher, shown

__all__ = ["facts", "memory"]

_PLAIN = {"type": (str,), "event": (str,), "tags": (list,), "importance": (float, int)}
_KNOWN = ("content", "contains", *_PLAIN, "metadata", "agent", "session", "session_run", "run", "org", *KEYS)
_TELLING = ("content", "contains", "tags", "metadata", "agent", "session", "session_run")


class _Wish(NamedTuple):
    """One thing that must be so: its name, its words, and what is wrong with a memory in this."""

    name: str
    words: str
    gaps: Callable[[Stored], list[Gap]]


def memory(given: Given) -> Expectation:
    """The expectation that such a memory is stored, so many, or none."""
    given.only(*_KNOWN)
    wishes, often = _wishes(given), quantity(given)
    if not given.values.keys() & set(_TELLING):
        raise given.error("says nothing about the text.", 'Add "content" (the whole text) or "contains" (a part).')
    text, also = _text(given), [wish.name for wish in wishes if wish.name in _EXTRA]

    def look(evidence: Evidence) -> str:
        candidates = [
            Candidate(
                facts(one, also),
                [gap for wish in wishes for gap in wish.gaps(one)],
                [(text, one.content)] if text else [],
            )
            for one in evidence.memories
        ]
        return judged(often, candidates, "stored", "nothing was stored")

    said = ", ".join(wish.words for wish in wishes)
    return Expectation(f"{'not stored' if often.absent else 'stored'}{often.words}: {said}", look)


def facts(one: Stored, also: list[str]) -> str:
    """A memory in words; of run, session, metadata and org only what is asked for `also`."""
    plain = {"content": one.content, "type": one.type, "event": one.event, "tags": one.tags}
    told = [f"{name} {shown(value)}" for name, value in plain.items()]
    told += [f"importance {shown(one.importance)}", f"agent {_agent(one)}"]
    return ", ".join(told + [f"{_EXTRA[name][0]} {_EXTRA[name][1](one)}" for name in dict.fromkeys(also)])


def _agent(one: Stored) -> str:
    return f"{shown(one.name)} ({one.agent})" if one.name else shown(one.agent)


def _session(one: Stored) -> str:
    if one.opened is None:
        return shown(one.session) if one.session else "none"
    return f"{shown(one.session)} {shown(one.opened.metadata)}"


_EXTRA: Mapping[str, tuple[str, Callable[[Stored], str]]] = {
    "metadata": ("metadata", lambda one: shown(one.metadata)),
    "session": ("session", _session),
    "session_run": ("session of run", lambda one: shown(one.opened.run if one.opened else MISSING)),
    "run": ("run", lambda one: str(one.run)),
    "org": ("org", lambda one: shown(one.org)),
}


def _wishes(given: Given) -> list[_Wish]:
    found = [_content(given), _part(given)]
    found += [_plain(name, matcher) for name, kinds in _PLAIN.items() if (matcher := given.matcher(name, *kinds))]
    _refuse_any_importance(given)
    found += [_metadata(given), _by(given), _in_session(given)]
    found += [_numbered(given, "session_run"), _numbered(given, "run"), _of_org(given)]
    return [wish for wish in found if wish]


def _text(given: Given) -> str:
    matcher = given.matcher("content", str)
    return given.text("contains") or (matcher.text if matcher else "")


def _content(given: Given) -> _Wish | None:
    matcher = given.matcher("content", str)
    return _plain("content", matcher) if matcher else None


def _part(given: Given) -> _Wish | None:
    text = given.text("contains")
    if not text:
        return None
    words = f"contains {shown(text)}"
    return _Wish("contains", words, lambda one: [] if text in one.content else [Gap("content", words, one.content)])


def _plain(name: str, matcher: Matcher) -> _Wish:
    return _Wish(name, matcher.told(name), lambda one: gaps([(name, matcher, getattr(one, name))]))


def _refuse_any_importance(given: Given) -> None:
    matcher = given.matcher("importance", float, int)
    for name, operand in matcher.rules if matcher else ():
        if (name, operand <= 0) == ("at_least", True) or (name, operand >= 1) == ("at_most", True):
            raise given.error(
                f"every importance is {name.replace('_', ' ')} {operand}.",
                "Name a number between 0 and 1: a check that always holds says nothing.",
                "importance",
            )


def _metadata(given: Given) -> _Wish | None:
    matchers = given.matchers("metadata")
    if not matchers:
        return None
    return _Wish("metadata", _told("metadata", matchers), lambda one: _within("metadata", matchers, one.metadata))


def _by(given: Given) -> _Wish | None:
    agent = given.text("agent")
    if not agent:
        return None
    return _Wish("agent", f"agent {shown(agent)}", lambda one: _by_another(agent, one))


def _by_another(agent: str, one: Stored) -> list[Gap]:
    return [] if agent == one.agent else _differs("agent", agent, one.name or one.agent)


def _of_org(given: Given) -> _Wish | None:
    org = given.text("org")
    return _Wish("org", f"org {shown(org)}", lambda one: _differs("org", org, one.org)) if org else None


def _in_session(given: Given) -> _Wish | None:
    if isinstance(given.values.get("session"), str):
        session = given.text("session")
        return _Wish("session", f"session {shown(session)}", lambda one: _differs("session", session, one.session))
    matchers = given.matchers("session")
    if not matchers:
        return None
    return _Wish(
        "session",
        _told("session with", matchers),
        lambda one: _within("session", matchers, one.opened.metadata if one.opened else {}),
    )


def _numbered(given: Given, name: str) -> _Wish | None:
    number = given.run(name)
    if number is None:
        return None
    if name == "run":
        return _Wish(name, f"run {number}", lambda one: _differs("run", number, one.run))
    return _Wish(
        name,
        f"session of run {number}",
        lambda one: _differs("session of run", number, one.opened.run if one.opened else MISSING),
    )


def _differs(name: str, wanted: Any, found: Any) -> list[Gap]:
    return [] if wanted == found else [Gap(name, shown(wanted), found)]


def _told(name: str, matchers: Mapping[str, Matcher]) -> str:
    return f"{name} {listed(matcher.told(key) for key, matcher in matchers.items())}"


def _within(name: str, matchers: Mapping[str, Matcher], values: Mapping[str, Any]) -> list[Gap]:
    return gaps((f"{name}.{key}", matcher, values.get(key, MISSING)) for key, matcher in matchers.items())
