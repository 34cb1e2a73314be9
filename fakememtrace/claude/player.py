"""The next unplayed interaction of a cassette, or an explained miss."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from . import explain
from .cassette import Cassette
from .interaction import MESSAGES, Interaction
from .matching.normal import Outline, listed
from .matching.rules import Matching
from .media import digested
from .missing.knowledge import Knowledge
from .missing.miss import Miss

__all__ = ["Answers", "Miss", "Play", "Player"]


_NONE: deque[int] = deque()
_Key = tuple[str, Outline]
_Request = dict[str, Any]


class Play(NamedTuple):
    """An answer: the interaction that holds it and its number in the cassette."""

    number: int
    interaction: Interaction


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

    Args:
        cassette: the recordings, or None: then everything is a miss.
        matching: when two requests are the same; everything counts unless told otherwise.
        clean: what the recorder made of a request before it was written (``Redactor().clean``).  A request
            that is not found as it is, is looked for as it would have been written.
        shown: what is known of the memories of the world, asked when a miss is explained.
    """

    def __init__(
        self,
        cassette: Cassette | None,
        matching: Matching | None = None,
        clean: Callable[[_Request], _Request] | None = None,
        shown: Callable[[], Knowledge] | None = None,
    ) -> None:
        self.cassette = cassette
        self._matching = matching or Matching()
        self._clean, self._shown = clean, shown
        interactions = cassette.interactions if cassette else []
        self._played = [False] * len(interactions)
        self._recordings: dict[_Key, list[int]] = {}
        for number, interaction in enumerate(interactions, 1):
            key = interaction.endpoint, self._matching.key(*interaction.ending)
            self._recordings.setdefault(key, []).append(number)
        self._waiting = {key: deque(numbers) for key, numbers in self._recordings.items()}
        # Those that were looked at and are not played, as they are compared.
        self._forms: dict[int, _Request] = {}

    def play(self, request: dict[str, Any], endpoint: str = MESSAGES, betas: Sequence[str] = ()) -> Play | Miss:
        """The first unplayed interaction with this request, or a Miss."""
        if self.cassette is None:
            from .missing import explained

            return explained.no_cassette(request, endpoint)
        number = self._find(request, endpoint, betas)
        if number is None and self._clean is not None:
            sent, request, betas = (request, betas), self._clean(request), self._cleaned(betas)
            if (request, betas) != sent:
                number = self._find(request, endpoint, betas)
        if number is None:
            return self._missed(request, endpoint, betas, self.cassette)
        self._forms.pop(number, None)
        self._played[number - 1] = True
        return Play(number, self.cassette.interactions[number - 1])

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

    def _cleaned(self, betas: Sequence[str]) -> Sequence[str]:
        """The names as they would have been written."""
        if not betas or self._clean is None:
            return betas
        names: Sequence[str] = self._clean({"betas": [*betas]})["betas"]
        return tuple(sorted(names))

    def _key(self, request: _Request, endpoint: str) -> _Key:
        messages = listed(request.get("messages"))
        return endpoint, self._matching.key(len(messages), messages[-1] if messages else None)

    def _find(self, request: _Request, endpoint: str, betas: Sequence[str]) -> int | None:
        """Take the first that waits and is the same; its number."""
        waiting = self._waiting.get(self._key(request, endpoint), _NONE)
        number = next(self._same(request, betas, waiting), None)
        if number is not None:
            waiting.remove(number)
        return number

    def _same(self, request: _Request, betas: Sequence[str], numbers: Iterable[int]) -> Iterator[int]:
        """Those of the interactions that have this request."""
        assert self.cassette is not None
        sent: _Request | None = None
        left = []
        for number in numbers:
            recorded = self.cassette.interactions[number - 1]
            if not self._matching.same_betas(recorded.betas, betas):
                continue
            if self._matching.always_same(recorded.request, request):
                yield number
                continue
            sent = sent or self._matching.form(request)
            if self._matching.same(self._form(number, recorded.request), sent):
                yield number
            else:
                left.append(number)
        # Media may be recorded by their digest, which nobody sends.
        told = digested(sent)
        if told is not sent:
            yield from (number for number in left if self._matching.same(digested(self._forms[number]), told))

    def _form(self, number: int, request: _Request) -> _Request:
        if number not in self._forms:
            self._forms[number] = self._matching.form(request)
        return self._forms[number]

    def _missed(self, request: _Request, endpoint: str, betas: Sequence[str], cassette: Cassette) -> Miss:
        # Imported when needed: most worlds never have a miss.
        from .missing import explained

        recordings = list(self._same(request, betas, self._recordings.get(self._key(request, endpoint), ())))
        if recordings:
            return explained.exhausted(request, endpoint, cassette, recordings)
        return explained.unlike(request, endpoint, betas, cassette, self._played, self._matching, self._shown)
