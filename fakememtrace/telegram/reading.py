"""From a TOML file to a script of updates, every complaint with file, line and field."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ..clock import duration
from ..errors import ClockError, did_you_mean, listed
from ..toml import Table, read_toml
from .photos import Photo, size_of
from .script import Bot, Customer, Script, Update

__all__ = ["read_script"]

_VALUE = Path("the updates")
_TOKEN = re.compile(r"\d{1,15}:[A-Za-z0-9_-]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST = {"text": 4096, "caption": 1024}


def read_script(given: str | os.PathLike[str] | Mapping[str, Any]) -> Script:
    """The script in the file `given`, or in a mapping with the same tables.

    Raises:
        ScenarioError: it is missing or broken, with the place and what to do.
    """
    if isinstance(given, Mapping):
        return _script(Table(_VALUE, "", given), Path.cwd())
    path = Path(given)
    return _script(read_toml(path), path.parent)


def _script(top: Table, folder: Path) -> Script:
    top.only("bot", "user", "update")
    bots = [_bot(number, table) for number, table in enumerate(top.tables("bot"), 1)]
    customers = [_customer(number, table) for number, table in enumerate(top.tables("user"), 1)]
    for kind, found in (("bot", bots), ("user", customers), ("update", top.tables("update"))):
        if not found:
            raise top.error(f"there is no [[{kind}]].", "A script has [[bot]], [[user]] and [[update]], in any order.")
    _no_two(top.tables("bot"), {"name": lambda n: bots[n].name, "token": lambda n: bots[n].id})
    _no_two(top.tables("bot"), {"env": lambda n: bots[n].env or n})
    _no_two(top.tables("user"), {"name": lambda n: customers[n].name, "id": lambda n: customers[n].id})
    updates = _Updates(bots, customers, folder).read(top.tables("update"))
    return Script(top.path.name, tuple(bots), tuple(customers), tuple(updates))


def _bot(number: int, table: Table) -> Bot:
    table.only("name", "token", "env", "username", "first_name")
    name = _filled(table, "name")
    token = table.get("token", str, f"{1_000_000 + number}:fakememtrace")
    if not _TOKEN.fullmatch(token):
        raise table.error(
            "this is no token. Expected a number, a colon and letters.", 'Write one like "1000001:juan".', "token"
        )
    env = table.get("env", str, "")
    if env and not _VARIABLE.fullmatch(env):
        raise table.error(f"{env!r} is no name of a variable.", 'Write one like "BOT_TOKEN".', "env")
    username = table.get("username", str, f"{re.sub(r'[^a-z0-9]', '', name.lower())}_bot")
    return Bot(name, token, username, table.get("first_name", str, name), env)


def _customer(number: int, table: Table) -> Customer:
    table.only("name", "id", "chat", "first_name", "last_name", "username", "language")
    name = _filled(table, "name")
    own = table.positive("id", int, 1_000 + number)
    chat = table.get("chat", int, own)
    if chat != own and chat >= 0:
        problem = f"a chat between two has the id of the customer, {own}; found {chat}."
        raise table.error(problem, "Leave it out; a group has an id below 0.", "chat")
    first = table.get("first_name", str, name)
    return Customer(name, own, chat, first, *(table.get(key, str, "") for key in ("last_name", "username", "language")))


def _filled(table: Table, key: str) -> str:
    value: str = table.need(key, str)
    if not value.strip():
        raise table.error("it is empty.", "Write something.", key)
    return value


def _no_two(tables: Iterable[Table], of: Mapping[str, Callable[[int], object]]) -> None:
    for field, value_of in of.items():
        seen: dict[object, str] = {}
        for at, table in enumerate(tables):
            value = value_of(at)
            if value in seen:
                raise table.error(f"it is that of {seen[value]}.", "Give each one its own.", field)
            seen[value] = table.place


class _Updates:
    """Reads the updates of a script, in order."""

    def __init__(self, bots: list[Bot], customers: list[Customer], folder: Path) -> None:
        self._bots = {bot.name: bot for bot in bots}
        self._customers = {customer.name: customer for customer in customers}
        self._folder = folder
        self._photos = 0
        self._run = 1

    def read(self, tables: list[Table]) -> list[Update]:
        """The updates."""
        return [self._update(number, table) for number, table in enumerate(tables, 1)]

    def _update(self, number: int, table: Table) -> Update:
        table.only("bot", "user", "text", "photo", "caption", "after", "reply", "run")
        bot = _named(table, "bot", self._bots)
        customer = _named(table, "user", self._customers)
        photo = self._photo(table)
        text = _text(table)
        return Update(
            number, bot, customer, text, photo, _after(table), table.get("reply", bool, True), self._in_order(table)
        )

    def _photo(self, table: Table) -> Photo | None:
        name = table.get("photo", str)
        if name is None:
            return None
        try:
            content = (self._folder / name).read_bytes()
        except OSError as error:
            problem = f"the photo {name!r} cannot be read: {error.strerror}."
            advice = f"It is looked for in the folder of the script.{self._alike(name)}"
            raise table.error(problem, advice, "photo") from None
        size = size_of(content)
        if size is None or 0 in size:
            raise table.error(f"{name!r} is neither a PNG nor a JPEG.", "Name a picture of these kinds.", "photo")
        self._photos += 1
        return Photo(self._photos - 1, Path(name).name, content, *size)

    def _alike(self, name: str) -> str:
        beside = sorted(entry.name for entry in self._folder.iterdir()) if self._folder.is_dir() else []
        return did_you_mean(name, beside)

    def _in_order(self, table: Table) -> int:
        run: int = table.positive("run", int, self._run)
        if not self._run <= run <= self._run + 1:
            problem = f"expected {self._run} or {self._run + 1}, found {run}."
            raise table.error(problem, "Runs follow each other: write the updates in their order.", "run")
        self._run = run
        return run


def _named(table: Table, key: str, known: Mapping[str, Any]) -> Any:
    name = table.need(key, str)
    if name not in known:
        problem = f"there is no {key} {name!r}.{did_you_mean(name, known)}"
        raise table.error(problem, f"Known: {listed(known)}.", key)
    return known[name]


def _text(table: Table) -> str:
    """What is written, beside the photo where there is one."""
    is_photo = "photo" in table.values
    key, other = ("caption", "text") if is_photo else ("text", "caption")
    if other in table.values:
        advice = "Write caption with a photo, and text without one."
        raise table.error(f"{other!r} does not go {'with' if is_photo else 'without'} a photo.", advice, other)
    text: str = table.get(key, str, "") if is_photo else _filled(table, key)
    if len(text) > _MOST[key]:
        problem = f"Telegram takes {_MOST[key]} characters, and these are {len(text)}."
        raise table.error(problem, "Write several updates, as the customer's program does.", key)
    return text


def _after(table: Table) -> int:
    try:
        return duration(table.get("after", str, "0s"))
    except ClockError as error:
        raise table.error(str(error), "Correct the value.", "after") from None
