"""The Bot API's objects as JSON: users, chats, messages, photos."""

from __future__ import annotations

import re
from typing import Any

from .photos import Photo, Size
from .script import Bot, Customer, Update

__all__ = ["bot_user", "file", "incoming", "own_user", "reply"]

_COMMAND = re.compile(r"(?<![\w/])/\w{1,32}(?:@\w+)?")


def bot_user(bot: Bot) -> dict[str, Any]:
    """A bot as the sender of a message."""
    return {"id": bot.id, "is_bot": True, "first_name": bot.first_name, "username": bot.username}


def own_user(bot: Bot) -> dict[str, Any]:
    """A bot as it is told about itself."""
    abilities = dict.fromkeys(
        ("can_join_groups", "can_read_all_group_messages", "supports_inline_queries", "has_main_web_app"), False
    )
    return bot_user(bot) | abilities


def incoming(update: Update, message_id: int, date: int) -> dict[str, Any]:
    """The message that a customer writes; `date` in seconds since 1970."""
    return {
        "message_id": message_id,
        "from": _person(update.customer),
        "chat": _chat(update.customer),
        "date": date,
        **_content(update),
    }


def reply(bot: Bot, customer: Customer, message_id: int, date: int, text: str) -> dict[str, Any]:
    """The message that a bot writes."""
    return {"message_id": message_id, "from": bot_user(bot), "chat": _chat(customer), "date": date, "text": text}


def file(bot: Bot, photo: Photo, size: Size) -> dict[str, Any]:
    """One size of a photo, as it can be downloaded."""
    return {
        "file_id": photo.file_id(bot.id, size),
        "file_unique_id": photo.unique_id(size),
        "file_size": len(photo.content),
        "file_path": photo.path(size),
    }


def _content(update: Update) -> dict[str, Any]:
    field = "caption" if update.photo else "text"
    content: dict[str, Any] = {"photo": _photo(update.bot, update.photo)} if update.photo else {}
    if update.text:
        content[field] = update.text
    commands = [_command(update.text, found) for found in _COMMAND.finditer(update.text)]
    return content | ({f"{field}_entities".removeprefix("text_"): commands} if commands else {})


def _command(text: str, found: re.Match[str]) -> dict[str, Any]:
    # Offsets are counted in UTF-16.
    start = len(text[: found.start()].encode("utf-16-le", "surrogatepass")) // 2
    return {"type": "bot_command", "offset": start, "length": len(found[0].encode("utf-16-le", "surrogatepass")) // 2}


def _photo(bot: Bot, photo: Photo) -> list[dict[str, Any]]:
    return [_size(file(bot, photo, size), size) for size in photo.sizes()]


def _size(values: dict[str, Any], size: Size) -> dict[str, Any]:
    return {"width": size.width, "height": size.height} | {k: v for k, v in values.items() if k != "file_path"}


def _person(customer: Customer) -> dict[str, Any]:
    names = {"first_name": customer.first_name, "last_name": customer.last_name, "username": customer.username}
    person = {"id": customer.id, "is_bot": False, **names, "language_code": customer.language}
    return {name: value for name, value in person.items() if value != ""}


def _chat(customer: Customer) -> dict[str, Any]:
    if customer.chat < 0:
        return {"id": customer.chat, "title": f"Group of {customer.name}", "type": "group"}
    names = {"first_name": customer.first_name, "last_name": customer.last_name, "username": customer.username}
    return {"id": customer.chat, **{name: value for name, value in names.items() if value}, "type": "private"}
