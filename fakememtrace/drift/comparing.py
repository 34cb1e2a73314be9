"""Compares two sides of a scenario: what Claude is asked, what is stored, and what makes the difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import ScenarioError
from ..memory.dialect import Dialect
from ..scenario.replay import check
from ..scenario.scenario import SCRIPT, Scenario
from ..world import World
from .aligning import paired_calls, paired_requests
from .asking import Differing, Request, Requests
from .explaining import Effect, Reason, reasons
from .extras import extras
from .findings import Findings
from .forgotten import forgotten
from .result import Comparison
from .showing import Showing, contents, showing
from .side import INSTALLED, Call, Limits, Side, Who, performed
from .stored import stored_differences
from .trying import History, Trial

__all__ = ["compare", "compare_all", "compared_all", "ready"]

_CREATE = "POST /api/v1/memories"
RELEASED, DOCUMENTED = "0.2.0", "documented"


def ready(folder: Path, for_sdks: bool = False) -> Scenario:
    """The scenario in `folder`, which can be compared, also between versions of the SDK.

    Raises:
        ScenarioError: it cannot be run as it is, or imports no SDK.
        CassetteError: a cassette is missing or broken.
    """
    scenario = check(folder, RELEASED)
    check(folder, DOCUMENTED)
    if for_sdks and scenario.client != "sdk":
        raise ScenarioError(
            scenario.folder / SCRIPT,
            f'the program runs with client = "{scenario.client}", to which no version of memtrace-sdk matters.',
            'Leave --sdk out, or name scenarios with client = "sdk".',
            "client",
        )
    return scenario


def compare_all(
    scenario: Scenario, sdks: Sequence[tuple[str, str]] = (), limits: Limits | None = None
) -> Iterator[Comparison]:
    """Compare the dialects, and the first of `sdks`, versions and their folders, with each of the others.

    The dialects are compared with that first one.  One version alone is compared with the one that is installed.

    Raises:
        ScenarioError: the scenario made no request to Claude.
    """
    for one, _, _ in compared_all(scenario, sdks, limits):
        yield one


def compared_all(
    scenario: Scenario,
    sdks: Sequence[tuple[str, str]] = (),
    limits: Limits | None = None,
    report: bool = False,
) -> Iterator[tuple[Comparison, Side, Side]]:
    """The same, each comparison with its two sides, which have their accounts where a `report` is wanted."""
    for first, second in _sides(scenario, sdks, limits or Limits(), report):
        yield compare(scenario, first, second), first, second


def _sides(
    scenario: Scenario, sdks: Sequence[tuple[str, str]], most: Limits, report: bool
) -> Iterator[tuple[Side, Side]]:
    def side(who: Who) -> Side:
        return performed(scenario, who, RELEASED, most, report)

    version, folder = sdks[0] if sdks else ("", "")
    released = side(Who(RELEASED, folder=folder))
    yield released, side(Who(DOCUMENTED, folder=folder))
    first = replace(released, who=Who(RELEASED, version, folder))
    if len(sdks) == 1:
        yield side(Who(RELEASED, INSTALLED)), first
    for sdk in sdks[1:]:
        yield first, side(Who(RELEASED, *sdk))


def compare(scenario: Scenario, first: Side, second: Side) -> Comparison:
    """In what `second` differs from `first`."""
    _need_requests(scenario, first, second)
    return _Comparing(scenario, first, second).comparison()


class _Comparing:
    def __init__(self, scenario: Scenario, first: Side, second: Side) -> None:
        self._scenario, self._first, self._second = scenario, first, second
        self._own, self._other = Dialect(first.who.dialect), Dialect(second.who.dialect)
        self._calls = paired_calls(first.calls, second.calls)
        self._requests = Requests(paired_requests(first.asked, second.asked))
        self._history, self._later = History(first), History(second)
        self._world = World()
        self._findings = Findings(first.who, second.who, self._own, self._other)

    def comparison(self) -> Comparison:
        """All of it."""
        self._explain()
        self._findings.stopped(self._first.outcome.stopped, self._second.outcome.stopped)
        findings = self._findings.all()
        return Comparison(
            scenario=self._scenario.name,
            title=self._scenario.title,
            first=self._first.who.name,
            second=self._second.who.name,
            rows=self._requests.rows(findings, self._first.who.name, self._second.who.name),
            findings=findings,
            notices=forgotten(self._first, self._history, findings),
            stored=stored_differences(self._history.end(), self._later.end(), self._first.who, self._second.who),
            extras=extras(self._first, self._second),
            stopped=(self._first.outcome.stopped, self._second.outcome.stopped),
            problems=(self._first.outcome.problems, self._second.outcome.problems),
        )

    def _explain(self) -> None:
        """Find the reasons of every call that is not made, or not answered, as on the other side."""
        differing = [
            Differing(one, self._shown(one, other))
            for one, other in self._calls
            if one is not None and other is not None and one.answer != other.answer
        ]
        touched = self._requests.touched_by(differing)
        for call, shown in differing:
            self._answered_otherwise(call, shown, touched.get(call.number, []))
        for one, other in self._calls:
            if one is None or other is None or one.asked != other.asked:
                self._findings.asked_otherwise(one, other, self._requests.first_changed_after(one, other))

    def _shown(self, one: Call, other: Call) -> tuple[Showing, Showing]:
        known = {**contents(self._history.before(one)), **contents(self._later.before(other))}
        return showing(one.status, one.answer, known), showing(other.status, other.answer, known)

    def _answered_otherwise(self, call: Call, shown: tuple[Showing, Showing], touched: Sequence[Request]) -> None:
        is_other_state = call.route == _CREATE and shown[0].forms != shown[1].forms
        if touched or is_other_state or shown[0].is_ok != shown[1].is_ok:
            requests = touched or self._requests.after(call)[:1]
            self._findings.add(self._reasons(call, requests), call, shown, requests)

    def _reasons(self, call: Call, touched: Sequence[Request]) -> list[Reason]:
        trial = Trial(self._history.before(call), call.request, self._own, self._other, self._world)
        alone = trial.as_it_is(), trial.with_all(trial.parting)
        return reasons(call, *alone, trial, Effect([request.texts for request in touched]))


def _need_requests(scenario: Scenario, first: Side, second: Side) -> None:
    if first.asked or second.asked:
        return
    stopped = first.outcome.stopped or second.outcome.stopped
    raise ScenarioError(
        scenario.folder,
        "no request was made to Claude on either side, so there is nothing to compare."
        + (f"\nThe program was stopped: {stopped}" if stopped else ""),
        "What to do: look at what the program does with its input; fakememtrace replay shows what happened.",
    )
