"""What tools for evals do when a prompt changes: ``python -m tests.peers.others`` prints it, for docs/comparison.md.

``inspect``, ``promptfoo`` and ``moto_server`` are tried where they are found: on the PATH, or in a folder,
``python -m tests.peers.others FOLDER...``.  Nothing leaves the machine: Claude is a server on it that counts its calls.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from ..recording.api import Api, Reply, message, serving, stream

KEY = "sk-ant-api03-" + "not-a-real-key" * 6
TASK = """\
from inspect_ai import Task, task
from inspect_ai.dataset import Sample
from inspect_ai.scorer import includes
from inspect_ai.solver import generate, system_message


@task
def peers():
    said = [system_message("You are a helpful assistant."), generate(cache=True)]
    samples = [Sample(input="Hi", target="recorded"), Sample(input="Ho", target="nothing")]
    return Task(dataset=samples, solver=said, scorer=includes())
"""
CONFIG = """\
prompts: ["You are a helpful assistant. {{say}}"]
providers: [{id: "anthropic:messages:claude-x", config: {max_tokens: 9}}]
tests:
  - {vars: {say: Hi}, assert: [{type: contains, value: recorded}]}
  - {vars: {say: Ho}, assert: [{type: contains, value: nothing}]}
"""
INSPECT = ("eval", "task.py", "--model", "anthropic/claude-x", "--display", "plain", "--max-retries", "0")
PROMPTFOO = ("eval", "-c", "config.yaml", "--no-progress-bar", "--no-table")


class Claude(Api):
    """Answers as it is asked: with a stream or without one."""

    def reply(self, path: str, headers: dict[str, str], body: dict[str, object] | None) -> Reply:
        """The same words each time."""
        self.asked.append((path, headers, body))
        return (stream if (body or {}).get("stream") else message)("As recorded.")


def evaluated(name: str, command: list[str], file: Path, text: str) -> None:
    """Run an eval of two samples twice, with another word in its prompt, and without a server."""
    file.write_text(text, "utf-8")
    with serving() as api:
        api.__class__ = Claude
        environ = {**os.environ, **quiet(file.parent), "ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY}
        for what in ("first", "again", "another word in the prompt"):
            before = api.calls
            if what.startswith("another"):
                file.write_text(text.replace("helpful", "kind"), "utf-8")
            code = ended(command, file.parent, environ)
            print(f"{name}, {what}: {api.calls - before} calls for 2 samples, exit code {code}")
    file.write_text(text, "utf-8")
    print(f"{name}, the first prompt without a server: exit code {ended(command, file.parent, environ)}")
    found = [path for path in file.parent.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    print(f"{name}, files with the key in plain sight: {len(found)}\n")


def quiet(folder: Path) -> dict[str, str]:
    """What keeps the tools from asking anybody else, and their files in the folder."""
    return {
        "INSPECT_CACHE_DIR": str(folder / "cache"),
        "PROMPTFOO_CONFIG_DIR": str(folder / "config"),
        "PROMPTFOO_DISABLE_TELEMETRY": "1",
        "PROMPTFOO_DISABLE_UPDATE": "1",
    }


def ended(command: list[str], folder: Path, environ: dict[str, str]) -> int:
    """The exit code of a command."""
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, check=False, timeout=300).returncode


def with_inspect(program: str, folder: Path) -> None:
    """An eval with the cache switched on."""
    evaluated("inspect", [program, *INSPECT], folder / "task.py", TASK)


def with_promptfoo(program: str, folder: Path) -> None:
    """An eval as it comes: it has a cache."""
    evaluated("promptfoo", [program, *PROMPTFOO], folder / "config.yaml", CONFIG)


def with_moto(program: str, folder: Path) -> None:
    """A server, its dashboard and its recorder."""
    with serving_moto(program) as url:
        page = httpx.get(f"{url}/moto-api/", trust_env=False).text
        recorder = httpx.post(f"{url}/moto-api/recorder/start-recording", trust_env=False).status_code
    print(f"moto, its dashboard: {'<title>Moto</title>' in page}\nmoto, its recorder answers with: {recorder}\n")


@contextmanager
def serving_moto(program: str) -> Iterator[str]:
    """Moto's server at a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([program, "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


TRIALS: dict[str, Callable[[str, Path], None]] = {
    "inspect": with_inspect,
    "promptfoo": with_promptfoo,
    "moto_server": with_moto,
}


def main(folders: list[str]) -> None:
    """Try every tool that is found."""
    path = os.pathsep.join([*(str(Path(one).absolute()) for one in folders), os.environ["PATH"]])
    for name, trial in TRIALS.items():
        program = shutil.which(name, path=path)
        if program is None:
            print(f"{name}: not found on the PATH, nor in a folder that is named\n")
            continue
        with tempfile.TemporaryDirectory() as folder:
            trial(program, Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
