"""Reports for the tests, and what can be said of one without a browser."""

from __future__ import annotations

from html.parser import HTMLParser

from fakememtrace import World
from fakememtrace.report.gathering import account_of
from fakememtrace.report.model import (
    Account,
    Asked,
    Beside,
    Cause,
    Check,
    Comparison,
    Conversation,
    Diverged,
    Miss,
    Page,
    Regression,
    Row,
    Section,
)

from .worlds import HOSTILE, Program, context

__all__ = ["Parsed", "friendly", "hostile", "hostile_sides", "page_of"]

_EMPTY = frozenset({"meta", "link", "input", "path"})


def page_of(*accounts: Account, **fields: object) -> Page:
    """A report of these accounts."""
    return Page("replay", accounts[0].name, accounts[0].verdict, "", accounts, **fields)  # type: ignore[arg-type]


def friendly() -> Account:
    """Two runs: what the first stores, the second is shown; one memory is cut, and one is never shown."""
    with World(cassette=lambda told: f"Well, {told['messages'][-1]['content']}") as world:
        program = Program(world)
        world.journal.begin(world.clock.micros())
        agent, session = program.session()
        program.ask("I like green tea", system="Be kind.")
        program.remember(agent, "likes green tea", session, tags=["drink"], importance=0.7)
        program.remember(
            agent, "The customer has Fibre 300, account TC-1001, and a router that loses it every evening", session
        )
        program.remember(agent, "stored in no session")
        world.clock.advance("20h")
        world.journal.begin(world.clock.micros())
        known = context(world, session)
        program.ask("What do I like?", system=f"Be kind.\n\n{known}")
        program.ask(
            "What do I like?", [{"type": "text", "text": "Well"}], "Are you sure?", system=f"Be kind.\n\n{known}"
        )
        account = account_of(world, "friendly", "An agent that remembers")
    checks = Check("two memories are shown", True), Check("three are", False, "only two are")
    return account._replace(verdict="failed", summary="1 of 2 expectations held", checks=checks)


def hostile() -> Account:
    """Everything that somebody else can write holds what would harm a page that believes it."""
    evil = "\n".join(HOSTILE)
    with World(cassette=lambda _: [{"type": "text", "text": evil}, _call(evil)]) as world:
        program = Program(world)
        agent, session = program.session(HOSTILE[0])
        for content in HOSTILE:
            program.remember(agent, content, session, metadata={content: content})
            # Memtrace refuses some of these, in words that quote them.
            program.remember(agent, f"tagged {content}", session, tags=[content], event_type=content)
        program.post("agents", {"name": HOSTILE[1], "description": evil})
        known = context(world, session)
        tools = [{"name": HOSTILE[2], "description": evil, "input_schema": {"title": evil}}]
        program.ask(evil, system=f"{evil}\n{known}", tools=tools, model=HOSTILE[3], metadata={"user_id": HOSTILE[4]})
        program.get(f"memories?agent_id={HOSTILE[0]}&since={HOSTILE[4]}")
        account = account_of(world, HOSTILE[0], HOSTILE[1])
    turn = account.turns[0]
    miss = Miss(1, 1, turn.exchange, "memory block", evil, (Diverged("missing", evil, evil, (evil,)),))
    account = account._replace(misses=(miss,), turns=(turn._replace(miss=1), *account.turns[1:]))
    check = Check(evil, False, evil)
    return account._replace(
        verdict="failed", summary=evil, checks=(check,), problems=(evil,), stopped=evil, notes=(evil,), output=evil
    )


def hostile_sides() -> dict[str, object]:
    """What a report of drift and one of diff show, with the same in every field that is text."""
    evil = "\n".join(HOSTILE)
    row = Row("differs", ((evil, True),), ((evil, False),), (1, 1))
    section = Section(evil, (evil,))
    comparison = Comparison(
        name=evil,
        title=evil,
        first=HOSTILE[0],
        second=HOSTILE[1],
        verdict="failed",
        word=HOSTILE[2],
        summary=evil,
        causes=(Cause(1, evil, ((evil, evil),), (Beside(evil, ((evil, evil),), ((evil, evil, evil, evil),)),)),),
        asked=(Asked(1, 1, 1, "differs", (1,), (evil,), (row,), (1, 1)),),
        sections=(section,),
        accounts=(hostile(), hostile()),
    )
    conversation = Conversation(evil, evil, "changed", evil, evil, (evil,), ((evil,),), (evil,))
    regression = Regression(
        evil, evil, evil, evil, "failed", evil, evil, (conversation,), (Check(evil, False, evil),), (section,)
    )
    return {"comparisons": (comparison,), "regressions": (regression,)}


def _call(evil: str) -> dict[str, object]:
    return {"type": "tool_use", "id": "toolu_1", "name": "remember", "input": {HOSTILE[3]: evil}}


class Parsed(HTMLParser):
    """A page as a parser sees it: its tags with their attributes, its texts, and what its tags hold."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.held: dict[str, str] = {"style": "", "script": ""}
        self._open: list[str] = []
        self.misnested: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag begins."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """A tag ends."""
        if not self._open or self._open[-1] != tag:
            self.misnested.append(f"</{tag}> in {'/'.join(self._open[-4:])}")
        else:
            self._open.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag that has nothing in it."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        """A text."""
        if self._open and self._open[-1] in self.held:
            self.held[self._open[-1]] += data
        else:
            self.text += data

    def values(self, attribute: str) -> list[str]:
        """All values of an attribute."""
        return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]

    @property
    def names(self) -> set[str]:
        """The names of all tags."""
        return {name for name, _ in self.tags}
