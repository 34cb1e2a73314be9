"""The state machines of the suite."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant

from fakememtrace import World
from fakememtrace.clock import Clock, Ids
from fakememtrace.memory.dialect import ATTRIBUTES, PRESETS, Dialect
from fakememtrace.memory.fake import FakeMemtrace
from fakememtrace.strategies import MemtraceMachine, batches
from fakememtrace.wire import Request, Response

from .naive import Naive
from .refused import same
from .table import SHOWS, SPLITS

__all__ = ["AgainstModel", "Counted", "DialectAgainstDialect", "DoorAgainstHandle", "MixedDialects", "route_of"]

# What a door may not lose; a real server adds a date and its name.
HEADERS = ("content-type", "allow", "access-control-allow-origin")


def value_of(response: Response) -> Any:
    """The body: JSON, or text."""
    is_json = response.header("content-type") == "application/json" and response.body
    return json.loads(response.body) if is_json else response.body.decode()


def on_the_wire(response: Response) -> tuple[Any, ...]:
    """What a client sees."""
    return (response.status, *map(response.header, HEADERS), response.body)


class Counted(MemtraceMachine):
    """Counts its steps, and its requests by route."""

    steps: ClassVar[int]
    asked: ClassVar[Counter[str]]

    def __init_subclass__(cls) -> None:
        cls.steps, cls.asked = 0, Counter()

    @invariant()
    def one_more_step(self) -> None:
        """Runs after every step, the first one included."""
        type(self).steps += 1

    def check(self, request: Request, response: Response) -> None:
        """Also what this machine is about."""
        super().check(request, response)
        self.asked[route_of(self)] += 1


def route_of(machine: MemtraceMachine) -> str:
    """The route of the last request; empty for none."""
    return machine.world.journal[-1].response.note


class AgainstModel(Counted):
    """Every answer is what the naive model answers."""

    def __init__(self) -> None:
        super().__init__()
        self.model = self.new_model()

    def new_model(self) -> Naive:
        """A model of the world as it is."""
        return Naive(Dialect(self.dialect).values(), self.world.clock.micros(), self.api_key)

    def wait(self, span: str) -> None:
        """Both of them wait."""
        super().wait(span)
        self.model.now = self.world.clock.micros()

    def check(self, request: Request, response: Response) -> None:
        """Also what this machine is about."""
        super().check(request, response)
        expected, actual = self.model.answer(request), (response.status, value_of(response))
        assert same(list(expected), list(actual)), difference(request, f"model {expected}", f"fake  {actual}")
        assert self.world.clock.micros() == self.model.now, f"{request.method} {request.path} took another time"


def mixed_dialects() -> st.SearchStrategy[Dialect]:
    """Every attribute with any of its values, whatever the others have."""
    values = {name: st.sampled_from(attribute.values) for name, attribute in ATTRIBUTES.items()}
    values["visibility_delay"] = st.sampled_from((0, 0, 100_000, 5_000_000))
    return st.fixed_dictionaries(values).map(lambda chosen: Dialect().replace(**chosen))


class MixedDialects(AgainstModel):
    """The model holds for every mixture of the attributes, so each row of the table stands alone."""

    @initialize(batch=batches(), dialect=mixed_dialects())
    def begin(self, batch: dict[str, Any], dialect: Dialect) -> None:
        """In a world of the dialect that was drawn."""
        self.cleanup.close()
        self.dialect = dialect
        self.send = self.connect()
        self.model = self.new_model()
        super().begin(batch)


class DoorAgainstHandle(Counted):
    """Through a door comes what a twin of the world answers without one, to the byte."""

    def __init__(self) -> None:
        super().__init__()
        self.twin = World(self.dialect)

    def wait(self, span: str) -> None:
        """Both of them wait."""
        super().wait(span)
        self.twin.clock.advance(span)

    def check(self, request: Request, response: Response) -> None:
        """Also what this machine is about."""
        super().check(request, response)
        plain = self.twin.handle(request)
        assert on_the_wire(response) == on_the_wire(plain), difference(request, f"door {response}", f"none {plain}")


class Twin:
    """A server with a clock and ids of its own, in a dialect that differs by the attribute `name`."""

    def __init__(self, name: str, dialect: Dialect, start: Clock, api_key: str) -> None:
        self.name, self.clock = name, Clock(start.now())
        self.handle = FakeMemtrace(self.clock, Ids(), dialect, api_key).handle


class DialectAgainstDialect(Counted):
    """A server of a preset beside others that differ from it by one attribute each.

    Their answers are the same but where the attribute's row in SHOWS says that it shows.  Once
    two of them have different pasts (SPLITS) they part.
    ``showed`` are the attributes that made a difference, ``allowed`` the table.
    """

    showed: ClassVar[set[str]]
    allowed: ClassVar[dict[str, Any]] = SHOWS

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.showed = set()

    def __init__(self) -> None:
        super().__init__()
        preset = Dialect(self.dialect)
        other = Dialect(next(name for name in PRESETS if name != preset.name))
        dialects = {"": other.replace(**preset.values())}
        dialects |= {name: preset.replace(**{name: changed(name, preset)}) for name in ATTRIBUTES}
        self.twins = [Twin(name, dialect, self.world.clock, self.api_key) for name, dialect in dialects.items()]

    def wait(self, span: str) -> None:
        """Both of them wait."""
        super().wait(span)
        for twin in self.twins:
            twin.clock.advance(span)

    def check(self, request: Request, response: Response) -> None:
        """Also what this machine is about."""
        super().check(request, response)
        for twin in tuple(self.twins):
            other = twin.handle(request)
            if on_the_wire(other) != on_the_wire(response):
                self.explain(twin, request, response, other)

    def explain(self, twin: Twin, request: Request, response: Response, other: Response) -> None:
        """Find the difference in the table, or fail."""
        route, shows = route_of(self), self.allowed.get(twin.name, lambda *_: False)
        assert shows(route, response, other), difference(
            request, f"{self.dialect} {response}", f"with {twin.name or 'no attribute'} changed {other}"
        )
        type(self).showed.add(twin.name)
        if route in SPLITS.get(twin.name, ()):
            self.twins.remove(twin)


def changed(name: str, preset: Dialect) -> Any:
    """Another value of the attribute than the preset's."""
    if name == "visibility_delay":
        return "5s"
    return next(value for value in ATTRIBUTES[name].values if value != preset.values()[name])


def difference(request: Request, one: str, other: str) -> str:
    """What was asked, and two answers that should be one."""
    return f"{request.method} {request.path}?{request.query} {request.body!r}\n{one}\n{other}"
