"""Peers that record and replay HTTP: what loading and replaying cost with them, where they are installed.

Each gets the same conversations in its own default format, matched on method, URL and body.  They are
measured with cassettes of ten, since with more of them some take seconds for a call.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import anthropic

from fakememtrace.claude.cassette import Cassette

from .floors import claude, claude_library
from .harness import Block, Row, seconds

__all__ = ["RECORDERS", "Recorder", "load_block", "missing", "replay_block"]

# Where nothing listens: what a peer does not catch must not reach the network.
_NOWHERE = "http://127.0.0.1:9"
_MATCH_ON = ["method", "uri", "body"]


class Recorder(NamedTuple):
    """A peer: its package and module, and how it writes a cassette, loads one, and replays from it."""

    package: str
    module: str
    suffix: str
    entry: Callable[[Any, dict[str, Any]], dict[str, Any]]
    load: Callable[[Path], object]
    replaying: Callable[[Path], AbstractContextManager[object]]

    @property
    def name(self) -> str:
        """``peer: vcrpy 9.4.2``."""
        return f"peer: {self.package} {version(self.package)}" if self.installed else f"peer: {self.package}"

    @property
    def installed(self) -> bool:
        """Whether it can be imported."""
        return find_spec(self.module) is not None

    def write(self, tape: Cassette, folder: Path) -> Path:
        """The conversations of `tape` as a cassette of the peer's."""
        import yaml

        entries = [self.entry(_sent(one.request), dict(one.response)) for one in tape.interactions]
        path = folder / f"{self.package}-{len(tape)}{self.suffix}"
        path.write_text(yaml.safe_dump({"version": 1, "interactions": entries}), "utf-8")
        return path


def replay_block(peer: Recorder, tape: Cassette, calls: int, folder: Path) -> Block | Row:
    """A block that replays `tape` with the peer, or the line that says why there is none."""
    what = f"messages.create, {peer.name}"
    if not peer.installed:
        return missing(what)
    client, bodies = claude(base_url=_NOWHERE), [one.request for one in tape.interactions]
    path, times = peer.write(tape, folder), max(1, calls // len(tape))

    def block() -> float:
        spent = 0.0
        for _ in range(times):
            with peer.replaying(path):
                spent += seconds(lambda body: client.messages.create(**body), bodies)
        return spent / (times * len(bodies))

    try:
        block()
    except anthropic.APIConnectionError:
        return Row(what, note=f"does not reach {claude_library().__name__}")
    return block


def load_block(peer: Recorder, tape: Cassette, folder: Path) -> Block | None:
    """A block that loads `tape` with the peer, the time of each interaction; None where it is not installed."""
    if not peer.installed:
        return None
    path = peer.write(tape, folder)
    return lambda: seconds(peer.load, [path]) / len(tape)


def missing(what: str) -> Row:
    """The line of a peer that is not there."""
    return Row(what, note="not installed")


def _sent(body: dict[str, Any]) -> Any:
    """The library's request that the SDK makes of `body`."""
    sent: list[Any] = []
    library = claude_library()

    def answer(request: Any) -> Any:
        sent.append(request)
        return library.Response(400, json={"error": {}})

    http = anthropic.DefaultHttpxClient(transport=library.MockTransport(answer))
    try:
        claude(base_url=_NOWHERE, http_client=http).messages.create(**body)
    except anthropic.BadRequestError:
        return sent[0]
    raise AssertionError("an error was answered, and none was raised")


def _vcrpy_entry(request: Any, response: dict[str, Any]) -> dict[str, Any]:
    return {
        "request": {"method": "POST", "uri": str(request.url), "body": request.content.decode(), "headers": {}},
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"content-type": ["application/json"]},
            "body": {"string": json.dumps(response)},
        },
    }


def _cassetter_entry(request: Any, response: dict[str, Any]) -> dict[str, Any]:
    kind = {"content-type": ["application/json"]}
    return {
        "request": {
            "method": "POST",
            "uri": str(request.url),
            "headers": kind,
            "body": {"type": "json", "content": json.loads(request.content)},
        },
        "response": {"status": 200, "headers": kind, "body": {"type": "json", "content": response}},
        "recorded_at": "2026-02-07T12:00:00Z",
    }


def _vcrpy_load(path: Path) -> object:
    from vcr.cassette import Cassette as VcrCassette

    return VcrCassette.load(path=str(path))


def _cassetter_load(path: Path) -> object:
    from cassetter import Cassetter

    tape = Cassetter(record_mode="none").cassette(path)
    tape.load()
    return tape


@contextmanager
def _vcrpy_replaying(path: Path) -> Iterator[object]:
    import vcr

    with vcr.VCR(record_mode="none", match_on=_MATCH_ON).use_cassette(str(path)) as tape:
        yield tape


@contextmanager
def _cassetter_replaying(path: Path) -> Iterator[object]:
    from cassetter import use_cassette

    with use_cassette(path, record_mode="none", match_on=_MATCH_ON) as tape:
        yield tape


RECORDERS: Sequence[Recorder] = (
    Recorder("vcrpy", "vcr", ".yaml", _vcrpy_entry, _vcrpy_load, _vcrpy_replaying),
    Recorder("cassetter", "cassetter", ".yaml", _cassetter_entry, _cassetter_load, _cassetter_replaying),
)
