"""The fixtures: each is one decision that a test, a module or a project can override.

Most tests ask for one or two of them::

    def test_it_remembers(fakememtrace, memtrace_client):
        memtrace_client.remember("agent_1", "User prefers dark mode")
        fakememtrace.clock.advance("23h")
        assert memtrace_client.recall("agent_1").count == 1

What there is, in this order:

- the world: ``fakememtrace``;
- what it is like: ``fakememtrace_dialect``, ``fakememtrace_start``, ``fakememtrace_seed``,
  ``fakememtrace_allow_hosts``, ``fakememtrace_telegram``;
- clients for it: ``memtrace_client``, ``async_memtrace_client``, ``claude``, ``async_claude``;
- its recorded Claude: ``claude_cassette``, which is ``default_cassette_name`` in ``claude_cassette_dir``;
  ``claude_record_mode``, ``claude_matching``, ``claude_redact``, ``claude_allow``;
- what came of it: ``memory_snapshot``, ``memory_eval``, ``memory_eval_sample``.

What a world is like is said in one of four places, of which the first that says anything counts:

1. a fixture of that name in the test's class or module or in a conftest.py,
2. a marker, ``@pytest.mark.fakememtrace(...)`` or ``@pytest.mark.claude_cassette(...)``,
3. an option, such as ``--fakememtrace-dialect=documented``,
4. a setting of the same name in pytest.ini, ``fakememtrace_dialect = documented``.

Only what is redacted adds up, so that no secret gets out because another one was named.

Every fixture is of one test, as the world is: what one test stored, the next does not see, in whatever order they run,
and in however many processes of pytest-xdist. A world for several tests is ``World()`` in a fixture of your own.

A fixture is small so that overriding it is small, too. To have another dialect in a folder, its conftest.py says::

    @pytest.fixture
    def fakememtrace_dialect():
        return "documented"

and to begin with what another test has left, a fixture ``fakememtrace_seed`` returns the path of what ``world.save()``
wrote there.

Any of them can be a parameter as well, which is what ``dialect="both"`` makes of a test::

    @pytest.mark.parametrize("fakememtrace_start", ["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"])
    def test_summer_time(fakememtrace):
        ...

This is imported in every pytest run of a project that has the plugin, so it imports nothing else until a test asks.
``pytest --fixtures`` lists them by the place where they stand, and compares the numbers of lines as texts: the first
one begins after line 99, so that they are listed in their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .options import setting

if TYPE_CHECKING:
    from ..evals.in_pytest.scoring import MemoryEval
    from ..world import World

__all__ = [
    "async_claude",
    "async_memtrace_client",
    "claude",
    "claude_allow",
    "claude_cassette",
    "claude_cassette_dir",
    "claude_matching",
    "claude_record_mode",
    "claude_redact",
    "default_cassette_name",
    "fakememtrace",
    "fakememtrace_allow_hosts",
    "fakememtrace_dialect",
    "fakememtrace_seed",
    "fakememtrace_start",
    "fakememtrace_telegram",
    "memory_eval",
    "memory_eval_sample",
    "memory_snapshot",
    "memtrace_client",
]

# The world of a test, and what became of the test.
WORLD = pytest.StashKey["World"]()
OUTCOME = pytest.StashKey[str]()
# Where pytest has its temporary folders; nothing is made there before a test fails.
SCRATCH = pytest.StashKey[pytest.TempPathFactory]()
# What all tests made of their cassettes, by test.
USES = pytest.StashKey[dict[str, Any]]()


def _is_sample(node: Any) -> bool:
    """Whether a test is one of the recorded samples of a memory eval."""
    return hasattr(node, "callspec") and "memory_eval_sample" in node.callspec.params


@pytest.fixture
def fakememtrace(
    request: pytest.FixtureRequest,
    fakememtrace_dialect: Any,
    fakememtrace_start: Any,
    fakememtrace_seed: Any,
    fakememtrace_allow_hosts: Iterable[str],
    fakememtrace_telegram: Any,
    claude_cassette: Any,
    claude_matching: Any,
    claude_record_mode: str,
    claude_redact: Iterable[Any],
    claude_allow: Iterable[str],
) -> Iterator[World]:
    """A fresh World around the test; afterwards the test fails if anything unexpected was asked.

    Its ``url`` and ``api_key`` are for ``Memtrace(...)``, its ``clock`` moves time, ``claude`` and ``memory`` show
    what was asked and stored, ``journal`` shows every exchange. What it is like is said by the fixtures below, each
    of which can be overridden; by the markers ``fakememtrace`` and ``claude_cassette``; by options; and by settings
    in pytest.ini, in this order.
    """
    if "httpx_mock" in request.fixturenames:
        # pytest-httpx comes first, whatever the order in the test: then it gets what no fake stands behind.
        request.getfixturevalue("httpx_mock")
    from ..fixture import make_world, settled

    world = make_world(
        request,
        mode=claude_record_mode,
        redact=claude_redact,
        allow=claude_allow,
        dialect=fakememtrace_dialect,
        cassette=claude_cassette,
        start=fakememtrace_start,
        seed=fakememtrace_seed,
        allow_hosts=fakememtrace_allow_hosts,
        telegram=fakememtrace_telegram,
        matching=claude_matching,
    )
    request.node.stash[WORLD] = world
    request.node.stash[OUTCOME] = ""
    if request.config.pluginmanager.hasplugin("tmpdir"):
        request.node.stash[SCRATCH] = request.getfixturevalue("tmp_path_factory")
    with world:
        yield world
    use, problem = settled(world, request, request.node.stash[OUTCOME])
    request.config.stash[USES][use.test] = use
    if problem:
        pytest.fail(problem, pytrace=False)


@pytest.fixture
def fakememtrace_dialect(request: pytest.FixtureRequest) -> Any:
    """Which Memtrace the world is: "0.2.0" (the released server) or "documented".

    None, which it is unless anybody says so, is the dialect of the seed, or else 0.2.0.
    """
    from .dialects import one_dialect
    from .saying import in_words

    return in_words(lambda: one_dialect(request.node, getattr(request, "param", None)))


@pytest.fixture
def fakememtrace_start(request: pytest.FixtureRequest) -> Any:
    """The time at which the world's clock starts: ISO 8601 with a time zone, or an aware datetime."""
    from .saying import of_world

    return of_world(request.node, "start") or setting(request.config, "fakememtrace_start") or "2026-02-07T12:00:00Z"


@pytest.fixture
def fakememtrace_seed(request: pytest.FixtureRequest) -> Any:
    """What there is at the beginning: a file that ``world.save()`` wrote, or a dict; None for nothing."""
    from .saying import of_world
    from .settings import file_of

    return of_world(request.node, "seed") or file_of(request.config, "fakememtrace_seed")


@pytest.fixture
def fakememtrace_allow_hosts(request: pytest.FixtureRequest) -> Iterable[str]:
    """The hosts beyond this machine that a test may reach all the same, exactly these: ["api.example.com"]."""
    from .saying import of_world

    hosts: Iterable[str] = of_world(request.node, "allow_hosts") or setting(request.config, "fakememtrace_allow_hosts")
    return hosts


@pytest.fixture
def fakememtrace_telegram(request: pytest.FixtureRequest) -> Any:
    """Who writes to which Telegram bot, and when: a TOML file or a dict; None for a world without Telegram."""
    from .saying import of_world

    return of_world(request.node, "telegram")


@pytest.fixture
def memtrace_client(fakememtrace: World) -> Iterator[Any]:
    """``Memtrace(world.url, world.api_key)`` of the test's world; closed after the test.

    The client of memtrace-sdk; where that is not installed, the one that Memtrace's documentation describes,
    ``fakememtrace.client``.
    """
    from .clients import memtrace

    with memtrace(fakememtrace) as client:
        yield client


@pytest.fixture
def async_memtrace_client(fakememtrace: World) -> Iterator[Any]:
    """``AsyncMemtrace(world.url, world.api_key)`` of the test's world; closed after the test.

    It goes with pytest-asyncio, with anyio (also on trio), and with ``asyncio.run()`` in a test.
    """
    from .clients import async_memtrace

    with async_memtrace(fakememtrace) as client:
        yield client


@pytest.fixture
def claude(fakememtrace: World) -> Iterator[Any]:  # noqa: ARG001
    """``anthropic.Anthropic()``, answered by the cassette of the test; closed after the test."""
    from .clients import claude as made

    with made() as client:
        yield client


@pytest.fixture
def async_claude(fakememtrace: World) -> Iterator[Any]:  # noqa: ARG001
    """``anthropic.AsyncAnthropic()``, answered by the cassette of the test; closed after the test."""
    from .clients import async_claude as made

    with made() as client:
        yield client


@pytest.fixture
def claude_cassette(
    request: pytest.FixtureRequest,
    claude_cassette_dir: Any,
    default_cassette_name: str,
    claude_record_mode: str,
) -> Any:
    """The recorded Claude responses: a path, a Cassette, or None for a test without Claude.

    The file that the marker ``claude_cassette`` names; or ``default_cassette_name`` in ``claude_cassette_dir``, where
    it is there or is going to be recorded.
    """
    from .places import cassette_path, name_of
    from .saying import in_words, of_cassette

    name = name_of(request.node, default_cassette_name)
    path: Path = in_words(lambda: cassette_path(request.node, claude_cassette_dir, name))
    is_meant = of_cassette(request.node, "name") or _is_sample(request.node)
    return path if is_meant or claude_record_mode != "none" or path.exists() else None


@pytest.fixture
def claude_cassette_dir(request: pytest.FixtureRequest) -> Any:
    """The folder of the test's cassette: ``cassettes/test_it`` beside ``test_it.py``."""
    from .places import dir_of

    return dir_of(request.node.path, request.config)


@pytest.fixture
def default_cassette_name(request: pytest.FixtureRequest) -> str:
    """What the test's cassette is called, unless its marker says so: ``TestCase.test_it``.

    Pytest-recording has a fixture of this name, too. Where it is installed its recordings are called as ever, and so
    are ours; a fixture of your own names both.
    """
    from .places import name_beside

    return name_beside(request)


@pytest.fixture
def claude_record_mode(request: pytest.FixtureRequest) -> str:
    """Whether the real Claude is asked and recorded: "none", "once", "new", "changed" or "all"."""
    from .saying import of_cassette

    marked: str | None = of_cassette(request.node, "record")
    if marked:
        return marked
    mode: str = setting(request.config, "claude_record") or "none"
    # A plan is one for what would be recorded again, unless somebody says more.
    return "changed" if mode == "none" and request.config.getoption("claude_plan") else mode


@pytest.fixture
def claude_matching(request: pytest.FixtureRequest) -> Any:
    """When a request is the one that is recorded: a Matching, or None for all of it."""
    from .markers import CASSETTE, matching_of, said
    from .saying import in_words

    return in_words(lambda: matching_of(said(request.node, CASSETTE)))


@pytest.fixture
def claude_redact(request: pytest.FixtureRequest) -> Iterable[Any]:
    """What is replaced in recordings, beside keys and the like: texts and compiled patterns.

    All that are named anywhere: by the marker of the test, on the command line and in pytest.ini.
    """
    from .saying import of_cassette

    config = request.config
    marked = of_cassette(request.node, "redact") or ()
    return [*marked, *(config.getoption("claude_redact") or ()), *config.getini("claude_redact")]


@pytest.fixture
def claude_allow(request: pytest.FixtureRequest) -> Iterable[str]:
    """The texts in recordings that only look like secrets."""
    from .saying import of_cassette

    texts: Iterable[str] = of_cassette(request.node, "allow") or setting(request.config, "claude_allow")
    return texts


@pytest.fixture
def memory_snapshot(request: pytest.FixtureRequest) -> Any:
    """Syrupy's ``snapshot`` for what happened in a world: ``assert fakememtrace == memory_snapshot``.

    Also ``transcript(world)``, ``memories(world)`` and ``claude_request(world, 1)`` of ``fakememtrace.syrupy``;
    without ids and times, which move with every change. ``pytest --snapshot-update`` writes it.
    """
    from .saying import snapshot_of

    return snapshot_of(request)


@pytest.fixture
def memory_eval(request: pytest.FixtureRequest) -> MemoryEval:
    """What a test marked ``memory_eval`` is worth: ``score(0.8)``, ``ranked(found, gold, k=5)``, ``unscored("why")``.

    A test that asks for it says a score; one that does not is worth 1 when it passes.
    """
    from ..evals.in_pytest.hooks import scoring_of

    return scoring_of(request.node)


@pytest.fixture
def memory_eval_sample(request: pytest.FixtureRequest) -> int:
    """Which of the n recorded samples of a memory eval the test runs with, from 1; 0 where it has none."""
    number: int = getattr(request, "param", 0)
    return number
