"""Every way to ask Claude through the SDK, and every door to a world."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
from collections.abc import Iterator
from typing import Any

import anthropic
import respx

from fakememtrace.world import World

from .helpers import request

JSON = ("create", "async create")
STREAMS = ("create with stream", "stream", "async create with stream", "async stream")
WAYS = JSON + STREAMS
DOORS = ("patched", "transport", "respx", "server")

# The library that the SDK of this environment speaks.
LIBRARY = next(
    name
    for base in anthropic.DefaultHttpxClient.__mro__
    if (name := base.__module__.partition(".")[0]) in ("httpx", "httpx2")
)
http = importlib.import_module(LIBRARY)


def ask(way: str, got: list[str] | None = None, said: str = "hi", **options: Any) -> list[str]:
    """What came back: the text of the answer, or the types of a stream's events; `got` has it when something is raised.

    `options` are those of the client.
    """
    got = [] if got is None else got
    if way.startswith("async "):
        asyncio.run(_ask_async(way.removeprefix("async "), got, request(said), options))
    else:
        _ask(way, got, request(said), options)
    return got


def _ask(way: str, got: list[str], body: dict[str, Any], options: dict[str, Any]) -> None:
    with anthropic.Anthropic(**options) as claude:
        if way == "create":
            got.append(claude.messages.create(**body).content[0].text)
        elif way == "stream":
            with claude.messages.stream(**body) as stream:
                got.extend(event.type for event in stream if event.type != "text")
        else:
            got.extend(event.type for event in claude.messages.create(**body, stream=True))


async def _ask_async(way: str, got: list[str], body: dict[str, Any], options: dict[str, Any]) -> None:
    async with anthropic.AsyncAnthropic(**options) as claude:
        if way == "create":
            got.append((await claude.messages.create(**body)).content[0].text)
        elif way == "stream":
            async with claude.messages.stream(**body) as stream:
                async for event in stream:
                    got.extend([event.type] if event.type != "text" else [])
        else:
            async for event in await claude.messages.create(**body, stream=True):
                got.append(event.type)  # noqa: PERF401 (what came before an error is wanted)


@contextlib.contextmanager
def through(door: str, world: World, is_async: bool = False) -> Iterator[dict[str, Any]]:
    """The options of a client that finds `world` behind that door."""
    with contextlib.ExitStack() as stack:
        if door == "server":
            yield {"base_url": stack.enter_context(world.serve()), "api_key": "any", "max_retries": 0}
            return
        stack.enter_context(world)
        if door == "respx":
            world.mount(stack.enter_context(respx.mock()))
        if door == "transport":
            make = anthropic.DefaultAsyncHttpxClient if is_async else anthropic.DefaultHttpxClient
            of_world = world.async_transport if is_async else world.transport
            yield {"http_client": make(transport=of_world(LIBRARY))}
            return
        yield {}
