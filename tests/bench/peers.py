"""The peers that are measured where they are installed; they are no dependency of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import httpx

from fakememtrace.wire import Response

from .harness import Row

__all__ = ["installed", "missing", "pytest_httpx"]


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
