"""What is said of a memory and of the exchanges that stored or showed it, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...clock import duration, moment
from ...errors import ClockError
from .answers import has, has_line, has_whole, is_empty, often
from .cuts import HINT_BYTES, cut, in_common, start_of
from .items import Item
from .knowledge import Read, ShownMemory, Write

__all__ = [
    "asked_by",
    "cut_by",
    "excerpt",
    "exchange_of",
    "fault_of",
    "instead",
    "moved_in_time",
    "not_returned",
    "only",
    "returned",
    "returned_nothing",
    "span",
    "times",
]

_LONGEST = 100
# So much is shown of two long contents where they part.
_AROUND = 40


def excerpt(content: str) -> str:
    """A content on one line, in quotes, cut where it is long."""
    text = " ".join(content.split())
    return json.dumps(text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "...", ensure_ascii=False)


def only(whole: str, start: str) -> str:
    """How much of a content is there; of a long one it is shown where the rest is missing."""
    if len(whole) <= _LONGEST:
        return f"here only {excerpt(start)}"
    kept = start_of(start)
    return (
        f"here only its first {len(kept)} of {len(whole)} characters, to {_end(kept)}; "
        f"recorded it goes on {_beginning(whole[len(kept) :])}"
    )


def instead(before: str, now: str) -> str:
    """The content that there is now; of two long ones it is shown where they part."""
    if excerpt(before) != excerpt(now):
        return f"here {excerpt(now)}"
    same = in_common(before, now)
    return (
        f"here it goes on {_beginning(now[same:])} after {same} characters, recorded {_beginning(before[same:])}; "
        f"it has {len(now)} characters, recorded {len(before)}"
    )


def not_returned(read: Read | None, item: Item, memory: ShownMemory) -> str:
    """Why an answer does not have it."""
    if read is None:
        return "Memtrace was not asked for memories before this request"
    if has(read, item._replace(content=memory.content)) or has(read, item):
        return f"{asked_by(read)} returned it, and the program left it out"
    if not read.status:
        return f"{asked_by(read)} got no answer{fault_of(read.fault)}"
    if read.status != 200:
        return f"{asked_by(read)} was answered {read.status}{fault_of(read.fault)}"
    why = ", ".join(_reasons(read, memory))
    return f"{asked_by(read)} did not return it{fault_of(read.fault)}{f': {why}' if why else ''}"


def _reasons(read: Read, memory: ShownMemory) -> Iterator[str]:
    """Why what was asked for is not what is stored."""
    if read.org and read.org != memory.org:
        yield f"it belongs to another org, {memory.org}"
    if read.session and read.session != memory.session:
        yield f"it is of session {memory.session}" if memory.session else "it is of no session"
    if read.agent and read.agent not in (memory.agent, memory.name):
        yield f"it is of agent {memory.agent}"
    try:
        if read.since and moment(memory.time) < moment(read.at) - duration(read.since):
            yield f"it is older than {read.since}"
    except ClockError:
        # A moment, or no time at all: what was asked for is shown as it is.
        return
    if read.tokens:
        yield f"it was to have {read.tokens} tokens at most"


def returned(read: Read | None, item: Item) -> Iterator[str]:
    """Which answer has it."""
    if read:
        number = often(read, item)
        yield f"{exchange_of(read)} returned it{f' {times(number)}' if number > 1 else ''}{fault_of(read.fault)}"


def returned_nothing(read: Read | None) -> Iterator[str]:
    """That an answer has no memory at all."""
    if read and is_empty(read):
        yield f"{asked_by(read)} returned no memory{fault_of(read.fault)}"


def cut_by(read: Read | None, recorded: Item, sent: Item, memory: ShownMemory) -> str:
    """Who made a memory shorter that is stored whole: Memtrace in its answer, or the program."""
    if read is None or not (has(read, sent) or _shows(read, memory)):
        return not_returned(read, recorded, memory)
    what = exchange_of(read)
    by_memtrace = f"{what} returned only its first {HINT_BYTES} bytes, as a context does{fault_of(read.fault)}"
    if has_line(read, sent):
        return f"stored whole; {by_memtrace}"
    if has_whole(read, memory.content):
        return f"{what} returned it whole{fault_of(read.fault)}, and the program cut it"
    return f"stored whole; {by_memtrace}, and the program cut it further"


def _shows(read: Read, memory: ShownMemory) -> bool:
    return has_whole(read, memory.content) or has_whole(read, cut(memory.content))


def moved_in_time(recorded: str, sent: str) -> Iterator[str]:
    """When it was stored, if that is not when it was recorded."""
    if recorded == sent or not (recorded and sent):
        return
    try:
        apart = moment(sent) - moment(recorded)
    except ClockError:
        yield f"its time is {sent}, recorded {recorded}"
        return
    yield f"its time is {sent}, recorded {recorded}: {span(abs(apart))} {'later' if apart > 0 else 'earlier'}"


def span(micros: int) -> str:
    """``90000000`` -> ``1m30s``, ``1500`` -> ``1.5ms``."""
    if micros < 1_000_000:
        return f"{micros}us" if micros < 1_000 else f"{micros / 1_000:g}ms"
    text = ""
    for unit, size in (("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000)):
        if micros >= size:
            text += f"{micros // size}{unit}"
            micros %= size
    seconds = f"{micros / 1_000_000:.6f}".rstrip("0").rstrip(".")
    return text if text and not micros else f"{text}{seconds}s"


def asked_by(read: Read) -> str:
    """An answer, what was asked for, and when."""
    what = f" {read.asked}" if read.asked else ""
    return f"{exchange_of(read)}{what}" + (f" at {read.at}" if read.at else "")


def exchange_of(exchange: Read | Write) -> str:
    """``#2 POST /api/v1/memories``."""
    return f"#{exchange.number} {exchange.route}"


def fault_of(name: str) -> str:
    """`` (fault: lost_write)``, or nothing."""
    return f" (fault: {name})" if name else ""


def times(number: int) -> str:
    """``once``, ``2 times``."""
    return "once" if number == 1 else f"{number} times"


def _end(text: str) -> str:
    return json.dumps(f"...{' '.join(text[-_AROUND:].split())}", ensure_ascii=False)


def _beginning(text: str) -> str:
    shown = " ".join(text[:_AROUND].split())
    return json.dumps(f"{shown}..." if len(text) > _AROUND else shown, ensure_ascii=False)
