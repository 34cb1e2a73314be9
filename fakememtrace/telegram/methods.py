"""The methods of the Bot API that are served, but for getUpdates: one small function each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import objects
from .mail import Mail
from .parameters import Parameters
from .refused import bad_request
from .script import Bot, Customer

__all__ = ["LONGEST", "METHODS", "download"]

# So many characters a message has at most.
LONGEST = 4_096
_ACTIONS = (
    *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document"),
    *("choose_sticker", "find_location", "record_video_note", "upload_video_note"),
)
_MARKUPS = ("markdown", "markdownv2", "html")


def download(mail: Mail, bot: Bot, path: str) -> bytes | None:
    """The bytes of the file that `bot` finds at `path`."""
    photos = [update.photo for update in mail.script.updates if update.bot is bot and update.photo]
    found = (photo for photo in photos if path in {photo.path(size) for size in photo.sizes()})
    return next((photo.content for photo in found), None)


def _get_me(_: Mail, bot: Bot, __: Parameters) -> Any:
    return objects.own_user(bot)


def _delete_webhook(mail: Mail, bot: Bot, parameters: Parameters) -> Any:
    if parameters.get("drop_pending_updates", "").lower() == "true":
        mail.drop(bot)
    return True


def _send_message(mail: Mail, bot: Bot, parameters: Parameters) -> Any:
    # The real API takes off what is white around it.
    given = parameters.get("text", "")
    text = given.strip()
    if not text:
        raise bad_request("text must be non-empty" if given else "message text is empty")
    customer = _customer(mail, bot, parameters)
    if len(text) > LONGEST:
        raise bad_request("message is too long")
    if parameters.get("parse_mode", "html").lower() not in _MARKUPS:
        raise bad_request("unsupported parse_mode")
    return mail.send(bot, customer, text, _quoted(mail, bot, customer, parameters))


def _send_chat_action(mail: Mail, bot: Bot, parameters: Parameters) -> Any:
    _customer(mail, bot, parameters)
    if parameters.get("action") not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    return True


def _get_file(mail: Mail, bot: Bot, parameters: Parameters) -> Any:
    photos = [update.photo for update in mail.script.updates if update.bot is bot and update.photo]
    files = (objects.file(bot, photo, size) for photo in photos for size in photo.sizes())
    found = next((file for file in files if file["file_id"] == parameters.get("file_id")), None)
    if found is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    return found


def _customer(mail: Mail, bot: Bot, parameters: Parameters) -> Customer:
    chat = parameters.get("chat_id", "")
    if not chat:
        raise bad_request("chat_id is empty")
    customer = mail.customer(bot, chat)
    if customer is None:
        raise bad_request("chat not found")
    return customer


def _quoted(mail: Mail, bot: Bot, customer: Customer, parameters: Parameters) -> dict[str, Any]:
    """The message that is replied to, as the answer shows it."""
    asked = parameters.value("reply_parameters")
    number = asked.get("message_id") if isinstance(asked, dict) else None
    if number is None:
        return {}
    message = mail.message(bot, number, customer.chat)
    if message is not None:
        return {"reply_to_message": {name: part for name, part in message.items() if name != "reply_to_message"}}
    if asked.get("allow_sending_without_reply"):
        return {}
    raise bad_request("message to be replied not found")


METHODS: dict[str, Callable[[Mail, Bot, Parameters], Any]] = {
    "getMe": _get_me,
    "deleteWebhook": _delete_webhook,
    "sendMessage": _send_message,
    "sendChatAction": _send_chat_action,
    "getFile": _get_file,
}
