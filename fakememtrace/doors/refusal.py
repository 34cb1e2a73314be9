"""The words with which a door refuses what would leave this machine."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable
from types import FrameType

from ..addresses import Addresses, plain_host
from ..errors import listed
from ..wire import Request
from .callers import caller

__all__ = ["Refusal"]

# So alike are only slips: api.openai.com and api.anthropic.com are 0.71, with a letter left out 0.97.
_ALIKE = 0.85
_REASON = "a test has no network while a World is open"
_VARIABLES = "MEMTRACE_URL, ANTHROPIC_BASE_URL"
_POINT = "to have it served here, point the program"
_ROUTE = "to answer it in the test, mount the world into a respx router and add a route for it"
_WHOLE_URL = f"give the program a whole URL, such as one of these; an empty variable ({_VARIABLES}) is none: unset it"


class Refusal:
    """Says of a refused call who asked, for which host, what is there instead, and what to do.

    Args:
        addresses: what is served, and what is allowed.
        place: names the line of the program from the frame of the call.
        reason: why there is no network.
        advice: what to do; without it, how to serve, answer or allow the call.
    """

    def __init__(
        self,
        addresses: Addresses,
        place: Callable[[FrameType | None], str] = caller,
        reason: str = _REASON,
        advice: str = "",
    ) -> None:
        self._addresses, self._place, self._reason, self._advice = addresses, place, reason, advice

    def of_request(self, request: Request, host: str) -> str:
        """Why `request` was not sent to `host`."""
        call = f"{request.method} {request.shown}"
        if not host:
            return self._put(call, "its URL names no host", _WHOLE_URL)
        served = self._addresses.urls(host)
        if not served:
            return self._told(call, host, f"{_POINT} at one of these ({_VARIABLES}); {_ROUTE}")
        problem = f"of the host {host!r} only {listed(served)} is faked, with what is below it"
        advice = f"{_POINT} there ({_VARIABLES}), scheme, port and path included; {_ROUTE}"
        # What is beside a fake, on its own port, is not passed on for any list.
        beside = self._addresses.serves(request.origin)
        return self._put(call, problem, advice if beside else f"{advice}; {_allow(host)}")

    def of_call(self, call: str, host: str) -> str:
        """Why ``socket.connect('192.0.2.7', 80)``, the `call`, did not reach `host`."""
        if plain_host(host) not in self._addresses.hosts():
            return self._told(call, host, "answer it with something on this machine")
        problem = f"the host {host!r} is faked for clients of httpx and httpx2 only"
        advice = "ask with one of these, or point the program at the URL of world.serve(), which is for every library"
        return self._put(call, problem, f"{advice}; {_allow(host)}")

    def _told(self, call: str, host: str, advice: str) -> str:
        known = sorted({*self._addresses.hosts(), *self._addresses.allowed})
        slip = difflib.get_close_matches(plain_host(host), known, 1, _ALIKE)
        nearest = f" Did you mean {slip[0]!r}?" if slip else ""
        problem = f"the host {host!r} is neither faked nor on this machine"
        return self._put(call, problem, f"{advice}; {_allow(host)}", nearest)

    def _put(self, call: str, problem: str, advice: str, nearest: str = "") -> str:
        allowed = self._addresses.allowed
        return (
            f"{self._place(sys._getframe())}: {call} was refused: {problem}, and {self._reason}.{nearest}\n"
            f"Served here, to httpx and httpx2: {self._addresses.listed()}; other loopback addresses are passed on."
            f"{f' Allowed: {listed(allowed)}.' if allowed else ''}\n"
            f"What to do: {self._advice or advice}."
        )


def _allow(host: str) -> str:
    # One kind of quotes: an SDK shows the text as Python's repr, which escapes where there are both.
    return (
        f"to let it through, write World(allow_hosts=['{plain_host(host)}']) or override the fixture "
        "fakememtrace_allow_hosts"
    )
