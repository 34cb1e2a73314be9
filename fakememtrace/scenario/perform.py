"""Runs a scenario's program under a World.  Meant for a process of its own: see :mod:`.child`."""

from __future__ import annotations

import runpy
import textwrap
import traceback
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise
from typing import Any, NamedTuple

from ..errors import ProgramStopped
from ..expecting.gathering import Runs
from ..journal import Exchange
from ..world import World
from .bots import interrupted
from .outcome import Outcome
from .places import Places
from .scenario import Run, Scenario
from .stage import Script, stage
from .transcript import shown_time, transcribe

__all__ = ["Performance"]

_LONGEST_MESSAGE = 300
_NO_REQUEST = (
    "no request was made to Claude, so nothing was replayed.\n"
    "What to do: look at what the program does with its input; the script says what it reads."
)


class _Mark(NamedTuple):
    """How far things were when a run began: exchanges, microseconds since 1970."""

    exchanges: int
    at: int


class Performance:
    """The runs of one scenario, one after the other in one `world`.

    `timeout` is for the words of :meth:`give_up`; somebody else looks at the time.
    """

    def __init__(self, scenario: Scenario, world: World, timeout: float) -> None:
        self._scenario, self._world, self._timeout = scenario, world, timeout
        self._places = Places(scenario.folder, scenario.program)
        self._marks: list[_Mark] = []
        self._runs = Runs(world)
        self._unread: list[str] = []
        self._stopped = ""

    @property
    def begun(self) -> list[int]:
        """How many exchanges there were when each of the runs began."""
        return [mark.exchanges for mark in self._marks]

    def perform(self) -> Outcome:
        """Run the program as often as the script says; what became of it."""
        with self._world, self._client():
            for run in self._scenario.runs:
                self._stopped = self._run(run)
                if self._stopped:
                    break
        return self.outcome()

    def give_up(self, thread: int) -> Outcome:
        """The outcome when time is up, with the place where the program's `thread` stands."""
        self._stopped = (
            f"{self._places.of_threads(thread)}: "
            f"the program did not end within {self._timeout:g} s of wall time.\n"
            "What to do: look for a loop or a wait there; a program that needs longer gets it with "
            "--timeout SECONDS, or timeout = SECONDS in script.toml."
        )
        return self.outcome()

    def outcome(self) -> Outcome:
        """What is known by now."""
        evidence = self._runs.evidence()
        expectations = () if self._stopped else self._scenario.expectations
        return Outcome(
            scenario=self._scenario.name,
            dialect=self._world.memory.dialect.name,
            title=self._scenario.title,
            runs=self._transcripts(),
            checks=[expectation.check(evidence) for expectation in expectations],
            problems=self._problems(),
            misses=[miss.as_json() for miss in self._world.claude.misses],
            stopped=self._stopped,
            calls=len(self._world.claude.calls),
            stored=len(evidence.memories),
        )

    def _client(self) -> AbstractContextManager[object]:
        """What ``import memtrace`` gives to the program."""
        if self._scenario.client == "sdk":
            return nullcontext()
        # Imported when needed: it brings an HTTP library.
        from ..client.standing_in import standing_in

        return standing_in()

    def _bots(self) -> AbstractContextManager[None]:
        """What a program with Telegram bots needs to come to its end."""
        return interrupted(self._world, len(self._marks)) if self._scenario.telegram else nullcontext()

    def _run(self, run: Run) -> str:
        """Run the program once; why it did not come to its end, or nothing."""
        self._world.clock.advance(run.after)
        self._marks.append(self._mark())
        self._runs.begin()
        script = Script(run.says)
        try:
            with self._bots(), stage(self._scenario.folder, self._scenario.program, script):
                runpy.run_path(str(self._scenario.program), run_name="__main__")
        except SystemExit as end:
            stopped = self._ended(end)
        except ProgramStopped as stop:
            stopped = self._cut_off(stop)
        except BaseException as error:
            stopped = self._raised(error)
        else:
            stopped = ""
        if script.unread and not stopped:
            self._unread.append(_unread(len(self._marks), script.unread))
        return stopped

    def _mark(self) -> _Mark:
        return _Mark(len(self._world.journal), self._world.clock.micros())

    def _ended(self, end: SystemExit) -> str:
        if end.code in (None, 0):
            return ""
        said = f"with exit code {end.code}" if isinstance(end.code, int) else f"saying: {end.code}"
        return (
            f"{self._places.of_error(end)}: the program ended {said}.\nExpected: it comes to its end with exit code 0."
        )

    def _cut_off(self, stop: ProgramStopped) -> str:
        return (
            f"{self._places.of_error(stop)}: the program was stopped: {stop}.\n"
            "What to do: look for a loop there; a program that needs more gets it with "
            "--max-turns N, or max_turns = N in script.toml."
        )

    def _raised(self, error: BaseException) -> str:
        cause = " The unexpected traffic is the likely cause." if self._world.journal.unexpected() else ""
        return (
            f"{self._places.of_error(error)}: the program raised {_said(error)}\nExpected: it comes to its end.{cause}"
        )

    def _problems(self) -> list[str]:
        if self._stopped:
            # That the rest was never asked for is no news then.
            return self._world.journal.problems(open_ends=False)
        silent = [] if self._world.claude.calls else [_NO_REQUEST]
        return silent + self._unread + self._world.journal.problems()

    def _transcripts(self) -> list[dict[str, Any]]:
        journal: list[Exchange] = list(self._world.journal)
        return [
            {
                "run": number,
                "at": shown_time(mark.at),
                "events": [event._asdict() for event in transcribe(journal[mark.exchanges : end.exchanges])],
            }
            for number, (mark, end) in enumerate(self._spans(), 1)
        ]

    def _spans(self) -> list[tuple[_Mark, _Mark]]:
        return list(pairwise([*self._marks, self._mark()]))


def _unread(run: int, lines: list[str]) -> str:
    first = f"{lines[0]!r}" if len(lines) == 1 else f"{len(lines)} lines, the first of them {lines[0]!r}"
    return (
        f"run {run} ended before the program read all of its script: {first}.\n"
        "What to do: look at what ends the program's conversation; or take the lines out of script.toml."
    )


def _said(error: BaseException) -> str:
    """Class and message, without what a miss says at length elsewhere and without the machine's paths."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg}"
    text = "".join(traceback.format_exception_only(type(error), error)).strip()
    if isinstance(error, ModuleNotFoundError) and error.name in ("anthropic", "memtrace"):
        text += ' (the SDKs are an extra: pip install "fakememtrace[scenarios]")'
    return textwrap.shorten(text, _LONGEST_MESSAGE, placeholder=" ...")
