"""Whether the answer is still there when a context shows the evidence: its lines end after 80 bytes."""

from __future__ import annotations

from collections.abc import Iterator

from ...metrics.survival import Survival, survival
from ...retrieval.lines import shown
from ..history import Dataset, History
from ..storing import store

__all__ = ["survivors"]

# Its questions ask for what the other one said: their answer is the wrong one.
_ADVERSARIAL = "5 adversarial"


def survivors(dataset: Dataset) -> Survival:
    """Of evidence turns that hold the answer string, how many still do in the context of their session, in 0.2.0."""
    return survival(text for history in dataset.histories for text in _texts(history))


def _texts(history: History) -> Iterator[tuple[str, str, str]]:
    kept = store(history, "0.2.0")
    written = {memory.key: memory.content for memory in kept.reader.written}
    seen: dict[str, str] = {}
    for session in dict.fromkeys(entry.session for entry in history.entries):
        lines = shown(kept.reader.context(session, since="365d"), kept.reader.written)
        seen |= {memory.key: memory.content for memory in lines}
    for question in history.questions:
        if question.answer and question.category != _ADVERSARIAL:
            yield from ((written[key], seen.get(key, ""), question.answer) for key in question.gold if key in written)
