"""Media in requests: a digest for what nobody reviews."""

from __future__ import annotations

import base64
import hashlib

import pytest

from fakememtrace.claude.media import digested

PIXELS = bytes(range(256)) * 3
DATA = base64.b64encode(PIXELS).decode()
DIGEST = f"sha256:{hashlib.sha256(PIXELS).hexdigest()} (768 bytes)"


def source(data, **fields):
    """A base64 source."""
    return {"type": "base64", "media_type": "image/png", "data": data, **fields}


@pytest.mark.parametrize(
    "around",
    [
        lambda inner: {"messages": [{"role": "user", "content": [{"type": "image", "source": inner}]}]},
        lambda inner: {"system": [{"type": "document", "source": inner, "title": "A page"}]},
        lambda inner: [{"type": "tool_result", "content": [{"type": "image", "source": inner}, "text"]}],
        lambda inner: inner,
    ],
)
def test_a_source_is_told_by_its_digest_wherever_it_stands(around):
    """The data of images and documents becomes a digest, in messages, in results of tools, anywhere."""
    assert digested(around(source(DATA))) == around(source(DIGEST))


@pytest.mark.parametrize("broken", ["\n", "\r\n", " "])
def test_line_breaks_do_not_matter(broken):
    """The same bytes have the same digest however their base64 is broken into lines."""
    data = broken.join(DATA[start : start + 76] for start in range(0, len(DATA), 76))
    assert digested(source(data)) == source(DIGEST)


def test_data_that_is_no_base64_is_told_by_its_characters():
    """What does not decode has a digest of its own kind."""
    text = "é" * 200
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert digested(source(text))["data"] == f"sha256:{digest} (200 characters)"


def test_a_digest_stays():
    """What was digested is not digested again: it is the same object."""
    once = digested({"messages": [source(DATA), source("é" * 200)]})
    assert digested(once) is once


@pytest.mark.parametrize(
    "value",
    [
        {"messages": [{"role": "user", "content": "hi"}]},
        source("QUJD" * 24),
        {"type": "text", "media_type": "text/plain", "data": "word " * 100},
        {"type": "base64", "data": 7},
        {"type": "url", "url": "https://example.com/" + "a" * 200},
        ["base64", DATA, None, 1.5],
    ],
)
def test_everything_else_stays(value):
    """Text documents, short data and whatever is no source are returned as they are."""
    assert digested(value) is value


def test_only_what_changes_is_new():
    """What needs no change is the same object in the result; what was given is not changed."""
    words = {"type": "text", "text": "hi"}
    given = {"messages": [words, source(DATA)], "model": "claude-x"}
    result = digested(given)
    assert result["messages"][0] is words
    assert given["messages"][1] == source(DATA)
