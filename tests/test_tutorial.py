"""The tutorial: what somebody types who has nothing yet."""

from __future__ import annotations

from .docs.pages import blocks, steps


def test_the_tutorial_begins_with_an_installation_and_a_start():
    """The page has all it needs: what to install, and then commands that are there; tests/docs types all of them."""
    session = "".join(block.text for block in blocks("docs/tutorial.md", "console"))
    typed_first = [command.strip() for command, _ in steps(session)][:3]
    assert typed_first == ['pip install "../fakememtrace[scenarios]" pytest', "fakememtrace init", "pytest -q tests"]
