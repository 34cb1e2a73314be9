"""The families of histories, each of which measures one thing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ....clock import duration, moment
from ..history import Entry, History, Question
from .draw import Draw
from .words import FACTS, GIVEN, SCRIPTS, SURNAMES, Fact, Script

__all__ = ["distractors", "long_session", "offsets", "scripts", "swapped", "updates"]

_START = moment("2026-01-05T09:00:00Z")
_HOUR, _MINUTE, _DAY = duration("1h"), duration("1m"), duration("1d")
_AGENT = "notes"
_PEOPLE = 8
_OFFSETS = range(0, 201, 10)
_LONG, _PLACES = 150, (0, 25, 49, 50, 51, 100, 149)
_PADDING = "and then some more of it "


class _Line(NamedTuple):
    key: str
    content: str
    agent: str = _AGENT
    session: str = ""


def distractors(draw: Draw, times: int) -> History:
    """Facts of eight persons, and for each so many of the same kind about others."""
    people = draw.shuffled(_people())
    asked = [(person, draw.one(FACTS)) for person in people[:_PEOPLE]]
    others = people[_PEOPLE : _PEOPLE + _PEOPLE * times]
    lines = [_Line(f"fact-{number}", _said(draw, fact, person)) for number, (person, fact) in enumerate(asked)]
    lines += [
        _Line(f"other-{number}", _said(draw, asked[number % _PEOPLE][1], person))
        for number, person in enumerate(others)
    ]
    category = f"distractors x{times}"
    questions = [
        _question(f"fact-{number}", category, fact.question.format(person=person), lines[number].content)
        for number, (person, fact) in enumerate(asked)
    ]
    return _history(f"distractors-{times}", draw.shuffled(lines), questions, 5 * _MINUTE)


def updates(draw: Draw) -> History:
    """Values that change: two to four versions each, three days apart; every other chain returns to its first value."""
    chains = [(person, FACTS[0], 2 + number % 3) for number, person in enumerate(draw.shuffled(_people())[:_PEOPLE])]
    lines, questions = [], []
    for number, (person, fact, versions) in enumerate(chains):
        values = draw.shuffled(fact.values)[:versions]
        if number % 2 and versions > 2:
            values[-1] = values[0]
        keys = [f"chain-{number}-v{version}" for version in range(1, versions + 1)]
        lines.append(
            [
                _Line(key, fact.sentence.format(person=person, value=value))
                for key, value in zip(keys, values, strict=True)
            ]
        )
        text = fact.question.format(person=person)
        questions.append(Question(f"chain-{number}", "updates", text, (keys[-1],), values[-1], tuple(keys[:-1])))
    rounds = [chain[version] for version in range(4) for chain in lines if version < len(chain)]
    return _history("updates", rounds, questions, 9 * _HOUR)


def swapped(draw: Draw) -> History:
    """Two speakers say the same kind of thing of themselves; who said it is what is asked."""
    speakers = ("Ana", "Ben")
    lines, questions = [], []
    for number, fact in enumerate(FACTS):
        for speaker, value in zip(speakers, draw.shuffled(fact.values), strict=False):
            key = f"{speaker}-{number}"
            lines.append(_Line(key, f"{speaker}: {fact.sentence.format(person='This one', value=value)}", speaker))
            questions.append(Question(key, "swapped speakers", fact.question.format(person=speaker), (key,), value))
    return _history("swapped", draw.shuffled(lines), questions, _HOUR, speakers)


def offsets(draw: Draw) -> History:
    """A value that stands after so many bytes: 0, 10, ... 200."""
    lines, questions = [], []
    for offset, person in zip(_OFFSETS, draw.shuffled(_people()), strict=False):
        given, _, surname = person.partition(" ")
        value = f"{given}{surname}{1000 + draw.below(9000)}"
        before = (_PADDING * 9)[: max(0, offset - 1)] + " " if offset else ""
        key = f"offset-{offset}"
        lines.append(_Line(key, f"{before}{value} is what {person} uses as a word to remember", session="needles"))
        questions.append(Question(key, f"offset {offset:03}", f"What word does {person} use?", (key,), value))
    return _history("offsets", draw.shuffled(lines), questions, _MINUTE)


def scripts(draw: Draw) -> History:
    """The same in five scripts; filling puts the end of a short line around byte 80, inside of a character."""
    lines, questions = [], []
    for script in SCRIPTS:
        for number, (person, value) in enumerate(zip(script.people, draw.shuffled(script.values), strict=True)):
            key = f"{script.name}-{number}"
            lines.append(_Line(key, _written(script, person, value, number), session="scripts"))
            text = script.question.format(person=person)
            questions.append(Question(key, f"script {script.name}", text, (key,), value))
    return _history("scripts", draw.shuffled(lines), questions, _MINUTE)


def long_session(draw: Draw) -> History:
    """A session of 150 memories, of which a context shows the newest 100; asked for are some from all over it."""
    people = draw.shuffled(_people())[:_LONG]
    facts = [draw.one(FACTS) for _ in people]
    both = list(enumerate(zip(people, facts, strict=True)))
    lines = [_Line(f"row-{row}", _said(draw, fact, person), session="long") for row, (person, fact) in both]
    questions = [
        _question(f"row-{row}", "session beyond 100", fact.question.format(person=person), lines[row].content)
        for row, (person, fact) in both
        if row in _PLACES
    ]
    return _history("long-session", lines, questions, _MINUTE)


def _people() -> list[str]:
    return [f"{given} {surname}" for given in GIVEN for surname in SURNAMES]


def _said(draw: Draw, fact: Fact, person: str) -> str:
    return fact.sentence.format(person=person, value=draw.one(fact.values))


def _written(script: Script, person: str, value: str, times: int) -> str:
    """The sentence with the filling repeated, so that it gets longer with each person."""
    filling = " ".join([script.filling] * (1 + 2 * times))
    return script.sentence.format(person=person, filling=filling, value=value)


def _question(key: str, category: str, text: str, content: str) -> Question:
    """The question whose answer is the one value of its kind of fact that `content` has."""
    answer = next(value for fact in FACTS for value in fact.values if value in content)
    return Question(key, category, text, (key,), answer)


def _history(
    name: str, lines: Sequence[_Line], questions: Sequence[Question], apart: int, speakers: tuple[str, ...] = (_AGENT,)
) -> History:
    entries = list(_entries(lines, apart))
    return History(name, entries, questions, entries[-1].at + _HOUR, speakers)


def _entries(lines: Sequence[_Line], apart: int) -> Iterator[Entry]:
    for place, line in enumerate(lines):
        yield Entry(line.key, _START + place * apart, line.agent, line.content, line.session)
