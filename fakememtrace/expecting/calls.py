"""``[[call]]`` and ``called()``: a tool that Claude called, with which arguments, and what came back."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import did_you_mean, listed
from .check import Expectation
from .counting import KEYS, quantity
from .evidence import Evidence, ToolCall
from .given import Given
from .judging import Candidate, judged
from .nearness import gaps
from .values import MISSING, Matcher, shown

__all__ = ["call"]

_KNOWN = ("tool", "run", "input", "result", *KEYS)


def call(given: Given) -> Expectation:
    """The expectation that a tool was called like that, so often, or never."""
    given.only(*_KNOWN)
    tool = given.text("tool")
    if not tool:
        raise given.error("'tool' is missing.", "Add it: a string.")
    run, often = given.run("run"), quantity(given)
    arguments, result = given.matchers("input"), given.matcher("result", str)

    def look(evidence: Evidence) -> str:
        calls = evidence.calls_of(run)
        same = [one for one in calls if one.name == tool]
        candidates = [_candidate(one, arguments, result) for one in same]
        return judged(often, candidates, f"calls of {tool}", _not_called(tool, [one.name for one in calls]))

    head = f"{'not called' if often.absent else 'called'}{f' in run {run}' if run else ''}{often.words}"
    told = [matcher.told(name) for name, matcher in arguments.items()] + ([result.told("result")] if result else [])
    return Expectation(f"{head}: {tool}" + (f" with {listed(told)}" if told else ""), look)


def _candidate(one: ToolCall, arguments: Mapping[str, Matcher], result: Matcher | None) -> Candidate:
    wanted = [(name, matcher, one.input.get(name, MISSING)) for name, matcher in arguments.items()]
    if result:
        wanted.append(("result", result, MISSING if one.result is None else one.result))
    return Candidate(_told(one, result is not None), gaps(wanted), _texts(one, arguments, result))


def _told(one: ToolCall, with_result: bool) -> str:
    told = ", ".join(f"{name} {shown(value)}" for name, value in one.input.items()) or "no arguments"
    back = f" -> {shown(one.result) if one.result is not None else 'no result'}" if with_result else ""
    return f"call {one.place} of run {one.run}, {told}{back}"


def _texts(one: ToolCall, arguments: Mapping[str, Matcher], result: Matcher | None) -> list[tuple[str, str]]:
    """The texts that are asked for, each with what stands in its place."""
    texts = [(matcher.text, one.input.get(name, "")) for name, matcher in arguments.items() if matcher.text]
    texts += [(result.text, one.result or "")] if result and result.text else []
    return [(text, found if isinstance(found, str) else shown(found)) for text, found in texts]


def _not_called(tool: str, names: list[str]) -> str:
    return f"{tool} was not called.{did_you_mean(tool, names)} Called: {listed(dict.fromkeys(names))}"
