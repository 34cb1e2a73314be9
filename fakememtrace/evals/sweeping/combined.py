"""All results of a sweep as one report: plain JSON, whoever computed what, and in whatever order it came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from ... import __version__
from ..metrics.unscored import mean
from .crossing import Crossed
from .running import CRASHED, FAILED, PASSED, SCORED, UNSCORED
from .sweep import Sweep
from .unit import Unit

__all__ = ["RANKED", "SPENT", "combined"]

FORMAT, VERSION = "fakememtrace-sweep", 1
# What is said of a list of found memories, and what getting it cost: means over the questions.
RANKED = ("recall", "precision", "returned", "recall_any", "recall_all", "f1", "mrr", "ndcg", "ndcg_longmemeval")
SPENT = ("calls", "tokens")
_STATES = (SCORED, PASSED, FAILED, UNSCORED, CRASHED)
_OF = {"evals": "evals", "scenarios": "scenarios"}

Result = Mapping[str, Any]


class _Done(NamedTuple):
    unit: Unit
    result: Result


def combined(sweep: Sweep, crossed: Crossed, result: Callable[[Unit], Result]) -> dict[str, Any]:
    """The report: a line for each unit, and the rows of the tables; `result` is asked once for each unit."""
    done = [_Done(unit, _slim(result(unit))) for unit in crossed.units]
    states = Counter(one.result["state"] for one in done)
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": sweep.title,
        "made_by": {"fakememtrace": __version__},
        "axes": {axis: list(values) for axis, values in sweep.axes.items()},
        "edits": [edit._asdict() for edit in sweep.edits],
        "data": dict(crossed.digests),
        "k": list(sweep.ks) if crossed.digests else [],
        "states": {state: states[state] for state in _STATES},
        "units": [_told(one) for one in done],
        "rows": list(_rows(done)),
    }


def _slim(result: Result) -> Result:
    """What of a result is in the report: an eval's traces stay in the unit's file."""
    if "result" not in result:
        return result
    traces, whole = result["result"]["traces"], result["result"]
    lost = sum(bool(trace["lost"]) for trace in traces)
    kept = {"facts": len(traces), "back": len(traces) - lost, "calls": whole["calls"], "tokens": whole["tokens"]}
    return {"state": result["state"], "words": result["words"], "returned": result["returned"], **kept}


def _told(done: _Done) -> dict[str, Any]:
    unit, result = done
    told = {key: value for key, value in result.items() if key != "items"}
    counted = {"items": len(result["items"])} if "items" in result else {}
    return {"kind": unit.kind, "case": unit.case, "variant": dict(unit.variant), **told, **counted}


def _rows(done: Sequence[_Done]) -> Iterator[dict[str, Any]]:
    groups: dict[tuple[Any, ...], list[_Done]] = {}
    for one in done:
        of = _OF.get(one.unit.kind) or one.unit.case.partition("/")[0]
        groups.setdefault((one.unit.kind, of, tuple(one.unit.variant.items())), []).append(one)
    for (kind, of, variant), members in groups.items():
        head = {"kind": kind, "of": of, "variant": dict(variant)}
        states = Counter(member.result["state"] for member in members)
        tail = {"units": len(members), **{state: states[state] for state in _STATES if states[state]}}
        yield from ({**head, **row, **tail} for row in _MAKE[kind](members))


def _of_data(members: Iterable[_Done]) -> Iterator[dict[str, Any]]:
    items = list(chain.from_iterable(member.result.get("items", ()) for member in members))
    if not items:
        # All crashed, or nothing in it can be scored: that is to be seen, too.
        yield {"category": "", "k": None, "questions": 0}
    for category in dict.fromkeys(["", *(item["category"] for item in items)]) if items else ():
        within = [item for item in items if category in ("", item["category"])]
        for place, ranks in enumerate(within[0]["ranks"]):
            yield {"category": category, "k": ranks["k"], **_means(within, place)}


def _means(items: Sequence[Mapping[str, Any]], place: int) -> dict[str, Any]:
    ranked = {name: mean(item["ranks"][place][name] for item in items).value for name in RANKED}
    spent = {name: mean(item["spent"][name] for item in items).value for name in SPENT}
    return {**ranked, **spent, "questions": len(items)}


def _of_evals(members: Iterable[_Done]) -> Iterator[dict[str, Any]]:
    """What is unscored or crashed says nothing of what came back, and is not in the sums."""
    known = [member.result for member in members if member.result["state"] in (PASSED, FAILED)]
    sums = {name: sum(result[name] for result in known) for name in ("facts", "back", "returned", *SPENT)}
    yield {**sums, "recall": sums["back"] / sums["facts"] if sums["facts"] else None}


def _of_scenarios(members: Iterable[_Done]) -> Iterator[dict[str, Any]]:
    known = [member.result for member in members if member.result["state"] in (PASSED, FAILED)]
    yield {name: sum(result[name] for result in known) for name in ("held", "expectations", "calls", "stored")}


_MAKE: Mapping[str, Callable[[Iterable[_Done]], Iterator[dict[str, Any]]]] = {
    "data": _of_data,
    "evals": _of_evals,
    "scenarios": _of_scenarios,
}
