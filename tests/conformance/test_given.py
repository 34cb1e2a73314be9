"""What the user says that a server has: ``--given``."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fakememtrace import World
from fakememtrace.conformance import Outcome, load
from fakememtrace.conformance.report import hiding, skipped_lines
from fakememtrace.conformance.vector import CONTROLLED, NEEDS
from fakememtrace.errors import UnknownName
from fakememtrace.wire import Request, Response

from .test_conform import conform, plain, refused, serving

NOWHERE = "http://localhost:1"
WRONG = "mtk_wrong-key-of-another-org"
OF_OTHER_ORG = [vector.id for vector in load() if vector.needs == ("other_org",)]


def given(world: World) -> list[str]:
    """The options that say what a world has, after it got all that comes with a key."""
    org, tenants = world.org("default"), world.memory.tenants
    return [
        "--given=default_org",
        "--given=utc_zone",
        f"--given=other_org={world.org('other').api_key}",
        f"--given=bare_org={world.org('bare', arc=False).api_key}",
        f"--given=disabled_key={org.new_key(enabled=False)}",
        f"--given=expired_key={org.new_key(expires=world.clock.now())}",
        f"--given=read_key={tenants.add_key(org.id, permissions='read')}",
    ]


def test_a_second_org_that_is_given() -> None:
    """What was skipped for the want of it passes, and what it made there is deleted too."""
    with serving() as (world, url):
        without = conform(url, *OF_OTHER_ORG)
        result = conform(url, *OF_OTHER_ORG, "--given", f"other_org={world.org('other').api_key}")
        assert world.org("other").agents() == []
    count = len(OF_OTHER_ORG)
    assert count > 15
    assert without.output.splitlines()[count + 1] == "give it with --given other_org=KEY"
    assert f"\nall{count:>13}{0:>8}{0:>11}{count:>9}\n" in without.output
    assert result.exit_code == 0
    assert f"\nall{count:>13}{count:>8}{0:>11}{0:>9}\n" in result.output
    assert "skipped because" not in result.output


@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
def test_all_that_can_be_given_together(dialect: str) -> None:
    """With --control nothing is left to skip but what needs a server without Arc, and the rest passes."""
    with serving(dialect, control=True) as (world, url):
        result = conform(url, "--dialect", dialect, "--control", *given(world))
    assert result.exit_code == 0
    assert (
        result.output.partition("\n\n")[0]
        == """skipped because it needs a server whose Arc is unreachable:
    routes/ready-arc-unreachable
    routes/health-arc-unreachable
give it with --given arc_down (and these names alone)
skipped because it needs a server without any Arc instance:
    routes/ready-no-instances
give it with --given no_instances (and these names alone)"""
    )


@pytest.mark.parametrize(
    ("need", "arc", "names"),
    [
        ("arc_down", "down", ["routes/ready-arc-unreachable", "routes/health-arc-unreachable"]),
        ("no_instances", False, ["routes/ready-no-instances"]),
    ],
)
def test_a_server_without_its_arc(need: str, arc: bool | str, names: list[str]) -> None:
    """The vectors that need one pass when they are run alone."""
    with serving() as (world, url):
        world.org("default").arc = arc
        result = conform(url, *names, "--given", need)
    assert result.exit_code == 0
    assert f"\nall{len(names):>13}{len(names):>8}{0:>11}{0:>9}\n" in result.output


def test_a_wrong_key_is_not_shown(tmp_path: Path) -> None:
    """Vectors differ with it, and its name stands for it in the exchange and in the JSON."""
    target = tmp_path / "out.json"
    args = ["keys/other-agents-list", "--patience", "0", "--json", str(target), "--given", f"other_org={WRONG}"]
    with serving() as (_, url):
        result = conform(url, *args)
    assert result.exit_code == 1
    assert (
        re.sub("agent_[0-9a-f]{24}", "AGENT", plain(result.output))
        == """keys/other-agents-list: another org's agents are not listed
    GET /api/v1/agents
    x-api-key: {other_key}

    401
    content-type: application/json
    content-length: 27
    {"error":"invalid API key"}

    - status: 200
    + status: 401
    - agents.*.id: a list without ["AGENT"]
    + agents.*.id: (absent)

section  vectors  passed  differing  skipped
keys           1       0          1        0
all            1       0          1        0

deleted 1 of 1 agents; the API deletes no session and no memory, so those stay."""
    )
    text = target.read_text("utf-8")
    assert "x-api-key: {other_key}" in json.loads(text)["vectors"][0]["exchange"]
    assert WRONG not in result.output + text


def test_every_key_has_its_own_name() -> None:
    """Also one that begins with another, and one that is like a name; of two equal ones the first."""
    hide = hiding({"key": "mtk_a", "other_key": "mtk_ab", "bare_key": "key", "read_key": "mtk_a"})
    assert hide("mtk_ab mtk_a key mtk_") == "{other_key} {key} {bare_key} mtk_"


def test_a_key_in_a_long_answer_is_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """No piece of it stands before the place where the answer is cut."""
    from fakememtrace.conformance.server import Server

    def send(self: Server, request: Request) -> Response:
        body = b"x" * 1_990 + request.headers["x-api-key"].encode() + b"x" * 100
        return Response(200, (), (body,))

    monkeypatch.setattr(Server, "send", send)
    result = conform(NOWHERE, "keys/disabled", "--patience", "0", "--given", f"disabled_key={WRONG}")
    assert result.exit_code == 1
    assert "mtk_" not in result.output
    assert f"    {'x' * 1_990}{{disabled_... (2104 characters)\n" in result.output


def test_what_is_skipped_says_how_to_give_it() -> None:
    """Each need in its own way, and none that is given already."""
    vectors = {vector.needs: vector for vector in load() if vector.needs}
    outcomes = [Outcome(vector, "skipped", f"{needs}") for needs, vector in vectors.items()]
    lines = [text for text, _ in skipped_lines(outcomes, lambda vector: vector.needs)]
    hints = dict(zip(vectors, [line for line in lines if line.startswith("give it with ")], strict=True))
    control = "--control (for a `fakememtrace serve --control`)"
    assert hints["utc_zone",] == "give it with --given utc_zone"
    assert hints["expired_key",] == "give it with --given expired_key=KEY"
    assert hints["clock", "still_clock"] == f"give it with {control}"
    assert hints["still_clock", "other_org"] == f"give it with {control} and --given other_org=KEY"


def test_what_is_given_is_not_asked_for() -> None:
    """Of two needs the one that is missing is named."""
    with serving() as (world, url):
        result = conform(url, "dedup/buffer-per-org", "--given", f"other_org={world.org('other').api_key}")
    assert result.output.startswith(
        "skipped because it needs a clock that stands still between two requests:\n"
        "    dedup/buffer-per-org\n"
        "give it with --control (for a `fakememtrace serve --control`)\n\n"
    )


def test_an_unknown_need() -> None:
    """The nearest one, and all of them; a key that stands in its place is not repeated."""
    problem = conform(NOWHERE, "--given", "other-org=mtk_secret").exception
    assert isinstance(problem, UnknownName)
    assert problem.exit_code == 2
    known = (
        "arc_down, bare_org, clock, default_org, disabled_key, expired_key, no_instances, other_org, read_key, "
        "still_clock and utc_zone"
    )
    assert str(problem) == f"unknown need 'other-org'. Did you mean 'other_org'? Known: {known}."
    assert refused(NOWHERE, "--given", "mtk_secret") == f"unknown need 'mtk_...'. Known: {known}."
    assert refused(NOWHERE, "--given", "other_org:mtk_secret") == (
        f"unknown need 'other_org:mtk_...'. Did you mean 'other_org'? Known: {known}."
    )


@pytest.mark.parametrize("need", CONTROLLED)
@pytest.mark.parametrize("key", ["", "=mtk_a"])
def test_a_clock_is_given_by_control(need: str, key: str) -> None:
    """No word makes a clock move or stand."""
    assert refused(NOWHERE, "--control", "--given", need + key) == (
        f"--given {need}: {NEEDS[need].what} is given by --control, against a `fakememtrace serve --control`.\n"
        "Leave this out and add --control."
    )


def test_a_server_without_its_arc_keeps_little_else() -> None:
    """All vectors are not run against it, only to differ: it says which ones to name."""
    names = "routes/ready-arc-unreachable routes/health-arc-unreachable"
    assert refused(NOWHERE, "--given", "arc_down") == (
        "--given arc_down: most of the contract does not hold of a server whose Arc is unreachable, and "
        f"{len(load()) - 2} of the {len(load())} vectors to be run are not about that. "
        "Expected only those that need it.\n"
        f"Name them: --given arc_down {names}"
    )
    both = ["--given", "arc_down", "--given", "no_instances", *names.split(), "routes/ready-no-instances"]
    assert refused(NOWHERE, *both) == (
        "--given arc_down: most of the contract does not hold of a server whose Arc is unreachable, and "
        "1 of the 3 vectors to be run are not about that. Expected only those that need it.\n"
        f"Name them: --given arc_down {names}"
    )


@pytest.mark.parametrize("text", ["bare_org", "bare_org="])
def test_a_key_that_is_missing(text: str) -> None:
    """What it is to be the key of."""
    assert refused(NOWHERE, "--given", text) == (
        "--given bare_org: its key is missing. Expected bare_org=KEY; it stands for an org without an Arc instance.\n"
        "Add the key, or leave the option out."
    )


@pytest.mark.parametrize("key", ["mtk_a", ""])
def test_a_key_too_many(key: str) -> None:
    """It is refused, and not repeated."""
    assert refused(NOWHERE, "--given", f"utc_zone={key}") == (
        "--given utc_zone=...: there is a key too many. Expected utc_zone alone; "
        "it stands for a server whose zone is UTC.\nWrite --given utc_zone."
    )


@pytest.mark.parametrize("key", [" ", "a\nb", "ключ"])
def test_a_given_key_that_cannot_be_sent(key: str) -> None:
    """What no header can hold is refused, and not repeated."""
    assert refused(NOWHERE, "--given", f"read_key={key}") == (
        "--given read_key=...: this cannot be sent in a header. Expected a key, such as mtk_...; "
        "it stands for a key whose permissions are `read` alone.\n"
        "Correct the key, or leave the option out."
    )


def test_a_need_that_is_given_twice() -> None:
    """Neither of two keys is taken in silence."""
    assert refused(NOWHERE, "--given", "other_org=mtk_a", "--given", "other_org=mtk_b") == (
        "--given other_org: it is there twice. Expected each need once.\nLeave one of them out."
    )


def test_a_need_has_one_key_at_most() -> None:
    """NEED=KEY can say all of it."""
    assert {len(need.variables) for need in NEEDS.values()} == {0, 1}
