"""The way out: while Claude is being recorded, its requests go to where the program sent them.

They go through an ordinary client of a library that is installed, past the patches and past the guard.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import Any

from ..claude.recording.hearing import Answer
from ..errors import CallFailed, UsageError
from ..wire import Request

__all__ = ["forward", "is_outward"]

# Of one connection, or made anew by the client, which knows the body and what it can decode.
_NOT_SENT_ON = frozenset(
    {
        *("accept-encoding", "connection", "content-length", "expect", "host", "keep-alive", "proxy-authenticate"),
        *("proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
    }
)
_outward: ContextVar[bool] = ContextVar("_outward", default=False)
# In seconds; what takes longer to reach is not there.
_TO_CONNECT = 10.0


def is_outward() -> bool:
    """Whether what is asked for in this context goes out, past all doors."""
    return _outward.get()


@contextmanager
def forward(request: Request) -> Iterator[Answer]:
    """Send `request` to where it was meant to go, in a context of its own; what is answered, as it comes.

    Raises:
        CallFailed: there is no answer, or it breaks off.
        UsageError: no library is installed, or something else than the network answered.
    """
    _outward.set(True)
    module = _library()
    patience = None if math.isinf(request.patience) else request.patience
    timeout = module.Timeout(patience, connect=_TO_CONNECT if patience is None else min(patience, _TO_CONNECT))
    sent = {name: value for name, value in request.headers.items() if name not in _NOT_SENT_ON}
    with module.Client(timeout=timeout, follow_redirects=True) as client:
        made = client.build_request(request.method, request.url, headers=sent, content=request.body)
        with closing(_sent(module, client, made)) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            yield Answer(response.status_code, headers, _pieces(module, response))


def _sent(module: ModuleType, client: Any, request: Any) -> Any:
    """The beginning of the answer."""
    try:
        response = client.send(request, stream=True)
    except module.HTTPError as error:
        raise CallFailed(type(error).__name__, str(error)) from None
    except AssertionError:
        # What respx raises for a request without a route.
        raise _mocked(request) from None
    # What mocks make has no connection; it must not be called recorded.
    if "network_stream" not in response.extensions:
        response.close()
        raise _mocked(request)
    return response


def _pieces(module: ModuleType, response: Any) -> Iterator[bytes]:
    try:
        yield from response.iter_bytes()
    except module.HTTPError as error:
        raise CallFailed(type(error).__name__, str(error)) from None


def _library() -> ModuleType:
    """httpx2 or httpx: the one that is in use, or else the one that is installed."""
    names = sorted(("httpx2", "httpx"), key=lambda name: name not in sys.modules)
    for name in names:
        if importlib.util.find_spec(name):
            return importlib.import_module(name)
    raise UsageError("recording needs httpx or httpx2, and neither is installed. Install one: pip install httpx")


def _mocked(request: Any) -> UsageError:
    return UsageError(
        f"{request.method} {request.url} was answered by a mock, not by the real API, so it is not recorded.\n"
        "Expected the network.\n"
        "What to do: record without the mock (pytest_httpx, respx), or let it pass requests to that host on."
    )
