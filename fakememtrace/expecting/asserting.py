"""The expectations for tests: ``assert stored(world, contains="tea")``.

Each takes a World, its Runs or an Evidence, and answers with a Check: its truth is whether the expectation held,
its words show the nearest thing that did happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import UsageError
from ..world import World
from . import calls, memories, messages, recall, requests
from . import tools as trajectory
from .check import Check, Expectation
from .evidence import Evidence
from .gathering import Runs, evidence_of
from .given import Given

__all__ = ["called", "recalled", "requested", "sent", "shown_to_model", "stored", "tools"]

_Where = World | Runs | Evidence
# What a function calls otherwise than the expectation that it is made of.
_SPOKEN = {("shown_to_model", "lacks"): "contains", ("shown_to_model", "in"): "in_"}


def stored(
    where: _Where,
    *,
    content: Any = None,
    contains: str | None = None,
    type: str | Mapping[str, Any] | None = None,  # noqa: A002
    event: str | Mapping[str, Any] | None = None,
    tags: list[str] | Mapping[str, Any] | None = None,
    importance: float | Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    agent: str | None = None,
    session: str | Mapping[str, Any] | None = None,
    session_run: int | None = None,
    run: int | None = None,
    org: str | None = None,
    count: int | None = None,
    at_least: int | None = None,
    absent: bool = False,
) -> Check:
    """Whether such a memory is stored.

    Args:
        where: what is looked at.
        content: the whole text, or a matcher for it.
        contains: a part of the text.
        type: its memory type, or a matcher.
        event: its event type, or a matcher.
        tags: all of its tags, in order, or a matcher such as ``{"has": "food"}``.
        importance: that, or a matcher such as ``{"at_least": 0.5}``.
        metadata: what some of its metadata must be: values or matchers by name.
        agent: the name or the id of the agent that it was stored for.
        session: the id of its session, or what some of that session's metadata must be.
        session_run: the run that opened its session.
        run: the run that stored it.
        org: the name of the org that has it.
        count: exactly so many are stored.
        at_least: at least so many are.
        absent: none is.

    Raises:
        UsageError: what is said cannot be, or would always hold.
    """
    return _check(memories.memory, where, "stored", locals())


def requested(
    where: _Where,
    *,
    contains: str | Iterable[str] = (),
    lacks: str | Iterable[str] = (),
    matches: str | Iterable[str] = (),
    in_: str | None = None,
    run: int | None = None,
    number: int | None = None,
    any: bool = False,  # noqa: A002
    every: bool = False,
) -> Check:
    """Whether a request to Claude held that: the first of run 1, unless told otherwise.

    Args:
        where: what is looked at.
        contains: texts that stand in it.
        lacks: texts that do not.
        matches: regular expressions that are found in it.
        in_: ``"system"`` or ``"messages"``: the part of the request that is meant.
        run: the run; with `any` and `every`, all of them unless given.
        number: the number of the request in its run.
        any: some request is like that.
        every: all requests are.

    Raises:
        UsageError: what is said cannot be, or would always hold.
    """
    given = {**locals(), "in": in_}
    del given["in_"]
    return _check(requests.request, where, "requested", given)


def shown_to_model(
    where: _Where,
    contains: str | Iterable[str],
    *,
    in_: str | None = None,
    run: int | None = None,
    absent: bool = False,
) -> Check:
    """Whether Claude was shown that, whoever said it: ``requested(any=True)`` for what is asked most often.

    That it was shown because it came out of the store is :func:`recalled`.

    Args:
        where: what is looked at.
        contains: a text, or several that stand in one request.
        in_: ``"system"`` or ``"messages"``: the part of the request that is meant.
        run: the run; all of them unless given.
        absent: no request holds any of them, and there was a request.

    Raises:
        UsageError: what is said cannot be, or would always hold.
    """
    looked = {"lacks": contains, "every": True} if absent else {"contains": contains, "any": True}
    return _check(requests.request, where, "shown_to_model", {**looked, "in": in_, "run": run})


def tools(
    where: _Where,
    called: Iterable[str] | None = None,
    *,
    order: str | None = None,
    at_least: Mapping[str, int] | None = None,
    never: Iterable[str] | None = None,
    run: int | None = None,
) -> Check:
    """Whether Claude called these tools in a run, the first unless told otherwise.

    Args:
        where: what is looked at.
        called: the names of the tools.
        order: ``"exact"`` (these and no others, in this order; so unless told otherwise), ``"in_order"`` (others
            may stand between), or ``"any"`` (these and no others, in any order).
        at_least: how often at least, by name.
        never: the names of tools that were not called.
        run: the run.

    Raises:
        UsageError: what is said cannot be, or would always hold.
    """
    return _check(trajectory.tools, where, "tools", locals())


def called(
    where: _Where,
    tool: str,
    *,
    input: Mapping[str, Any] | None = None,  # noqa: A002
    result: str | Mapping[str, Any] | None = None,
    run: int | None = None,
    count: int | None = None,
    at_least: int | None = None,
    absent: bool = False,
) -> Check:
    """Whether Claude called a tool like that.

    Args:
        where: what is looked at.
        tool: its name.
        input: what some of its arguments must be: values or matchers by name.
        result: what came back from it, whole, or a matcher such as ``{"contains": "Stored"}``.
        run: the run; any unless given.
        count: exactly so many calls are like that.
        at_least: at least so many are.
        absent: none is.

    Raises:
        UsageError: what is said cannot be, or would always hold.
    """
    return _check(calls.call, where, "called", locals())


def recalled(
    where: _Where,
    text: str,
    *,
    run: int | None = None,
    number: int | None = None,
    from_run: int | None = None,
    by: str | None = None,
) -> Check:
    """Whether Claude was told `text` because it came out of the store.

    Args:
        where: what is looked at.
        text: the text.
        run: the run that recalls it; the last one unless given.
        number: the number of the request that holds it; any unless given.
        from_run: the run that stored it; any before unless given.
        by: the name or the id of the agent that stored it.

    Raises:
        UsageError: what is said cannot be, or would always hold.
    """
    return _check(recall.recall, where, "recalled", locals())


def sent(
    where: _Where,
    *,
    bot: str | None = None,
    to: str | None = None,
    contains: str | Iterable[str] = (),
    lacks: str | Iterable[str] = (),
    matches: str | Iterable[str] = (),
    at_most_chars: int | None = None,
    every: bool = False,
    run: int | None = None,
    count: int | None = None,
    at_least: int | None = None,
    absent: bool = False,
) -> Check:
    """Whether a bot sent such a message.

    Args:
        where: what is looked at.
        bot: which bot.
        to: to which user.
        contains: texts that stand in it.
        lacks: texts that do not.
        matches: regular expressions that are found in it.
        at_most_chars: how long it is at most.
        every: all messages (of that bot, to that user) are like that.
        run: the run; any unless given.
        count: exactly so many are sent.
        at_least: at least so many are.
        absent: none is.

    Raises:
        UsageError: what is said cannot be, or would always hold.
    """
    return _check(messages.sent, where, "sent", locals())


def _check(make: Callable[[Given], Expectation], where: _Where, name: str, arguments: Mapping[str, Any]) -> Check:
    evidence = evidence_of(where)
    said = {key: _plain(value) for key, value in arguments.items() if key != "where" and not _is_unsaid(value)}

    def complain(problem: str, advice: str, field: str) -> UsageError:
        field = _SPOKEN.get((name, field), field)
        place = f'{name}(), "{field}"' if field else f"{name}()"
        return UsageError(f"{place}: {problem}\n{advice}")

    runs = f"There {'is 1' if evidence.runs == 1 else f'are {evidence.runs}'}; Runs(world).begin() begins the next one."
    return make(Given(said, complain, evidence.runs, runs)).check(evidence)


def _is_unsaid(value: Any) -> bool:
    return value is None or value is False or value == ()


def _plain(value: Any) -> Any:
    """What TOML would have in its place."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return list(value) if isinstance(value, (tuple, set, frozenset)) else value
