"""What customers wrote and bots answered: the one place that knows how far the script is."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..clock import Clock
from . import objects
from .script import Bot, Customer, Script, Update

__all__ = ["Mail", "Sent"]

# Real ones are large, too, and go on by one.
_FIRST_UPDATE = 100_000_001


class Sent(NamedTuple):
    """A message that a bot sent: the names of bot and customer, the text, when (microseconds since 1970), the run."""

    bot: str
    user: str
    text: str
    at: int
    run: int


class _Arrival(NamedTuple):
    """An update that a bot can fetch until it confirms it."""

    id: int
    update: Update
    message: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"update_id": self.id, "message": self.message}


class _Box:
    """What one bot has: updates to fetch, the chats it knows, and the messages in them."""

    def __init__(self) -> None:
        self.pending: list[_Arrival] = []
        self.arrived = 0
        self.chats: dict[int, Customer] = {}
        self.messages: dict[int, dict[str, Any]] = {}


class Mail:
    """The course of a script, on a world's clock."""

    def __init__(self, script: Script, clock: Clock) -> None:
        self.script, self.run = script, 1
        self.sent: list[Sent] = []
        self._clock = clock
        self._boxes = {bot.name: _Box() for bot in script.bots}
        self._position = 0
        self._unanswered: list[Update] = []
        # Those of them that went with the run before, and what it left to be fetched again.
        self._lost: list[Update] = []
        self._again: list[Update] = []

    @property
    def begun(self) -> bool:
        """Whether anything has come."""
        return self._position > 0

    def undelivered(self) -> tuple[Update, ...]:
        """What has not come yet, in order."""
        return self.script.updates[self._position :]

    def unanswered(self) -> list[Update]:
        """What came and should have been answered."""
        return list(self._unanswered)

    def due(self) -> Update | None:
        """What is to be fetched next: what an earlier run left, else the next one, if the one before is answered."""
        if self._again:
            return self._again[0]
        following = self.undelivered()
        return following[0] if following and following[0].run <= self.run and not self.waiting() else None

    def waiting(self) -> bool:
        """Whether the last one that came is still to be answered."""
        last = self.script.updates[self._position - 1] if self._position else None
        return last in self._unanswered and last not in self._lost

    def begin(self, run: int) -> None:
        """The program starts for the `run`-th time, and fetches again what it did not confirm."""
        pending = (arrival.update for box in self._boxes.values() for arrival in box.pending)
        self.run, self._again = run, sorted(pending, key=lambda update: update.number)
        self._lost = [update for update in self._unanswered if update not in self._again]

    def is_for(self, bot: Bot) -> bool:
        """Whether there is something for `bot` now: what is due, or what it has not confirmed."""
        due = self.due()
        return bool(self._boxes[bot.name].pending) or (due is not None and due.bot is bot)

    def fetched(self, bot: Bot, most: int) -> list[dict[str, Any]]:
        """What is due, now that `bot` fetches it; what it did not confirm comes once more."""
        box = self._boxes[bot.name]
        if not box.pending:
            self._arrive(box)
        self._again = [update for update in self._again if update.bot is not bot]
        return [arrival.as_json() for arrival in box.pending[:most]]

    def confirm(self, bot: Bot, offset: int) -> bool:
        """Forget what `bot` has below `offset`, or all but its last where that is negative; whether there was any."""
        box = self._boxes[bot.name]
        left = [arrival for arrival in box.pending if arrival.id >= offset] if offset >= 0 else box.pending[offset:]
        forgotten = len(left) < len(box.pending)
        box.pending = left
        kept = [arrival.update for arrival in left]
        self._again = [update for update in self._again if update.bot is not bot or update in kept]
        return forgotten

    def drop(self, bot: Bot) -> None:
        """Forget what `bot` has not confirmed."""
        self.confirm(bot, _FIRST_UPDATE + self._boxes[bot.name].arrived)

    def customer(self, bot: Bot, chat: str) -> Customer | None:
        """Who has written to `bot` in `chat`, an id."""
        return next((known for known in self._boxes[bot.name].chats.values() if str(known.chat) == chat), None)

    def message(self, bot: Bot, number: int, chat: int) -> dict[str, Any] | None:
        """The message of that number, if it is in that chat."""
        message = self._boxes[bot.name].messages.get(number)
        return message if message and message["chat"]["id"] == chat else None

    def send(self, bot: Bot, customer: Customer, text: str, beside: dict[str, Any]) -> dict[str, Any]:
        """The message with which `bot` answers `customer`; what is `beside` the text goes with it."""
        box, now = self._boxes[bot.name], self._clock.micros()
        message = objects.reply(bot, customer, len(box.messages) + 1, now // 1_000_000, text) | beside
        box.messages[message["message_id"]] = message
        self.sent.append(Sent(bot.name, customer.name, text, now, self.run))
        self._unanswered = [
            update for update in self._unanswered if (update.bot, update.customer.chat) != (bot, customer.chat)
        ]
        return message

    def _arrive(self, box: _Box) -> None:
        update = self.undelivered()[0]
        self._clock.pass_by(update.after)
        number = len(box.messages) + 1
        message = objects.incoming(update, number, self._clock.micros() // 1_000_000)
        box.messages[number] = message
        box.chats[update.customer.chat] = update.customer
        box.pending.append(_Arrival(_FIRST_UPDATE + box.arrived, update, message))
        box.arrived += 1
        self._position += 1
        self._unanswered += [update] if update.reply else []
