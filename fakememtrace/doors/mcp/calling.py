"""One call of a tool: from its arguments to what the model is given."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from ...errors import FakememtraceError, did_you_mean, listed
from ...memory.gojson import escaped
from ...wire import Request, Response
from ..translate import World, lateness
from .arguments import problems
from .tools import TOOLS, Ask, Tool

__all__ = ["Outcome", "call"]

# How long Memtrace's own MCP server waits for an answer, in seconds.
_PATIENCE = 30.0


class Outcome(NamedTuple):
    """What a call gives: a text, the same as a JSON object where it is one, and whether it is an error."""

    text: str
    value: dict[str, Any] | None = None
    is_error: bool = False


async def call(world: World, key: str, name: str, given: Mapping[str, Any]) -> Outcome:
    """Call the tool `name` in `world`, as the owner of the API key `key`; whatever fails is an Outcome, too."""
    tool = TOOLS.get(name)
    if tool is None:
        return _failed(f"there is no tool {name!r}.{did_you_mean(name, TOOLS)} Known: {listed(TOOLS)}.")
    wrong = problems(tool.arguments, given)
    if wrong:
        return _failed(f"{name} was not called{_listed(wrong)}")
    request = _request(world.addresses.home("memtrace"), key, tool.ask(given))
    try:
        response = world.handle(request)
    except FakememtraceError as error:
        return _failed(f"fakememtrace: {error}")
    if late := lateness(world, response, _PATIENCE):
        await importlib.import_module("anyio").sleep(late)
    return _outcome(tool, request, response)


def _listed(sentences: list[str]) -> str:
    return f": {sentences[0]}" if len(sentences) == 1 else ":" + "".join(f"\n- {sentence}" for sentence in sentences)


def _request(origin: str, key: str, ask: Ask) -> Request:
    headers = {"x-api-key": key}
    query = urlencode(sorted(ask.query.items()), errors="replace")
    if ask.body is None:
        return Request(ask.method, origin, ask.path, query, headers, patience=_PATIENCE)
    headers["content-type"] = "application/json"
    text = json.dumps(ask.body, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate has no UTF-8 form; its backslash escape is valid JSON.
    body = text.encode("utf-8", "backslashreplace")
    return Request(ask.method, origin, ask.path, query, headers, body, _PATIENCE)


def _outcome(tool: Tool, request: Request, response: Response) -> Outcome:
    trouble = _trouble(response)
    if trouble:
        return _failed(f"request failed: {request.method} {request.url}: {trouble}")
    if response.status >= 400:
        return _failed(f"memtrace api error (status {response.status}): {_message(response.body)}")
    try:
        value = json.loads(response.body)
        if tool.field:
            return Outcome(str(value[tool.field]))
    except (ValueError, TypeError, KeyError):
        return _failed(
            f"the answer to {request.method} {request.url} cannot be read: "
            f"{response.body[:200].decode('utf-8', 'replace')!r}. Expected a Memtrace server's JSON."
        )
    return Outcome(_indented(value), value)


def _trouble(response: Response) -> str:
    """Why there is no whole answer, or nothing."""
    if response.delay > 1_000_000 * _PATIENCE:
        return f"no answer within {_PATIENCE:g} seconds"
    if response.ending == "dropped":
        return "the connection was closed before an answer came"
    return "the connection was closed within the answer" if response.ending == "cut" else ""


def _message(body: bytes) -> str:
    """The words of an error: ``{"error": text}``, ``{"error": code, "message": text}``, or no JSON at all."""
    text = body.decode("utf-8", "replace")
    try:
        said = json.loads(text)
    except ValueError:
        return text
    words = (said.get(name) for name in ("message", "error")) if isinstance(said, dict) else ()
    return next((word for word in words if word and isinstance(word, str)), text)


def _indented(value: Any) -> str:
    """JSON as Go writes it for people."""
    return escaped(json.dumps(value, indent=2, ensure_ascii=False)).decode()


def _failed(words: str) -> Outcome:
    return Outcome(words, is_error=True)
