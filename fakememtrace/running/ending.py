"""The end of a program's process, however it comes: what became of the program is written down, once."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ..claude.drafting import Draft, Unanswered
from ..claude.explain import ranges
from ..errors import ProgramStopped
from ..scenario.places import Places
from ..scenario.transcript import transcribe
from .keys import about_keys
from .result import Result
from .serving import RunWorld

__all__ = ["GRACE_OF_BOTS", "Ending", "leave"]

# How long a program may take to end that was told to, in seconds of wall time.
_GRACE = 1.0
GRACE_OF_BOTS = 10.0
# Long enough for the answer to be on its way.
_MOMENT = 0.05
_exit = os._exit
_LEFT = (
    "{file} has an answer to every request, and others that this run did not ask for. Where no run needs them: "
    "fakememtrace cassette drop {file} {numbers}"
)


def leave(steps: Iterable[Callable[[], None]], code: int) -> None:
    """End this process at once, after these last steps; whatever the program made of ``os._exit``."""
    with contextlib.suppress(Exception):
        for step in steps:
            step()
    _exit(code)


class Ending:
    """Writes the result of a program, and ends its process where it does not end itself.

    Args:
        world: what the program runs under.
        program: its file.
        shown: how the user calls it.
        result: the file for the result.
    """

    def __init__(self, world: RunWorld, program: Path, shown: str, result: Path) -> None:
        self._world, self._shown, self._result = world, shown, result
        self._places = Places(program.parent, program)
        self._known = len(world.memory.memories())
        self._process, self._main = os.getpid(), threading.main_thread().ident or 0
        self._over = threading.Lock()
        self._writer = 0
        self._stopped = self._unanswered = ""
        self._notes: list[str] = []
        self.is_finished = False
        # What tells all that happened, where that is wanted.
        self.account: Callable[[], dict[str, Any]] | None = None
        self.last_steps: list[Callable[[], None]] = []
        self.hard_steps: list[Callable[[], None]] = []

    def begin(self) -> None:
        """Be there when the process ends: as the last of what it does then, and when it leaves by ``os._exit``."""
        atexit.register(self._at_exit)
        os._exit = self._left  # type: ignore[assignment]
        hook = threading.excepthook
        threading.excepthook = lambda failed: None if self.was_stopped else hook(failed)

    @property
    def was_stopped(self) -> bool:
        """Whether the program was told to end before it did."""
        return bool(self._stopped)

    def stop(self, stop: ProgramStopped) -> None:
        """The program is being stopped at a request; it gets a moment for its own last steps."""
        if self._stopped:
            return
        self._stopped = self._words(stop)
        self._after(_GRACE, lambda: self.come(1))

    def finished(self) -> None:
        """The script of updates is answered: end the program as Ctrl-C does."""
        if self.is_finished:
            return
        self.is_finished = True
        # In this order: the signal may come to this very thread.
        self._after(GRACE_OF_BOTS, self._did_not_stop)
        self._after(_MOMENT, lambda: signal.pthread_kill(self._main, signal.SIGINT))

    def limit(self, seconds: float) -> None:
        """Give the program so many seconds of wall time."""
        self._after(seconds, lambda: self._give_up(seconds))

    def come(self, code: int) -> None:
        """Write the result, and be gone with all that the program started."""
        self._write()
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        leave(self.hard_steps, code)

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        # Whoever waits with a lock of C is not mistaken about the time, be that frozen or not.
        timer = threading.Timer(seconds, act)
        timer.name, timer.daemon = "fakememtrace ending", True
        timer.start()

    def _give_up(self, seconds: float) -> None:
        self._stopped = self._stopped or (
            f"{self._places.of_threads(self._main)}: the program did not end within {seconds:g} s of wall time.\n"
            "What to do: look for a loop or a wait there; a program that needs longer gets it with --timeout SECONDS."
        )
        self.come(1)

    def _did_not_stop(self) -> None:
        self._notes.append(
            f"{self._shown} was still running {GRACE_OF_BOTS:g} s after its script was answered and it was told to "
            f"end, as by Ctrl-C; it was ended hard, at {self._places.of_threads(self._main)}"
        )
        self.come(0)

    def _left(self, code: int) -> None:
        """What ``os._exit`` does."""
        if os.getpid() == self._process:
            self._write()
        _exit(code)

    def _at_exit(self) -> None:
        if os.getpid() == self._process:
            self._write()
            while self.last_steps:
                self.last_steps.pop()()

    def _write(self) -> None:
        if not self._over.acquire(blocking=False):
            # Somebody does already; nobody gets past this in another thread.
            if threading.get_ident() != self._writer:
                threading.Event().wait()
            return
        self._writer = threading.get_ident()
        values = {**self.result().as_json(), "account": self.account() if self.account else None}
        whole = self._result.with_suffix(".part")
        whole.write_text(json.dumps(values), "utf-8")
        whole.replace(self._result)

    def result(self) -> Result:
        """What is known by now."""
        world = self._world
        journal = list(world.journal)
        problems = world.journal.problems(open_ends=not self._stopped)
        return Result(
            program=self._shown,
            dialect=world.memory.dialect.name,
            requests=len(journal),
            calls=sum(exchange.request.path == "/v1/messages" for exchange in world.journal.of("claude")),
            stored=max(0, len(world.memory.memories()) - self._known),
            problems=[problem for problem in problems if not self._unanswered or self._unanswered not in problem],
            misses=[miss.as_json() for miss in world.claude.misses],
            events=[event._asdict() for event in transcribe(journal)],
            stopped=self._stopped,
            notes=[*self._notes, *filter(None, [about_keys(journal)]), *self._about_draft()],
        )

    def _about_draft(self) -> list[str]:
        draft = self._world.claude.answers
        if not isinstance(draft, Draft) or not draft.is_whole or not len(self._world.claude.calls):
            return []
        shown, left = draft.player.cassette, draft.player.unplayed()
        if left and not self._stopped:
            return [_LEFT.format(file=shown, numbers=ranges(left).replace(",", ""))]
        return [f"{shown} has an answer to every request: it is a cassette now, for --cassette {shown}"]

    def _words(self, stop: ProgramStopped) -> str:
        if isinstance(stop, Unanswered):
            # Told in its own words, which is enough.
            self._unanswered = str(stop)
            return stop.words
        place = self._places.of_frame(sys._getframe())
        said = str(stop)
        advice = (
            "\nWhat to do: look for a loop there; a program that needs more gets it with --max-turns N."
            if said.startswith("it asked Claude more than")
            else ""
        )
        return f"{place}: the program was stopped: {said}.{advice}" if advice else f"{place}: {said}"
