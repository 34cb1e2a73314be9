"""One unit -> what came of it, as plain JSON: the same in every process, on every machine, in any order."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...errors import FakememtraceError
from ..datasets.measure import Item, Variant, items_of
from ..engine import run
from ..varying import flattened, label_of, variants
from .changing import ChangedWorld, unchanged
from .staging import staged
from .sweep import DEFAULT, Edit
from .unit import Contract, Questions, Scene, Unit

__all__ = ["CRASHED", "FAILED", "PASSED", "SCORED", "UNSCORED", "crash", "run_unit"]

# What becomes of a unit.  One of a data set is scored, since there is nothing that it must be.
SCORED, PASSED, FAILED, UNSCORED, CRASHED = "scored", "passed", "failed", "unscored", "crashed"


def run_unit(unit: Unit) -> dict[str, Any]:
    """Run `unit`: its ``state``, the ``words`` for that, and what was measured.

    No world is entered in this process, so its own connections, to a scheduler above all, are left alone: data sets
    and evals ask a world directly, and a scenario's program has a process of its own.
    """
    try:
        return _RUNS[type(unit.work)](unit)
    except FakememtraceError as error:
        return crash(str(error))
    except Exception as error:
        return crash(f"{type(error).__name__}: {error}")


def crash(words: str) -> dict[str, Any]:
    """What came of a unit that did not come to its end."""
    return {"state": CRASHED, "words": words}


def _questions(unit: Unit) -> dict[str, Any]:
    work: Questions = unit.work  # type: ignore[assignment]
    variant = Variant(unit.variant["plan"], unit.variant["dialect"], work.ks)
    window = unit.variant.get("window", DEFAULT)
    items = items_of(work.history, variant, "" if window == DEFAULT else window)
    return {"state": SCORED, "words": "", "items": [_item(item) for item in items]}


def _item(item: Item) -> dict[str, Any]:
    ranks = [ranked._asdict() for ranked in item.ranks]
    return {"question": item.question, "category": item.category, "ranks": ranks, "spent": item.spent._asdict()}


def _contract(unit: Unit) -> dict[str, Any]:
    work: Contract = unit.work  # type: ignore[assignment]
    edits = [Edit(*edit) for edit in unit.edits]
    worlds: list[ChangedWorld] = []

    def make(*args: Any) -> ChangedWorld:
        worlds.append(ChangedWorld(edits, *args))
        return worlds[-1]

    with _laid_out(work.files) as folder:
        case = work.case._replace(path=folder / work.case.path.name)
        result = run(case, unit.variant["dialect"], make=make)
        misses = [str(miss) for world in worlds for miss in world.claude.misses]
        nothing = unchanged(edits, (edit for world in worlds for edit in world.met))
        state, words = _state(result.state, result.words, misses, nothing)
        returned = sum(_sum(work, finding.returned) for finding in result.findings)
        told = result._replace(state=state, words=words).to_json()
        found = {"state": state, "words": words, "returned": returned, "result": told}
        return _without(found, folder)


def _sum(work: Contract, returned: Any) -> int:
    """All that a read returned, over the curve of a case's parameters."""
    labels = [label_of(variant) for variant in variants(work.case.over)]
    return sum(flattened(returned, labels) or [])


def _scene(unit: Unit) -> dict[str, Any]:
    work: Scene = unit.work  # type: ignore[assignment]
    edits = [Edit(*edit) for edit in unit.edits]
    with _laid_out({f"{work.name}/{path}": content for path, content in work.files.items()}) as folder:
        outcome, told = staged(folder / work.name, unit.variant["dialect"], edits)
        held = sum(check.held for check in outcome.checks)
        problems = [problem for problem in outcome.problems if told is None or problem not in told["open_ends"]]
        state, words = PASSED, ""
        if outcome.stopped:
            state, words = CRASHED, outcome.stopped
        elif problems or held < len(outcome.checks):
            broken = [f"{check.expected}: {check.detail}" for check in outcome.checks if not check.held]
            state, words = FAILED, "\n".join([*problems, *broken])
        nothing = unchanged(edits, (Edit(*edit) for edit in told["met"])) if told else ""
        state, words = _state(state, words, [miss["explanation"] for miss in outcome.misses], nothing)
        counts = {"held": held, "expectations": len(outcome.checks), "calls": outcome.calls, "stored": outcome.stored}
        return _without({"state": state, "words": words, **counts}, folder)


def _state(state: str, words: str, misses: list[str], nothing: str) -> tuple[str, str]:
    """The state of a unit in which Claude has a part: what nobody recorded, or nobody changed, has no score."""
    if misses:
        return UNSCORED, misses[0]
    if nothing and state != CRASHED:
        return UNSCORED, nothing
    return state, words


@contextmanager
def _laid_out(files: Mapping[str, bytes]) -> Iterator[Path]:
    """A folder with these files, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="fakememtrace-") as scratch:
        # As a program finds it that asks where it is.
        folder = Path(os.path.realpath(scratch))
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield folder


def _without(found: dict[str, Any], folder: Path) -> dict[str, Any]:
    """`found` where no text names the `folder`, which is another one each time."""
    names = [name + end for name in (str(folder), os.path.relpath(folder)) for end in (os.sep, "")]
    return {key: _cleared(value, names) for key, value in found.items()}


def _cleared(value: Any, names: Sequence[str]) -> Any:
    if isinstance(value, str):
        for name in names:
            value = value.replace(name, "")
        return value
    if isinstance(value, dict):
        return {key: _cleared(item, names) for key, item in value.items()}
    return [_cleared(item, names) for item in value] if isinstance(value, list) else value


_RUNS: Mapping[type, Callable[[Unit], dict[str, Any]]] = {Questions: _questions, Contract: _contract, Scene: _scene}
