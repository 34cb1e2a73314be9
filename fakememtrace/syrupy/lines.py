"""What several kinds of text have in common: their lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

__all__ = ["labelled", "value"]

_WIDTH = 10


def labelled(label: str, text: str, indent: str = "") -> Iterator[str]:
    """`text` beside its label, its further lines below."""
    for number, line in enumerate(text.split("\n")):
        yield f"{indent}{label if number == 0 else '':{_WIDTH}}{line}".rstrip()


def value(what: Any) -> str:
    """A JSON value on one line, its keys in their order."""
    return json.dumps(what, ensure_ascii=False)
