"""Data sets: histories that are stored in the fake on their own dates, and questions with what should come back."""

from __future__ import annotations

from .history import Dataset, Entry, History, Question
from .measure import Item, Measured, Variant, measured
from .reading import DataError
from .storing import Kept, store

__all__ = [
    "DataError",
    "Dataset",
    "Entry",
    "History",
    "Item",
    "Kept",
    "Measured",
    "Question",
    "Variant",
    "measured",
    "store",
]
