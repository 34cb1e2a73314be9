"""What a script of updates says: the bots, the customers, and who writes what to whom, in order."""

from __future__ import annotations

from typing import NamedTuple

from .photos import Photo

__all__ = ["Bot", "Customer", "Script", "Update"]

_LONGEST = 60


class Bot(NamedTuple):
    """A bot: how the script calls it, its token, and the variable that holds the token, if any."""

    name: str
    token: str
    username: str
    first_name: str
    env: str = ""

    @property
    def id(self) -> int:
        """Its id, with which every token begins."""
        return int(self.token.partition(":")[0])

    @property
    def known_by(self) -> str:
        """How a complaint names it, without its token: ``Juan (token in $BOT_TOKEN)``."""
        return f"{self.name} (token in ${self.env})" if self.env else f"{self.name} (token {self.id}:...)"


class Customer(NamedTuple):
    """Somebody who writes: the names, the id, and the chat, which is a group where its id is below zero."""

    name: str
    id: int
    chat: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language: str = ""


class Update(NamedTuple):
    """One thing that a customer writes to a bot.

    ``number`` is its place in the script, from 1; ``after`` how many microseconds after the one before; ``reply``
    whether the bot has to answer; ``run`` the run of the program in which it comes.
    """

    number: int
    bot: Bot
    customer: Customer
    text: str
    photo: Photo | None = None
    after: int = 0
    reply: bool = True
    run: int = 1

    def __str__(self) -> str:
        words = " ".join(part for part in ("[photo]" if self.photo else "", self.text) if part)
        shown = words if len(words) <= _LONGEST else words[: _LONGEST - 4] + " ..."
        return f"[[update]] {self.number}, {self.customer.name} to {self.bot.name}: {shown!r}"


class Script(NamedTuple):
    """The whole script; ``source`` is the name of its file, for complaints."""

    source: str
    bots: tuple[Bot, ...]
    customers: tuple[Customer, ...]
    updates: tuple[Update, ...]

    @property
    def runs(self) -> int:
        """How many runs of the program it is for."""
        return max((update.run for update in self.updates), default=1)

    def variables(self) -> dict[str, str]:
        """The environment variables that hold tokens."""
        return {bot.env: bot.token for bot in self.bots if bot.env}
