"""What happened in a world as text, and as snapshots of syrupy."""

from __future__ import annotations

import importlib
import sys

import httpx
import pytest
from memtrace import AddMemoryRequest, ContextOptions, CreateSessionRequest, Memtrace, RegisterAgentRequest

from fakememtrace import UsageError, World
from fakememtrace.claude.author import Author, tool_use
from fakememtrace.syrupy import MemorySnapshotExtension, claude_request, memories, transcript

TRANSCRIPT = """\
memory    agent 'helper' registered as <agent 1>
memory    session <session 1> opened
stored    Ada likes tea
          and cake
            memory_type: "episodic"
            event_type: "general"
            tags: ["food", "drink"]
            importance: 0.5
            metadata: {"said": "at noon"}
stored    Offer tea
            memory_type: "decision"
            event_type: "decision"
            metadata: {"reasoning": "she likes it"}
later     1d 2h
memory    context of <session 1>: 1 memory
shown     You know:
          ## Session Context (<session 1>)

          ### Recent Actions (1)
          - [<time>] general: Ada likes tea
          and cake


user      What now?
calls     remember
            content: "Ada asks"
later     3m
tool      Stored.
claude    Tea?"""
MEMORIES = """\
agent     helper <agent 1>
            description: It helps.
session   <session 1> of <agent 1>, active
            metadata: {"task": "talk"}
memory 1  Ada likes tea
          and cake
            agent: <agent 1>
            session: <session 1>
            type: episodic/general
            tags: ["food", "drink"]
            importance: 0.5
            metadata: {"said": "at noon"}
memory 2  Offer tea
            agent: helper
            type: decision/decision
            metadata: {"reasoning": "she likes it"}"""
REQUEST = """\
{
  "model": "claude-x",
  "max_tokens": 100,
  "system": [
    "You know:",
    "## Session Context (<session 1>)",
    "",
    "### Recent Actions (1)",
    "- [<time>] general: Ada likes tea",
    "and cake",
    "",
    ""
  ],
  "messages": [
    {
      "role": "user",
      "content": "What now?"
    }
  ]
}"""


def asked(system, messages):
    """Ask Claude without its SDK; the content blocks of the answer."""
    body = {"model": "claude-x", "max_tokens": 100, "system": system, "messages": messages}
    headers = {"anthropic-version": "2023-06-01"}
    return httpx.post("https://api.anthropic.com/v1/messages", json=body, headers=headers).json()["content"]


def lived(moved=0, **options):
    """A world in which something has happened; `moved` are the ids that were given out before, and seconds between."""
    world = World(cassette=Author([tool_use("remember", content="Ada asks"), "Tea?"], date="2026-11-22"), **options)
    for prefix in ("agent_", "sess_", "mem_") * moved:
        world.ids.next(prefix)
    with world:
        memtrace = Memtrace(world.url, world.api_key)
        agent = memtrace.register_agent(RegisterAgentRequest(name="helper", description="It helps."))
        session = memtrace.create_session(CreateSessionRequest(agent_id=agent.id, metadata={"task": "talk"}))
        memtrace.add_memory(
            AddMemoryRequest(
                agent_id=agent.id,
                session_id=session.id,
                memory_type="episodic",
                event_type="general",
                content="Ada likes tea\nand cake",
                tags=["food", "drink"],
                importance=0.5,
                metadata={"said": "at noon"},
            )
        )
        memtrace.decide("helper", "Offer tea", "she likes it")
        world.clock.advance("26h")
        world.clock.advance(f"{moved}s")
        context = memtrace.get_session_context(session.id, ContextOptions(since="2d")).context
        messages = [{"role": "user", "content": "What now?"}]
        content = asked(f"You know:\n{context}", messages)
        world.clock.advance("3m")
        result = {"type": "tool_result", "tool_use_id": content[0]["id"], "content": "Stored."}
        messages += [{"role": "assistant", "content": content}, {"role": "user", "content": [result]}]
        asked(f"You know:\n{context}", messages)
    return world


@pytest.mark.parametrize("moved", [{}, {"moved": 3, "start": "2031-05-05T05:05:05Z"}], ids=["once", "moved"])
def test_a_world_is_a_text_without_what_moves(moved):
    """Transcript, memories and a request to Claude, word for word; other ids and times make no other text."""
    world = lived(**moved)
    assert transcript(world) == TRANSCRIPT
    assert memories(world) == MEMORIES
    assert claude_request(world, 1) == REQUEST
    assert claude_request(world, -2) == REQUEST
    assert '"content": "Stored."' in claude_request(world)


def test_what_an_agent_does_otherwise_is_a_small_difference():
    """One more memory is one more memory, and the others are called as before."""
    world = lived()
    with world:
        Memtrace(world.url, world.api_key).remember("helper", "Ada likes jazz")
    assert transcript(world).removeprefix(TRANSCRIPT) == (
        '\nstored    Ada likes jazz\n            memory_type: "episodic"\n            event_type: "general"'
    )
    assert memories(world).removeprefix(MEMORIES) == (
        "\nmemory 3  Ada likes jazz\n            agent: helper\n            type: episodic/general"
    )


def test_ids_and_times_of_others_stay():
    """What a seed or a program made up is part of what is reviewed; so is a time that stands in a content."""
    seed = {
        "agents": [{"id": "agent_ada", "name": "ada"}],
        "sessions": [{"id": "sess_1", "agent": "ada"}],
        "memories": [{"agent_id": "agent_ada", "content": "At 2026-05-05T10:00:00Z in ada_0123456789abcdef01234567"}],
    }
    assert memories(World(seed=seed)) == (
        "agent     ada agent_ada\n"
        "session   sess_1 of agent_ada, active\n"
        "memory 1  At 2026-05-05T10:00:00Z in ada_0123456789abcdef01234567\n"
        "            agent: agent_ada\n"
        "            type: episodic/general"
    )


def test_a_time_is_one_in_every_form_that_programs_write():
    """As Memtrace writes it and as Python does; one that is no time of the world, or none at all, stays."""
    world = World(start="2026-02-07T12:00:00.5Z")
    with world:
        client = Memtrace(world.url, world.api_key)
        client.remember("a", "tea")
        time = client.recall("a").memories[0].time
        shown = f"{time} {time.isoformat()} 2026-02-07T12:00:00.5Z 2026-02-07T12:00:01Z 2026-99-07T12:00:00Z"
        client.remember("a", shown)
    first = memories(world).splitlines()[3]
    assert first == "memory 2  <time> <time> <time> 2026-02-07T12:00:01Z 2026-99-07T12:00:00Z"


def test_several_orgs_have_headings():
    """Of more than one org each says whose the memories are, and one of them can be asked for alone."""
    world = World(seed={"memories": [{"agent_id": "a", "content": "of the first"}]})
    acme, down = world.org("acme"), world.org("down", arc="down")
    with world:
        for org in (acme, down):
            httpx.post(
                f"{world.url}/api/v1/memories",
                json={"agent_id": "a", "content": f"of {org.name}"},
                headers={"x-api-key": org.api_key},
            )
    rest = "\n            agent: a\n            type: episodic/general"
    assert memories(world) == (
        f"org default\n\nmemory 1  of the first{rest}\n\norg acme\n\nmemory 2  of acme{rest}\n\n"
        f"org down\n\nmemory 3  of down{rest}\n            state: waits until Arc is there"
    )
    assert memories(world, "acme") == f"memory 2  of acme{rest}"
    assert memories(world, "nobody") == "nothing is stored"


def test_a_memory_that_a_fault_holds_back_says_so():
    """What is stored and cannot be found yet is told apart."""
    world = World()
    with world:
        world.faults.add("late_write", by="1h")
        Memtrace(world.url, world.api_key).remember("a", "late")
    assert memories(world).endswith("\n            state: held back")


def test_a_world_in_which_nothing_happened_is_a_text_too():
    """There is always something to keep."""
    assert (transcript(World()), memories(World())) == ("nothing happened", "nothing is stored")


def test_what_nobody_sees_stands_there_in_letters():
    """A content that would turn a diff around, or end a line where none ends, is escaped."""
    world = World(seed={"memories": [{"agent_id": "a", "content": "tea\u202egnik\r\u2028x"}]})
    assert memories(world).startswith("memory 1  tea\\u202egnik\\r\\u2028x\n")


def test_what_was_not_expected_is_told_without_its_words():
    """A request that is not recorded is in the transcript; its explanation, which names files, is not."""
    world = World()
    with world:
        httpx.post(
            "https://api.anthropic.com/v1/messages",
            json={"model": "claude-x", "max_tokens": 1, "messages": [{"role": "user", "content": "hi"}]},
            headers={"anthropic-version": "2023-06-01"},
        )
    assert transcript(world) == "user      hi\nproblem   this was not expected"


@pytest.mark.parametrize(
    ("number", "calls", "made"),
    [(1, 0, "Claude was not asked"), (0, 2, "2 requests were made"), (-3, 2, "2 requests were made")],
)
def test_a_request_that_was_not_made_is_refused(number, calls, made):
    """The number is said, and how many there are."""
    with pytest.raises(UsageError) as refused:
        claude_request(lived() if calls else World(), number)
    assert str(refused.value) == (
        f"there is no request {number} to Claude: {made}.\n"
        "Expected a number from 1 on; -1 is the last request, -2 the one before it."
    )


def test_the_extension_keeps_worlds_and_texts():
    """A world is its transcript and its memories; a matcher gets the text, and says what is kept in its place."""
    extension = MemorySnapshotExtension()
    assert extension.serialize(lived()) == f"{TRANSCRIPT}\n\n{MEMORIES}"
    assert extension.serialize("a\rb") == "a\\rb"
    assert extension.serialize("Ada", matcher=lambda data, path: data.replace("Ada", "<user>")) == "<user>"


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (
            {"a": 1},
            {},
            (
                "memory_snapshot was compared with dict. Expected a World, or transcript(world), memories(world) or "
                "claude_request(world) of fakememtrace.syrupy. What to do: for other values, use syrupy's own fixture "
                "snapshot."
            ),
        ),
        *(
            (
                "text",
                {name: bool},
                (
                    "memory_snapshot is kept as a text and has no properties to exclude or include. "
                    "What to do: replace what moves by a matcher, memory_snapshot(matcher=...)."
                ),
            )
            for name in ("exclude", "include")
        ),
    ],
)
def test_what_the_extension_cannot_keep_is_refused(data, options, words):
    """In one line, since syrupy shows the last line of an error first."""
    with pytest.raises(UsageError) as refused:
        MemorySnapshotExtension().serialize(data, **options)
    assert str(refused.value) == words


def test_without_syrupy_it_says_what_to_install(monkeypatch):
    """The texts need no syrupy; the extension does, and says so."""
    monkeypatch.setitem(sys.modules, "syrupy", None)
    monkeypatch.setitem(sys.modules, "syrupy.assertion", None)
    monkeypatch.delitem(sys.modules, "fakememtrace.syrupy.extension")
    with pytest.raises(UsageError) as refused:
        importlib.import_module("fakememtrace.syrupy").__getattr__("MemorySnapshotExtension")
    assert str(refused.value) == (
        "snapshots need syrupy, which is not installed. Install it with: pip install 'fakememtrace[syrupy]'"
    )


SNAPSHOTS = """
import pytest
from fakememtrace.syrupy import memories

@pytest.mark.parametrize("drink", ["tea"])
def test_it(fakememtrace, memtrace_client, memory_snapshot, snapshot, drink):
    memtrace_client.remember("ada", f"likes {drink}")
    assert fakememtrace == memory_snapshot
    assert memories(fakememtrace) == memory_snapshot(name="memories")
    # Syrupy's own counts for itself.
    assert {"drink": drink} == snapshot
"""
KEPT = (
    "# serializer version: 1\n"
    "# name: test_it[tea]\n"
    "  stored    likes tea\n"
    '              memory_type: "episodic"\n'
    '              event_type: "general"\n'
    "  \n"
    "  memory 1  likes tea\n"
    "              agent: ada\n"
    "              type: episodic/general\n"
    "# ---\n"
    "# name: test_it[tea][memories]\n"
    "  memory 1  likes tea\n"
    "              agent: ada\n"
    "              type: episodic/general\n"
    "# ---\n"
)


def test_snapshots_are_written_compared_and_reviewed(pytester, monkeypatch):
    """`--snapshot-update` writes a file for review, beside syrupy's own; what changes is shown as a difference."""
    monkeypatch.setenv("PYTEST_PLUGINS", "fakememtrace.plugin,syrupy")
    test = pytester.makepyfile(test_it=SNAPSHOTS)
    written = pytester.runpytest_subprocess("--snapshot-update")
    written.stdout.fnmatch_lines(["3 snapshots generated."])
    folder = pytester.path / "__snapshots__"
    assert sorted(path.name for path in folder.iterdir()) == ["test_it.ambr", "test_it.memory"]
    assert (folder / "test_it.memory").read_text("utf-8") == KEPT
    test.write_text(SNAPSHOTS.replace('f"likes {drink}"', '"likes jazz"'), "utf-8")
    compared = pytester.runpytest_subprocess()
    compared.assert_outcomes(failed=1)
    compared.stdout.fnmatch_lines(["E *- stored    likes tea", "E *+ stored    likes jazz"])
    test.write_text(SNAPSHOTS, "utf-8")
    passed = pytester.runpytest_subprocess()
    passed.stdout.fnmatch_lines(["3 snapshots passed."])
    passed.assert_outcomes(passed=1)


def test_without_the_plugin_of_syrupy_pytest_says_so(run):
    """Where pytest has no fixture snapshot, or somebody else's, the test fails in words."""
    test = "def test_it(memory_snapshot):\n    pass\n"
    other = "@pytest.fixture\ndef snapshot():\n    return 1\n\n"
    absent = run(test_it=test)
    absent.assert_outcomes(errors=1)
    absent.stdout.fnmatch_lines(
        [
            "memory_snapshot needs syrupy's fixture snapshot, and pytest does not know it.",
            "What to do: pip install 'fakememtrace[syrupy]', and leave its plugin on.",
        ],
        consecutive=True,
    )
    foreign = run(test_it=other + test)
    foreign.assert_outcomes(errors=1)
    foreign.stdout.fnmatch_lines(
        [
            "the fixture snapshot is not syrupy's here, but of type int.",
            "Expected syrupy's: another plugin or a conftest.py has a fixture of the same name.",
        ],
        consecutive=True,
    )


def test_the_file_is_the_same_one_with_every_syrupy():
    """Before its version 5 syrupy asks for the ending by another name; else ours would be in its own file there."""
    assert MemorySnapshotExtension._file_extension == MemorySnapshotExtension.file_extension == "memory"
