"""The folder of a sweep: one file for each unit, written whole as soon as it is there, so that a run can go on."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ...errors import UsageError
from ...files import write_whole
from .running import CRASHED
from .unit import Unit

__all__ = ["REPORT", "Folder", "canonical"]

REPORT = "report.json"
_UNITS = "units"
_FORMAT, _VERSION = "fakememtrace-sweep-unit", 1


class Folder:
    """What is known of the units of a sweep, in the folder `path`, which is made where it is not there.

    ``damaged`` says, file by file, what is there and cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._units = path / _UNITS
        self.damaged: list[str] = []
        try:
            self._units.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"{path}: this folder cannot be made: {error.strerror}.\nName another one with --out DIR."
            ) from None

    @classmethod
    def of_before(cls, path: Path) -> Folder:
        """The folder of a sweep that was begun.

        Raises:
            UsageError: there is none.
        """
        if not (path / _UNITS).is_dir():
            raise UsageError(
                f"{path}: there are no results of a sweep in this folder, so nothing can be resumed.\n"
                "Name the folder of a sweep that was begun, or begin one there with --out DIR."
            )
        return cls(path)

    def taken(self, unit: Unit) -> dict[str, Any] | None:
        """The result of `unit`; None where it is not there, is damaged, or is that it crashed, which may not last."""
        path = self._file(unit)
        try:
            text = path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            self._set_aside(unit, "it cannot be read")
            return None
        try:
            whole = json.loads(text)
            result: dict[str, Any] = whole["result"]
            told = (whole["format"], whole["version"], whole["key"], whole["digest"])
        except (ValueError, RecursionError, TypeError, KeyError):
            self._set_aside(unit, "it is cut short, or no result")
            return None
        if told != (_FORMAT, _VERSION, unit.key, _digest(_compact(result))):
            self._set_aside(unit, "it is not what was written there")
            return None
        return None if result["state"] == CRASHED else result

    def keep(self, unit: Unit, result: dict[str, Any]) -> None:
        """Write the result of `unit`."""
        # In one line, and made once: nobody reads it, and indenting takes ten times as long.
        text = _compact(result)
        head = {"format": _FORMAT, "version": _VERSION, "unit": unit.name, "key": unit.key, "digest": _digest(text)}
        write_whole(self._file(unit), f'{_compact(head)[:-1]}, "result": {text}}}\n')

    def report(self, report: dict[str, Any]) -> Path:
        """Write the combined report; where it is now."""
        write_whole(self.path / REPORT, canonical(report))
        return self.path / REPORT

    def _file(self, unit: Unit) -> Path:
        return self._units / f"{unit.key}.json"

    def _set_aside(self, unit: Unit, why: str) -> None:
        self.damaged.append(f"{self._file(unit).name}, {unit.name}: {why}, so it is computed anew.")


def canonical(value: Any) -> str:
    """The one text of a JSON value: one value gives the same bytes, always."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _compact(value: Any) -> str:
    return json.dumps(value, sort_keys=True, allow_nan=False)
