"""Tables ``[[dataset]]`` of case files -> data-set evals, or an error that names file, eval and field."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from ...errors import UnknownName, listed
from ...toml import read_toml
from ..case import DIALECTS
from ..fields import DATASET
from ..place import Place
from ..reading import check_words, files_of
from ..retrieval.plans import plan, plans
from .set_eval import SetEval
from .sources import SOURCES

__all__ = ["load_sets"]

_BY = ("category", "conversation")
_REQUIRED = ("name", "title", "why", "set", "plans", "metric", "baseline")


def load_sets(path: Path, taken: Collection[str] = ()) -> list[SetEval]:
    """The data-set evals of a file, or of every ``*.toml`` in a folder; `taken` are names of other evals.

    Raises:
        EvalError: one is not as it should be; ScenarioError: a file is no TOML.
        UsageError: there is no such file.
    """
    found: dict[str, SetEval] = {}
    baselines: dict[Path, str] = {}
    for file in files_of(path):
        values = read_toml(file).values
        for number, raw in enumerate(values.get("dataset", ()), 1):
            given = raw.get("name", number) if isinstance(raw, dict) else number
            place = Place(file, f"dataset {given!r}")
            one = _read(place, raw, values.get("group", ""))
            if one.name in found or one.name in taken:
                raise place.error("there is an eval of this name already.", "Give one of them another name.", "name")
            other = baselines.setdefault(one.baseline, one.name)
            if other != one.name:
                problem = f"this is the baseline of {other!r}, too."
                raise place.error(problem, "Give each a file of its own.", "baseline")
            found[one.name] = one
    return list(found.values())


def _read(place: Place, raw: Any, group: str) -> SetEval:
    place.only(raw, DATASET, _REQUIRED)
    check_words(place, raw)
    place.known(raw["set"], SOURCES, "set")
    source = SOURCES[raw["set"]]
    place.known(raw["metric"], source.metrics, "metric")
    place.known(raw.get("by", "category"), _BY, "by")
    return SetEval(
        raw["name"],
        group,
        raw["title"],
        raw["why"],
        raw["set"],
        _plans(place, raw["plans"]),
        _dialects(place, raw.get("dialects", list(DIALECTS))),
        raw["metric"],
        _k(place, raw, source.at_k),
        raw.get("by", "category"),
        place.path.parent / raw["baseline"],
        place.path,
    )


def _plans(place: Place, names: list[Any]) -> tuple[str, ...]:
    _check_list(place, names, "plans", plans())
    for name in names:
        if not _is_plan(name):
            place.known(name, plans(), "plans")
    return tuple(names)


def _is_plan(name: str) -> bool:
    try:
        plan(name)
    except UnknownName:
        return False
    return True


def _dialects(place: Place, names: list[Any]) -> tuple[str, ...]:
    _check_list(place, names, "dialects", DIALECTS)
    for name in names:
        place.known(name, DIALECTS, "dialects")
    return tuple(dialect for dialect in DIALECTS if dialect in names)


def _check_list(place: Place, names: list[Any], field: str, known: Collection[str]) -> None:
    if not names or len(set(map(repr, names))) < len(names) or not all(isinstance(name, str) for name in names):
        raise place.error(f"expected names, each once, found {names!r}.", f"Known here: {listed(known)}.", field)


def _k(place: Place, raw: Any, at_k: bool) -> int:
    k = raw.get("k", 0)
    if at_k and k < 1:
        raise place.error("expected how many results are looked at.", "Write a whole number from 1 on.", "k")
    if not at_k and k:
        raise place.error(f"{raw['set']} says itself how many results are looked at.", "Leave it out.", "k")
    return int(k)
