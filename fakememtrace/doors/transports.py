"""The door for clients that take a transport: ``httpx.Client(transport=world.transport())``."""

from __future__ import annotations

import functools
import importlib.util
from typing import Any

from ..errors import UnknownName, UsageError
from .lazy_pool import LazyPool
from .translate import Library, World, library, target_of

__all__ = ["async_transport", "transport"]

_LIBRARIES = ("httpx", "httpx2")


def transport(world: World, name: str = "httpx") -> Any:
    """A transport of the library `name` (``httpx`` or ``httpx2``) that `world` answers.

    It answers what the patched door answers, and no ``with`` block is needed: the fakes' addresses
    are served, other loopback addresses are passed on, every other host is refused.

    Raises:
        UnknownName: no such library.
        UsageError: it is not installed.
    """
    return _classes(name)[0](world)


def async_transport(world: World, name: str = "httpx") -> Any:
    """The same for the library's ``AsyncClient``."""
    return _classes(name)[1](world)


@functools.cache
def _classes(name: str) -> tuple[type, type]:
    if name not in _LIBRARIES:
        raise UnknownName("library", name, _LIBRARIES)
    if importlib.util.find_spec(name) is None:
        raise UsageError(
            f"a transport for {name} needs {name}, which is not installed. Install it with: pip install {name}"
        )
    return _sync(library(name)), _asynchronous(library(name))


def _sync(library: Library) -> type:
    class WorldTransport(library.module.BaseTransport):  # type: ignore[misc, name-defined]
        """Answers from a world."""

        def __init__(self, world: World) -> None:
            self.world, self._network = world, LazyPool(library.module.HTTPTransport)

        def handle_request(self, request: Any) -> Any:
            target = target_of(request.url)
            if self.world.addresses.passes_on(target.origin):
                return self._network.handle_request(request)
            request.read()
            return library.answer(self.world, request, target)

        def close(self) -> None:
            self._network.close()

    return WorldTransport


def _asynchronous(library: Library) -> type:
    class AsyncWorldTransport(library.module.AsyncBaseTransport):  # type: ignore[misc, name-defined]
        """Answers from a world."""

        def __init__(self, world: World) -> None:
            self.world, self._network = world, LazyPool(library.module.AsyncHTTPTransport)

        async def handle_async_request(self, request: Any) -> Any:
            target = target_of(request.url)
            if self.world.addresses.passes_on(target.origin):
                return await self._network.handle_async_request(request)
            await request.aread()
            return await library.answer_async(self.world, request, target)

        async def aclose(self) -> None:
            await self._network.aclose()

    return AsyncWorldTransport
