"""The door for tests that use respx: the fakes as ordinary routes of the user's own router."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
from types import SimpleNamespace
from typing import Any, ClassVar

from ..errors import UsageError
from . import patched
from .outward import is_outward
from .translate import World, library, target_of

try:
    from respx import MockRouter
    from respx.mocks import HTTPCoreMocker
    from respx.models import PassThrough, Route
    from respx.patterns import Pattern
except ModuleNotFoundError:
    raise UsageError('World.mount needs respx. Install it with: pip install "fakememtrace[respx]"') from None

__all__ = ["Mount"]


class Mount:
    """The fakes of `world` in `router`, until :meth:`remove`.

    There is one route for each fake, named like it and appended to those the router has: a
    route that the test added earlier wins.  They match while `world` is the innermost one
    that is entered.  The router also sees what httpx2 sends.

    Raises:
        UsageError: the router has a route of that name already; nothing was changed.
    """

    def __init__(self, world: World, router: MockRouter) -> None:
        self._router = router
        self._patterns = {name: _ServedBy((world, name)) for name in world.addresses.names()}
        for name in self._patterns:
            if name in router.routes:
                raise UsageError(
                    f"The respx router already has a route named {name!r}, which is what the fake's route is called. "
                    "Give that route another name, or mount the world into another router."
                )
        for name, pattern in self._patterns.items():
            # Not router.add: that would put the router's base_url before the addresses of the fakes.
            router.routes.add(Route(pattern).mock(side_effect=pattern.answer), name=name)
        # On the instance, so that only this router is lenient, and only about these routes.
        vars(router)["assert_all_called"] = self._assert_others_called
        _Httpcore2Mocker.register(router)
        _Httpcore2Mocker.start()

    @property
    def serving(self) -> bool:
        """Whether the router is started and still has the routes: it drops them where its own block ends."""
        return _is_started(self._router) and all(name in self._router.routes for name in self._patterns)

    def remove(self) -> None:
        """Leave router and respx as they were."""
        _Httpcore2Mocker.unregister(self._router)
        _Httpcore2Mocker.stop()
        vars(self._router).pop("assert_all_called", None)
        self._take_out(self._router.routes)
        # A router that was started again meanwhile would bring them back when it stops.
        for routes, _ in self._router._snapshots:
            self._take_out(routes)

    def _take_out(self, routes: Any) -> None:
        for name, pattern in self._patterns.items():
            if name in routes and routes[name].pattern == pattern:
                routes.pop(name)

    def _assert_others_called(self) -> None:
        others: Any = SimpleNamespace(
            routes=[route for route in self._router.routes if not isinstance(route.pattern, _ServedBy)]
        )
        type(self._router).assert_all_called(others)


class _ServedBy(Pattern):
    """Matches the requests for one fake; the value is its world and its name."""

    # respx keeps patterns with a key in a register, for ever.
    key: ClassVar[str] = ""

    def parse(self, request: Any) -> tuple[World, str] | None:
        """The world and the fake that `request` is for."""
        world: World = self.value[0]
        # The router of an outer world is asked first, and leaves the request to the inner one.
        if patched.innermost() is not world:
            return None
        target = target_of(request.url)
        service = world.addresses.find(target.origin, target.path)
        return (world, service.name) if service else None

    def answer(self, request: Any) -> Any:
        """What the fake answers; the request itself, which is to pass through, where the real API is asked."""
        if is_outward():
            return request
        httpx = library("httpx")
        # What can be held must not hold up an event loop; respx awaits the answer then.
        answer = httpx.answer_async if request.url.path.endswith("/getUpdates") and _in_loop() else httpx.answer
        return answer(self.value[0], request, target_of(request.url))


class _Httpcore2Mocker(HTTPCoreMocker):
    """Shows the requests of httpx2 to the routers that see those of httpx; respx does not know httpx2."""

    # respx keeps mockers with a name in a register, for ever, and gives them lists of their own.
    name: ClassVar[str] = ""
    routers: ClassVar[list[Any]] = []
    _patches: ClassVar[list[Any]] = []
    targets: ClassVar[list[str]] = [target.replace("httpcore.", "httpcore2.", 1) for target in HTTPCoreMocker.targets]

    @classmethod
    def start(cls) -> None:
        if importlib.util.find_spec("httpcore2"):
            super().start()

    @classmethod
    def handler(cls, httpx_request: Any) -> Any:
        return cls._started(httpx_request).handler(httpx_request)

    @classmethod
    async def async_handler(cls, httpx_request: Any) -> Any:
        return await cls._started(httpx_request).async_handler(httpx_request)

    @classmethod
    def from_sync_httpx_response(cls, httpx_response: Any, *_: Any, **__: Any) -> Any:
        return importlib.import_module("httpcore2").Response(
            status=httpx_response.status_code,
            headers=httpx_response.headers.raw,
            content=httpx_response.stream,
            extensions=httpx_response.extensions,
        )

    @classmethod
    def _started(cls, request: Any) -> Any:
        """The mocker under which a mounted router is started; it asks all its routers, as for httpx."""
        for router in reversed(cls.routers):
            if _is_started(router):
                return router.Mocker
        origin: Any = None
        raise PassThrough("No mounted router is started.", request=request, origin=origin)


def _in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _is_started(router: MockRouter) -> bool:
    return router.Mocker is not None and router in router.Mocker.routers
