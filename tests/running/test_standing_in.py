"""``import memtrace`` can mean the client of the documentation, for as long as one says."""

from __future__ import annotations

import sys

import pytest

import fakememtrace.client
from fakememtrace.client.standing_in import standing_in


def test_the_sdk_is_back_afterwards():
    """What was imported before is the same module again, and what was not is not there."""
    import memtrace

    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "memtrace"}
    with standing_in() as ours:
        import memtrace as found

        assert found is ours
        assert found.Memtrace is fakememtrace.client.Memtrace
    assert {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "memtrace"} == before
    assert sys.modules["memtrace"] is memtrace


def test_all_of_the_client_is_found_under_the_name():
    """A star import gives what the client shows."""
    found: dict[str, object] = {}
    with standing_in():
        exec("from memtrace import *\nfrom memtrace.exceptions import ConflictError as Conflict", found)
    assert set(fakememtrace.client.__all__) <= set(found)
    assert found["Conflict"] is fakememtrace.client.ConflictError


def test_what_the_documentation_has_not_is_said():
    """An attribute that is not there says which client this is; an import fails as imports do."""
    with standing_in() as ours:
        with pytest.raises(AttributeError) as missing:
            _ = ours.Memtracer
        with pytest.raises(ImportError, match="cannot import name 'Memtracer' from 'memtrace'"):
            exec("from memtrace import Memtracer")
        with pytest.raises(ModuleNotFoundError, match="'memtrace' is not a package"):
            exec("import memtrace.client")
        assert not hasattr(ours, "__path__")
    assert str(missing.value) == (
        "the client that the documentation of Memtrace describes has no 'Memtracer'. Did you mean 'Memtrace'? "
        "A program for the released SDK runs with --client sdk."
    )
