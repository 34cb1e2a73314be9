"""Recordings that other people made come back by value, every one; where they are not there, this says so."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from .decode import family
from .table import MISSING, checked, files, header, lines

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "real-traffic.md").read_text("utf-8")
NAMES = {
    "dd-testagent-json": "a recording of the dd-apm-test-agent (one exchange in JSON)",
    "httprr": "an httprr trace (of Go)",
    "r-vcr": "a cassette of R's vcr",
    "ruby-vcr": "a Ruby VCR cassette",
    "sdk-snapshot-json": "a snapshot of the anthropic SDK's own tests (a list of exchanges in JSON)",
}
NEEDED = pytest.mark.skipif(not files(), reason=MISSING)


def entries(is_read: bool) -> list[Any]:
    """The files of the sample that are read, or those that are not."""
    found = [pytest.param(entry, id=entry["file"]) for entry in files() if bool(family(entry["format"])) is is_read]
    return found or [pytest.param({}, marks=NEEDED, id="none")]


@pytest.mark.parametrize("entry", entries(is_read=True))
def test_a_recording_comes_back_by_value(entry: dict[str, Any]) -> None:
    """Whatever the SDK makes of the recorded bytes it makes of the imported cassette, sync and async, and no more."""
    one = checked(entry["file"])
    assert one.problem == ""
    for verdict in one.verdicts:
        assert verdict.got == verdict.expected
        assert verdict.got_async == verdict.expected_async
    assert one.is_by_value
    assert one.outcome.problems == []


@pytest.mark.parametrize("entry", entries(is_read=True))
def test_nothing_of_a_recording_is_forgotten(entry: dict[str, Any]) -> None:
    """What the sample's own list says is in a file is in the cassette, or in the report as left."""
    one = checked(entry["file"])
    held = Counter(exchange.endpoint for exchange in one.exchanges if exchange.endpoint)
    assert held == {name: count for name, count in entry["endpoints"].items() if name in held}
    assert Counter(interaction.endpoint for interaction in one.outcome.interactions) == held
    others = sum(count for reason, count in one.outcome.left.items() if reason.startswith("other host "))
    assert others == entry["exchanges_other_hosts"]
    assert held.total() + one.outcome.left.total() == entry["exchanges"] + others == len(one.exchanges)
    streams = sum(exchange.kind == "streams" for exchange in one.exchanges)
    assert streams == entry["response_kinds"].get("sse", 0)


@pytest.mark.parametrize("entry", entries(is_read=False))
def test_a_format_that_is_not_read_is_named(entry: dict[str, Any]) -> None:
    """A recording of another tool is refused by the name of its format, and nothing is written."""
    one = checked(entry["file"])
    (problem,) = one.outcome.problems
    assert problem.problem == f"this is {NAMES[entry['format']]}, which is not read."
    assert one.outcome.cassette is None


@NEEDED
def test_the_page_has_these_tables() -> None:
    """docs/real-traffic.md is what the command prints, but for the SDK that is installed."""
    printed = "\n".join(lines([checked(entry["file"]) for entry in files()]))
    blocks = printed.split("\n\n")
    assert len(blocks) == 3
    for block in blocks:
        assert f"\n\n{block}\n" in PAGE


def without_sample(tmp_path: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """The command where the sample is not there."""
    code = (
        "import sys; from pathlib import Path; from tests.traffic import table; "
        f"table.FOLDER = Path({str(tmp_path)!r}); sys.argv[1:] = []; from tests.traffic.__main__ import main; main()"
    )
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, text=True, check=False, **options)


def test_the_command_says_so_where_the_sample_is_not_there(tmp_path: Path) -> None:
    """Without the sample there is nothing to print, and that is no failure."""
    ended = without_sample(tmp_path, capture_output=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"{MISSING}\n", "")


def test_the_command_ends_quietly_when_nobody_reads_on(tmp_path: Path) -> None:
    """Whoever stops reading, as head does, gets no traceback."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    ended = without_sample(tmp_path, stdout=write_end, stderr=subprocess.PIPE)
    os.close(write_end)
    assert (ended.returncode, ended.stderr) == (1, "")


def test_the_command_names_the_sdk() -> None:
    """Whoever reads the numbers knows what they were counted with."""
    name, version, on, library, *_ = header().split()
    assert (name, on) == ("anthropic", "on")
    assert version[0].isdigit()
    assert library.rstrip(",") in ("httpx", "httpx2")
