"""From a world to the account of what happened in it."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from ..claude.missing.miss import MemoryDifference
from ..claude.missing.miss import Miss as Missed
from ..expecting.evidence import Asked
from ..expecting.gathering import calls_in
from ..hashing import sha256
from ..journal import Exchange
from ..scenario.transcript import blocks_of, transcribe
from ..world import World
from .model import Account, Diverged, Line, Memory, Miss, Run, Shown, Step, Text, Tool, Turn
from .reading import CLAUDE, SYSTEM, Piece, answered, ending_of, parameters_of, said, system_of, tools_of
from .remembering import Memories, Source

__all__ = ["account_of"]

_MESSAGES = "/v1/messages"
_CONTEXT = "/context"
_LONGEST, _LONGEST_BODY = 200, 4_000


def account_of(world: World, name: str, title: str = "", most: int | None = None) -> Account:
    """What happened in `world` until now, as far as its journal goes back; `name` and `title` are for the reader.

    Of the memories only the `most` recent are in it, where that is given.
    """
    return _Gathering(world, most).account(name, title)


class _Gathering:
    def __init__(self, world: World, most: int | None) -> None:
        self._world = world
        self._exchanges = list(world.journal)
        self._starts = [start.exchanges for start in world.journal.starts]
        self._memories = Memories(world, self._exchanges, most)
        self._turns = _Turns(self._memories, self._run_of)
        for exchange in self._exchanges:
            self._turns.take(exchange)
        self._misses = list(self._missed())

    def account(self, name: str, title: str) -> Account:
        return Account(
            name=name,
            dialect=self._world.memory.dialect.name,
            title=title,
            now=self._world.clock.micros(),
            runs=tuple(Run(number, start.at) for number, start in enumerate(self._world.journal.starts, 1)),
            steps=tuple(map(self._step, self._exchanges)),
            prompts=tuple(self._turns.prompts),
            tools=tuple(self._turns.tools),
            turns=tuple(self._with_misses()),
            memories=tuple(self._with_shown()),
            misses=tuple(self._misses),
            problems=tuple(self._world.journal.problems(open_ends=False)),
            notes=(self._memories.note,) if self._memories.note else (),
        )

    def _run_of(self, number: int) -> int:
        return bisect_left(self._starts, number)

    def _step(self, exchange: Exchange) -> Step:
        request, response = exchange.request, exchange.response
        stored = tuple(self._memories.stored_by.get(exchange.number, ()))
        read = self._memories.read_by.get(exchange.number, ())
        turn = self._turns.by_exchange.get(exchange.number, 0)
        is_plain = not turn and (exchange.fault or exchange.unexpected or not (stored or read) or _is_context(exchange))
        return Step(
            number=exchange.number,
            run=self._run_of(exchange.number),
            at=exchange.at,
            service=exchange.service,
            asked=_asked(exchange),
            status=response.status if response and response.ending != "dropped" else 0,
            ending=response.ending if response else "",
            fault=exchange.fault,
            unexpected=exchange.unexpected,
            told=tuple(_told(exchange)),
            sent=_body(request.body) if is_plain else "",
            answer=_answer(exchange) if is_plain else "",
            turn=turn,
            stored=stored,
            read=read,
        )

    def _missed(self) -> Iterator[Miss]:
        left = [exchange for exchange in self._exchanges if exchange.service == "claude" and exchange.unexpected]
        for number, miss in enumerate(self._world.claude.misses, 1):
            of_it = next((one for one in left if one.unexpected.startswith(miss.explanation)), None)
            if of_it is not None:
                left.remove(of_it)
            yield self._miss(number, miss, of_it.number if of_it else 0)

    def _miss(self, number: int, miss: Missed, exchange: int) -> Miss:
        memories = tuple(map(self._diverged, miss.memories))
        turn = self._turns.by_exchange.get(exchange, 0)
        return Miss(number, turn, exchange, miss.kind, miss.explanation, memories)

    def _diverged(self, one: MemoryDifference) -> Diverged:
        number = self._memories.number(one.content, one.time) if one.time else 0
        return Diverged(*(one.verb, one.where, one.content, one.facts, number), one.stored_by or 0, one.asked_by or 0)

    def _with_misses(self) -> Iterator[Turn]:
        numbers = {miss.turn: miss.number for miss in self._misses}
        return (turn._replace(miss=numbers.get(turn.number, 0)) for turn in self._turns.all)

    def _with_shown(self) -> Iterator[Memory]:
        calls = list(calls_in(self._turns.asked))
        runs = {exchange.number: self._run_of(exchange.number) for exchange in self._exchanges}
        for memory in self._memories.all(calls, self._turns.by_exchange, runs):
            yield memory._replace(shown=tuple(self._turns.shown.get(memory.number, ())))


class _Held(NamedTuple):
    """A memory in a request: where, how much of it, and out of which exchange."""

    where: str
    source: Source


class _Turns:
    """The requests to Claude, one after the other."""

    def __init__(self, memories: Memories, run_of: Any) -> None:
        self._memories, self._run_of = memories, run_of
        self.all: list[Turn] = []
        self.asked: list[Asked] = []
        self.prompts: list[Text] = []
        self.tools: list[tuple[Tool, ...]] = []
        self.by_exchange: dict[int, int] = {}
        self.shown: defaultdict[int, list[Shown]] = defaultdict(list)
        self._prompt_numbers: dict[Text, int] = {}
        self._tool_numbers: dict[tuple[Tool, ...], int] = {}
        self._conversations: dict[str, int] = {}
        self._places: Counter[int] = Counter()
        # What the messages and the system prompt of each turn have, and the names of the tools that were called.
        self._held: list[dict[int, _Held]] = []
        self._in_prompts: list[dict[int, _Held]] = []
        self._names: list[dict[str, str]] = []

    def take(self, exchange: Exchange) -> None:
        """Add what is a request for a message; nothing else."""
        if exchange.service != "claude" or not exchange.request.path.endswith(_MESSAGES):
            return
        try:
            body = json.loads(exchange.request.body)
        except (ValueError, RecursionError):
            return
        if isinstance(body, dict):
            self._add(exchange, body)

    def _add(self, exchange: Exchange, body: dict[str, Any]) -> None:
        number, run = len(self.all) + 1, self._run_of(exchange.number)
        messages = body.get("messages")
        messages = messages if isinstance(messages, list) else []
        goes_on, earlier = self._follow(run, messages, number)
        names = dict(self._names[goes_on - 1]) if goes_on else {}
        held = dict(self._held[goes_on - 1]) if goes_on else {}
        prompt, in_prompt = self._prompt(body, exchange.number, goes_on)
        new, follows = self._new(messages[earlier:], goes_on, names)
        texts = tuple(self._text(piece, exchange.number, held) for piece in new)
        # What is not recorded is answered with the explanation, which is told beside it.
        answer = () if exchange.unexpected else tuple(map(_plain, answered(exchange.response, names)))
        self._places[run] += 1
        self.by_exchange[exchange.number] = number
        self._held.append(held)
        self._in_prompts.append(in_prompt)
        self._names.append(names)
        self._show(number, {**held, **in_prompt})
        self.asked.append(Asked(run, self._places[run], exchange.number, body, _blocks(exchange)))
        response = exchange.response
        self.all.append(
            Turn(
                *(number, run, self._places[run], exchange.number, exchange.at),
                model=str(body.get("model", "")),
                parameters=parameters_of(body),
                prompt=prompt,
                tools=self._offered(body),
                goes_on=goes_on,
                follows=follows,
                earlier=earlier,
                messages=texts,
                answer=answer,
                status=response.status if response and response.ending != "dropped" else 0,
                source=response.note if response and not exchange.unexpected else "",
                ending=ending_of(response),
                shown=tuple(sorted({*held, *in_prompt})),
            )
        )

    def _follow(self, run: int, messages: Sequence[Any], number: int) -> tuple[int, int]:
        """The latest turn of the run whose messages these begin with, and how many those are; 0 where there is none."""
        key, goes_on, earlier = f"{run}", 0, 0
        for count, message in enumerate(messages, 1):
            key = sha256(f"{key} {json.dumps(message)}".encode()).hexdigest()
            if key in self._conversations:
                goes_on, earlier = self._conversations[key], count
        self._conversations[key] = number
        return goes_on, earlier

    def _new(self, messages: Sequence[Any], goes_on: int, names: dict[str, str]) -> tuple[list[Piece], bool]:
        """What the turn before did not have; whether its own answer, which is told there, comes first."""
        pieces = list(said(messages, names))
        own = [(text.who, text.name, _whole(text)) for text in self.all[goes_on - 1].answer] if goes_on else []
        follows = bool(own) and [piece[:3] for piece in pieces[: len(own)]] == own
        return pieces[len(own) :] if follows else pieces, follows

    def _prompt(self, body: dict[str, Any], exchange: int, goes_on: int) -> tuple[int, dict[int, _Held]]:
        system, held = system_of(body), dict[int, _Held]()
        if not system:
            return 0, held
        before = self.all[goes_on - 1].prompt if goes_on else 0
        if before and _whole(self.prompts[before - 1]) == system:
            return before, self._in_prompts[goes_on - 1]
        text = self._text(Piece(SYSTEM, "", system), exchange, held)
        number = self._prompt_numbers.setdefault(text, len(self.prompts) + 1)
        if number > len(self.prompts):
            self.prompts.append(text)
        return number, held

    def _offered(self, body: dict[str, Any]) -> int:
        tools = tuple(Tool(*tool) for tool in tools_of(body))
        if not tools:
            return 0
        number = self._tool_numbers.setdefault(tools, len(self.tools) + 1)
        if number > len(self.tools):
            self.tools.append(tools)
        return number

    def _text(self, piece: Piece, exchange: int, held: dict[int, _Held]) -> Text:
        found: dict[int, Source] = {}
        lines = self._memories.lines(piece, exchange, found)
        where = _where(piece)
        for memory, source in found.items():
            held.setdefault(memory, _Held(where, source))
        return Text(piece.who, piece.name, lines)

    def _show(self, number: int, held: dict[int, _Held]) -> None:
        """Write down which memories a turn has: on and on where the turn before had them in the same way."""
        for memory, (where, source) in held.items():
            shown = self.shown[memory]
            if shown and shown[-1].last == number - 1 and shown[-1][2:4] == (where, source.how):
                shown[-1] = shown[-1]._replace(last=number)
            else:
                shown.append(Shown(number, number, where, *source))


def _plain(piece: Piece) -> Text:
    return Text(piece.who, piece.name, tuple(map(Line, piece.text.split("\n"))))


def _whole(text: Text) -> str:
    return "\n".join(line.text for line in text.lines)


def _where(piece: Piece) -> str:
    names = {SYSTEM: "the system prompt", CLAUDE: "an earlier answer", "user": "the user's message"}
    return names.get(piece.who, f"the result of {piece.name or 'a tool'}")


def _blocks(exchange: Exchange) -> list[dict[str, Any]]:
    response = exchange.response
    return blocks_of(response) if response and response.status == 200 and not exchange.unexpected else []


def _asked(exchange: Exchange) -> str:
    request = exchange.request
    if exchange.service == "telegram":
        return f"{request.method} {request.shown.partition('://')[2].partition('/')[2]}"
    where = request.shown if exchange.service == "network" else request.path
    text = f"{request.method} {where}" + (f"?{unquote_plus(request.query)}" if request.query else "")
    return _cut(text, _LONGEST)


def _told(exchange: Exchange) -> Iterator[tuple[str, str]]:
    if exchange.service in ("memtrace", "telegram"):
        for event in transcribe([exchange._replace(unexpected="")]):
            yield event.who, event.text


def _is_context(exchange: Exchange) -> bool:
    return exchange.request.path.endswith(_CONTEXT)


def _answer(exchange: Exchange) -> str:
    response = exchange.response
    if response is None or exchange.service == "telegram":
        return ""
    if _is_context(exchange) and response.status == 200:
        with suppress(KeyError, TypeError, ValueError):
            return _cut(str(json.loads(response.body)["context"]), _LONGEST_BODY)
    return _body(response.body)


def _body(body: bytes) -> str:
    """A body as it is read best, shortened where it is long."""
    if not body:
        return ""
    text = body.decode("utf-8", "replace")
    if len(text) <= _LONGEST_BODY:
        with suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    return _cut(text, _LONGEST_BODY)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text) - longest:,} characters more)"
