"""Comparisons as a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ..claude.explain import ranges
from ..report import model
from ..report.beside import rows, texts_of
from ..report.outcomes import account_with
from .result import SAME, Answer, Comparison, Finding, Place, Row
from .side import ASSUMED, EMPTY, Side
from .text import verdict

__all__ = ["comparison_of", "page_of"]


def page_of(comparisons: Sequence[model.Comparison]) -> model.Page:
    """The report of `fakememtrace drift`."""
    drifting = sum(one.verdict == "failed" for one in comparisons)
    names = dict.fromkeys(one.name for one in comparisons)
    title = next(iter(names), "nothing") if len(names) < 2 else f"{len(names)} scenarios"
    summary = f"{drifting} of {len(comparisons)} differ" if drifting else "no drift"
    verdict_word = "failed" if drifting else "passed"
    return model.Page("drift", title, verdict_word, summary, comparisons=tuple(comparisons))


def comparison_of(one: Comparison, first: Side, second: Side) -> model.Comparison:
    """A comparison, and the accounts of its sides, as a report shows them."""
    accounts = tuple(
        account_with(side.outcome, side.account)._replace(dialect=side.who.name, verdict="", checks=())
        for side in (first, second)
    )
    told = verdict(one).text
    return model.Comparison(
        name=one.scenario,
        title=one.title,
        first=one.first,
        second=one.second,
        verdict="passed" if one.is_well else "failed",
        word=told.partition(f" {one.scenario} (")[0].lower(),
        summary=told.partition("): ")[2],
        causes=tuple(_causes(one)),
        asked=tuple(_asked(row, one, accounts) for row in one.rows),
        sections=tuple(_sections(one)),
        accounts=accounts,
    )


def _causes(one: Comparison) -> Iterator[model.Cause]:
    for number, finding in enumerate(one.findings, 1):
        yield _cause(number, finding, one)
    for finding in one.notices:
        yield _cause(0, finding, one)


def _cause(number: int, finding: Finding, one: Comparison) -> model.Cause:
    facts = []
    for behaviour in finding.behaviours:
        values = f"{behaviour['first']} on {one.first}, {behaviour['second']} on {one.second}"
        facts.append(("cause", f"{behaviour['name']}: {values}"))
        facts += [("e.g.", behaviour["meaning"])] if behaviour["meaning"] != finding.headline else []
    if finding.behind:
        facts.append(("behind", f"{' and '.join(finding.behind)}: it shows when that is as on {one.second}"))
    facts += [("why", finding.detail)] if finding.detail else []
    places = tuple(_place(place, one) for place in finding.places)
    return model.Cause(number, finding.headline, tuple(facts), places)


def _place(place: Place, one: Comparison) -> model.Beside:
    requests = f", request{'s' * (len(place.requests) > 1)} {ranges(place.requests)}" if place.requests else ""
    asked = f"{place.asked} ({place.question})" if place.question else place.asked
    told = (("asked", asked), ("by", place.where), (one.first, place.first), (one.second, place.second))
    memories = tuple((memory.content, memory.first, memory.second, memory.fact) for memory in place.memories)
    return model.Beside(f"run {place.run}{requests}", tuple(fact for fact in told if fact[1]), memories)


def _asked(row: Row, one: Comparison, accounts: Sequence[model.Account]) -> model.Asked:
    turns = [
        next((turn for turn in account.turns if place and (turn.run, turn.place) == (row.run, place)), None)
        for account, place in zip(accounts, (row.first, row.second), strict=True)
    ]
    first, second = turns
    # What only repeats an earlier request of the run has no lines of its own.
    beside = rows(texts_of(accounts[0], first), texts_of(accounts[1], second)) if first and second and row.lines else ()
    return model.Asked(
        *(row.run, row.first, row.second, row.state, tuple(row.findings)),
        notes=tuple(_notes(row, one)),
        rows=tuple(beside),
        turns=(first.number if first else 0, second.number if second else 0),
    )


def _notes(row: Row, one: Comparison) -> Iterator[str]:
    if row.why:
        yield row.why
    for name, answer in zip((one.first, one.second), row.answered, strict=True):
        if answer.how in (ASSUMED, EMPTY):
            yield f"on {name} {_answered(answer)}"
    if row.state != SAME and not row.lines and row.first and row.second:
        yield "no other difference than in an earlier request of the run"


def _answered(answer: Answer) -> str:
    if answer.how == EMPTY:
        return "it is answered with nothing, since no recording is left"
    return f"the answer is assumed from interaction {answer.interaction} of {answer.cassette}, the nearest recording"


def _sections(one: Comparison) -> Iterator[model.Section]:
    if one.stored:
        yield model.Section("Stored on one side only", tuple(map(_stored, one.stored)))
    for fate, some in groupby(sorted(one.extras, key=lambda extra: extra.fate), lambda extra: extra.fate):
        calls = tuple(
            f"{extra.call}{f', {extra.count} times' if extra.count > 1 else ''}: {', '.join(extra.where)}"
            for extra in some
        )
        yield model.Section(f"In the documentation only: {fate}", calls)
    for name, stopped, problems in zip((one.first, one.second), one.stopped, one.problems, strict=True):
        if stopped:
            yield model.Section(f"Stopped on {name}", (stopped,))
        if problems:
            yield model.Section(f"Unexpected on {name}", tuple(problems))


def _stored(one: dict[str, str]) -> str:
    times = f" ({one['count']} times)" if one["count"] != "1" else ""
    return f"{one['only_on']}: {one['kind']}{times}: {one['value']}"
