"""Bodies that are compressed, spelled in base64 or damaged, and how much of them is taken."""

from __future__ import annotations

import base64
import gzip
import json
import sys
import zlib
from types import SimpleNamespace
from typing import Any

import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.importing.bodies import MOST, as_bytes, opened
from fakememtrace.claude.importing.broken import Broken

from . import made
from .made import BODY, MESSAGE, har_text, interactions_of, problem_of, vcrpy, vcrpy_text

PLAIN = json.dumps(MESSAGE).encode()
PLACE = ", exchange 1, the answer's body: "
MENDED = "\nCorrect the recording there, or record it again."
WHOLE = "\nRecord it again, or take it out of the file."


def raw_deflate(content: bytes) -> bytes:
    """Compressed without a mark of its own."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


OPENED = {
    "plain": (PLAIN, ""),
    "plain, whose header was kept": (PLAIN, "gzip"),
    "plain, with another header": (PLAIN, "br"),
    "gzip": (gzip.compress(PLAIN), "gzip"),
    "gzip without a header": (gzip.compress(PLAIN), ""),
    "gzip in two members": (gzip.compress(PLAIN[:9]) + gzip.compress(PLAIN[9:]), "gzip"),
    "gzip with padding": (gzip.compress(PLAIN) + b"\0\0\0", "gzip"),
    "deflate": (zlib.compress(PLAIN), "deflate"),
    "deflate at its best": (zlib.compress(PLAIN, 9), ""),
    "deflate without a mark": (raw_deflate(PLAIN), "deflate"),
    "nothing": (b"", "gzip"),
}


@pytest.mark.parametrize("kind", OPENED)
def test_a_body_is_opened_by_what_it_is(kind):
    """The mark at its start decides, and the header only where there is none."""
    body, header = OPENED[kind]
    assert opened(body, header, "") == (PLAIN if kind != "nothing" else b"")


def test_a_body_of_ten_megabytes_is_taken(tmp_path):
    """Large is not too large: an answer with a long text comes over whole."""
    message = made.answer("tea, " * 2_000_000)
    (got,) = interactions_of(tmp_path, har_text(made.har(answered=message)), "recording.har")
    assert got.response == message


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
def test_a_bomb_is_refused_before_it_bursts(tmp_path, pack):
    """A few kilobytes that stand for more than 64 MB are not decompressed further than that."""
    name = {gzip.compress: "gzip", zlib.compress: "deflate"}[pack]
    said = problem_of(tmp_path, vcrpy_text(vcrpy(answered=pack(b" " * (MOST + 1)))))
    assert said == f"{PLACE}this {name} is more than 64 MB when decompressed.{WHOLE}"


def test_a_bomb_of_many_members_is_one(tmp_path):
    """What counts is all of them together."""
    member = gzip.compress(b" " * (MOST // 4))
    said = problem_of(tmp_path, vcrpy_text(vcrpy(answered=member * 5)))
    assert said == f"{PLACE}this gzip is more than 64 MB when decompressed.{WHOLE}"


BROKEN = {
    "cut gzip": (gzip.compress(PLAIN)[:-12], f"this gzip was cut off.{WHOLE}"),
    "cut deflate": (zlib.compress(PLAIN)[:-5], f"this deflate was cut off.{WHOLE}"),
    "damaged gzip": (b"\x1f\x8b" + b"\xff" * 30, f"this begins as gzip and is none, or is damaged.{WHOLE}"),
    "neither": (b"\x80\x81", f"this is neither UTF-8 text nor compressed (byte 0).{MENDED}"),
    "another encoding": (
        '{"a": "\u00e9"}'.encode("latin-1"),
        f"this is neither UTF-8 text nor compressed (byte 7).{MENDED}",
    ),
    "nothing": (b"", f"expected a JSON object or an event stream, found nothing.{MENDED}"),
    "a text": ("hello", f"expected a JSON object or an event stream, found neither.{MENDED}"),
    "a list": ("[]", f"expected a JSON object or an event stream, found neither.{MENDED}"),
    "half a message": (PLAIN[:-3].decode(), f"expected a JSON object or an event stream, found neither.{MENDED}"),
    "a value that is none of JSON": (
        {"a": {b"b"}},
        f"expected a text, bytes or a JSON value, found an object that is none.{MENDED}",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_an_answer_that_cannot_be_read_is_named(tmp_path, kind):
    """Each way of being broken has its words, with file and exchange, and nothing is written."""
    body, problem = BROKEN[kind]
    entry = vcrpy()
    entry["response"]["body"]["string"] = body
    assert problem_of(tmp_path, vcrpy_text(entry)) == f"{PLACE}{problem}"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (None, "expected a JSON object with model and messages, found none."),
        ("hello", "expected a JSON object with model and messages, found none."),
        ("[]", "expected a JSON object with model and messages, found none."),
        (b"\xff\xfe", "this is neither UTF-8 text nor compressed (byte 0)."),
    ],
)
def test_a_request_that_cannot_be_read_is_named(tmp_path, body, problem):
    """Without its request no answer can be played."""
    assert problem_of(tmp_path, vcrpy_text(vcrpy(body))) == f", exchange 1, the request's body: {problem}{MENDED}"


@pytest.mark.parametrize("text", ["=", "abc", "ab!c", "é"])
def test_base64_that_is_none_is_named(tmp_path, text):
    """Bytes that cannot be had are not guessed."""
    content = {"encoding": "base64", "text": text}
    said = problem_of(tmp_path, har_text(made.har(content=content)), "recording.har")
    assert said == f"{PLACE}this is not base64, as it is said to be.{MENDED}"


SPELLED = {
    "json": (PLAIN, MESSAGE),
    "gzip": (gzip.compress(PLAIN, mtime=0), MESSAGE),
    "a stream": (made.stream_text().encode(), MESSAGE),
}


@pytest.mark.parametrize("kind", SPELLED)
def test_an_answer_in_base64_that_does_not_say_so(tmp_path, kind):
    """A text that is nothing but base64 of an answer is that answer, with or without breaks of its lines."""
    body, message = SPELLED[kind]
    for name, text in (("one", base64.b64encode(body)), ("two", base64.encodebytes(body))):
        entry = vcrpy()
        entry["response"]["body"]["string"] = text.decode()
        (got,) = interactions_of(tmp_path, vcrpy_text(entry), f"{name}.yaml")
        assert got.response == message
        assert got.stream == (kind == "a stream")


def test_a_request_in_base64_that_does_not_say_so(tmp_path):
    """The same for what was asked."""
    (got,) = interactions_of(tmp_path, vcrpy_text(vcrpy(base64.b64encode(json.dumps(BODY).encode()).decode())))
    assert got.request == BODY


@pytest.mark.parametrize("text", ["overload", "Overloaded!!", "eyJh", "[1, 2]", base64.b64encode(b"[1]").decode()])
def test_an_error_in_words_is_not_taken_for_base64(tmp_path, text):
    """What spells no answer is the text that it is, though its letters may all be those of base64."""
    entry = vcrpy(status=529)
    entry["response"]["body"]["string"] = text
    (got,) = interactions_of(tmp_path, vcrpy_text(entry))
    assert got.response == text


def test_gzip_in_base64_that_is_cut_is_named(tmp_path):
    """What begins as gzip does is nothing else."""
    entry = vcrpy()
    entry["response"]["body"]["string"] = base64.b64encode(gzip.compress(PLAIN, mtime=0)[:-12]).decode()
    assert problem_of(tmp_path, vcrpy_text(entry)) == f"{PLACE}this gzip was cut off.{WHOLE}"


def test_hexadecimal_in_pieces(tmp_path):
    """Polly.JS keeps what is compressed in hexadecimal, and says so in either of two ways."""
    packed = gzip.compress(PLAIN, mtime=0).hex()
    text = json.dumps([packed[:30], packed[30:]])
    for number, said in enumerate(({"encoding": "hex"}, {"encoding": "HEX"}, {"_isBinary": True})):
        (got,) = interactions_of(tmp_path, har_text(made.har(content={**said, "text": text})), f"{number}.har")
        assert got.response == MESSAGE


@pytest.mark.parametrize("said", [{"_isBinary": True}, {"encoding": "hex"}])
@pytest.mark.parametrize("text", ["abc", "xy", '["1f8b", "é"]'])
def test_hexadecimal_that_is_none_is_named(tmp_path, text, said):
    """The same for what Polly.JS writes so."""
    content = {**said, "text": text}
    said = problem_of(tmp_path, har_text(made.har(content=content)), "recording.har")
    assert said == f"{PLACE}this is not hexadecimal, as it is said to be.{MENDED}"


def test_a_har_file_without_bodies_is_told_so(tmp_path):
    """A browser may save what was asked without what was answered."""
    said = problem_of(tmp_path, har_text(made.har(content={"size": 12})), "recording.har")
    assert said == f"{PLACE}expected a JSON object or an event stream, found nothing.{MENDED}"


def test_half_a_surrogate_pair_comes_through(tmp_path):
    """A text that has no UTF-8 form is kept as the escape that JSON has for it."""
    body = made.request("\ud83d half")
    (got,) = interactions_of(tmp_path, har_text(made.har(body, made.answer("\ude00"))), "recording.har")
    assert got.request == body
    assert got.response == made.answer("\ude00")
    assert as_bytes('"\ud83d\ude00"', "") == b'"\\ud83d\\ude00"'


ALTERED = "this would not come back from a cassette as it is.\nLeave it out, and report it please."


def test_what_a_cassette_would_change_is_refused(tmp_path, monkeypatch):
    """Interactions are read back, each and all, before they count: what would be something else is not written."""
    entry = vcrpy()
    (one,) = interactions_of(tmp_path, vcrpy_text(entry))
    text = Cassette([one]).dumps()
    monkeypatch.setattr(Cassette, "dumps", lambda self: text)
    other = problem_of(tmp_path, vcrpy_text(vcrpy(made.request("Bye"))), "other.yaml")
    assert other == f", exchange 1: {ALTERED}"
    assert problem_of(tmp_path, vcrpy_text(entry, entry), "twice.yaml") == f": {ALTERED}"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["recording.json"]


@pytest.mark.parametrize("depth", [5_000, 100_000])
def test_what_is_nested_too_deeply_is_refused(tmp_path, depth):
    """JSON that cannot be read for its depth, or can be read and not looked through, does not end the run."""
    body = f'{{"model": "x", "messages": [], "metadata": {"[" * depth}{"]" * depth}}}'
    said = problem_of(tmp_path, har_text(made.har(body)), "recording.har")
    assert said == f", exchange 1: this is nested too deeply.{MENDED}"


class Squeezed:
    """Opens what a stand-in for a library squeezed: each byte stands for `times` of them."""

    eof = True

    def __init__(self, times: int = 1) -> None:
        self.times = times

    def process(self, part: bytes) -> bytes:
        """As brotli calls it."""
        if b"!" in part:
            raise ValueError
        return bytes(byte ^ 0x80 for byte in part) * self.times

    decompress = process

    def is_finished(self) -> bool:
        """Whether there was an end."""
        return True


def library(times: int = 1) -> Any:
    """A module that looks like brotli and like zstandard."""
    opener = SimpleNamespace(decompressobj=lambda: Squeezed(times))
    return SimpleNamespace(
        Decompressor=lambda: Squeezed(times), error=ValueError, ZstdDecompressor=lambda: opener, ZstdError=ValueError
    )


SQUEEZED = bytes(byte ^ 0x80 for byte in PLAIN)
ZSTD = b"\x28\xb5\x2f\xfd"
OTHERS = {"br": ("brotli", SQUEEZED), "zstd": ("zstandard", ZSTD + SQUEEZED)}


@pytest.mark.parametrize("name", OTHERS)
def test_other_compressions_need_their_library(tmp_path, monkeypatch, name):
    """Without it the error says what to install."""
    package, body = OTHERS[name]
    for module in ("brotli", "brotlicffi", "zstandard"):
        monkeypatch.setitem(sys.modules, module, None)
    said = problem_of(tmp_path, vcrpy_text(vcrpy(answered=body, headers={"content-encoding": name})))
    assert said == (
        f"{PLACE}this is compressed as {name}, and {package} is not installed.\nInstall it with: pip install {package}"
    )


@pytest.mark.parametrize("name", OTHERS)
def test_other_compressions_are_opened_in_small_steps(monkeypatch, name):
    """What a library opens is put together, what it cannot open is named, and too much is refused as elsewhere."""
    package, body = OTHERS[name]
    monkeypatch.setitem(sys.modules, package, library())
    assert opened(body, name, "").endswith(PLAIN)
    with pytest.raises(Broken) as damaged:
        opened(body + b"!", name, "here")
    assert str(damaged.value) == f"here: this is said to be {name} and is none, or is damaged.{WHOLE}"
    monkeypatch.setitem(sys.modules, package, library(MOST // 10))
    with pytest.raises(Broken) as bomb:
        opened(body, name, "here")
    assert str(bomb.value) == f"here: this {name} is more than 64 MB when decompressed.{WHOLE}"


@pytest.mark.parametrize("name", OTHERS)
def test_other_compressions_that_were_cut_are_named(monkeypatch, name):
    """The library says whether there was an end."""
    package, body = OTHERS[name]
    monkeypatch.setitem(sys.modules, package, library())
    monkeypatch.setattr(Squeezed, "is_finished", lambda self: False)
    monkeypatch.setattr(Squeezed, "eof", False)
    with pytest.raises(Broken) as cut:
        opened(body, name, "here")
    assert str(cut.value) == f"here: this {name} was cut off.{WHOLE}"


def test_the_request_is_opened_too(tmp_path):
    """A client may compress what it sends."""
    entry = vcrpy(gzip.compress(json.dumps(BODY).encode()), sent_headers={"content-encoding": ["gzip"]})
    (got,) = interactions_of(tmp_path, vcrpy_text(entry))
    assert got.request == BODY
