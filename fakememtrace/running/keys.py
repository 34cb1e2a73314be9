"""A key of Memtrace that stands in a program, in place of the one that it finds in its environment."""

from __future__ import annotations

from collections.abc import Iterable

from ..journal import Exchange

__all__ = ["about_keys"]

_UNAUTHORIZED = 401
_HEADERS = ("x-api-key", "authorization")
_WORDS = (
    "Memtrace refused {count} with 401: the key that the program sends is not the one that opens this Memtrace, "
    "which is in MEMTRACE_API_KEY.\n"
    "What to do: let the program read that variable, or say which key it sends: --memtrace-key KEY"
)


def about_keys(exchanges: Iterable[Exchange]) -> str:
    """What to say where Memtrace did not know the key that it was sent; empty where it did, or was sent none."""
    count = sum(_is_refused(exchange) for exchange in exchanges)
    return _WORDS.format(count="1 request" if count == 1 else f"{count} requests") if count else ""


def _is_refused(exchange: Exchange) -> bool:
    status = exchange.response.status if exchange.response else 0
    headers = exchange.request.headers
    return exchange.service == "memtrace" and status == _UNAUTHORIZED and any(headers.get(name) for name in _HEADERS)
