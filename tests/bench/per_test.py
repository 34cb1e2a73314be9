"""What a test pays once, counted in answered calls: its world and its clients."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fakememtrace.world import World

from .floors import claude, constant_memtrace, memtrace
from .harness import Block, Plan, Row, interleaved, seconds
from .memory import answer_to_add, memory

__all__ = ["rows"]

_CALL = "one add_memory, floor"
_TARGETS = {"Memtrace(url, key) + close, inside": 2, "enter and leave a world, made anew": 5}


def rows(plan: Plan) -> list[Row]:
    """Worlds and clients; the floor is one add_memory."""
    floor = constant_memtrace(answer_to_add())
    few = max(2, plan.calls // 80)
    blocks: dict[str, Block] = {
        _CALL: lambda: seconds(floor.add_memory, [memory() for _ in range(plan.calls)]) / plan.calls,
        "Memtrace(url, key) + close, inside": partial(_inside, _memtrace, plan.calls),
        "Memtrace(url, key) + close, no world": partial(_repeated, _memtrace, few),
        "Anthropic() + close, inside": partial(_inside, _claude, plan.calls // 4),
        "Anthropic() + close, no world": partial(_repeated, _claude, few),
        "enter and leave a world, made anew": partial(_repeated, _world, plan.calls),
    }
    measured = interleaved(blocks, plan.rounds)
    return [measured.row(name, _CALL, _TARGETS.get(name)) for name in blocks if name != _CALL]


def _repeated(call: Callable[[object], None], times: int) -> float:
    return seconds(call, range(times)) / times


def _inside(call: Callable[[object], None], times: int) -> float:
    with World():
        return _repeated(call, times)


def _memtrace(_: object) -> None:
    memtrace().close()


def _claude(_: object) -> None:
    claude().close()


def _world(_: object) -> None:
    with World():
        pass
