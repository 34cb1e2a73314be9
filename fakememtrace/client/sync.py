"""The client."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Concatenate, ParamSpec, TypeVar

from . import calls
from .answers import answered
from .calls import Call
from .http import DEFAULT_TIMEOUT, httpx, settings
from .methods import dressed, strict
from .notes import Notes

__all__ = ["Memtrace"]

Given = ParamSpec("Given")
Result = TypeVar("Result")


def _sent(call: Callable[Given, Call[Result]]) -> Callable[Concatenate[Memtrace, Given], Result]:
    """The method that sends `call` and reads its answer."""
    make = strict(call)

    def method(self: Memtrace, /, *args: Given.args, **kwargs: Given.kwargs) -> Result:
        return self._send(make(*args, **kwargs))

    return dressed(method, call, "Memtrace")


class Memtrace:
    """A Memtrace client as the documentation shows it.

        with Memtrace("http://localhost:9100", "mtk_...") as memtrace:
            memtrace.remember("agent_1", "User prefers dark mode")

    It does what ``memtrace-sdk`` 0.2.0 does, and what only the documentation promises: every
    request may be the model, a dict or keyword arguments, and there is ``search_sessions``.
    In a World every use of the latter is written into the journal's ``notes``.

    Args:
        base_url: scheme, host and port of the server.
        api_key: a key of it.
        timeout: seconds to wait for an answer.
        transport: the httpx transport to use, such as ``world.transport()``.

    Raises:
        InvalidRequest: `base_url` is no URL.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._client = httpx.Client(**settings(base_url, api_key, timeout, transport))
        self._notes = Notes(base_url, transport)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Memtrace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    remember = _sent(calls.remember)
    recall = _sent(calls.recall)
    decide = _sent(calls.decide)

    add_memory = _sent(calls.add_memory)
    add_memories = _sent(calls.add_memories)
    list_memories = _sent(calls.list_memories)
    search_memories = _sent(calls.search_memories)

    register_agent = _sent(calls.register_agent)
    list_agents = _sent(calls.list_agents)
    get_agent = _sent(calls.get_agent)
    get_agent_stats = _sent(calls.get_agent_stats)
    get_agent_memories = _sent(calls.get_agent_memories)
    delete_agent = _sent(calls.delete_agent)

    create_session = _sent(calls.create_session)
    get_session = _sent(calls.get_session)
    get_session_context = _sent(calls.get_session_context)
    get_session_memories = _sent(calls.get_session_memories)
    list_sessions = _sent(calls.list_sessions)
    search_sessions = _sent(calls.search_sessions)
    close_session = _sent(calls.close_session)

    def _send(self, call: Call[Result]) -> Result:
        self._notes.all(call.features)
        response = self._client.request(
            call.method, call.path, params=call.params, content=call.body, headers=self._notes.headers()
        )
        return answered(call, response.status_code, response.content, self._notes)
