"""The report of a world that is being served, made anew whenever somebody looks: ``/ui``."""

from __future__ import annotations

import ipaddress
import threading
from contextlib import AbstractContextManager

from ..scenario.transcript import shown_time
from ..wire import Request, Response, text_response
from ..world import World
from .gathering import account_of
from .html import render
from .model import Page

__all__ = ["PATH", "Live", "serving"]

PATH = "/ui"
# A page of more is of no use to anybody, and would keep the server busy.
_MOST = 10_000
_HEADERS = (
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-resource-policy", "same-origin"),
)
_NAMED = (
    "this page is for people at this machine, and is not shown under the name {name}.\n"
    "Expected localhost, an address such as 127.0.0.1, or a name without dots.\n"
    "What to do: open it under one of these. Anybody can point another name here, and have a page of theirs read along."
)


class Live:
    """Answers a GET of :data:`PATH` with what happened in `world` until now; nothing can be changed there."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Response:
        """The answer to `request`."""
        if request.method not in ("GET", "HEAD"):
            return text_response(405, f"{PATH} does not take {request.method}. It takes GET.\n", ("allow", "GET, HEAD"))
        name = _host(request)
        if not _is_ours(name):
            return text_response(403, _NAMED.format(name=name) + "\n")
        # One after the other: who reloads again and again is not to keep others waiting.
        with self._lock:
            account = account_of(self._world, "Memtrace", most=_MOST)
        now = f"It is {shown_time(account.now)}."
        page = Page("serve", "Memtrace", accounts=(account._replace(summary=now),), is_live=True)
        return Response(200, _HEADERS, (render(page).encode("utf-8"),))


def serving(world: World, port: int = 0, control: bool = False) -> AbstractContextManager[str]:
    """As ``world.serve()``, a server of `world` until the end of the block, which also shows it at :data:`PATH`::

        with serving(world) as url:
            print(f"look at {url}/ui")

    Raises:
        UsageError: the port is in use, or uvicorn is not installed.
    """
    from ..doors import server

    return server.serving(world, port, control, {PATH: Live(world)})


def _host(request: Request) -> str:
    """The name under which somebody asks, without the port."""
    host = request.headers.get("host", "")
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _is_ours(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name or name.endswith(".localhost")
    return True
