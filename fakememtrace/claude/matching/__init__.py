"""When are two requests the same?"""

from __future__ import annotations

from .difference import Difference
from .own import Matcher
from .rules import Matching

__all__ = ["Difference", "Matcher", "Matching"]
