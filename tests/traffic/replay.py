"""One recording through the SDK, twice: its own bytes from a constant transport, and its cassette from a World."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import anthropic
from anthropic.types import Message, MessageTokensCount, RawMessageStreamEvent
from anthropic.types.beta import BetaMessage, BetaMessageTokensCount, BetaRawMessageStreamEvent

from fakememtrace import World
from fakememtrace.claude.redact import Redactor

from .decode import Recorded

__all__ = ["Verdict", "compared", "library", "redacted"]

# What belongs to one way over the wire: the body is decoded here, and has its own length.
_OF_THE_WIRE = {"content-encoding", "content-length", "transfer-encoding"}


class Verdict(NamedTuple):
    """What came of one exchange: what the sync and the async client should have got, and what they got."""

    recorded: Recorded
    expected: Any
    expected_async: Any
    got: Any
    got_async: Any

    @property
    def is_same(self) -> bool:
        """Whether both got what they should have."""
        return self.got == self.expected and self.got_async == self.expected_async


def library() -> Any:
    """The HTTP library that the SDK is built on: httpx or httpx2."""
    base = anthropic.DefaultHttpxClient.__mro__[1]
    return sys.modules[base.__module__.partition(".")[0]]


def compared(exchanges: Sequence[Recorded], cassette: Path) -> list[Verdict]:
    """Every exchange that a cassette holds, replayed from `cassette` in the order of the file.

    Raises:
        UnexpectedTraffic: something was asked that is not in the cassette, or something in it was not asked.
    """
    asked = [redacted(exchange) for exchange in exchanges if exchange.endpoint]
    expected = [_constant(exchange) for exchange in asked]
    # Not every SDK raises the same class from both clients.
    expected_async = [asyncio.run(_constant_async(exchange)) for exchange in asked]
    with World(cassette=cassette) as world, anthropic.Anthropic(max_retries=0) as client:
        got = [_answer(client, exchange) for exchange in asked]
        world.journal.assert_clean()
    with World(cassette=cassette) as world:
        got_async = asyncio.run(_all_async(asked))
        world.journal.assert_clean()
    return [Verdict(*of) for of in zip(asked, expected, expected_async, got, got_async, strict=True)]


def redacted(exchange: Recorded) -> Recorded:
    """The same without secrets; itself where there are none."""
    clean = Redactor().clean
    sent = clean(exchange.sent)
    body = b"".join(_redacted_line(line, clean) for line in exchange.body.splitlines(keepends=True))
    return exchange if sent is exchange.sent and body == exchange.body else exchange._replace(sent=sent, body=body)


def _redacted_line(line: bytes, clean: Any) -> bytes:
    """A whole body of JSON, or the data of an event."""
    start = len(b"data:") if line.startswith(b"data:") else 0
    try:
        value = json.loads(line[start:])
    except ValueError:
        return line
    cleaned = clean(value)
    return line if cleaned is value else line[:start] + json.dumps(cleaned).encode() + b"\n"


def _constant(exchange: Recorded) -> Any:
    """What the SDK makes of the recorded answer itself."""
    http_client = library().Client(transport=_transport(exchange))
    with anthropic.Anthropic(api_key="none", max_retries=0, http_client=http_client) as client:
        return _answer(client, exchange)


async def _constant_async(exchange: Recorded) -> Any:
    http_client = library().AsyncClient(transport=_transport(exchange))
    async with anthropic.AsyncAnthropic(api_key="none", max_retries=0, http_client=http_client) as client:
        return await _answer_async(client, exchange)


def _transport(exchange: Recorded) -> Any:
    """Answers everything with the recorded bytes."""
    headers = [(name, value) for name, value in exchange.headers if name not in _OF_THE_WIRE]
    http = library()
    return http.MockTransport(lambda request: http.Response(exchange.status, headers=headers, content=exchange.body))


def _answer(client: anthropic.Anthropic, exchange: Recorded) -> Any:
    events: list[Any] = []
    try:
        answer = _called(client, exchange, anthropic.Stream)
        if not _is_streamed(exchange):
            return _whole(answer, exchange)
        for event in answer:
            events.append(_plain(event))  # noqa: PERF401 - what came before an error is to be seen
    except anthropic.APIError as error:
        return {"events": events, "error": _error(error, exchange)}
    return events


async def _all_async(exchanges: Sequence[Recorded]) -> list[Any]:
    async with anthropic.AsyncAnthropic(max_retries=0) as client:
        return [await _answer_async(client, exchange) for exchange in exchanges]


async def _answer_async(client: anthropic.AsyncAnthropic, exchange: Recorded) -> Any:
    events: list[Any] = []
    try:
        answer: Any = await _called(client, exchange, anthropic.AsyncStream)
        if not _is_streamed(exchange):
            return _whole(answer, exchange)
        async for event in answer:
            events.append(_plain(event))  # noqa: PERF401 - what came before an error is to be seen
    except anthropic.APIError as error:
        return {"events": events, "error": _error(error, exchange)}
    return events


def _is_streamed(exchange: Recorded) -> bool:
    return isinstance(exchange.sent, dict) and exchange.sent.get("stream") is True


def _called(client: Any, exchange: Recorded, stream_class: Any) -> Any:
    """Not by the methods for messages: newer bodies have parameters that those do not know."""
    if exchange.endpoint == "models":
        return client.get(exchange.path, cast_to=object)
    is_beta = "beta=true" in exchange.path
    return client.post(
        exchange.path,
        cast_to=_type(exchange.endpoint, is_beta),
        body=exchange.sent,
        options={"headers": {"anthropic-beta": exchange.betas} if exchange.betas else {}},
        stream=_is_streamed(exchange),
        stream_cls=stream_class[BetaRawMessageStreamEvent if is_beta else RawMessageStreamEvent],
    )


def _type(endpoint: str, is_beta: bool) -> Any:
    if endpoint == "count_tokens":
        return BetaMessageTokensCount if is_beta else MessageTokensCount
    return BetaMessage if is_beta else Message


def _whole(answer: Any, exchange: Recorded) -> dict[str, Any]:
    request_id = getattr(answer, "_request_id", None) if _has_request_id(exchange) else None
    return {"message": _plain(answer), "request_id": request_id}


def _error(error: anthropic.APIError, exchange: Recorded) -> dict[str, Any]:
    request_id = getattr(error, "request_id", None) if _has_request_id(exchange) else None
    status = getattr(error, "status_code", None)
    return {
        "class": type(error).__name__,
        "message": str(error),
        "body": error.body,
        "status": status,
        "request_id": request_id,
    }


def _has_request_id(exchange: Recorded) -> bool:
    """Where none was recorded, the fake makes one up."""
    return any(name == "request-id" for name, _ in exchange.headers)


def _plain(value: Any) -> Any:
    return value.to_dict(warnings=False) if hasattr(value, "to_dict") else value
