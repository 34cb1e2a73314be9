"""httpx, which comes with the extra ``client``, and what both clients say to it."""

from __future__ import annotations

from typing import Any

from .exceptions import InvalidRequest

try:
    import httpx
except ImportError:
    raise ImportError(
        "fakememtrace.client needs httpx, which is not installed. It comes with: pip install 'fakememtrace[client]'"
    ) from None

__all__ = ["DEFAULT_TIMEOUT", "httpx", "settings"]

DEFAULT_TIMEOUT = 30.0


def settings(base_url: str, api_key: str, timeout: float, transport: Any) -> dict[str, Any]:
    """The arguments of httpx's client for a Memtrace server."""
    if not str(base_url).startswith(("http://", "https://")):
        raise InvalidRequest(
            f'base_url is {base_url!r}, which is no URL. Expected scheme, host and port, such as "http://localhost:9100".'
        )
    headers = {"x-api-key": api_key, "Content-Type": "application/json"}
    return {"base_url": base_url, "headers": headers, "timeout": timeout, "transport": transport}
