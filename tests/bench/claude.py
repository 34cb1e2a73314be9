"""What a replayed call of the anthropic SDK costs, with a short and with a long cassette."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anthropic

from fakememtrace.claude.cassette import Cassette
from fakememtrace.wire import Response
from fakememtrace.world import World

from . import peers
from .dialogues import cassette
from .floors import claude, constant_claude
from .harness import Block, Plan, Row, interleaved, seconds

__all__ = ["rows"]

_SHORT, _MIDDLE, _LONG = 10, 1_000, 10_000
_STREAM = "messages.create(stream=True), replayed"

Body = dict[str, Any]
Create = Callable[[Body], object]


def rows(plan: Plan) -> list[Row]:
    """Replayed calls, and what each interaction costs before the first."""
    with TemporaryDirectory() as folder:
        paths = {length: Path(folder, f"{length}.json") for length in (_SHORT, _MIDDLE, _LONG)}
        for length, path in paths.items():
            cassette(length).save(path)
        loaded = {length: Cassette.load(paths[length]) for length in (_SHORT, _LONG)}
        replayed = _replaying(loaded, plan)
        loaded.clear()
        return replayed + _loading(paths, plan)


def _replaying(cassettes: dict[int, Cassette], plan: Plan) -> list[Row]:
    with World():
        client = claude()
    bodies = {length: _bodies(tape, plan.calls) for length, tape in cassettes.items()}
    streamed = [{**body, "stream": True} for body in bodies[_LONG]]
    floor = _creator(constant_claude(_answer(cassettes[_LONG], client, bodies[_LONG][0])))
    stream_floor = _creator(constant_claude(_answer(cassettes[_LONG], client, streamed[0])))
    create = _creator(client)
    names = {length: f"messages.create, replayed, {length:,} interactions" for length in cassettes}
    peer = peers.vcrpy(cassettes[_SHORT], plan.calls)
    blocks: dict[str, Block] = {
        "floor": lambda: seconds(floor, bodies[_LONG]) / plan.calls,
        "floor of a stream": lambda: seconds(stream_floor, streamed) / plan.calls,
        _STREAM: partial(_replay, cassettes[_LONG], create, streamed, plan.calls),
    }
    blocks |= {
        name: partial(_replay, cassettes[length], create, bodies[length], plan.calls) for length, name in names.items()
    }
    if callable(peer):
        blocks[peers.VCRPY] = peer
    measured = interleaved(blocks, plan.rounds)
    return [
        *(measured.row(name, "floor", 1.25) for name in names.values()),
        measured.row(peers.VCRPY, "floor") if callable(peer) else peer,
        measured.row(_STREAM, "floor of a stream"),
    ]


def _replay(tape: Cassette, create: Create, bodies: list[Body], calls: int) -> float:
    """The time of a call: each of `bodies` once in a fresh world, and so on until there are enough of them."""
    worlds, spent = calls // len(bodies), 0.0
    for number in range(worlds):
        with World(cassette=tape):
            if number == 0:
                # What came of making a long Player is no part of a call.
                gc.collect()
            spent += seconds(create, bodies)
    return spent / (worlds * len(bodies))


def _bodies(tape: Cassette, calls: int) -> list[Body]:
    """The requests of `tape`, or `calls` of them from all over it."""
    return [interaction.request for interaction in tape.interactions[:: max(1, len(tape) // calls)]][:calls]


def _creator(client: anthropic.Anthropic) -> Create:
    def create(body: Body) -> None:
        answer = client.messages.create(**body)
        if "stream" in body:
            for _ in answer:
                pass

    return create


def _answer(tape: Cassette, client: anthropic.Anthropic, body: Body) -> Response:
    with World(cassette=tape) as world:
        _creator(client)(body)
        answer = world.journal[-1].response
    assert answer is not None
    return answer


def _loading(paths: dict[int, Path], plan: Plan) -> list[Row]:
    names = {length: f"each of {length:,}" for length in (_MIDDLE, _LONG)}
    blocks: dict[str, Block] = {}
    for length, each in names.items():
        tape = Cassette.load(paths[length])
        blocks[f"json.loads, {each}"] = partial(_each, length, _parse, paths[length])
        blocks[f"Cassette.load, {each}"] = partial(_each, length, Cassette.load, paths[length])
        blocks[f"making a World of it, {each}"] = partial(_each, length, lambda tape: World(cassette=tape), tape)
    measured = interleaved(blocks, max(3, plan.rounds // 3))
    return [
        measured.row(f"{what}, {each}", f"json.loads, {each}", note="floor: json.loads of the file")
        for what in ("Cassette.load", "making a World of it")
        for each in names.values()
    ]


def _each(length: int, call: Callable[[Any], object], argument: object) -> float:
    return seconds(call, [argument]) / length


def _parse(path: Path) -> object:
    return json.loads(path.read_text("utf-8"))
