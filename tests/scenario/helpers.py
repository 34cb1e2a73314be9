"""Small scenarios for the tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from fakememtrace.claude.cassette import Cassette

from ..claude.helpers import interaction, request

__all__ = ["ASK", "ASK_WITH_SDK", "Folder", "command"]

# Programs that ask Claude one thing for each line they read; the first without the SDK, whose import takes a second.
ASK = """\
import sys
import httpx

def ask(text):
    body = {"model": "claude-x", "max_tokens": 100, "messages": [{"role": "user", "content": text}]}
    answer = httpx.post("https://api.anthropic.com/v1/messages", json=body, headers={"anthropic-version": "2023-06-01"})
    return answer.raise_for_status().json()["content"][0]["text"]

for line in sys.stdin:
    print(ask(line.strip()))
"""

ASK_WITH_SDK = """\
import sys
import anthropic

claude = anthropic.Anthropic()
for line in sys.stdin:
    message = claude.messages.create(
        model="claude-x", max_tokens=100, messages=[{"role": "user", "content": line.strip()}]
    )
    print(message.content[0].text)
"""

SCRIPT = 'title = "A test"\n\n[[run]]\nsays = ["hi"]\n'
EXPECTATIONS = '[[request]]\nrun = 1\nnumber = 1\ncontains = ["hi"]\n'


class Folder:
    """A scenario folder in the making: it is whole until a test breaks it."""

    def __init__(self, root: Path, name: str = "demo") -> None:
        self.root, self.path = root, root / name
        self.path.mkdir(parents=True)
        self.write("program.py", ASK)
        self.write("script.toml", SCRIPT)
        self.write("expectations.toml", EXPECTATIONS)
        self.record(("hi", "hello"))

    def write(self, name: str, text: str) -> Folder:
        """Write one of its files; itself."""
        (self.path / name).write_text(text, "utf-8")
        return self

    def record(self, *pairs: tuple[str, str]) -> Folder:
        """Make its cassette of questions and answers; itself."""
        Cassette([interaction(request(question), answer) for question, answer in pairs]).save(
            self.path / "cassette.json"
        )
        return self

    def files(self) -> set[str]:
        """What is in the folder above it, all the way down."""
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*")}


def command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "fakememtrace", *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
