"""Where Claude is part of a case: what it was shown, what it answered, and what a judge said of that."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import FileError
from ..expecting.evidence import Asked, Evidence
from ..expecting.gathering import evidence_of
from ..expecting.provenance import held, shown_in
from .actor import Actor, Crash
from .case import Fact, Probe
from .conversing import Talk
from .outcome import Trace
from .tracing import OF_CLAUDE, traced

__all__ = ["Unscored", "answered", "shown_to_claude", "talk_of", "tokens_of", "trace_of_talk", "verdict"]

VERDICTS = "verdicts.json"
_ADVICE = 'Write {"verdicts": [{"question": ..., "answer": ..., "context": ..., "rubric": ..., "verdict": ...}]}.'
_KEY = ("question", "answer", "context", "rubric")


class Unscored(Exception):
    """What cannot be measured, because nobody recorded it; that is no failure."""


def talk_of(actor: Actor, probe: Probe) -> Talk:
    """The conversation that a probe is about: the last one, unless it says which."""
    number: int = probe.options.get("talk", len(actor.talks))
    if not 1 <= number <= len(actor.talks):
        raise Crash(f"there were {len(actor.talks)} conversations, and conversation {number} is asked for.")
    return actor.talks[number - 1]


def shown_to_claude(actor: Actor, talk: Talk, facts: Iterable[Fact]) -> list[Fact]:
    """The facts that the first request of a conversation holds because they came out of the store."""
    evidence = evidence_of(actor.world)
    asked = next((asked for asked in evidence.requests if asked.number >= talk.first), None)
    return [fact for fact in facts if asked is not None and all(_came(evidence, asked, part) for part in fact.parts)]


def _came(evidence: Evidence, asked: Asked, text: str) -> bool:
    shown = shown_in(evidence.answers, evidence, text)
    return any(place.shown for place in held(asked, text, shown, evidence.calls))


def tokens_of(talk: Talk) -> int:
    """The tokens that the first request took, as recorded."""
    if not talk.tokens:
        raise Unscored(talk.trouble or "no request was made to Claude")
    return talk.tokens


def answered(talk: Talk, probe: Probe) -> float:
    """1.0 where the last answer has all of the words, any of ``any_of``, and none of the forbidden ones; else 0.0."""
    answer = _answer(talk).casefold()
    words, any_of, forbidden = (
        [word.casefold() for word in probe.options.get(name, ())] for name in ("words", "any_of", "forbidden")
    )
    is_right = all(word in answer for word in words) and (not any_of or any(word in answer for word in any_of))
    return float(is_right and not any(word in answer for word in forbidden))


def _answer(talk: Talk) -> str:
    if len(talk.answers) < len(talk.says):
        raise Unscored(talk.trouble or "Claude did not answer")
    return talk.answers[-1]


def verdict(actor: Actor, talk: Talk, probe: Probe) -> str:
    """What a judge said of the last answer, if exactly this was recorded: question, answer, context and rubric."""
    context = talk.read.text if talk.read else ""
    asked = dict(zip(_KEY, (talk.says[-1], _answer(talk), context, probe.options.get("rubric", "")), strict=True))
    for recorded in _verdicts(actor.case.path.parent / VERDICTS):
        if all(recorded.get(name) == value for name, value in asked.items()):
            return str(recorded["verdict"])
    raise Unscored("no verdict is recorded for this question, answer, context and rubric")


def _verdicts(path: Path) -> list[dict[str, Any]]:
    try:
        found = json.loads(path.read_text("utf-8"))["verdicts"]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(path, f"these are no verdicts: {error}.", _ADVICE) from None
    return [one for one in found if isinstance(one, dict)]


def trace_of_talk(actor: Actor, probe: Probe, fact: Fact, talk: Talk, variant: str) -> Trace:
    """How far a fact came on its way into a request, and into the answer where that is what is looked at."""
    read = talk.read
    if read is None:
        return Trace(probe.name, fact.id, fact.text, OF_CLAUDE[:7], "matched", "nothing was read", variant)
    trace = traced(actor, probe, fact, read, variant)
    stages = OF_CLAUDE if probe.read == "answer" else OF_CLAUDE[:7]
    if trace.lost:
        return trace._replace(stages=stages)
    if not shown_to_claude(actor, talk, [fact]):
        return trace._replace(stages=stages, lost="request", why="no request to Claude holds it")
    if probe.read == "answer" and not any(fact.is_in(answer) for answer in talk.answers):
        return trace._replace(stages=stages, lost="answer", why=talk.trouble or "Claude did not say it")
    return trace._replace(stages=stages, why="a request to Claude holds it")
