"""A Memtrace for comparison: the contract read again, as plainly as possible, and slow.

Lists that are walked from end to end, no index, no cache, nothing shared with the fake but the
names of the dialect's attributes.  ``# decision:`` marks where the contract is silent and the
model follows the fake.
"""

from __future__ import annotations

from typing import Any

from fakememtrace.wire import Request

from .context import Contexts
from .directory import Agents
from .refused import Refused, Starts
from .searching import Searching
from .writing import Writing

__all__ = ["Naive"]

CODES = {400: "invalid_request", 401: "unauthorized", 404: "not_found", 409: "conflict", 500: "internal_error"}


class Naive(Agents, Contexts, Searching, Writing):
    """One org of a Memtrace.

    `dialect` is the table: attribute to value.  `now` is its time in microseconds since 1970;
    whoever runs the model moves it.
    """

    def answer(self, request: Request) -> tuple[int, Any]:
        """Status, and the JSON value or the text of the answer."""
        try:
            status, value = self.route(request)
        except Refused as refused:
            status, value = refused.status, self.error(refused)
        return status, "" if request.method == "HEAD" else value

    def error(self, refused: Refused) -> Any:
        """An error as the dialect tells it."""
        if refused.plain:
            return refused.text
        if self.dialect["error_body"] == "text":
            return {"error": refused.text}
        return {"error": CODES[refused.status], "message": refused.text}

    def route(self, request: Request) -> tuple[int, Any]:
        """Section 1."""
        parts = request.path.strip("/").split("/")
        if parts[:2] == ["api", "v1"]:
            self.check_key(request)
        read = {"GET": "GET", "HEAD": "GET"}.get(request.method, request.method)
        table: dict[tuple[str, ...], Any] = {
            ("GET", "health"): self.health,
            ("GET", "ready"): self.ready,
            ("POST", "memories"): self.create_memory_or_batch,
            ("GET", "memories"): self.list_memories,
            ("GET", "memories", "*"): self.get_memory,
            ("POST", "search"): self.search,
            ("POST", "agents"): self.register_agent,
            ("GET", "agents"): self.list_agents,
            ("GET", "agents", "*"): self.get_agent,
            ("GET", "agents", "*", "memories"): self.list_of_agent,
            ("GET", "agents", "*", "stats"): self.stats,
            ("DELETE", "agents", "*"): self.delete_agent,
            ("POST", "sessions"): self.create_session,
            ("GET", "sessions"): self.list_sessions,
            ("GET", "sessions", "*"): self.get_session,
            ("PUT", "sessions", "*"): self.update_session,
            ("GET", "sessions", "*", "memories"): self.list_of_session,
            ("POST", "sessions", "*", "context"): self.context,
        }
        place = parts[2:] if parts[:2] == ["api", "v1"] else parts
        pattern = tuple("*" if index == 1 else part for index, part in enumerate(place))
        if (read, *pattern) in table:
            return table[(read, *pattern)](*place[1:2], request)
        if any(key[1:] == pattern for key in table):
            raise Refused(405, "Method Not Allowed", plain=True)
        raise Refused(404, f"Cannot {request.method} {request.path}", plain=True)

    def check_key(self, request: Request) -> None:
        """Section 2."""
        key = request.headers.get("x-api-key", "")
        if not key:
            raise Refused(401, "missing API key")
        if key != self.api_key:
            raise Refused(401, "invalid API key")

    def health(self, request: Request) -> tuple[int, Any]:
        """No key is needed."""
        uptime = Starts("") if self.now > self.started else "0s"
        return 200, {"status": "ok", "service": "memtrace", "uptime": uptime, "arc": dict.fromkeys(self.orgs, True)}

    def ready(self, request: Request) -> tuple[int, Any]:
        """Every Arc is there."""
        return 200, {"status": "ready", "arc": dict.fromkeys(self.orgs, True)}
