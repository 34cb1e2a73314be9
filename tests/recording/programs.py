"""Programs that ask Claude in every way, and tell all that they got."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anthropic

from fakememtrace.world import World

from ..claude.helpers import request

__all__ = ["ASYNC", "PROGRAMS", "SYNC", "ask", "played"]

# What the API says of itself in an answer, and the SDK shows.
_HEADERS = ("request-id", "retry-after", "retry-after-ms")


def ask(*said: Any, **parameters: Any) -> str:
    """The text of the answer to a conversation."""
    with anthropic.Anthropic() as claude:
        return claude.messages.create(**request(*said, **parameters)).content[0].text


def played(path: Any, program: Any, **options: Any) -> tuple[Any, int]:
    """What `program` got in a world with that cassette, and what time it is then."""
    with World(cassette=path, **options) as world:
        got = program()
        return got, world.clock.micros()


def _failure(error: Exception) -> tuple[Any, ...]:
    """All that a program can learn of an error."""
    told = getattr(error, "response", None)
    if told is None:
        return (type(error).__name__,)
    headers = {name: told.headers[name] for name in _HEADERS if name in told.headers}
    return type(error).__name__, told.status_code, error.body, headers


def _create() -> Any:
    with anthropic.Anthropic(max_retries=1) as claude:
        try:
            return claude.messages.create(**request("hi")).to_dict()
        except anthropic.APIError as error:
            return _failure(error)


async def _create_async() -> Any:
    async with anthropic.AsyncAnthropic(max_retries=1) as claude:
        try:
            return (await claude.messages.create(**request("hi"))).to_dict()
        except anthropic.APIError as error:
            return _failure(error)


def _stream() -> Any:
    return list(_events())


def _events() -> Iterator[Any]:
    with anthropic.Anthropic(max_retries=1) as claude:
        try:
            for event in claude.messages.create(**request("hi"), stream=True):
                yield event.to_dict()
        except anthropic.APIError as error:
            yield _failure(error)


async def _stream_async() -> Any:
    return [event async for event in _events_async()]


async def _events_async() -> AsyncIterator[Any]:
    async with anthropic.AsyncAnthropic(max_retries=1) as claude:
        try:
            async for event in await claude.messages.create(**request("hi"), stream=True):
                yield event.to_dict()
        except anthropic.APIError as error:
            yield _failure(error)


def _helper() -> Any:
    with anthropic.Anthropic() as claude, claude.messages.stream(**request("hi")) as stream:
        return stream.get_final_message().to_dict()


async def _helper_async() -> Any:
    async with anthropic.AsyncAnthropic() as claude, claude.messages.stream(**request("hi")) as stream:
        return (await stream.get_final_message()).to_dict()


SYNC = {"create": _create, "create with stream": _stream, "stream": _helper}
ASYNC = {"create": _create_async, "create with stream": _stream_async, "stream": _helper_async}
# All of them as plain functions.
PROGRAMS: dict[str, Any] = {
    **SYNC,
    **{f"async {name}": lambda program=program: asyncio.run(program()) for name, program in ASYNC.items()},
}
