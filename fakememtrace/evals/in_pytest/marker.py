"""What ``@pytest.mark.memory_eval(...)`` says of a test."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import UsageError, did_you_mean
from ...fixture import nodeid
from ...hashing import sha256

if TYPE_CHECKING:
    import pytest

__all__ = ["MARKER", "SAMPLE", "Marked", "marked", "samples"]

MARKER = "memory_eval"
# The parameter that pytest is given for each of the samples, and so what the test is called.
SAMPLE = "memory_eval_sample"
_KINDS: Mapping[str, tuple[type, str]] = {
    "suite": (str, "a text"),
    "baseline": (str, "a text"),
    "data": (str, "a text"),
    "category": (str, "a text"),
    "conversation": (str, "a text"),
    "n": (int, "a whole number from 1"),
    "k": (int, "a whole number from 1"),
}
_ALLOWED = (
    'Allowed, and each may be left out: suite="recall", baseline="recall.json", data="facts.json", category="people", '
    'conversation="conv-1", n=5, k=3.'
)


class Marked(NamedTuple):
    """A marked test: which item of which suite it is.

    ``baseline`` is the file with what the suite was worth, as a path from pytest's root folder; ``digest`` is of the
    data that the scores depend on, empty without such; ``item`` is the test without its sample; ``sample`` counts
    from 1 to ``n``, and is 0 where the test has no samples; ``k`` is 0 where their mean is the score.
    """

    test: str
    item: str
    suite: str
    baseline: str
    digest: str = ""
    category: str = ""
    conversation: str = ""
    sample: int = 0
    n: int = 0
    k: int = 0


def marked(item: pytest.Item) -> Marked:
    """What the markers of a test say; what stands nearer to it counts before what its class or module says.

    Raises:
        UsageError: they say what they cannot.
    """
    test = nodeid(item)
    given = _given(item, test)
    if next(item.iter_markers("xfail"), None):
        advice = "Take one of the two markers away."
        raise _misused(test, "it is marked xfail, too, and a test that is scored is not expected to fail.", advice)
    n, k = given.get("n", 0), given.get("k", 0)
    sample = _sample(item, test, n)
    if k > n:
        problem = f"k={k} of its samples are to pass, and there are {n}." if n else f"k={k} says nothing without n."
        raise _misused(test, problem, "Say how many samples are recorded: n=5, k=3.")
    home = Path(os.path.relpath(item.path, item.config.rootpath))
    suite = given.get("suite") or home.with_suffix("").as_posix()
    baseline = item.path.parent / (given.get("baseline") or f"baselines/{Path(suite).name}.json")
    return Marked(
        test,
        _without_sample(test, sample),
        suite,
        Path(os.path.relpath(baseline, item.config.rootpath)).as_posix(),
        _digest(item.path.parent / given["data"], test) if "data" in given else "",
        given.get("category", ""),
        given.get("conversation", ""),
        *(sample, n, k),
    )


def samples(item: pytest.Item | Any) -> int:
    """How many recorded samples a test is to be run with; 0 where nothing is said of them, or nothing sensible."""
    for mark in item.iter_markers(MARKER):
        if "n" in mark.kwargs:
            return mark.kwargs["n"] if _fits("n", mark.kwargs["n"]) else 0
    return 0


def _given(item: pytest.Item, test: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for mark in item.iter_markers(MARKER):
        if mark.args:
            raise _misused(test, f"{mark.args[0]!r} has no name.", f"Give it one: suite={mark.args[0]!r}.")
        for name, value in mark.kwargs.items():
            if name not in _KINDS:
                raise _misused(test, f"it has no {name!r}.{did_you_mean(name, _KINDS)}", _ALLOWED)
            if not _fits(name, value):
                raise _misused(test, f"expected {_KINDS[name][1]} as {name}, found {value!r}.", _ALLOWED)
            given.setdefault(name, value)
    return given


def _fits(name: str, value: object) -> bool:
    kind = _KINDS[name][0]
    return type(value) is kind and (kind is not int or value >= 1) and value != ""  # type: ignore[operator]


def _sample(item: pytest.Item, test: str, n: int) -> int:
    """The number of the sample that pytest runs the test with."""
    callspec = getattr(item, "callspec", None)
    sample: int = callspec.params.get(SAMPLE, 0) if callspec else 0
    if n and not sample:
        advice = "Mark the function itself, not one of its parameters; a method of unittest has no samples."
        raise _misused(test, f"its n={n} samples cannot be made into tests.", advice)
    return sample


def _without_sample(test: str, sample: int) -> str:
    """``test_it[ada]`` for ``test_it[ada-sample-2]``, ``test_it`` for ``test_it[sample-2]``."""
    if not sample:
        return test
    # Plugins that parametrize later put theirs behind it.
    before, _, after = test.rpartition(f"sample-{sample}")
    if before.endswith("-"):
        return before[:-1] + after
    return before + after.removeprefix("-") if after != "]" else before[:-1]


def _digest(path: Path, test: str) -> str:
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    try:
        parts = [f"{os.path.relpath(file, path)} {sha256(file.read_bytes()).hexdigest()}\n" for file in files]
    except OSError as error:
        advice = "Name a file or a folder, from where the test's file is."
        raise _misused(test, f"its data cannot be read: {path.name}: {error.strerror}.", advice) from None
    return sha256("".join(parts).encode()).hexdigest()


def _misused(test: str, problem: str, advice: str) -> UsageError:
    return UsageError(f"@pytest.mark.{MARKER} of {test}: {problem}\n{advice}")
