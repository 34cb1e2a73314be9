"""The next unplayed interaction of a cassette, or an explained miss."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from . import explain
from .cassette import Cassette
from .interaction import MESSAGES, Interaction
from .matching import Outline, outline, same

__all__ = ["Answers", "Miss", "Play", "Player"]


_NONE: deque[int] = deque()
_Key = tuple[str, Outline]


class Play(NamedTuple):
    """An answer: the interaction that holds it and its number in the cassette."""

    number: int
    interaction: Interaction


class Miss(NamedTuple):
    """No answer, and the whole explanation."""

    explanation: str


class Answers(Protocol):
    """Where the fake Claude gets its answers from."""

    def play(self, request: dict[str, Any], endpoint: str = MESSAGES, betas: Sequence[str] = ()) -> Play | Miss:
        """The answer to the body `request` (without ``stream``), sent to that endpoint with those betas, sorted."""
        ...

    def open_ends(self) -> str:
        """What should have been asked for and was not, in words; empty when all was."""
        ...


class Player:
    """Plays a cassette: a request is matched by its content, equal requests in the order of the file.

    ``cassette`` may be None: then everything is a miss.
    """

    def __init__(self, cassette: Cassette | None) -> None:
        self.cassette = cassette
        interactions = cassette.interactions if cassette else []
        self._played = [False] * len(interactions)
        self._recordings: dict[_Key, list[int]] = {}
        for number, interaction in enumerate(interactions, 1):
            self._recordings.setdefault(_key(interaction.request, interaction.endpoint), []).append(number)
        self._waiting = {key: deque(numbers) for key, numbers in self._recordings.items()}

    def play(self, request: dict[str, Any], endpoint: str = MESSAGES, betas: Sequence[str] = ()) -> Play | Miss:
        """The first unplayed interaction with this request, or a Miss."""
        if self.cassette is None:
            return Miss(explain.no_cassette(request))
        waiting = self._waiting.get(_key(request, endpoint), _NONE)
        for number in waiting:
            interaction = self.cassette.interactions[number - 1]
            if _same_betas(interaction, betas) and same(interaction.request, request):
                waiting.remove(number)
                self._played[number - 1] = True
                return Play(number, interaction)
        return Miss(self._explanation(request, endpoint, self.cassette))

    def played(self) -> list[int]:
        """The numbers of the interactions that were played."""
        return [number for number, done in enumerate(self._played, 1) if done]

    def rewind(self, played: Iterable[int] = ()) -> None:
        """Be as if just the interactions with the numbers `played` had been played."""
        done = set(played)
        self._played = [number in done for number in range(1, len(self._played) + 1)]
        self._waiting = {
            key: deque(number for number in numbers if number not in done) for key, numbers in self._recordings.items()
        }

    def unplayed(self) -> list[int]:
        """The numbers of the interactions that were not played."""
        return [number for number, done in enumerate(self._played, 1) if not done]

    def open_ends(self) -> str:
        """The unplayed interactions in words; empty when there is none."""
        return explain.unplayed(self.cassette, self._played) if self.cassette else ""

    def _explanation(self, request: dict[str, Any], endpoint: str, cassette: Cassette) -> str:
        if not len(cassette):
            return explain.nothing_alike(request, cassette)
        alike = self._recordings.get(_key(request, endpoint), [])
        recordings = [number for number in alike if same(cassette.interactions[number - 1].request, request)]
        if recordings:
            return explain.exhausted(request, cassette, recordings)
        return explain.unmatched(request, cassette, self._played)


def _key(request: dict[str, Any], endpoint: str) -> _Key:
    return endpoint, outline(request)


def _same_betas(interaction: Interaction, betas: Sequence[str]) -> bool:
    return interaction.betas is None or interaction.betas == tuple(betas)
