"""A sweep's file -> a sweep, or an error that names file, line and field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ...errors import FileError, UnknownName, did_you_mean, listed
from ...memory.dialect import Dialect
from ...memory.timespan import Unreadable, read
from ...toml import Table, read_toml
from ..case import DIALECTS
from ..retrieval.plans import SINCE, plan
from .sweep import ALL, AS_WRITTEN, AXES, DEFAULT, KINDS, Edit, Sweep

__all__ = ["read_sweep"]

_TOP = ("title", "k", "cases", "axes", "where", "prompt", "tools")
_WHERE = ("evals", "scenarios", "locomo", "longmemeval")
# In the folder of the file, unless it says otherwise.
_PLACES = {"evals": "evals", "scenarios": "scenarios"}
_KS = (5, 10)
_EXAMPLE = 'Add one: data = ["synthetic"], evals = ["all"] or scenarios = ["all"].'


def read_sweep(path: Path) -> Sweep:
    """The sweep in the file `path`.

    Raises:
        ScenarioError: it is no TOML, or says something that cannot be; with the line.
    """
    table = read_toml(path).only(*_TOP)
    cases = _cases(table.table("cases").only(*KINDS))
    edits = (*_prompts(table), *_tools(table))
    axes = _axes(table.table("axes").only(*AXES), cases, edits)
    return Sweep(path, table.need("title", str), cases, axes, edits, _where(table, path.parent), _ks(table))


def _cases(table: Table) -> dict[str, tuple[str, ...]]:
    cases = {kind: tuple(dict.fromkeys(table.get(kind, list, []))) for kind in KINDS}
    if not any(cases.values()):
        raise table.error("there are no cases, so there is nothing to sweep.", _EXAMPLE)
    for kind in ("evals", "scenarios"):
        if ALL in cases[kind] and len(cases[kind]) > 1:
            raise table.error(f"{ALL!r} has the others, too.", "Write it alone, or write the names.", kind)
    return cases


def _axes(table: Table, cases: Mapping[str, tuple[str, ...]], edits: tuple[Edit, ...]) -> dict[str, tuple[str, ...]]:
    axes = {axis: tuple(dict.fromkeys(table.get(axis, list))) for axis in AXES if axis in table.values}
    for axis, values in axes.items():
        if not values:
            raise table.error("there is no value.", "Name one, or leave the axis out.", axis)
        if not any(cases[kind] for kind in AXES[axis]):
            kinds = listed([kind for kind in KINDS if cases[kind]])
            advice = f"It changes {listed(AXES[axis])}: name some of those, or leave the axis out."
            raise table.error(f"this changes nothing in {kinds}, which is all that there is.", advice, axis)
        for value in values:
            _check(table, axis, value, [edit.name for edit in edits if edit.axis == axis])
    if cases["data"] and "plan" not in axes:
        raise table.error("'plan' is missing: data sets are read by plans.", 'Add it, such as plan = ["substring"].')
    return {"dialect": DIALECTS, **axes}


def _check(table: Table, axis: str, value: str, edited: list[str]) -> None:
    """Refuse a value that there is not."""
    try:
        if axis == "dialect":
            Dialect(value)
        elif axis == "plan":
            plan(value)
            if value.startswith(SINCE):
                _check_window(table, axis, value[len(SINCE) :].strip())
    except UnknownName as error:
        raise table.error(f"{str(error).partition(' Known:')[0]}", f"Known: {listed(error.known)}.", axis) from None
    if axis == "window" and value != DEFAULT:
        _check_window(table, axis, value)
    if axis in ("prompt", "tools") and value not in (AS_WRITTEN, *edited):
        known = [AS_WRITTEN, *dict.fromkeys(edited)]
        problem = f"there is no [[{axis}]] with the name {value!r}.{did_you_mean(value, known)}"
        raise table.error(problem, f"Known here: {listed(known)}.", axis)


def _check_window(table: Table, axis: str, window: str) -> None:
    if isinstance(read(0, window, Dialect(DIALECTS[0]).relative_units), Unreadable):
        advice = f"Write one such as 24h or 7d, a date, or {DEFAULT!r} for what the reads have by themselves."
        raise table.error(f"Memtrace can read no window in {window!r}.", advice, axis)


def _prompts(table: Table) -> Iterator[Edit]:
    for one in table.tables("prompt"):
        one.only("name", "replace", "by")
        yield _edit(one, Edit("prompt", one.need("name", str), one.need("replace", str), one.need("by", str)))


def _tools(table: Table) -> Iterator[Edit]:
    for one in table.tables("tools"):
        one.only("name", "tool", "description")
        yield _edit(one, Edit("tools", one.need("name", str), one.need("tool", str), one.need("description", str)))


def _edit(table: Table, edit: Edit) -> Edit:
    if edit.name == AS_WRITTEN:
        raise table.error(f"{AS_WRITTEN!r} is what is not changed.", "Give it another name.", "name")
    if not edit.old:
        field = "replace" if edit.axis == "prompt" else "tool"
        raise table.error("this is empty, so nothing would be changed.", "Say what is to be changed.", field)
    return edit


def _where(table: Table, folder: Path) -> dict[str, Path]:
    where = table.table("where").only(*_WHERE)
    named = {name: where.get(name, str, _PLACES.get(name)) for name in _WHERE}
    return {name: folder / place for name, place in named.items() if place is not None}


def _ks(table: Table) -> tuple[int, ...]:
    given = table.values.get("k", list(_KS))
    is_right = isinstance(given, list) and given and all(type(k) is int and k > 0 for k in given)
    if not is_right:
        raise table.error(f"expected whole numbers above 0, found {given!r}.", "Write a list such as [5, 10].", "k")
    return tuple(sorted(set(given)))


def missing(sweep: Sweep, name: str, what: str) -> FileError:
    """The complaint that nobody says where `what` is."""
    return FileError(
        sweep.path, f"nobody says where {what} is.", f'Add a table [where] with {name} = "PATH".', "[where]"
    )
