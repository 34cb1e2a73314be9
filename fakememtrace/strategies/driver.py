"""What drives a Memtrace and looks at its answers: the part of the machine that has no rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, ClassVar
from urllib.parse import urlencode

from hypothesis.stateful import RuleBasedStateMachine

from ..doors.translate import library
from ..memory.dialect import Dialect
from ..wire import Request, Response
from ..world import World
from .invariants import check_answer

__all__ = ["Driver"]


class Driver(RuleBasedStateMachine):
    """A machine without rules: it connects, sends, checks, and waits.

    Attributes:
        dialect: which Memtrace the World is.
        url: scheme, host and port that the requests are for.
        api_key: the key that they carry.
        world: the World, None when :meth:`connect` opens none.
        cleanup: what is closed when an example is over.
        send: what :meth:`connect` gave.
    """

    dialect: ClassVar[str | Dialect] = "0.2.0"
    url: str = "http://localhost:9100"
    api_key: str = ""

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None
        self.cleanup = ExitStack()
        self.send = self.connect()

    def connect(self) -> Callable[[Request], Response]:
        """Open what is driven; what sends one request to it.  To drive something else, override this.

        Set :attr:`url` and :attr:`api_key` here, and put what must be closed into ``self.cleanup``.
        """
        self.world = self.cleanup.enter_context(World(self.dialect))
        self.url, self.api_key = self.world.url, self.world.api_key
        client = self.cleanup.enter_context(library("httpx").module.Client())
        return lambda request: _through(client, request)

    def check(self, request: Request, response: Response) -> None:
        """Raise when `response` is wrong.  Called for every exchange; extend it in a subclass."""
        check_answer(request, response)

    def wait(self, span: str) -> None:
        """Let `span` go by (``"1h"``).  Without a World nothing happens, unless this is overridden."""
        if self.world is not None:
            self.world.clock.advance(span)

    def ask(self, method: str, path: str, body: Any = None, query: dict[str, str] | None = None) -> tuple[int, Any]:
        """Send a request below ``/api/v1`` and check the answer; its status, and its JSON or text.

        `body` is a JSON value, or bytes that are sent as they are, or None for no body.
        """
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.exchange(method, "/api/v1" + path, sent, urlencode(query or {}))

    def exchange(
        self, method: str, path: str, body: bytes = b"", query: str = "", headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Send exactly this and check the answer; a header that is set to nothing is not sent."""
        usual = {"x-api-key": self.api_key, "content-type": "application/json", **(headers or {})}
        sent = {name: value for name, value in usual.items() if value}
        request = Request(method, self.url, path, query, sent, body)
        response = self.send(request)
        self.check(request, response)
        is_json = response.header("content-type") == "application/json" and response.body
        return response.status, json.loads(response.body) if is_json else response.body.decode()

    def teardown(self) -> None:
        """Close what :meth:`connect` opened."""
        self.cleanup.close()


def _through(client: Any, request: Request) -> Response:
    """`request` as the HTTP library sends it, and its answer as ours."""
    answer = client.request(request.method, request.url, headers=dict(request.headers), content=request.body)
    return Response(answer.status_code, tuple(answer.headers.items()), (answer.content,))
