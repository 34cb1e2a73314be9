"""What to do about a miss."""

from __future__ import annotations

from collections.abc import Iterable

from ..matching.difference import Difference
from . import miss
from .moving import moved

__all__ = ["advice"]

_TIME = r"\d{4}-\d\d-\d\d[T ][\d:.]+(Z|[+-]\d\d:\d\d)"
_CHANGE_IT = "if the change is meant, make it in the cassette too (or record again); otherwise undo it in the program."
_OTHER_SESSION = (
    "look for why this is the context of another session; if it is meant to be, change what is recorded of it "
    "(or record again)."
)
_ADVICE = {
    miss.MEMORY: "look at what is said of the memory above; if it is meant to be so, change what is recorded of it "
    "(or record again).",
    miss.ORDER: "go back to the recorded order; or, if the new one is meant, make it in the cassette too "
    "(or record again).",
}
_NO_WRITE = (
    "look for the write that no longer happens, since nobody stored the memory above in this world; if that is meant, "
    "change what is recorded of it (or record again)."
)


def advice(found: miss.Miss) -> str:
    """What somebody can do about what differs."""
    text = _ADVICE.get(found.kind, _CHANGE_IT)
    if found.kind == miss.MEMORY and not found.memories:
        text = _OTHER_SESSION
    elif found.kind == miss.MEMORY and _is_unwritten(found.memories[0]):
        text = _NO_WRITE
    names = _to_ignore(found.differences)
    if names and found.kind in (miss.PARAMETERS, miss.TOOLS):
        text += f" To compare without: World(matching=Matching().ignore({', '.join(map(repr, names))}))."
    if found.memories and all(moved(memory) is not None for memory in found.memories):
        text += f" To compare without times: World(matching=Matching().normalise(r{_TIME!r}))."
    return text


def _to_ignore(differences: Iterable[Difference]) -> list[str]:
    """What a Matching would have to ignore for these differences of values to be none; empty when there is no name."""
    names = []
    for difference in differences:
        if difference.part == "parameters":
            names.append(difference.place.partition(".")[0].partition("[")[0])
        elif difference.part in ("betas", "model"):
            names.append(difference.part)
        elif difference.part == "tools" and difference.place.endswith(".description"):
            names.append("tool descriptions")
        elif difference.part == "tools":
            return []
    return list(dict.fromkeys(names))


def _is_unwritten(memory: miss.MemoryDifference) -> bool:
    """Whether nobody tried to store what Memtrace was asked for and did not have."""
    return memory.verb == "missing" and memory.asked_by is not None and memory.stored_by is None and not memory.time
