"""The table of routes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from . import handlers
from .handlers import Handler

__all__ = ["ROUTES", "Match", "Route", "find", "find_known"]


class Route(NamedTuple):
    """A method and a path, and what answers them.  What is under ``/api/v1`` needs a key."""

    method: str
    path: str
    handler: Handler
    name: str

    def __str__(self) -> str:
        return self.name


ROUTES = tuple(
    Route(method, path, handler, f"{method} {path}")
    for method, path, handler in (
        ("GET", "/health", handlers.health),
        ("GET", "/ready", handlers.ready),
        ("POST", "/api/v1/memories", handlers.create_memory),
        ("GET", "/api/v1/memories", handlers.list_memories),
        ("GET", "/api/v1/memories/{id}", handlers.get_memory),
        ("POST", "/api/v1/search", handlers.search_memories),
        ("POST", "/api/v1/agents", handlers.register_agent),
        ("GET", "/api/v1/agents", handlers.list_agents),
        ("GET", "/api/v1/agents/{id}", handlers.get_agent),
        ("GET", "/api/v1/agents/{id}/memories", handlers.get_agent_memories),
        ("GET", "/api/v1/agents/{id}/stats", handlers.get_agent_stats),
        ("DELETE", "/api/v1/agents/{id}", handlers.delete_agent),
        ("POST", "/api/v1/sessions", handlers.create_session),
        ("GET", "/api/v1/sessions", handlers.list_sessions),
        ("GET", "/api/v1/sessions/{id}", handlers.get_session),
        ("PUT", "/api/v1/sessions/{id}", handlers.update_session),
        ("GET", "/api/v1/sessions/{id}/memories", handlers.get_session_memories),
        ("POST", "/api/v1/sessions/{id}/context", handlers.get_session_context),
    )
)


class Match(NamedTuple):
    """What stands at a path: its routes by method, the ``{id}`` in it, and whether anything there needs a key."""

    routes: Mapping[str, Route]
    id: str
    needs_key: bool


class _Node:
    """A place in the paths: the routes that end here, and what is below, by name or as an id."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.named: dict[str, _Node] = {}
        self.any: _Node | None = None

    def below(self, segment: str) -> _Node:
        if segment != "{id}":
            return self.named.setdefault(segment, _Node())
        self.any = self.any or _Node()
        return self.any


def find(path: str) -> Match:
    """What stands at `path`; letter case and trailing slashes do not matter."""
    node, found = _ROOT, ""
    needs_key = path.lower().startswith("/api/v1")
    for segment in path.rstrip("/").split("/")[1:]:
        known = node.named.get(segment) or node.named.get(segment.lower())
        if known is None and segment:
            known, found = node.any, segment
        if known is None:
            return Match({}, "", needs_key)
        node = known
    return Match(node.routes, found, needs_key)


def _root() -> _Node:
    root = _Node()
    for route in ROUTES:
        node = root
        for segment in route.path.split("/")[1:]:
            node = node.below(segment)
        node.routes[route.method] = route
        if route.method == "GET":
            node.routes["HEAD"] = route
    return root


_ROOT = _root()
# The same for paths that come again and again.
find_known = lru_cache(maxsize=256)(find)
