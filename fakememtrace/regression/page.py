"""Comparisons as a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..report import model
from . import result
from .result import Comparison, Conversation, Cost, Surface
from .text import verdict
from .words import (
    again_lines,
    difference_lines,
    name_of,
    numbered,
    priced,
    reason,
    same_cause,
    scenario_reason,
    surface_reason,
    why_lines,
)

__all__ = ["page_of"]


def page_of(comparisons: Sequence[Comparison]) -> model.Page:
    """The report of `fakememtrace diff`."""
    changed = sum(one.state != result.UNCHANGED for one in comparisons)
    cost = Cost.together(one.cost for one in comparisons)
    summary = f"{changed} of {len(comparisons)} changed" if changed else "nothing changed"
    summary += f"; to record again: {priced(cost)}" if cost.calls else ""
    title = comparisons[0].scenario if len(comparisons) == 1 else f"{len(comparisons)} scenarios"
    return model.Page(
        "diff", title, "failed" if changed else "passed", summary, regressions=tuple(map(_regression, comparisons))
    )


def _regression(one: Comparison) -> model.Regression:
    told: dict[str, str] = {}
    return model.Regression(
        name=one.scenario,
        dialect=one.dialect,
        title=one.title,
        against=one.against,
        verdict="passed" if one.state == result.UNCHANGED else "failed",
        word=one.state,
        summary=verdict(one).text.partition("): ")[2],
        conversations=tuple(_conversation(each, told) for each in one.conversations),
        checks=tuple(model.Check(*check) for check in one.failed),
        sections=tuple(_sections(one)),
    )


def _conversation(one: Conversation, told: dict[str, str]) -> model.Conversation:
    notes = [numbered(one.interactions)] if one.interactions else []
    if one.calls and one.unasked:
        notes.append(f"{'no longer asked' if one.ended else 'not reached'}: {numbered(one.unasked)}")
    return model.Conversation(
        name=name_of(one),
        begins=one.begins,
        state=one.state,
        reason=reason(one),
        cost=priced(one.cost) if one.calls else "",
        why=tuple(_why(one, told)) if one.calls else (),
        again=tuple(tuple(again_lines(each)) for each in one.again),
        notes=tuple(notes),
    )


def _why(one: Conversation, told: dict[str, str]) -> list[str]:
    """The explanation; of what is the same as in an earlier conversation only that it is."""
    same = told.setdefault(same_cause(one), name_of(one))
    return why_lines(one) if same == name_of(one) else [f"the same difference as in {same}"]


def _sections(one: Comparison) -> Iterator[model.Section]:
    if one.is_new or one.is_gone:
        yield model.Section("Not run", (scenario_reason(one),))
    if _has_tools(one.surface):
        differences = (line for difference in one.surface.differences for line in difference_lines(difference))
        yield model.Section("Tools", ("\n".join([surface_reason(one.surface), *differences]),))
    if one.expectations:
        held = one.expectations - len(one.failed)
        yield model.Section("Expectations", (f"{held} of {one.expectations} held",))
    if one.stopped:
        yield model.Section("Stopped", (one.stopped,))
    if one.problems:
        yield model.Section("Unexpected", tuple(one.problems))


def _has_tools(surface: Surface) -> bool:
    return bool(surface.tools or surface.differences)
