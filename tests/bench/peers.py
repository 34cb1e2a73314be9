"""The peers that are measured where they are installed; they are no dependency of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anthropic
import httpx

from fakememtrace.claude.cassette import Cassette
from fakememtrace.wire import Response

from .floors import claude, claude_library
from .harness import Block, Row, seconds

__all__ = ["VCRPY", "installed", "missing", "pytest_httpx", "vcrpy"]

# Where nothing listens: what a peer does not catch must not reach the network.
_NOWHERE = "http://127.0.0.1:9"
VCRPY = "messages.create, peer: vcrpy, 10 interactions"


def installed(module: str) -> bool:
    """Whether `module` can be imported."""
    return find_spec(module) is not None


def missing(what: str) -> Row:
    """The line of a peer that is not there."""
    return Row(what, note="not installed")


@contextmanager
def pytest_httpx(answer: Response) -> Iterator[None]:
    """pytest-httpx with `answer` for everything; its fixture needs a test, so this does what that does."""
    from pytest_httpx import HTTPXMock
    from pytest_httpx._options import _HTTPXMockOptions

    mock: Any = HTTPXMock(_HTTPXMockOptions(can_send_already_matched_responses=True))
    mock.add_response(status_code=answer.status, headers=list(answer.headers), content=answer.body)
    real = httpx.HTTPTransport.handle_request
    httpx.HTTPTransport.handle_request = lambda self, request: mock._handle_request(self, request)  # type: ignore[method-assign]
    try:
        yield
    finally:
        httpx.HTTPTransport.handle_request = real  # type: ignore[method-assign]


def vcrpy(tape: Cassette, calls: int) -> Block | Row:
    """A block that replays `tape` with vcrpy, or the line that says why there is none."""
    if not installed("vcr"):
        return missing(VCRPY)
    client = claude(base_url=_NOWHERE)
    bodies = [interaction.request for interaction in tape.interactions]
    entries = [_vcr_entry(client, interaction.request, interaction.response) for interaction in tape.interactions]

    def block() -> float:
        spent, times = 0.0, max(1, calls // len(bodies))
        for _ in range(times):
            with _vcr_cassette(entries):
                spent += seconds(lambda body: client.messages.create(**body), bodies)
        return spent / (times * len(bodies))

    try:
        block()
    except anthropic.APIConnectionError:
        return Row(VCRPY, note=f"does not reach {claude_library().__name__}")
    return block


@contextmanager
def _vcr_cassette(entries: list[dict[str, Any]]) -> Iterator[None]:
    import vcr

    with TemporaryDirectory() as folder:
        path = Path(folder, "vcr.json")
        path.write_text(json.dumps({"version": 1, "interactions": entries}), "utf-8")
        tapes = vcr.VCR(serializer="json", record_mode="none", match_on=["method", "uri", "body"])
        with tapes.use_cassette(str(path)):
            yield


def _vcr_entry(client: anthropic.Anthropic, request: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    sent: list[Any] = []
    library = claude_library()

    def answer(request: Any) -> Any:
        sent.append(request)
        return library.Response(200, json=response)

    http = anthropic.DefaultHttpxClient(transport=library.MockTransport(answer))
    client.with_options(http_client=http).messages.create(**request)
    return {
        "request": {
            "method": "POST",
            "uri": str(sent[0].url),
            "body": sent[0].content.decode(),
            "headers": {},
        },
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"content-type": ["application/json"]},
            "body": {"string": json.dumps(response)},
        },
    }
