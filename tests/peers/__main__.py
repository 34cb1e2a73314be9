"""What recorders do when a prompt changes: ``python -m tests.peers`` prints what docs/comparison.md tells of it.

Each tool that is installed records one call to a server on this machine, with a key in its headers, and replays it: the
same call, and one whose system prompt has another word.  Nothing leaves the machine.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import httpx

from fakememtrace import World

KEY = "sk-ant-api03-" + "not-a-real-key" * 6
ANSWER = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-x",
    "content": [{"type": "text", "text": "As recorded."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 9, "output_tokens": 3},
}
Session = Callable[[Path, bool], AbstractContextManager[Any]]


class Tool(NamedTuple):
    """A recorder as it comes: its package, and how it records into a file (True) or replays from it (False)."""

    package: str
    how: str
    session: Session


class Trial(NamedTuple):
    """What a tool did: with the same call, with the changed one, and whether the key stands in its file."""

    tool: str
    same: str
    changed: str
    key_in_file: bool


class _Claude(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[str]:
    """A server that answers every call alike, by its URL."""
    server = HTTPServer(("127.0.0.1", 0), _Claude)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def tried(tool: Tool, url: str, folder: Path) -> Trial:
    """Record with a tool, and replay."""
    path = folder / f"{tool.package}-{tool.how.replace(' ', '-')}"
    with tool.session(path, True):
        ask(url, "You are a helpful assistant.")
    same, changed = (replayed(tool, url, path, word) for word in ("helpful", "kind"))
    files = [path, path.with_suffix(".json"), path.with_suffix(".yaml")]
    text = "".join(file.read_text("utf-8") for file in files if file.is_file())
    assert "As recorded." in text
    return Trial(f"{tool.package} {version(tool.package)}, {tool.how}", same, changed, KEY in text)


def replayed(tool: Tool, url: str, path: Path, word: str) -> str:
    """What a call gets in a replay: the recorded answer, or the first words of what is said instead."""
    try:
        with tool.session(path, False):
            return f"answered {ask(url, f'You are a {word} assistant.')!r}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def ask(url: str, system: str) -> str:
    """One call."""
    body = {"model": "claude-x", "max_tokens": 9, "system": system, "messages": [{"role": "user", "content": "Hi"}]}
    headers = {"x-api-key": KEY, "anthropic-version": "2023-06-01"}
    answer = httpx.post(f"{url}/v1/messages", json=body, headers=headers).json()
    if "error" in answer:
        raise RuntimeError(answer["error"]["message"])
    return str(answer["content"][0]["text"])


def _vcrpy(**options: Any) -> Session:
    def session(path: Path, records: bool) -> Any:
        import vcr

        mode = "once" if records else "none"
        return vcr.VCR(record_mode=mode, **options).use_cassette(str(path.with_suffix(".yaml")))

    return session


def _cassetter(**options: Any) -> Session:
    def session(path: Path, records: bool) -> Any:
        import cassetter

        more = {} if records else {"record_mode": "none"}
        return cassetter.use_cassette(str(path.with_suffix(".yaml")), **options, **more)

    return session


def _ours(url: str) -> Session:
    @contextmanager
    def session(path: Path, records: bool) -> Iterator[None]:
        pointers = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": KEY}
        with (
            mock.patch.dict(os.environ, pointers),
            World(cassette=path.with_suffix(".json"), record="all" if records else "none"),
        ):
            yield

    return session


def main() -> None:
    """Try every tool that is installed."""
    with serving() as url, tempfile.TemporaryDirectory() as folder:
        tools = [
            Tool("vcrpy", "as it comes", _vcrpy()),
            Tool("vcrpy", "matching on the body", _vcrpy(match_on=["method", "uri", "body"])),
            Tool("cassetter", "as it comes", _cassetter()),
            Tool("cassetter", "matching on the body", _cassetter(match_on=["method", "uri", "body"])),
            Tool("fakememtrace", "as it comes", _ours(url)),
        ]
        for tool in tools:
            if find_spec({"vcrpy": "vcr"}.get(tool.package, tool.package)) is None:
                print(f"{tool.package}: not installed; pip install {tool.package}\n")
                continue
            trial = tried(tool, url, Path(folder))
            print(f"{trial.tool}\n  the same prompt: {trial.same}\n  another word in it: {trial.changed}")
            print(f"  the key is in the file: {'yes' if trial.key_in_file else 'no'}\n")


if __name__ == "__main__":
    main()
