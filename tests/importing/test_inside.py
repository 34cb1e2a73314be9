"""Secrets in bodies that other recorders keep in base64, compressed or not, are found where they lie."""

from __future__ import annotations

import base64
import gzip
import json
import textwrap
import zlib

import pytest
from click.testing import CliRunner

from fakememtrace.claude.importing.inside import texts_inside
from fakememtrace.cli import cli

# Put together here, so that no file of ours looks as if it held one.
KEY = "sk-ant-" + "api03-" + "Ab1x" * 24
TEXT = json.dumps({"content": [{"type": "text", "text": f"Your key is {KEY}, and an ö."}]}, ensure_ascii=False)
BODY = TEXT.encode()
PACKED = {"plain": BODY, "gzip": gzip.compress(BODY, mtime=0), "zlib": zlib.compress(BODY)}


def spelled(content):
    """In base64, on one line."""
    return base64.b64encode(content).decode()


def block(content):
    """As PyYAML writes binary values."""
    lines = textwrap.wrap(spelled(content), 76)
    return "    string: !!binary |\n" + "".join(f"      {line}\n" for line in lines) + "    status: {code: 200}\n"


@pytest.mark.parametrize("way", PACKED)
@pytest.mark.parametrize("written", [spelled, block, lambda content: json.dumps({"text": spelled(content)})])
def test_a_text_is_opened(way, written):
    """On one line, in the lines of a YAML block and in JSON, compressed or not, with the place where it begins."""
    text = f"first: line\n{written(PACKED[way])}"
    ((start, found),) = texts_inside(text)
    assert found == TEXT
    assert text[:start].count("\n") == (2 if written is block else 1)


@pytest.mark.parametrize(
    "text",
    [
        spelled(bytes(range(256))),
        spelled(PACKED["gzip"][:60]),
        spelled(PACKED["zlib"][:-20]),
        "deadbeef" * 8,
        "A_long_name_in_a_program_that_is_no_base64_at_all",
        "Thisisjustoneverylongwordthatnobodywouldsay",
    ],
)
def test_what_is_no_text_is_left_out(text):
    """Pictures, digests, words, and what was cut off."""
    assert list(texts_inside(text)) == []


def test_what_decompresses_without_end_is_left_out(monkeypatch):
    """A few bytes that stand for very many are not written out."""
    monkeypatch.setattr("fakememtrace.claude.importing.bodies.MOST", 1000)
    assert list(texts_inside(spelled(gzip.compress(b"x" * 1001)))) == []
    assert [len(text) for _, text in texts_inside(spelled(gzip.compress(b"x" * 1000)))] == [1000]


def test_check_finds_secrets_inside(tmp_path, monkeypatch):
    """`cassette check --secrets` says in which line the body begins, and ends with 1."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vcr.yaml").write_text(f"interactions:\n{block(PACKED['gzip'])}", "utf-8")
    (tmp_path / "clean.yaml").write_text(f"interactions:\n{block(gzip.compress(b'nothing to hide here'))}", "utf-8")
    result = CliRunner().invoke(cli, ["cassette", "check", "--secrets", "."])
    assert result.exit_code == 1
    assert result.stdout == (
        f"vcr.yaml, line 3, in base64: anthropic-api-key, sk-ant… ({len(KEY)} characters)\n2 files, 1 bad\n"
    )
