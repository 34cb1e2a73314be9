"""The end of a run of tests: what was recorded, what nobody asks for any more, and taking that away.

What one process saw of the run is a :class:`Part`, plain JSON, so that pytest-xdist's workers can hand theirs over.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..errors import CassetteError, listed
from .cassette import Cassette
from .player import Player
from .reading import FORMAT
from .recording.keeping import beside, for_which
from .recording.plan import Plan, counted, interactions
from .recording.recorder import Recorder
from .recording.rehearsal import Rehearsal

__all__ = ["Part", "Report", "Use", "settled", "told", "use_of"]

# A folder with this in it is a scenario's, whose cassettes a command replays.
_SCENARIO = "script.toml"
_HOW_TO_PRUNE = "What to do: look for why they are not asked for; pytest --claude-prune removes them."
_HOW_TO_FINISH = (
    "What to do: record again, which replaces them; or, where they are good as they are, give that file the name of "
    "the other; or delete it. pytest --claude-prune leaves it alone."
)


@dataclass
class Use:
    """What a test made of its cassette.

    ``unplayed`` are the numbers of what it did not ask for, of ``count``; ``recorded`` is how many answers were
    kept, ``notes`` say which were not; ``left`` is what the end of the recording left to do, in words, and
    ``plan`` what was recorded again, or would be.
    """

    test: str
    cassette: str
    passed: bool
    count: int = 0
    unplayed: list[int] = field(default_factory=list)
    recorded: int = 0
    notes: list[str] = field(default_factory=list)
    left: str = ""
    plan: dict[str, Any] | None = None


@dataclass
class Part:
    """What one process saw of a run.

    ``uses`` are those of the tests that came to their world; ``collected`` are all that ask for one, each with
    its cassette, which is empty where only the test knows it.  ``loaded`` says how often each file was read,
    ``folders`` where cassettes are by default, ``gaps`` why this is not all that there is to run.
    """

    uses: list[Use] = field(default_factory=list)
    collected: dict[str, str] = field(default_factory=dict)
    loaded: dict[str, int] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Part:
        """The reverse of :meth:`as_json`."""
        return cls(**{**values, "uses": [Use(**use) for use in values["uses"]]})

    @classmethod
    def together(cls, parts: Iterable[Part]) -> Part:
        """All parts of one run as one."""
        whole, loaded = cls(), Counter[str]()
        for part in parts:
            whole.uses += part.uses
            whole.collected |= part.collected
            loaded.update(part.loaded)
            whole.folders += part.folders
            whole.gaps += part.gaps
        whole.uses.sort(key=lambda use: use.test)
        return cls(whole.uses, whole.collected, dict(loaded), sorted({*whole.folders}), sorted({*whole.gaps}))


@dataclass
class Report:
    """The lines that the end of the run says, and whether something is wrong that no test has failed for."""

    lines: list[str]
    failed: bool = False


def use_of(answers: object, test: str, passed: bool, left: str = "") -> Use:
    """What the test made of its `answers`; `left` is what the end of its recording said."""
    player = answers if isinstance(answers, Player) else getattr(answers, "player", None)
    use = Use(test, "", passed, left=left)
    if isinstance(player, Player) and player.cassette is not None:
        use.cassette = _resolved(player.cassette.path) if player.cassette.path else ""
        use.count, use.unplayed = len(player.cassette), player.unplayed()
    if isinstance(answers, Recorder):
        use.recorded, use.notes = answers.recorded, list(answers.notes)
        use.unplayed = [] if answers.recorded else use.unplayed
        use.plan = answers.plan.as_json() if answers.plan.changes else None
    if isinstance(answers, Rehearsal):
        use.unplayed, use.plan = [], answers.plan().as_json()
    return use


def settled(whole: Part, prune: bool, all_passed: bool) -> Report:
    """Say what is to be said of the run; with `prune` take away what nobody asked for, if that is sure."""
    lines = [*(line for use in whole.uses for line in told(use)), *_in_all(whole.uses)]
    unplayed, gaps = _unplayed(whole.uses), [*whole.gaps, *_unreached(whole)]
    unused, unfinished = ([], []) if gaps else _nobodys(whole)
    lines += [line for path in unfinished for line in _unfinished(path)]
    if prune and (gaps or not all_passed):
        return Report([*lines, *_found(unplayed, unused, ""), _not_pruned(gaps)], failed=bool(unplayed))
    if prune:
        shared = {path for path in unplayed if whole.loaded.get(path, 0) > sum(_is_of(path, use) for use in whole.uses)}
        pruned = [*_pruned(unplayed, shared), *(_removed(path) for path in unused)]
        return Report(lines + (pruned or ["nothing to remove: every answer and every cassette was asked for"]))
    return Report([*lines, *_found(unplayed, unused, _HOW_TO_PRUNE)])


def told(use: Use) -> Iterator[str]:
    """What is to be said of a recording, or of the plan for one."""
    name = _shown(use.cassette)
    if use.recorded:
        yield f"{name}: {counted(use.recorded, 'answer')} recorded by {use.test}"
    if use.plan:
        plan = Plan.from_json(use.plan)
        if plan.changes or not use.recorded:
            yield from plan.lines()
        if not use.recorded and not use.passed:
            yield f"  {use.test} did not pass, so it may be more"
    yield from (f"{name}: {note}" for note in use.notes if note not in use.left)
    yield from use.left.splitlines()


def _in_all(uses: list[Use]) -> Iterator[str]:
    """How many calls the plans of several cassettes come to."""
    planned = [(use, Plan.from_json(use.plan)) for use in uses if use.plan and not use.recorded]
    if len(planned) > 1:
        least = "at least " if any(plan.is_open or not use.passed for use, plan in planned) else ""
        yield f"in all {least}{counted(sum(plan.calls for _, plan in planned), 'call')}"


def _unplayed(uses: list[Use]) -> dict[str, tuple[int, list[int]]]:
    """Of each cassette how many answers it has, and those that no test which passed has asked for."""
    found: dict[str, tuple[int, list[int]]] = {}
    for use in uses:
        if use.cassette and use.passed:
            count, numbers = found.get(use.cassette, (use.count, use.unplayed))
            found[use.cassette] = count, [number for number in numbers if number in use.unplayed]
    return {path: (count, numbers) for path, (count, numbers) in sorted(found.items()) if numbers}


def _unreached(whole: Part) -> list[str]:
    """That tests did not come to their world, where nobody knows their cassettes."""
    reached = {use.test for use in whole.uses}
    unknown = [test for test, cassette in whole.collected.items() if test not in reached and not cassette]
    if not unknown:
        return []
    return [f"{counted(len(unknown), 'test')} did not run, whose cassettes nobody else knows: {listed(unknown[:3])}"]


def _nobodys(whole: Part) -> tuple[list[Path], list[Path]]:
    """Cassettes that nobody asked for, where those are that somebody did ask for; and recordings without an end."""
    used = {use.cassette for use in whole.uses} | set(whole.loaded) | set(whole.collected.values()) - {""}
    homes = [(Path(folder), "**/*.json") for folder in whole.folders]
    homes += [(Path(path).parent, "*.json") for path in sorted(used - {""})]
    there = {_resolved(path) for folder, files in homes if folder.is_dir() for path in folder.glob(files)}
    just_left = {_resolved(beside(Path(use.cassette))) for use in whole.uses if use.left}
    found = [Path(path) for path in sorted(there - used - just_left) if _is_ours(Path(path))]
    return [path for path in found if for_which(path) is None], [path for path in found if for_which(path)]


def _unfinished(path: Path) -> list[str]:
    what = f"recordings for {_shown(for_which(path) or path)} of a run that did not come to its end"
    return [f"{_shown(path)}: {what}", _HOW_TO_FINISH]


def _is_ours(path: Path) -> bool:
    if (path.parent / _SCENARIO).exists():
        return False
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.get("format") == FORMAT


def _found(unplayed: dict[str, tuple[int, list[int]]], unused: list[Path], advice: str) -> list[str]:
    lines = [
        f"{_shown(path)}: {len(numbers)} of {counted(count, 'answer')} never asked for: {interactions(numbers)}"
        for path, (count, numbers) in unplayed.items()
    ]
    lines += [f"{_shown(path)}: no test asks for this cassette" for path in unused]
    return [*lines, advice] if lines and advice else lines


def _not_pruned(gaps: list[str]) -> str:
    why = f"this was not the whole run: {'; '.join(gaps)}" if gaps else "not every test passed"
    return f"nothing was removed, since {why}"


def _pruned(unplayed: dict[str, tuple[int, list[int]]], shared: set[str]) -> Iterator[str]:
    for path, (_, numbers) in unplayed.items():
        if path in shared:
            yield f"{_shown(path)}: {interactions(numbers)} left, since not only these tests read this cassette"
            continue
        try:
            recorded = Cassette.load(path).interactions
        except CassetteError as error:
            yield str(error)
            continue
        kept = [this for number, this in enumerate(recorded, 1) if number not in numbers]
        Cassette(kept).save(path)
        yield f"{_shown(path)}: removed {interactions(numbers)}"


def _removed(path: Path) -> str:
    path.unlink()
    return f"{_shown(path)}: removed"


def _is_of(path: str, use: Use) -> bool:
    return use.cassette == path


def _resolved(path: str | os.PathLike[str]) -> str:
    return os.path.realpath(path)


def _shown(path: str | os.PathLike[str]) -> str:
    return str(Cassette(path=path)) if path else "a cassette in memory"
