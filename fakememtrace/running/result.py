"""What became of a program: plain data, which crosses from its process to ours."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

__all__ = ["Result"]


@dataclass(frozen=True)
class Result:
    """What became of a program that was run under a World.

    ``requests`` and ``calls`` count what was asked of any fake and of Claude, ``stored`` the memories that are
    new; ``problems`` is what was unexpected in the traffic, ``misses`` are those of them that are requests to
    Claude which are not recorded; ``events`` are the transcript; ``stopped`` is why the program was not let come to
    its end, else empty; ``notes`` is what else there is to say; ``code`` is what its process ended with (128 and
    the signal's number where one ended it); ``is_known`` is whether its process could say all this.  ``account`` is
    all that happened, for a report; None where none is wanted.
    """

    program: str
    dialect: str
    requests: int = 0
    calls: int = 0
    stored: int = 0
    problems: list[str] = field(default_factory=list)
    misses: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    stopped: str = ""
    notes: list[str] = field(default_factory=list)
    code: int = 0
    is_known: bool = True
    account: dict[str, Any] | None = None

    @property
    def exit_code(self) -> int:
        """The program's own when it failed; 1 when it was stopped or something was unexpected."""
        if self.stopped:
            return 1 if self.is_known else self.code or 1
        return self.code or int(bool(self.problems))

    def ended_with(self, code: int) -> Result:
        """The same, now that the process has ended with that code."""
        return replace(self, code=128 - code if code < 0 else code)

    def as_json(self) -> dict[str, Any]:
        """The result as JSON values, without the account."""
        values = asdict(replace(self, account=None))
        del values["account"]
        return {**values, "exit_code": self.exit_code}
