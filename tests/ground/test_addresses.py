"""Which fake stands behind which URL."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from fakememtrace.addresses import Addresses
from fakememtrace.errors import UsageError
from fakememtrace.wire import Response

MEMTRACE = SimpleNamespace(handle=lambda request: Response(200))
CLAUDE = SimpleNamespace(handle=lambda request: Response(200))


@pytest.fixture
def addresses():
    """The two usual addresses."""
    known = Addresses()
    known.add("memtrace", "http://localhost:9100", MEMTRACE, "here")
    known.add("claude", "https://api.anthropic.com", CLAUDE, "here")
    return known


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
def test_loopback_is_one_host(addresses, host):
    """localhost, 127.0.0.1 and ::1 are the same address."""
    assert addresses.find(f"http://{host}:9100", "/health").fake is MEMTRACE


@pytest.mark.parametrize("origin", ["https://api.anthropic.com", "https://api.anthropic.com:443"])
def test_a_default_port_may_be_left_out(addresses, origin):
    """A URL with the scheme's own port is the URL without it."""
    assert addresses.find(origin, "/v1/messages").fake is CLAUDE


@pytest.mark.parametrize(
    ("origin", "passes"),
    [
        ("http://localhost:9101", True),
        ("http://127.0.0.1:5432", True),
        ("http://localhost:9100", False),
        ("http://api.anthropic.com", False),
        ("https://example.com", False),
    ],
)
def test_only_unfaked_loopback_is_passed_on(addresses, origin, passes):
    """The real network is reached on this machine only, and not where a fake stands."""
    assert addresses.passes_on(origin) is passes


def test_a_gateway_has_fakes_below_its_paths():
    """Two fakes can share a host, each below its own path; the longest one wins."""
    addresses = Addresses()
    addresses.add("memtrace", "https://gate.example/memory/", MEMTRACE, "here")
    addresses.add("claude", "https://gate.example/memory/claude", CLAUDE, "here")
    assert addresses.find("https://gate.example", "/memory/health").fake is MEMTRACE
    assert addresses.find("https://gate.example", "/memory/claude/v1/messages").fake is CLAUDE
    assert addresses.find("https://gate.example", "/memoryless") is None
    assert addresses.serves("https://gate.example")


@pytest.mark.parametrize("prefix", ["", "/team"])
def test_at_one_address_each_fake_has_its_own_paths(prefix):
    """Of two fakes at one URL the one with paths of its own gets those, the other one the rest."""
    addresses = Addresses()
    addresses.add("memtrace", f"http://localhost:9100{prefix}", MEMTRACE, "here")
    addresses.add("claude", f"http://localhost:9100{prefix}/", CLAUDE, "here", "/v1/")
    found = {
        path: addresses.find("http://localhost:9100", prefix + path).name
        for path in ("/v1/messages", "/v1/models", "/api/v1/memories", "/v1", "/")
    }
    assert [path for path, name in found.items() if name == "claude"] == ["/v1/messages", "/v1/models"]


def test_a_fake_alone_gets_everything():
    """Paths of its own make a difference only beside another fake."""
    addresses = Addresses()
    addresses.add("claude", "https://api.anthropic.com", CLAUDE, "here", "/v1/")
    assert addresses.find("https://api.anthropic.com", "/").fake is CLAUDE


@pytest.mark.parametrize("url", ["localhost:9100", "memtrace", "ftp://localhost", "http://"])
def test_what_is_no_url_is_refused(url):
    """A malformed URL is named together with where it was given."""
    with pytest.raises(UsageError) as refused:
        Addresses().add("memtrace", url, MEMTRACE, "$MEMTRACE_URL")
    assert str(refused.value) == (
        f"$MEMTRACE_URL is {url!r}, which is no URL. Expected scheme, host and port, "
        'such as "http://localhost:9100". Correct or unset it.'
    )
