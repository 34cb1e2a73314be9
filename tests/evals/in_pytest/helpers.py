"""What a run of pytest said of its memory evals."""

from __future__ import annotations

import json

__all__ = ["baseline", "scores", "suite_of", "told"]


def told(result, title="memory evals"):
    """The lines of the section, without its title and what ends the run."""
    lines = iter(result.outlines)
    if not any(f" {title} ===" in line for line in lines):
        return []
    found = []
    for line in lines:
        if line.startswith("==="):
            break
        found.append(line)
    return found[:-1] if found[-1:] == [""] else found


def suite_of(pytester, file="out.json"):
    """The only suite in a file with scores."""
    (suite,) = json.loads((pytester.path / file).read_text("utf-8"))["suites"]
    return suite


def scores(pytester, file="out.json"):
    """The scores in such a file: value and words by key, without the name of the test's file."""
    return {
        one["key"].removeprefix("test_it.py::"): (one["value"], one["words"])
        for one in suite_of(pytester, file)["scores"]
    }


def baseline(pytester, file="baselines/test_it.json"):
    """The values in a baseline by key."""
    items = json.loads((pytester.path / file).read_text("utf-8"))["items"]
    return {item["key"].removeprefix("test_it.py::"): item["value"] for item in items}
