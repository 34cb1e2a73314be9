"""The clients that fixtures hand out."""

from __future__ import annotations

import asyncio
import sys

import anthropic
import memtrace
import pytest

import fakememtrace.client
from fakememtrace import World
from fakememtrace.claude.author import Author
from fakememtrace.in_pytest import clients

ASK = {"model": "claude-sonnet-5", "max_tokens": 10, "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
def world():
    """A world in which Claude says hello."""
    with World(cassette=Author(["Hello"], date="2026-11-22")) as world:
        yield world


def test_the_clients_of_the_sdks_are_closed_afterwards(world):
    """They are the SDKs' own, made for the world, and nobody has to close them."""
    with clients.memtrace(world) as client, clients.claude() as claude:
        assert (type(client), type(claude)) == (memtrace.Memtrace, anthropic.Anthropic)
        client.remember("agent_1", "likes tea")
        assert claude.messages.create(**ASK).content[0].text == "Hello"
        assert not client._client.is_closed
        assert not claude.is_closed()
    assert client._client.is_closed
    assert claude.is_closed()
    assert [memory.content for memory in world.memory.memories()] == ["likes tea"]


def test_the_asynchronous_ones_are_closed_whatever_loop_they_were_used_in(world):
    """They are used in a loop of the test's, and closed outside of it, when that loop is gone."""

    async def used(client, claude):
        await client.remember("agent_1", "likes tea")
        return (await claude.messages.create(**ASK)).content[0].text

    with clients.async_memtrace(world) as client, clients.async_claude() as claude:
        assert (type(client), type(claude)) == (memtrace.AsyncMemtrace, anthropic.AsyncAnthropic)
        assert asyncio.run(used(client, claude)) == "Hello"
    assert client._client.is_closed
    assert claude.is_closed()


def test_without_the_sdk_it_is_the_documented_client(world, monkeypatch):
    """Where memtrace-sdk is not installed, the client that the documentation describes is there."""
    monkeypatch.setitem(sys.modules, "memtrace", None)
    with clients.memtrace(world) as client, clients.async_memtrace(world) as other:
        assert (type(client), type(other)) == (fakememtrace.client.Memtrace, fakememtrace.client.AsyncMemtrace)
        client.remember("agent_1", "likes tea")
        assert asyncio.run(other.recall("agent_1")).count == 1


@pytest.mark.parametrize("fixture", ["memtrace_client", "async_memtrace_client"])
def test_without_any_client_it_says_what_to_install(world, monkeypatch, fixture):
    """Where there is neither, the test fails in words."""
    monkeypatch.setitem(sys.modules, "memtrace", None)
    monkeypatch.setitem(sys.modules, "fakememtrace.client", None)
    monkeypatch.delattr("fakememtrace.client")
    made = {"memtrace_client": clients.memtrace, "async_memtrace_client": clients.async_memtrace}[fixture]
    with pytest.raises(pytest.fail.Exception) as failed, made(world):
        pass
    assert failed.value.msg == (
        f"the fixture {fixture} cannot be made: neither memtrace-sdk nor the documented client of fakememtrace is "
        "installed.\nInstall one of them: pip install memtrace-sdk, or pip install 'fakememtrace[client]'"
    )
    assert not failed.value.pytrace


@pytest.mark.parametrize("fixture", ["claude", "async_claude"])
def test_without_claudes_sdk_it_says_what_to_install(monkeypatch, fixture):
    """The same for Claude's."""
    monkeypatch.setitem(sys.modules, "anthropic", None)
    with pytest.raises(pytest.fail.Exception) as failed, getattr(clients, fixture)():
        pass
    assert failed.value.msg == (
        f"the fixture {fixture} cannot be made: Claude's SDK is not installed. Install it with: pip install anthropic"
    )


def test_an_sdk_that_is_broken_is_not_taken_for_absent(world, monkeypatch, tmp_path):
    """Where the SDK is there and something that it needs is not, that is what the test is told."""
    (tmp_path / "memtrace.py").write_text("import nowhere_to_be_found\n")
    monkeypatch.delitem(sys.modules, "memtrace")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="nowhere_to_be_found"), clients.memtrace(world):
        pass


ANYIO = """
import anyio
from fakememtrace.claude.author import Author

pytestmark = pytest.mark.anyio
ASK = dict(model="claude-sonnet-5", max_tokens=10, messages=[{"role": "user", "content": "hi"}])

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.fixture
def claude_cassette():
    return Author(["Hello"], date="2026-11-22")

@pytest.fixture
async def warm(async_memtrace_client):
    await async_memtrace_client.remember("a", "tea")
    yield async_memtrace_client
    # The client is open for as long as somebody has it.
    assert (await async_memtrace_client.recall("a")).count == 2

async def test_it(fakememtrace, warm, async_claude):
    async with anyio.create_task_group() as group:
        group.start_soon(warm.remember, "a", "coffee")
        group.start_soon(warm.remember, "b", "milk")
    assert len(fakememtrace.memory.memories()) == 3
    assert (await async_claude.messages.create(**ASK)).content[0].text == "Hello"

@pytest.mark.fakememtrace(dialect="both")
async def test_both(async_claude):
    await async_claude.messages.create(**ASK)
"""


def test_they_go_with_anyio(run):
    """In a test and in a fixture that are coroutines the clients are open, and closed after both."""
    run("-p", "anyio.pytest_plugin", "-W", "error", test_it=ANYIO).assert_outcomes(passed=3)


SYNC = """
import asyncio
from fakememtrace.claude.author import Author

ASK = dict(model="claude-sonnet-5", max_tokens=10, messages=[{"role": "user", "content": "hi"}])

@pytest.fixture
def claude_cassette():
    return Author(["Hello"], date="2026-11-22")

def test_it(fakememtrace, memtrace_client, claude):
    memtrace_client.remember("a", "tea")
    assert claude.messages.create(**ASK).content[0].text == "Hello"
    assert len(fakememtrace.memory.memories()) == 1

def test_asyncio(async_memtrace_client, async_claude):
    async def main():
        await async_memtrace_client.remember("a", "tea")
        return (await async_claude.messages.create(**ASK)).content[0].text
    assert asyncio.run(main()) == "Hello"

class TestOverridden:
    @pytest.fixture
    def memtrace_client(self, fakememtrace):
        return fakememtrace.url

    def test_it(self, memtrace_client, claude_cassette, claude):
        assert memtrace_client == "http://localhost:9100"
        claude.messages.create(**ASK)
"""


def test_they_go_without_any_plugin(run):
    """In a plain test each is one argument, and each can be another thing."""
    run("-W", "error", test_it=SYNC).assert_outcomes(passed=3)
