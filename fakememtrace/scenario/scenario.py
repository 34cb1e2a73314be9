"""A scenario folder: a program as a user writes it, its script, its cassette and its expectations."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..claude.matching import Matching
from ..clock import DEFAULT_START, duration, moment
from ..errors import ClockError, ScenarioError, UnknownName, UsageError, did_you_mean, listed
from ..toml import Table, read_toml
from .expectations import Expectation, read_expectations

__all__ = ["Run", "Scenario", "find_scenarios", "load_scenario"]

PROGRAM = "program.py"
SCRIPT = "script.toml"
CASSETTE = "cassette.json"
EXPECTATIONS = "expectations.toml"

_KEYS = (
    *("title", "start", "client", "telegram", "max_turns", "timeout", "patience"),
    *("redact", "allow", "matching", "run"),
)
# What a program gets that imports memtrace: the released SDK, or the client that the documentation describes.
_CLIENTS = ("sdk", "documented")
_PARTS = f"A scenario has {PROGRAM}, {SCRIPT}, {CASSETTE} and {EXPECTATIONS}."


@dataclass(frozen=True)
class Run:
    """One run of the program: how long after the one before it starts, and the lines it reads."""

    says: tuple[str, ...]
    after: str = "0s"


@dataclass(frozen=True)
class Scenario:
    """What a scenario folder holds.

    ``max_turns`` and ``timeout`` (seconds of wall time) are its limits; ``matching`` says when a request is
    the one that is recorded, ``redact`` what is replaced in recordings, ``allow`` what in them is no secret.
    ``client`` is which client of Memtrace the program imports, ``sdk`` or ``documented``; ``telegram`` who writes what
    to its Telegram bots, where it has any, and ``patience`` (seconds of wall time) when a bot that does not answer is
    given up.
    """

    folder: Path
    title: str
    start: str
    runs: tuple[Run, ...]
    expectations: tuple[Expectation, ...]
    max_turns: int
    timeout: float
    matching: Matching = field(default_factory=Matching)
    redact: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    client: str = "sdk"
    telegram: Path | None = None
    patience: float = 10.0

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.folder.name

    @property
    def program(self) -> Path:
        """The program that is run."""
        return self.folder / PROGRAM

    def cassette(self, dialect: str) -> Path:
        """The recordings: ``cassette.DIALECT.json`` where that dialect has its own, else the one for all."""
        own = self.folder / f"cassette.{dialect}.json"
        return own if own.exists() else self.folder / CASSETTE


def find_scenarios(root: Path, names: tuple[str, ...] = ()) -> list[Path]:
    """The folders of the scenarios `names` below `root`, or of all of them, in the order of their names.

    Raises:
        ScenarioError: `root` is not there or holds no scenario.
        UnknownName: there is no such scenario.
    """
    if not root.is_dir():
        raise ScenarioError(root, "there is no such folder.", "Name the folder of your scenarios with --scenarios DIR.")
    folders = {entry.name: entry for entry in sorted(root.iterdir()) if _is_scenario(entry)}
    if not folders:
        raise ScenarioError(root, "there is no scenario in this folder.", _PARTS)
    for name in names:
        if name not in folders:
            raise UnknownName("scenario", name, folders)
    return [folders[name] for name in names] if names else list(folders.values())


def load_scenario(folder: Path) -> Scenario:
    """Read the scenario in `folder`; ScenarioError with file and place when it cannot be run as it is."""
    if not folder.is_dir():
        raise ScenarioError(folder, "there is no such folder.", _PARTS)
    for part in (PROGRAM, SCRIPT, EXPECTATIONS):
        if not (folder / part).is_file():
            raise ScenarioError(folder, f"there is no {part} in this folder.", f"{_PARTS} {_found(folder)}")
    script = read_toml(folder / SCRIPT).only(*_KEYS)
    updates = _updates(script, folder)
    runs = tuple(_run(table, updates is not None) for table in script.tables("run"))
    if not runs:
        raise script.error("there is no [[run]].", "Add one for each time the program runs, with the lines it reads.")
    if updates is not None:
        _check_runs(script, updates, len(runs))
    return Scenario(
        folder=folder,
        title=script.need("title", str),
        start=_start(script),
        runs=runs,
        expectations=read_expectations(folder / EXPECTATIONS, len(runs)),
        max_turns=script.positive("max_turns", int, 100),
        timeout=script.positive("timeout", float, 60.0),
        matching=_matching(script.table("matching").only("ignore", "only", "normalise")),
        redact=tuple(script.get("redact", list, [])),
        allow=tuple(script.get("allow", list, [])),
        client=_client(script),
        telegram=updates,
        patience=script.positive("patience", float, 10.0),
    )


def _is_scenario(entry: Path) -> bool:
    return entry.is_dir() and not entry.name.startswith((".", "_"))


def _found(folder: Path) -> str:
    return f"Found: {listed(sorted(entry.name for entry in folder.iterdir()))}."


def _updates(script: Table, folder: Path) -> Path | None:
    """The file with the updates for the bots, which has been looked at."""
    name: str | None = script.get("telegram", str)
    if name is None:
        return None
    path = folder / name
    if not path.is_file():
        raise script.error(f"there is no {name} in this folder.", _found(folder), "telegram")
    return path


def _check_runs(script: Table, updates: Path, runs: int) -> None:
    """Refuse updates of a run that there is not."""
    # Imported when needed: most scenarios have no bots.
    from ..telegram.reading import read_script

    theirs = read_script(updates).runs
    if theirs > runs:
        counted = "1 run" if runs == 1 else f"{runs} runs"
        raise script.error(
            f"{updates.name} has updates for run {theirs}, and there are {counted}.",
            "Add a [[run]] for each time the program is started.",
            "telegram",
        )


def _run(table: Table, has_updates: bool) -> Run:
    table.only("says", "after")
    says = table.get("says", list, []) if has_updates else table.need("says", list)
    for line in says:
        if "\n" in line:
            raise table.error(f"{line!r} has a line break.", "Make it one line, or two entries.", "says")
    after = table.get("after", str, "0s")
    try:
        duration(after)
    except ClockError as error:
        raise table.error(str(error), "Correct the value.", "after") from None
    return Run(tuple(says), after)


def _client(script: Table) -> str:
    client: str = script.get("client", str, "sdk")
    if client not in _CLIENTS:
        problem = f"unknown client {client!r}.{did_you_mean(client, _CLIENTS)}"
        raise script.error(problem, f"Known: {listed(_CLIENTS)}.", "client")
    return client


def _matching(table: Table) -> Matching:
    matching = Matching()
    for key in table.values:
        texts = table.get(key, list)
        try:
            if key == "normalise":
                for pattern in texts:
                    matching = matching.normalise(pattern)
            else:
                matching = matching.ignore(*texts) if key == "ignore" else matching.only(*texts)
        except UsageError as error:
            raise table.error(str(error), "Correct the value.", key) from None
    return matching


def _start(script: Table) -> str:
    start: str = script.get("start", str, DEFAULT_START)
    try:
        moment(start)
    except ClockError as error:
        raise script.error(str(error), "Correct the value.", "start") from None
    return start
