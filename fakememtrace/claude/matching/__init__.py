"""When are two requests the same?"""

from __future__ import annotations

from .difference import Difference
from .rules import Matcher, Matching

__all__ = ["Difference", "Matcher", "Matching"]
