"""Data files, read with complaints that name file, item and field."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...errors import FileError, did_you_mean, listed

__all__ = ["DataError", "Field", "opened"]

_KINDS: dict[type, str] = {
    bool: "true or false",
    dict: "an object",
    float: "a number",
    int: "a number",
    list: "a list",
    str: "a string",
    type(None): "null",
}


class DataError(FileError):
    """A data set that is missing, broken, or another one."""


class Field:
    """A value in a data file, and the way to it (``[3].qa[12].evidence``)."""

    def __init__(self, file: str, value: Any, advice: str, path: str = "") -> None:
        self.file, self.value, self.path, self._advice = file, value, path, advice

    def __getitem__(self, name: str) -> Field:
        """The field `name` of an object; DataError when it has none."""
        known = self.mapping()
        if name not in known:
            problem = f"there is no field {name!r} here.{did_you_mean(name, known)} There is: {listed(sorted(known))}."
            raise self.wrong(problem)
        return self._below(name)

    def get(self, name: str) -> Field | None:
        """The same, None when it has none or null."""
        return self._below(name) if self.mapping().get(name) is not None else None

    def items(self) -> Iterator[Field]:
        """Those of a list."""
        for index, value in enumerate(self._of(list)):
            yield Field(self.file, value, self._advice, f"{self.path}[{index}]")

    def mapping(self) -> Mapping[str, Any]:
        """The object that this is."""
        found: Mapping[str, Any] = self._of(dict)
        return found

    def text(self) -> str:
        """The string that this is."""
        return str(self._of(str))

    def texts(self) -> list[str]:
        """The list of strings that this is."""
        return [item.text() for item in self.items()]

    def whole(self) -> int:
        """The whole number that this is."""
        return int(self._of(int))

    def wrong(self, problem: str) -> DataError:
        """The complaint about this place."""
        return DataError(self.file, problem, self._advice, self.path)

    def _below(self, name: str) -> Field:
        return Field(self.file, self.value[name], self._advice, f"{self.path}.{name}" if self.path else name)

    def _of(self, kind: type) -> Any:
        if type(self.value) is not kind:
            raise self.wrong(f"expected {_KINDS[kind]}, found {_KINDS[type(self.value)]}.")
        return self.value


def opened(path: str | os.PathLike[str], name: str, advice: str) -> tuple[Field, str]:
    """The JSON in the file `path` and its SHA-256; of a folder, the file `name` in it.

    Raises:
        DataError: there is none; `advice` is what to do then, and wherever something in it is wrong.
    """
    file = Path(path) / name if Path(path).is_dir() else Path(path)
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise DataError(file, "there is no such file.", advice) from None
    except OSError as error:
        raise DataError(file, f"cannot be read: {error.strerror}.", advice) from None
    return Field(str(file), _parsed(file, content, advice), advice), hashlib.sha256(content).hexdigest()


def _parsed(file: Path, content: bytes, advice: str) -> Any:
    try:
        return json.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise DataError(file, "this is not UTF-8 text.", advice, f"byte {error.start}") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise DataError(file, f"this is not JSON: {error.msg}.", advice, place) from None
    except RecursionError:
        raise DataError(file, "this JSON is nested too deeply to be a data set.", advice) from None
