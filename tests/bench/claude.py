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

from .dialogues import cassette, streamed
from .floors import claude, constant_claude
from .harness import Block, Pair, Plan, Row, by_turns, interleaved, rounds_of, row_of_pairs, seconds
from .recorders import RECORDERS, load_block, missing, replay_block

__all__ = ["rows"]

_SHORT, _MIDDLE, _LONG = 10, 1_000, 10_000
_STREAM = "messages.create(stream=True), replayed"
_RECORDED = "messages.create(stream=True), a recorded stream"

_FLOOR = "floor: json.loads of the file"
_LOAD = f"target 40 us; {_FLOOR}"

Body = dict[str, Any]
Create = Callable[[Body], object]


def rows(plan: Plan) -> list[Row]:
    """Replayed calls, and what each interaction costs before the first."""
    with TemporaryDirectory() as folder:
        paths = {length: Path(folder, f"{length}.json") for length in (_SHORT, _MIDDLE, _LONG)}
        for length, path in paths.items():
            cassette(length).save(path)
        streams = Path(folder, "streams.json")
        streamed(cassette(_MIDDLE)).save(streams)
        loaded = {length: Cassette.load(paths[length]) for length in (_SHORT, _LONG)}
        replayed = _replaying(loaded, plan, Path(folder))
        loaded.clear()
        return replayed + _loading(paths, streams, plan)


def _replaying(cassettes: dict[int, Cassette], plan: Plan, folder: Path) -> list[Row]:
    with World():
        client = claude()
    bodies = {length: _bodies(tape, plan.calls) for length, tape in cassettes.items()}
    streaming = {length: [{**body, "stream": True} for body in asked] for length, asked in bodies.items()}
    tapes = {length: streamed(tape) for length, tape in cassettes.items()}
    floor = _creator(constant_claude(_answer(cassettes[_LONG], client, bodies[_LONG][0])))
    stream_floor = _creator(constant_claude(_answer(cassettes[_LONG], client, streaming[_LONG][0])))
    call = partial(_replay, _creator(client), floor, plan.calls)
    stream = partial(_replay, _creator(client), stream_floor, plan.calls)
    blocks = {
        f"messages.create, replayed, {length:,} interactions": partial(call, tape, bodies[length])
        for length, tape in cassettes.items()
    }
    blocks[_STREAM] = partial(stream, cassettes[_LONG], streaming[_LONG])
    blocks |= {
        f"{_RECORDED}, {length:,} interactions": partial(stream, tape, streaming[length])
        for length, tape in tapes.items()
    }
    pairs = rounds_of(blocks, plan.rounds)
    return [row_of_pairs(name, pairs[name], 1.25) for name in blocks] + _peers(cassettes[_SHORT], floor, plan, folder)


def _peers(tape: Cassette, floor: Create, plan: Plan, folder: Path) -> list[Row]:
    others = {f"messages.create, {peer.name}": replay_block(peer, tape, plan.calls, folder) for peer in RECORDERS}
    blocks: dict[str, Block] = {name: block for name, block in others.items() if not isinstance(block, Row)}
    bodies = _bodies(tape, plan.calls)
    blocks["floor"] = lambda: seconds(floor, bodies) / len(bodies)
    measured = interleaved(blocks, plan.rounds)
    return [block if isinstance(block, Row) else measured.row(name, "floor") for name, block in others.items()]


def _replay(create: Create, floor: Create, calls: int, tape: Cassette, bodies: list[Body]) -> Pair:
    """The times of a call: each of `bodies` once in a fresh world, and so on until there are enough of them."""
    worlds, own, below = calls // len(bodies), 0.0, 0.0
    for number in range(worlds):
        with World(cassette=tape):
            if number == 0:
                # What came of making a long Player is no part of a call.
                gc.collect()
            spent = by_turns(create, floor, bodies)
        own, below = own + spent.own, below + spent.floor
    return Pair(own / (worlds * len(bodies)), below / (worlds * len(bodies)))


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


def _loading(paths: dict[int, Path], streams: Path, plan: Plan) -> list[Row]:
    files = {f"each of {length:,}": (length, paths[length]) for length in (_MIDDLE, _LONG)}
    files[f"each of {_MIDDLE:,} recorded streams"] = (_MIDDLE, streams)
    blocks: dict[str, Block] = {}
    for each, (length, path) in files.items():
        tape = Cassette.load(path)
        blocks[f"json.loads, {each}"] = partial(_each, length, _parse, path)
        blocks[f"Cassette.load, {each}"] = partial(_each, length, Cassette.load, path)
        blocks[f"making a World of it, {each}"] = partial(_each, length, lambda tape: World(cassette=tape), tape)
    middle, own = Cassette.load(paths[_MIDDLE]), f"Cassette.load, each of {_MIDDLE:,}"
    others = {f"load, {peer.name}, each of {_MIDDLE:,}": load_block(peer, middle, streams.parent) for peer in RECORDERS}
    blocks |= {name: block for name, block in others.items() if block}
    measured = interleaved(blocks, max(3, plan.rounds // 3))
    own_rows = [
        measured.row(f"{what}, {each}", f"json.loads, {each}", note=_LOAD if what == "Cassette.load" else _FLOOR)
        for what in ("Cassette.load", "making a World of it")
        for each in files
    ]
    return own_rows + [
        measured.row(name, own, note="floor: Cassette.load") if block else missing(name)
        for name, block in others.items()
    ]


def _each(length: int, call: Callable[[Any], object], argument: object) -> float:
    return seconds(call, [argument]) / length


def _parse(path: Path) -> object:
    return json.loads(path.read_text("utf-8"))
