"""A connection pool that is not built before it is needed.

A transport builds a TLS context and a pool when it is made, at the price of some 150 answered
requests; inside a world hardly any transport ever uses them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

__all__ = ["LazyPool"]


class LazyPool:
    """Stands where a transport keeps its pool, and calls `build` for the real one at the first use.

    Entering and closing are no use.  What `build` raises comes out of that first use.
    """

    __slots__ = ("_build", "_built", "_lock")

    # A transport for a Unix socket gets its pool at once, so that this is true of every LazyPool.
    _uds = None

    def __init__(self, build: Callable[[], Any]) -> None:
        for name, value in (("_build", build), ("_built", None), ("_lock", threading.Lock())):
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            # copy and pickle ask for these before there is anything to build from.
            raise AttributeError(name)
        return getattr(self._pool(), name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._pool(), name, value)

    def close(self) -> None:
        """Close the pool, if there is one."""
        if self._built is not None:
            self._built.close()

    async def aclose(self) -> None:
        """Close the asynchronous pool, if there is one."""
        if self._built is not None:
            await self._built.aclose()

    def __enter__(self) -> LazyPool:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    async def __aenter__(self) -> LazyPool:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()

    def _pool(self) -> Any:
        with self._lock:
            if self._built is None:
                object.__setattr__(self, "_built", self._build())
            return self._built
