"""Runs a case: in a world of its own, through the door that clients use."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import FakememtraceError
from ..world import World
from .actor import Actor, Crash
from .case import Case, Probe, Step
from .measuring import MEASURED, measured, share, tokens_in
from .outcome import Finding, Result, Trace, worst
from .probes import Reading, question, reading
from .spoken import Unscored, answered, shown_to_claude, talk_of, tokens_of, trace_of_talk, verdict
from .steps import take
from .tracing import traced
from .vacuous import silence, vacuity
from .varying import curve, filled, label_of, variants

__all__ = ["cassette_of", "run"]

_TRACED = ("recall", "facts", "attributed", "intact", "sections", "answered")


class Measured(NamedTuple):
    """What one probe came to under one combination of parameters; ``words`` say why it has no value."""

    value: Any
    returned: int
    tokens: int
    words: str
    traces: tuple[Trace, ...]
    vacuous: str = ""


class _Stage(NamedTuple):
    case: Case
    dialect: str
    faults: tuple[Mapping[str, Any], ...]
    answers: Any
    make: Callable[..., World]


class _Spent(NamedTuple):
    calls: int
    tokens: int


def run(
    case: Case,
    dialect: str,
    faults: Iterable[Mapping[str, Any]] = (),
    answers: Any = None,
    make: Callable[..., World] = World,
) -> Result:
    """Run `case` as Memtrace `dialect`, under `faults` (``{"kind": "lost_write", ...}``); what became of it.

    `answers` is what answers for Claude instead of the case's own cassette: anything that a World takes.
    `make` makes the worlds, which are never entered: no door and no guard stands in the process.
    A case that cannot go on has crashed, which is no value and never a zero; one whose cassette is not there is
    unscored.
    """
    cassette = cassette_of(case, dialect) if answers is None else None
    if cassette and not Path(cassette).is_file():
        words = f"nobody recorded Claude for it: there is no {Path(cassette).as_posix()}"
        return Result(case.name, case.group, case.title, dialect, "unscored", words)
    stage = _Stage(case, dialect, tuple(faults), answers, make)
    try:
        measured_, spent = _measured_all(stage)
    except (Crash, FakememtraceError) as error:
        return _crashed(case, dialect, str(error))
    except Exception as error:
        return _crashed(case, dialect, f"{type(error).__name__}: {error}")
    labels = [label_of(variant) for variant in variants(case.over)]
    findings = tuple(
        _finding(probe, dialect, labels, [row[number] for row in measured_])
        for number, probe in enumerate(case.measured)
    )
    silent = silence(findings)
    if silent:
        findings = tuple(_silenced(finding, silent) for finding in findings)
    state = worst([finding.state for finding in findings])
    words = "; ".join(f"{one.probe}: {one.words}" for one in findings if one.state == state and one.words)
    traces = tuple(trace for row in measured_ for one in row for trace in one.traces)
    return Result(case.name, case.group, case.title, dialect, state, words, findings, traces, *spent)


def _silenced(finding: Finding, words: str) -> Finding:
    return finding._replace(state="failed", words=words) if finding.measure == "leaks" else finding


def cassette_of(case: Case, dialect: str) -> str | None:
    """The file that answers for Claude, as that Memtrace makes the requests; None where Claude has no part."""
    if not case.claude:
        return None
    file = case.path.parent / f"{case.claude}.{dialect}.json"
    return str(file if file.is_file() else case.path.parent / f"{case.claude}.json")


def _crashed(case: Case, dialect: str, words: str) -> Result:
    return Result(case.name, case.group, case.title, dialect, "crashed", words)


def _measured_all(stage: _Stage) -> tuple[list[list[Measured]], _Spent]:
    """For every combination of parameters what each probe measured, and what that took."""
    case, rows, spent = stage.case, list[list[Measured]](), _Spent(0, 0)
    actor, told = None, ""
    for variant in variants(case.over):
        history = filled([step._asdict() for step in case.history], variant)
        # What only the reads vary need not be told again.
        if actor is None or json.dumps(history) != told or any(isinstance(one, Step) for one in case.probes):
            calls = 0
            actor, told = _told(stage, history), json.dumps(history)
        else:
            calls = actor.calls
        row = list(_probed(actor, case, variant))
        rows.append(row)
        spent = _Spent(spent.calls + actor.calls - calls, spent.tokens + sum(one.tokens for one in row))
    return rows, spent


def _told(stage: _Stage, history: Iterable[Mapping[str, Any]]) -> Actor:
    """A world in which the history of the case has happened."""
    answers = cassette_of(stage.case, stage.dialect) if stage.answers is None else stage.answers
    world = stage.make(stage.dialect, answers, stage.case.start)
    for fault in stage.faults:
        world.faults.add(**fault)
    actor = Actor(world, stage.case)
    for step in history:
        take(actor, Step(**step))
    return actor


def _probed(actor: Actor, case: Case, variant: Mapping[str, Any]) -> Iterator[Measured]:
    label = label_of(variant)
    for one in case.probes:
        if isinstance(one, Step):
            take(actor, Step(**filled(one._asdict(), variant)))
        elif one.measure in MEASURED and one.read not in ("request", "answer"):
            yield _of_memory(actor, one._replace(options=filled(one.options, variant)), label)
        else:
            yield _of_claude(actor, one._replace(options=filled(one.options, variant)), label)


def _of_memory(actor: Actor, probe: Probe, label: str) -> Measured:
    read = _read(actor, probe)
    facts = [actor.case.facts[id_] for id_ in probe.wants] if probe.measure in _TRACED else []
    traces = tuple(traced(actor, probe, fact, read, label) for fact in facts)
    if read.status >= 400 and probe.measure != "status" and probe.read != "lookup":
        raise Crash(f"{probe.name}: this read was answered {read.status}: {read.text}")
    value = measured(actor, probe, read)
    return Measured(value, len(read.rows), tokens_in(read.text), "", traces, vacuity(actor, probe, value))


def _read(actor: Actor, probe: Probe) -> Reading:
    """Ask what a probe asks, once or for each value of one parameter."""
    if probe.each is None:
        return reading(actor, question(actor, probe.read, probe.options))
    name, values = probe.each
    whole: Reading | None = None
    for value in values:
        read = reading(actor, question(actor, probe.read, {**probe.options, name: value}))
        for step in probe.between if whole is None else ():
            take(actor, step)
        whole = read if whole is None else whole.and_then(read)
    assert whole is not None
    return whole


def _of_claude(actor: Actor, probe: Probe, label: str) -> Measured:
    talk = talk_of(actor, probe)
    facts = [actor.case.facts[id_] for id_ in probe.wants]
    traced_ = facts if probe.measure in _TRACED else []
    traces = tuple(trace_of_talk(actor, probe, fact, talk, label) for fact in traced_)
    returned = len(talk.read.rows) if talk.read else 0
    words = ""
    value: float | int | str | None = None
    try:
        if probe.measure == "recall":
            value = share(len(shown_to_claude(actor, talk, facts)), len(facts))
        elif probe.measure == "tokens":
            value = tokens_of(talk)
        elif probe.measure == "answered":
            value = answered(talk, probe)
        else:
            value = verdict(actor, talk, probe)
    except Unscored as unscored:
        words = str(unscored)
    return Measured(value, returned, talk.tokens, words, traces)


def _finding(probe: Probe, dialect: str, labels: list[str], row: list[Measured]) -> Finding:
    wanted, values = probe.expected[dialect], [one.value for one in row]
    expected, found = curve(labels, wanted), curve(labels, values)
    returned = curve(labels, [one.returned for one in row])
    unscored = next((one.words for one in row if one.words), "")
    empty = next((one.vacuous for one in row if one.vacuous), "")
    if unscored:
        state, words = "unscored", unscored
    elif values != wanted:
        state, words = "failed", f"expected {expected!r}, found {found!r}"
    else:
        state, words = ("failed", f"vacuous: {empty}") if empty else ("passed", "")
    return Finding(probe.name, probe.read, probe.measure, expected, found, returned, state, words)
