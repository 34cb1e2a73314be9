"""A TOML file read with the place of every complaint: file, line, table and field."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import ScenarioError, did_you_mean, listed

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["Table", "read_toml"]

_KINDS: dict[type, str] = {
    bool: "true or false",
    float: "a number",
    int: "a whole number",
    list: "a list of strings",
    str: "a string",
}


class Table:
    """One table of a TOML file: a mapping that knows where it stands.

    With the `text` of the file complaints say the line as well.
    """

    def __init__(self, path: Path, place: str, values: Mapping[str, Any], text: str = "") -> None:
        self.path, self.place, self.values, self.text = path, place, values, text

    def error(self, problem: str, advice: str, field: str = "", at: str = "") -> ScenarioError:
        """A complaint about this table or about one field of it; `at` is the key that it stands at, if another."""
        parts = (self._line(at or field), self.place, f'"{field}"' if field else "")
        return ScenarioError(self.path, problem, advice, ", ".join(part for part in parts if part))

    def only(self, *known: str) -> Table:
        """Refuse every other key; this table."""
        for key in self.values:
            if key not in known:
                problem = f"unknown key {key!r}.{did_you_mean(key, known)}"
                raise self.error(problem, f"Known here: {listed(known)}.", at=key)
        return self

    def get(self, key: str, kind: type, default: Any = None) -> Any:
        """The value of `key`, which must be of `kind` (list: a list of strings); `default` when it is absent."""
        if key not in self.values:
            return default
        value: Any = self.values[key]
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.error(f"expected {_KINDS[kind]}, found {value!r}.", "Correct the value.", key)
        if kind is list and not all(isinstance(item, str) for item in self.values[key]):
            raise self.error(f"expected {_KINDS[kind]}, found {value!r}.", "Put every item in quotes.", key)
        return value

    def need(self, key: str, kind: type) -> Any:
        """The value of `key`, which must be there."""
        if key not in self.values:
            raise self.error(f"{key!r} is missing.", f"Add it: {_KINDS[kind]}.")
        return self.get(key, kind)

    def positive(self, key: str, kind: type, default: Any) -> Any:
        """A number above zero."""
        value = self.get(key, kind, default)
        if value is not None and value <= 0:
            raise self.error(f"expected a number above 0, found {value!r}.", "Correct the value.", key)
        return value

    def table(self, key: str) -> Table:
        """The table ``[key]``; an empty one when there is none."""
        values = self.values.get(key, {})
        if not isinstance(values, dict):
            raise self.error(f"expected a table, found {values!r}.", f"Write it below a line [{key}].", key)
        return Table(self.path, f"[{key}]", values, self.text)

    def tables(self, key: str) -> list[Table]:
        """The array of tables ``[[key]]``; empty when there is none."""
        values = self.values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.error(f"expected tables, found {values!r}.", f"Write each one below a line [[{key}]].", key)
        return [Table(self.path, f"[[{key}]] {number}", value, self.text) for number, value in enumerate(values, 1)]

    def _line(self, key: str) -> str:
        """``line 7``, where `key` of this table stands, or the table itself; nothing where that is not known."""
        lines = self.text.splitlines()
        header, _, number = self.place.partition(" ")
        heads = [at for at, line in enumerate(lines) if not header or _is_head(line, header)]
        if len(heads) < int(number or 1):
            return ""
        start = heads[int(number or 1) - 1]
        for at in range(start, len(lines)):
            if key and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", lines[at]):
                return f"line {at + 1}"
            if at > start and lines[at].lstrip().startswith("["):
                break
        if header:
            return f"line {start + 1}"
        heads = [at for at, line in enumerate(lines) if key and _is_head(line, f"[[{key}]]", f"[{key}]")]
        return f"line {heads[0] + 1}" if heads else ""


def read_toml(path: Path) -> Table:
    """The whole of the file `path`; ScenarioError with line and column when it is no TOML."""
    try:
        text = path.read_text("utf-8")
        return Table(path, "", tomllib.loads(text), text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(path, f"this is not TOML: {error}.", "Correct the file there.") from None
    except UnicodeDecodeError as error:
        raise ScenarioError(path, "this is not UTF-8 text.", "Save it as UTF-8.", f"byte {error.start}") from None
    except FileNotFoundError:
        raise ScenarioError(path, "there is no such file.", _beside(path)) from None
    except OSError as error:
        raise ScenarioError(path, f"cannot be read: {error.strerror}.", "Check the file.") from None


def _beside(path: Path) -> str:
    if not path.absolute().parent.is_dir():
        return f"Its folder {path.parent} does not exist either. Check the path."
    beside = sorted(found.name for found in path.absolute().parent.glob(f"*{path.suffix}"))
    hint = did_you_mean(path.name, beside).strip()
    return hint or f"Such files in {path.parent}: {listed(beside)}. Check the path."


def _is_head(line: str, *headers: str) -> bool:
    return line.partition("#")[0].replace(" ", "").strip() in headers
