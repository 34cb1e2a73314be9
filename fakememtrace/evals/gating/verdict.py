"""What the gate says of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from ...report.text import Line, labelled, printable

__all__ = ["EXIT_CODES", "MARKS", "Fallen", "Flip", "State", "Verdict", "shown"]

State = Literal["passed", "regression", "ungated"]

EXIT_CODES: dict[str, int] = {"passed": 0, "regression": 1, "ungated": 3}
MARKS = {
    "passed": ("ok", "green"),
    "regression": ("FAILED", "bold red"),
    "ungated": ("ungated", "yellow"),
}


class Flip(NamedTuple):
    """An item whose value is another than before; ``words`` are those of its score now."""

    key: str
    conversation: str
    category: str
    before: float
    now: float
    words: str = ""


class Fallen(NamedTuple):
    """A category whose mean is below its floor; ``before`` is what it was in the baseline."""

    category: str
    floor: float
    before: float
    now: float


class Verdict(NamedTuple):
    """Whether a run is as good as its baseline, and why.

    A mean is that of all items, None where there is nothing to take one of.  ``interval`` is that of the difference
    (now less before), None where nothing was resampled.  ``flipped`` are all items whose value changed, for better
    or worse.  ``words`` are the reasons.
    """

    name: str
    state: State
    mean_before: float | None
    mean_now: float | None
    interval: tuple[float, float] | None
    flipped: tuple[Flip, ...] = ()
    fallen: tuple[Fallen, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 passed, 1 regression, 3 cannot be gated."""
        return EXIT_CODES[self.state]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            **self._asdict(),
            "interval": list(self.interval) if self.interval else None,
            "flipped": [flip._asdict() for flip in self.flipped],
            "fallen": [fallen._asdict() for fallen in self.fallen],
            "words": list(self.words),
        }

    def lines(self) -> Iterator[Line]:
        """The verdict in one line, then its reasons and every item that flipped."""
        mark, style = MARKS[self.state]
        yield Line(printable(f"{mark.ljust(9)}{self.name}: {self.headline}"), style)
        yield from self.details()

    def details(self) -> Iterator[Line]:
        """What stands below that line."""
        _, style = MARKS[self.state]
        for words in self.words:
            yield from labelled("", printable(words), style)
        for flip in self.flipped:
            words = f" ({flip.words})" if flip.words else ""
            changed = f"{shown(flip.before)} → {shown(flip.now)}"
            yield from labelled("flipped", printable(f"{flip.key}: {changed}{words}"), "dim")

    @property
    def headline(self) -> str:
        """Such as ``mean 0.8000 → 0.7500, 3 items flipped``."""
        flips = f"{len(self.flipped)} item{'' if len(self.flipped) == 1 else 's'} flipped"
        return f"mean {shown(self.mean_before)} → {shown(self.mean_now)}, {flips}"


def shown(value: float | None) -> str:
    """A score with four digits, which is what a tolerance is looked at with."""
    return "none" if value is None else f"{value:.4f}"
