"""Data sets by the names that a sweep calls them by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ...errors import UnknownName
from ..datasets import Dataset
from ..datasets.locomo import load as load_locomo
from ..datasets.longmemeval import load as load_longmemeval
from ..datasets.synthetic import load as load_synthetic
from .reading import missing
from .sweep import Sweep

__all__ = ["dataset"]

_SYNTHETIC = "synthetic"
# Where each is, and how it is read from there.
_FILES: Mapping[str, tuple[str, Callable[[Path], Dataset]]] = {
    "locomo": ("locomo", load_locomo),
    "longmemeval": ("longmemeval", load_longmemeval),
    "longmemeval sessions": ("longmemeval", lambda path: load_longmemeval(path, "session")),
}


def dataset(sweep: Sweep, name: str) -> Dataset:
    """The data set `name`; ``synthetic 7`` is the synthetic one of the seed 7.

    Raises:
        UnknownName: there is none.
        DataError: its file is missing, broken, or something else; FileError: nobody says where it is.
    """
    kind, _, seed = name.partition(" ")
    if name == _SYNTHETIC or (kind == _SYNTHETIC and seed.isdecimal()):
        return load_synthetic(int(seed)) if seed else load_synthetic()
    if name not in _FILES:
        raise UnknownName("data set", name, [*_FILES, _SYNTHETIC, f"{_SYNTHETIC} 7"])
    where, load = _FILES[name]
    if where not in sweep.where:
        raise missing(sweep, where, name)
    return load(sweep.where[where])
