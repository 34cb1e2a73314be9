"""What the Bot API refuses, in its own shape, and what should not have been asked."""

from __future__ import annotations

from ..errors import did_you_mean, listed
from ..wire import Response, json_response
from .script import Script

__all__ = ["Refused", "bad_request", "unknown_token", "unserved"]


class Refused(Exception):
    """The Bot API says no: the status, the words, and why it should not have happened, if it should not."""

    def __init__(self, status: int, description: str, unexpected: str = "") -> None:
        super().__init__(description)
        self.status, self.description, self.unexpected = status, description, unexpected

    def response(self, note: str) -> Response:
        """The answer."""
        body = {"ok": False, "error_code": self.status, "description": self.description}
        return json_response(self.status, body)._replace(unexpected=self.unexpected, note=note)


def bad_request(problem: str) -> Refused:
    """What a sound program can get from the real API as well."""
    return Refused(400, f"Bad Request: {problem}")


def unserved(method: str, served: list[str]) -> Refused:
    """A method that is not served here."""
    problem = (
        f"the method {method!r} is not served by fakememtrace.{did_you_mean(method, served)} Served: {listed(served)}. "
        "What to do: leave the call out of the program that is replayed, or survive its failure."
    )
    return Refused(400, f"Bad Request: {problem}", problem)


def unknown_token(token: str, script: Script) -> Refused:
    """A token that no bot of the script has; a token is a secret, so only the id in it is told."""
    own, colon, _ = token.partition(":")
    shown = f"{own}:..." if colon and own.isdecimal() else "something else than a token"
    problem = (
        f"no bot of {script.source} has the token that was sent, {shown}.\n"
        f"Expected: {listed(bot.known_by for bot in script.bots)}.\n"
        "What to do: give the program the token of the script, with env = in its [[bot]] or by hand."
    )
    return Refused(401, "Unauthorized", problem)
