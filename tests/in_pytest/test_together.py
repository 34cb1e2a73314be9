"""The plugin beside others, and in tests of every kind, in one run of pytest."""

from __future__ import annotations

import pytest

from fakememtrace.plugin import _Run

UNITTEST = """
import os
import unittest

import pytest
from memtrace import Memtrace

@pytest.mark.usefixtures("fakememtrace")
class TestUsed(unittest.TestCase):
    def setUp(self):
        self.client = Memtrace(os.environ["MEMTRACE_URL"], os.environ["MEMTRACE_API_KEY"])
        self.client.remember("a", "of the set-up")

    def test_it(self):
        assert self.client.recall("a").count == 1

    def test_it_once_more(self):
        assert self.client.recall("a").count == 1

class TestAutouse(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _world(self, fakememtrace, memtrace_client):
        self.world, self.client = fakememtrace, memtrace_client

    def test_it(self):
        self.client.remember("a", "tea")
        self.assertEqual([memory.content for memory in self.world.memory.memories()], ["tea"])

@pytest.mark.fakememtrace(dialect="documented")
class TestMarked(unittest.IsolatedAsyncioTestCase):
    @pytest.fixture(autouse=True)
    def _client(self, async_memtrace_client):
        self.client = async_memtrace_client

    async def test_it(self):
        await self.client.remember("a", "tea")
        assert (await self.client.recall("a")).count == 1
"""
RESPX = """
import httpx

def test_alone(respx_mock):
    respx_mock.get("https://x.example/").respond(text="mocked")
    assert httpx.get("https://x.example/").text == "mocked"

def test_mounted(fakememtrace, memtrace_client, respx_mock):
    respx_mock.get("https://x.example/").respond(text="mocked")
    fakememtrace.mount(respx_mock)
    memtrace_client.remember("a", "tea")
    assert httpx.get("https://x.example/").text == "mocked"
"""
BOTH = """
import pytest

@pytest.mark.parametrize("n", range(4))
@pytest.mark.fakememtrace(dialect="both")
def test_each_has_its_own(memtrace_client, n):
    memtrace_client.remember("a", "tea")
    assert memtrace_client.recall("a").count == 1
"""


@pytest.mark.parametrize(
    "options",
    [["-p", "no:cacheprovider"], ["-n", "2"], ["-p", "pytest_randomly", "-p", "anyio.pytest_plugin"]],
    ids=["no cache", "xdist", "random order"],
)
def test_in_every_order_and_process_nothing_more_is_said(pytester, monkeypatch, options):
    """Classes of unittest, worlds in both dialects and respx pass together, and the end of the run says nothing."""
    monkeypatch.setenv("PYTEST_PLUGINS", "fakememtrace.plugin,xdist.plugin,respx.plugin")
    pytester.makepyfile(test_unittest=UNITTEST, test_respx=RESPX, test_both=BOTH)
    result = pytester.runpytest_subprocess("-W", "error", *options)
    result.assert_outcomes(passed=14)
    after = result.outlines[max(n for n, line in enumerate(result.outlines) if "[100%]" in line) + 1 :]
    assert [line for line in after if line] == result.outlines[-1:]


RECORDING = """
import httpx
import pytest

@pytest.mark.vcr
@pytest.mark.fakememtrace(allow_hosts=["weather.example"])
def test_replayed_beside_a_world(memtrace_client):
    memtrace_client.remember("a", "tea")
    assert httpx.get("https://weather.example/today").text == "sunny"
    assert memtrace_client.recall("a").count == 1

@pytest.mark.vcr
def test_refused(fakememtrace):
    with pytest.raises(httpx.ConnectError, match="allow_hosts"):
        httpx.get("https://weather.example/today")
    fakememtrace.journal.clear()

@pytest.mark.block_network
def test_blocked(memtrace_client):
    memtrace_client.remember("a", "tea")
    assert memtrace_client.recall("a").count == 1
"""
TAPE = """
interactions:
- request: {body: null, headers: {}, method: GET, uri: 'https://weather.example/today'}
  response: {body: {string: sunny}, headers: {}, status: {code: 200, message: OK}}
version: 1
"""
HTTPX = """
import httpx

def test_alone(httpx_mock):
    httpx_mock.add_response(text="mocked")
    assert httpx.get("https://x.example").text == "mocked"

def test_with_a_client(memtrace_client, httpx_mock):
    httpx_mock.add_response(url="https://x.example/", text="mocked")
    memtrace_client.remember("a", "tea")
    assert httpx.get("https://x.example/").text == "mocked"
"""
ASYNCIO = """
import pytest
import pytest_asyncio

pytestmark = pytest.mark.asyncio

@pytest_asyncio.fixture
async def warm(async_memtrace_client):
    await async_memtrace_client.remember("a", "tea")
    yield async_memtrace_client
    assert (await async_memtrace_client.recall("a")).count == 1

@pytest.mark.fakememtrace(dialect="both")
async def test_it(warm):
    assert (await warm.recall("a")).count == 1

@pytest.mark.asyncio(loop_scope="module")
async def test_in_the_loop_of_the_module(async_memtrace_client):
    await async_memtrace_client.remember("a", "tea")
"""


def test_beside_plugins_that_do_similar_things(pytester, monkeypatch):
    """Tests of pytest-recording, pytest-httpx, pytest-asyncio and respx pass in one run with ours."""
    plugins = (
        "fakememtrace.plugin",
        "respx.plugin",
        "pytest_recording.plugin",
        "pytest_httpx",
        "pytest_asyncio.plugin",
    )
    monkeypatch.setenv("PYTEST_PLUGINS", ",".join(plugins))
    for test in ("test_replayed_beside_a_world", "test_refused"):
        path = pytester.path / "cassettes/test_pytest_recording" / f"{test}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TAPE, "utf-8")
    pytester.makepyfile(
        test_unittest=UNITTEST,
        test_respx=RESPX,
        test_pytest_recording=RECORDING,
        test_httpx=HTTPX,
        test_asyncio=ASYNCIO,
    )
    result = pytester.runpytest_subprocess("-o", "asyncio_default_fixture_loop_scope=function")
    result.assert_outcomes(passed=14)


def test_a_session_without_a_list_of_tests_is_settled(pytestconfig):
    """Before pytest 8 the process that only hands tests out to workers has none."""
    part = _Run(pytestconfig, {})._part(object())
    assert (part.collected, part.gaps) == ({}, [])
