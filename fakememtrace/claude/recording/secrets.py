"""What is taken out of a recording: what is known, what is named, and the keys of whoever records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..redact import Redactor
from ..redaction.own import in_environment, sent
from .making import recorded_form
from .modes import Recording

__all__ = ["Secrets"]


class Secrets:
    """The redactor of a recording, which learns the keys that its clients send."""

    def __init__(self, recording: Recording) -> None:
        self.redactor = Redactor(recording.redact, in_environment())

    def clean(self, request: dict[str, Any]) -> dict[str, Any]:
        """The body of a request as it may be written."""
        return recorded_form(request, self.redactor)

    def learn(self, headers: Mapping[str, str]) -> bool:
        """Take for secrets what the headers of a request show that it comes from; whether that is news."""
        before = self.redactor
        self.redactor = before.knowing(sent(headers))
        return self.redactor is not before

    def unsought(self) -> list[str]:
        """Which keys are not looked for and why, in words."""
        return [credential.weakness for credential in self.redactor.own if credential.weakness]
