"""Case files -> cases, or an error that names file, case and field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..clock import DEFAULT_START, moment
from ..errors import ClockError, UsageError
from ..faults.kinds import KINDS
from ..toml import read_toml
from .case import DIALECTS, Case, Fact, Probe, Step
from .fields import CASE, MEASURES, PROBE, READS, VERBS
from .place import Place
from .varying import flattened, label_of, placeholders, spread, variants

__all__ = ["check_words", "files_of", "load", "read_file"]

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_LOST = {"kind": "lost_write"}
_OF_LISTS = ("facts", "sections")


def load(path: Path) -> list[Case]:
    """The cases of a file, or of every ``*.toml`` in a folder, in the order of names of the files.

    Raises:
        EvalError: a case is not as it should be; ScenarioError: a file is no TOML.
        UsageError: there is nothing of the kind.
    """
    cases = [case for file in files_of(path) for case in read_file(file)]
    seen: dict[str, Case] = {}
    for case in cases:
        if case.name in seen:
            other = seen[case.name].path
            raise Place(case.path, f"case {case.name!r}").error(
                f"there is a case of this name in {other.name} already.", "Give one of them another name.", "name"
            )
        seen[case.name] = case
    return cases


def files_of(path: Path) -> list[Path]:
    """The file `path`, or every ``*.toml`` in a folder, by name.

    Raises:
        UsageError: there is none.
    """
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not files or not files[0].is_file():
        raise UsageError(f"{path}: there are no cases here. Name a folder with case files (*.toml), or one of those.")
    return files


def read_file(path: Path) -> list[Case]:
    """The cases of one file, which has some unless it has evals of data sets."""
    values = read_toml(path).values
    place = Place(path, "")
    needed = ("group",) if "dataset" in values else ("group", "case")
    place.only(values, {"group": (str,), "case": (list,), "dataset": (list,)}, needed)
    return [_case(path, number, raw, values["group"]) for number, raw in enumerate(values.get("case", ()), 1)]


def check_words(place: Place, raw: Mapping[str, Any]) -> None:
    """Refuse a name that is none, and a title or a reason that is no sentence."""
    if not _NAME.fullmatch(raw["name"]):
        raise place.error("expected small letters, digits and hyphens.", "Correct the name.", "name")
    for field in ("title", "why"):
        if not raw[field].endswith((".", "?")) or "\n" in raw[field]:
            raise place.error(f"expected one sentence, found {raw[field]!r}.", "End it with a full stop.", field)


def _case(path: Path, number: int, raw: Any, group: str) -> Case:
    given = raw.get("name", number) if isinstance(raw, dict) else number
    place = Place(path, f"case {given!r}")
    place.only(raw, CASE, ("name", "title", "why", "says", "probes"))
    check_words(place, raw)
    over = _over(place, raw.get("over", {}))
    facts = {id_: _fact(place, id_, said) for id_, said in raw["says"].items()}
    reader = _Reader(place, facts, over)
    probes = tuple(reader.probe_or_step(n, one) for n, one in enumerate(raw["probes"], 1))
    case = Case(
        name=raw["name"],
        group=group,
        title=raw["title"],
        why=raw["why"],
        facts=facts,
        history=tuple(reader.step(f"history {n}", one) for n, one in enumerate(raw.get("history", ()), 1)),
        probes=probes,
        over=over,
        start=_start(place, raw.get("start", DEFAULT_START)),
        fault=raw.get("fault", _LOST),
        path=path,
        claude=raw.get("claude", ""),
    )
    _check_whole(place, case)
    return case


def _check_whole(place: Place, case: Case) -> None:
    if not case.measured:
        raise place.error("there is no probe, so nothing is measured.", 'Add one: { read = "list", ... }.', "probes")
    place.known(case.fault.get("kind", ""), KINDS, "fault")
    talks = any(isinstance(step, Step) and step.verb == "talk" for step in (*case.history, *case.probes))
    if talks and not case.claude:
        raise place.error("it talks to Claude, and nothing answers.", "Name the cassette: claude = ...", "claude")


def _over(place: Place, raw: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    over = {}
    for name, given in raw.items():
        values = spread(given)
        if values is None:
            advice = 'Write a list, or a range such as "0..200".'
            raise place.error(f"expected the values of {name!r}, found {given!r}.", advice, "over")
        over[name] = values
    return over


def _fact(place: Place, id_: str, said: Any) -> Fact:
    if isinstance(said, str) and said:
        return Fact(id_, said, (said,))
    inner = place.inside(f"says.{id_}")
    if not isinstance(said, dict):
        raise inner.error(f"expected a text or a table, found {said!r}.", 'Such as { text = "...", parts = ["..."] }.')
    inner.only(said, {"text": (str,), "parts": (list,)}, ("text", "parts"))
    return Fact(id_, said["text"], tuple(said["parts"]))


def _start(place: Place, text: str) -> str:
    try:
        moment(text)
    except ClockError as error:
        raise place.error(str(error), "Correct the value.", "start") from None
    return text


class _Reader:
    """Reads the steps and probes of one case."""

    def __init__(self, place: Place, facts: Mapping[str, Fact], over: Mapping[str, tuple[Any, ...]]) -> None:
        self._place, self._facts, self._over = place, facts, over
        self._labels = [label_of(variant) for variant in variants(over)]

    def probe_or_step(self, number: int, raw: Any) -> Probe | Step:
        """One entry of ``probes``."""
        if isinstance(raw, dict) and "read" not in raw and raw.keys() & VERBS.keys():
            return self.step(f"probe {number}", raw)
        return self._probe(self._place.inside(f"probe {number}"), raw)

    def step(self, where: str, raw: Any) -> Step:
        """One step."""
        place = self._place.inside(where)
        verb = next((key for key in raw if key in VERBS), None) if isinstance(raw, dict) else None
        if verb is None:
            found = next(iter(raw), "") if isinstance(raw, dict) else raw
            raise place.unknown("step", found, VERBS)
        value, options = VERBS[verb]
        place.only(raw, {verb: value, **options}, (verb,), self._over)
        self._check(place, raw)
        if verb in ("store", "remember", "decide") and "{" not in raw[verb]:
            place.known(raw[verb], self._facts, verb)
        for id_ in raw[verb] if verb == "batch" else ():
            place.known(id_, self._facts, verb)
        reads = raw.get("reads")
        if reads is not None:
            self._check_read(place.inside("reads"), reads, {"read": (str,)})
        return Step(verb, raw[verb], {key: value for key, value in raw.items() if key != verb})

    def _probe(self, place: Place, raw: Any) -> Probe:
        self._check_read(place, raw, PROBE)
        place.known(raw.get("measure", ""), MEASURES, "measure")
        wants = tuple(raw.get("wants", self._facts))
        for id_ in wants:
            place.known(id_, self._facts, "wants")
        each = self._each(place, raw)
        between = tuple(
            self.step(f"{place.words}, between {n}", one) for n, one in enumerate(raw.get("between", ()), 1)
        )
        options = {key: value for key, value in raw.items() if key not in PROBE}
        named = raw.get("name", raw["read"])
        return Probe(named, raw["read"], raw["measure"], self._expected(place, raw), wants, options, each, between)

    def _check_read(self, place: Place, raw: Any, fields: Mapping[str, Any]) -> None:
        if not isinstance(raw, dict) or "read" not in raw:
            raise place.unknown("step", next(iter(raw), "") if isinstance(raw, dict) else raw, ["read", *VERBS])
        place.known(raw["read"], READS, "read")
        place.only(raw, {**fields, **READS[raw["read"]]}, ("read",), self._over)
        self._check(place, raw)

    def _each(self, place: Place, raw: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]] | None:
        if "each" not in raw:
            return None
        ((name, values),) = raw["each"].items() if len(raw["each"]) == 1 else (("", None),)
        place.known(name, READS[raw["read"]], "each")
        many = spread(values)
        if many is None:
            raise place.error(f"expected the values of {name!r}, found {values!r}.", "Write a list.", "each")
        return name, many

    def _expected(self, place: Place, raw: Mapping[str, Any]) -> dict[str, Any]:
        expected = {dialect: raw[dialect] for dialect in DIALECTS if dialect in raw}
        if "both" in raw and not expected:
            expected = dict.fromkeys(DIALECTS, raw["both"])
        if len(expected) != len(DIALECTS) or ("both" in raw and len(raw.keys() & {"both", *DIALECTS}) > 1):
            advice = 'Write both = VALUE, or "0.2.0" = VALUE and documented = VALUE.'
            raise place.error("there must be one expected value for each dialect.", advice)
        for dialect, value in expected.items():
            values = flattened(value, self._labels, raw["measure"] in _OF_LISTS)
            if values is None:
                problem = f"says what is expected for some of {len(self._labels)} values, or for others: {value!r}."
                raise place.error(problem, "Give one value for all, or one for every one.", dialect)
            expected[dialect] = values
        return expected

    def _check(self, place: Place, raw: Any) -> None:
        for name in placeholders(raw):
            if name in self._facts:
                continue
            place.known(name, self._over, "{" + name + "}")
