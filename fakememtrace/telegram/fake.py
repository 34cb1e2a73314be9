"""The fake Bot API: customers write by a script, each when the one before was answered."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from ..clock import Clock
from ..errors import UsageError
from ..journal import Journal
from ..wire import Request, Response, json_response
from .ends import open_ends
from .mail import Mail, Sent
from .methods import METHODS, download
from .parameters import Parameters
from .refused import Refused, unknown_token, unserved
from .script import Bot, Script
from .watch import Watch

__all__ = ["URL", "FakeTelegram"]

URL = "https://api.telegram.org"
_SERVED = ["getMe", "getUpdates", *(method for method in METHODS if method != "getMe")]
_MOST = 100


class FakeTelegram:
    """Answers the Bot API for every bot of a script.

    A poll (getUpdates) is held until there is something for it: the updates come in the order of the
    script, across bots, each when the one before is answered and the program is quiet.

    Args:
        script: who writes what to whom.
        clock: the world's; each update moves it on.
        journal: the world's, which knows whether anything was asked.
        away: whether another fake is asking somebody else at this moment.
        lock: the world's.
    """

    def __init__(
        self,
        script: Script,
        clock: Clock,
        journal: Journal,
        away: Callable[[], bool] = lambda: False,
        lock: AbstractContextManager[Any] | None = None,
    ) -> None:
        self.script = script
        self.when_finished: Callable[[], object] | None = None
        self._clock, self._lock = clock, lock or threading.RLock()
        self._watch = Watch(lambda: len(journal), away)
        self._bots = {bot.token: bot for bot in script.bots}
        self._closed = False
        self.forget()

    @property
    def finished(self) -> bool:
        """Whether all updates of the run are answered, every bot polls again, and the program is quiet."""
        return self._over and not self._mail.waiting() and self._mail.due() is None

    @property
    def over(self) -> bool:
        """Whether nothing more will come in this run: it is finished, or was given up."""
        return self._over

    @property
    def sent(self) -> list[Sent]:
        """The messages that bots sent, in order."""
        return list(self._mail.sent)

    @property
    def run(self) -> int:
        """The run of the program that the updates are for, from 1."""
        return self._mail.run

    @property
    def patience(self) -> float:
        """After how many seconds in which nothing happens a bot is taken never to answer; 10 unless set."""
        return self._watch.patience

    @patience.setter
    def patience(self, seconds: float) -> None:
        self._watch.patience = seconds
        self._watch.grace = min(self._watch.grace, seconds)

    def begin_run(self, number: int) -> None:
        """The program starts for the `number`-th time: what the script has for that run can come now.

        Raises:
            UsageError: that run is over, or the script has no such run.
        """
        with self._lock:
            if not self.run <= number <= self.script.runs:
                runs = "1 run" if self.script.runs == 1 else f"{self.script.runs} runs"
                raise UsageError(
                    f"run {number} cannot begin: {self.script.source} has {runs}, and this is run {self.run}. "
                    f"Write run = {number} with the updates that come in it."
                )
            self._mail.begin(number)
            self._over = False
            self._watch.begin()

    def handle(self, request: Request) -> Response:
        """Answer `request`; a poll with nothing to say yet is held."""
        if self._closed:
            return Response(0, ending="dropped", silent=True)
        note = ""
        try:
            bot, method = self._addressed(request.path)
            if method.startswith("/"):
                return self._file(bot, method[1:])
            note = f"{method} {bot.name}"
            if method == "getUpdates":
                return self._poll(bot, request)._replace(note=note)
            return _ok(METHODS[method](self._mail, bot, Parameters.of(request)))._replace(note=note)
        except Refused as refused:
            return refused.response(note)

    def open_ends(self) -> str:
        """What was never delivered or never answered, in words; empty when there is nothing."""
        mail = self._mail
        return open_ends(self.script, mail.undelivered(), mail.unanswered(), mail.run, self._deaf)

    def open(self) -> None:
        """The world is entered."""
        self._closed = False

    def close(self) -> None:
        """The world is left: what is held is dropped."""
        self._closed = True

    def forget(self) -> None:
        """Be as new."""
        self._mail = Mail(self.script, self._clock)
        self._deaf: dict[str, list[str]] = {}
        self._over = False
        self._watch.begin()

    def refuse_snapshots(self) -> None:
        """Raise UsageError once an update has come: how far the script is, is in no snapshot."""
        if self._mail.begun:
            raise UsageError(
                f"a world in the middle of {self.script.source} cannot be put into a snapshot nor restored from one: "
                "how far the customers are is not in it. "
                "Take it before the first update comes, or begin again with reset()."
            )

    def _addressed(self, path: str) -> tuple[Bot, str]:
        """The bot, and the method, or the file after a slash."""
        is_file = path.startswith("/file/")
        token, _, rest = path.removeprefix("/file").removeprefix("/bot").partition("/")
        if not path.startswith(("/bot", "/file/bot")) or not rest:
            raise Refused(404, "Not Found")
        bot = self._bots.get(token.replace("%3A", ":").replace("%3a", ":"))
        if bot is None:
            raise unknown_token(token, self.script)
        if is_file:
            return bot, f"/{rest}"
        # The real API does not look at capitals.
        method = next((name for name in _SERVED if name.lower() == rest.lower()), None)
        if method is None:
            raise unserved(rest, _SERVED)
        return bot, method

    def _file(self, bot: Bot, path: str) -> Response:
        content = download(self._mail, bot, path)
        if content is None:
            raise Refused(404, "Not Found")
        return Response(200, (("content-type", "application/octet-stream"),), (content,), f"file {bot.name}")

    def _poll(self, bot: Bot, request: Request) -> Response:
        if self._watch.is_ousted(request):
            words = "terminated by other getUpdates request; make sure that only one bot instance is running"
            raise Refused(409, f"Conflict: {words}")
        parameters = Parameters.of(request)
        confirmed = self._mail.confirm(bot, parameters.number("offset"))
        self._hear(bot, parameters)
        timeout = parameters.number("timeout")
        if timeout > 0:
            self._watch.look(bot.name, request)
        else:
            self._watch.came_back(bot.name)
        if self._is_for(bot) and self._watch.quiet(self._wanted()):
            self._watch.answered(bot.name)
            return _ok(self._mail.fetched(bot, min(max(parameters.number("limit", _MOST), 1), _MOST)))
        if self._over and timeout > 0 and self._watch.waited(bot.name) >= timeout:
            self._watch.leave(bot.name, request)
            timeout = 0
        self._end_quietly()
        if timeout <= 0:
            return _ok([])._replace(silent=not confirmed)
        self._end_in_vain()
        return Response(0, silent=True, held=functools.partial(self._left, bot.name, request))

    def _hear(self, bot: Bot, parameters: Parameters) -> None:
        """Keep which updates a bot asks for, as the real API does until it asks for others."""
        allowed = parameters.value("allowed_updates")
        if isinstance(allowed, list):
            self._deaf.pop(bot.name, None)
            if allowed and "message" not in allowed:
                self._deaf[bot.name] = allowed

    def _is_for(self, bot: Bot) -> bool:
        return not self._over and bot.name not in self._deaf and self._mail.is_for(bot)

    def _wanted(self) -> set[str]:
        """The bots that something is still to be written to in this run."""
        return {update.bot.name for update in self._mail.undelivered() if update.run <= self.run}

    def _end_quietly(self) -> None:
        if not self._over and not self._mail.waiting() and self._mail.due() is None and self._watch.quiet(set()):
            self._end()

    def _end_in_vain(self) -> None:
        if not self._over and self._watch.tired():
            self._end()

    def _end(self) -> None:
        self._over = True
        if self.when_finished is not None:
            self.when_finished()

    def _left(self, bot: str, request: Request) -> None:
        with self._lock:
            self._watch.leave(bot, request)


def _ok(result: Any) -> Response:
    return json_response(200, {"ok": True, "result": result})
