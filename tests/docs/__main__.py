"""Break every block of code, one at a time, in a copy of the project: does the test that claims it notice?

``python -m tests.docs`` prints the blocks whose test still passes, and ends with 1 when there is one.  Words pick
pages: ``python -m tests.docs faults seeds``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .claims import CLAIMS
from .pages import PAGES, ROOT, Block, blocks

# What stands at the end of a block, in its language, so that who runs, reads or compares it stumbles.
_BROKEN = {
    "console": "$ fakememtrace no-such-command\nnothing\n",
    "diff": "-no such line\n+broken\n",
    "ini": "no_such_setting = broken\n",
    "json": "} broken\n",
    "python": "\n\nassert False, 'broken'\n",
    "text": "broken\n",
    "toml": "broken\n",
    "yaml": "broken: [\n",
}


def main(words: list[str]) -> int:
    """Try the pages whose names hold one of the words, or all; the exit code."""
    tried = [block for page in PAGES for block in blocks(page) if not words or any(word in page for word in words)]
    unnoticed = 0
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder) / "clone"
        kept = shutil.ignore_patterns(".git", ".venv", "build", "*_cache", "__pycache__")
        shutil.copytree(ROOT, there, ignore=kept)
        for block in tried:
            for test in {claim.by for claim in CLAIMS if _is_of(claim, block)}:
                noticed = _breaking(there, block, test)
                unnoticed += not noticed
                print(f"{'noticed  ' if noticed else 'UNNOTICED'} {block}, by {test}", flush=True)
    return int(unnoticed > 0)


def _is_of(claim, block: Block) -> bool:
    return (claim.page, claim.language) == block[:2] and (not claim.numbers or block.number in claim.numbers)


def _breaking(there: Path, block: Block, test: str) -> bool:
    """Whether the test fails with the block broken; the page is put back."""
    page = there / block.page
    whole = page.read_text("utf-8")
    lines = whole.splitlines(keepends=True)
    end = block.line + block.text.count("\n")
    page.write_text("".join([*lines[:end], _BROKEN[block.language], *lines[end:]]), "utf-8")
    name = test.rpartition("::")[2]
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-x", "-m", "", "-k", name, test.partition("::")[0]]
    ended = subprocess.run(command, cwd=there, capture_output=True, text=True, check=False)
    page.write_text(whole, "utf-8")
    return ended.returncode in (1, 2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
