"""The clients that are measured, and the floor: the same SDK over a transport with one constant answer."""

from __future__ import annotations

import importlib
from typing import Any

import anthropic
import httpx
from memtrace import Memtrace

from fakememtrace.wire import Response
from fakememtrace.world import MEMTRACE_API_KEY, MEMTRACE_URL

__all__ = ["claude", "claude_library", "constant_claude", "constant_memtrace", "memtrace"]


def memtrace() -> Memtrace:
    """A client as a program makes it."""
    return Memtrace(MEMTRACE_URL, MEMTRACE_API_KEY)


def claude(**options: Any) -> anthropic.Anthropic:
    """A client as a program makes it, but for retries."""
    return anthropic.Anthropic(api_key="sk-ant-bench", max_retries=0, **options)


def constant_memtrace(answer: Response) -> Memtrace:
    """A client to which everything is answered with `answer`."""
    client = memtrace()
    own = client._client
    client._client = httpx.Client(
        base_url=own.base_url, headers=own.headers, timeout=own.timeout, transport=_constant(httpx, answer)
    )
    own.close()
    return client


def constant_claude(answer: Response) -> anthropic.Anthropic:
    """A client to which everything is answered with `answer`."""
    return claude(http_client=anthropic.DefaultHttpxClient(transport=_constant(claude_library(), answer)))


def claude_library() -> Any:
    """The HTTP library under the installed anthropic: httpx2, or httpx before 1.0."""
    roots = [base.__module__.partition(".")[0] for base in anthropic.DefaultHttpxClient.__mro__]
    return importlib.import_module(next(root for root in roots if root in ("httpx", "httpx2")))


def _constant(library: Any, answer: Response) -> Any:
    status, headers, body = answer.status, list(answer.headers), answer.body
    return library.MockTransport(lambda _: library.Response(status, headers=headers, content=body))
