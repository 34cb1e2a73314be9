"""docs/faults.md, docs/network.md and docs/seeds.md are true: their examples run, and their tables are the code's."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest

from fakememtrace import SnapshotError, World
from fakememtrace.faults import options as fault_options
from fakememtrace.faults.kinds import KINDS
from fakememtrace.snapshot import reading

DOCS = Path(__file__).parents[1] / "docs"
FAULTS, NETWORK, SEEDS = ((DOCS / f"{name}.md").read_text("utf-8") for name in ("faults", "network", "seeds"))
RECORDS: dict[str, Mapping[str, Any]] = {
    "the seed": reading._WORLD,
    "an org": reading._ORG,
    "a key": reading._KEY,
    "an agent": reading._AGENT,
    "a session": reading._SESSION,
    "a memory": reading._MEMORY,
}
# The least of each record, and where it stands.
LEAST: dict[str, tuple[dict[str, Any], Any]] = {
    "an org": ({"name": "acme"}, lambda org: {"orgs": [org]}),
    "a key": ({"key": "mtk_a"}, lambda key: {"orgs": [{"name": "acme", "keys": [key]}]}),
    "an agent": ({"name": "helper"}, lambda agent: {"agents": [agent]}),
    "a session": ({"agent": "a"}, lambda session: {"agents": [{"name": "a"}], "sessions": [session]}),
    "a memory": ({"agent_id": "a", "content": "tea"}, lambda memory: {"memories": [memory]}),
}


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table whose first heading it is."""
    table = re.search(rf"^\| {heading} \|.*\n\|[- |]+\n((?:\|.*\n)+)", page, re.MULTILINE)
    assert table, heading
    return [line.strip("| ").split(" | ") for line in table[1].splitlines()]


def shown(name: str, default: Any) -> str:
    """An option as the table has it, with its default as Python writes it."""
    if default is ...:
        return f"`{name}`"
    if isinstance(default, Mapping):
        default = dict(default)
    return f"`{name}={default!r}`".replace("'", '"')


def curls(page: str) -> Iterator[tuple[list[str], str]]:
    """Every curl command of a page: its words, and what it prints."""
    for block in blocks(page, "console"):
        if "$ curl" in block:
            assert len(re.findall(r"^\$ ", block, re.MULTILINE)) == block.count("$ curl ")
        for line, printed in re.findall(r"^\$ curl (.*)\n((?:[^$].*\n)*)", block, re.MULTILINE):
            yield shlex.split(line), printed.rstrip("\n")


def curled(words: list[str], url: str) -> str:
    """What curl would print."""
    given = dict(zip(words, [*words[1:], ""], strict=True))
    data = given.get("-d", "")
    body = Path(data[1:]).read_text("utf-8") if data[:1] == "@" else data
    (address,) = (word for word in words if word.startswith("http"))
    method = given.get("-X", "POST" if data else "GET")
    headers = {"content-type": "application/x-www-form-urlencoded"}
    address = address.replace("http://localhost:9100", url)
    answer = httpx.request(method, address, content=body, headers=headers, trust_env=False).text
    if "-o" not in given:
        return answer
    Path(given["-o"]).write_text(answer, "utf-8")
    return ""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the seed of the page in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seed.json").write_text(blocks(SEEDS, "json")[0], "utf-8")
    return tmp_path


@pytest.mark.parametrize("code", [code for page in (FAULTS, NETWORK, SEEDS) for code in blocks(page, "python")])
def test_every_python_block_runs(code: str, folder: Path) -> None:
    """Every example runs as it stands, in a namespace of its own, and asserts what it says."""
    assert "assert " in code
    exec(compile(code, "the page", "exec"), {"__name__": "page"})


@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
@pytest.mark.parametrize("text", blocks(FAULTS, "json") + blocks(SEEDS, "json"))
def test_every_json_block_is_a_seed(text: str, dialect: str) -> None:
    """Every JSON that is shown opens a world, which has something in it."""
    assert World(dialect, seed=json.loads(text)).memory.memories()


@pytest.mark.parametrize("page", [FAULTS, SEEDS], ids=["faults", "seeds"])
def test_every_curl_prints_what_is_shown(page: str, folder: Path) -> None:
    """The control surface answers the commands of a page, in their order, as the page says."""
    with World().serve(control=True) as url:
        asked = [(curled(words, url), printed) for words, printed in curls(page)]
    assert len(asked) == page.count("$ curl ") > 1
    assert [answer for answer, _ in asked] == [printed for _, printed in asked]


@pytest.mark.parametrize("words", re.findall(r"fakememtrace (serve [^`\n]+)", FAULTS + SEEDS))
def test_every_command_shown_has_these_options(words: str) -> None:
    """No option is made up."""
    command = import_module("fakememtrace.commands.serve").command
    known = {option for parameter in command.params for option in parameter.opts}
    assert set(re.findall(r"--[a-z]+", words)) <= known


def test_every_kind_of_fault_is_in_the_table() -> None:
    """The table has each kind with what it strikes, and each of its options with its default, the needed ones first."""
    assert rows(FAULTS, "kind") == [
        [
            f"`{kind.name}`",
            kind.strikes,
            ", ".join(shown(*item) for item in sorted(kind.options.items(), key=lambda item: item[1] is not ...)),
        ]
        for kind in KINDS.values()
    ]


def test_every_kind_of_fault_means_what_the_code_says() -> None:
    """The list below the table is the code's own words."""
    items = re.findall(r"^- `(\w+)`: ((?:.|\n  )+)\.$", FAULTS, re.MULTILINE)
    assert [(name, " ".join(text.split())) for name, text in items] == [
        (kind.name, kind.meaning) for kind in KINDS.values()
    ]


def test_every_option_of_a_fault_is_explained() -> None:
    """The second table has each option that some kind takes, once, and no other."""
    known = set(fault_options._COMMON).union(*(kind.options for kind in KINDS.values()))
    assert sorted(row[0] for row in rows(FAULTS, "option")) == sorted(f"`{name}`" for name in known)


def test_every_field_of_a_seed_is_in_the_table() -> None:
    """The table has each field of each record, once, and no other."""
    named = {
        of: re.findall(r"`(\w+)`", " ".join(row[1] for row in rows(SEEDS, "of") if row[0] == of)) for of in RECORDS
    }
    assert {row[0] for row in rows(SEEDS, "of")} == set(RECORDS)
    assert {of: sorted(names) for of, names in named.items()} == {of: sorted(known) for of, known in RECORDS.items()}


@pytest.mark.parametrize("of", LEAST)
def test_what_must_be_said_is_all_that_must(of: str) -> None:
    """A record with what the table asks for is taken; without any of it, it is refused."""
    least, seed = LEAST[of]
    World(seed=seed(least))
    asked = {
        name
        for row in rows(SEEDS, "of")
        if row[0] == of and "must be said" in row[2]
        for name in re.findall(r"`(\w+)`", row[1])
    }
    assert asked - {"agent", "agent_id"} == set(least) - {"agent", "agent_id"}
    assert set(least) <= asked
    for name in least:
        with pytest.raises(SnapshotError):
            World(seed=seed({other: value for other, value in least.items() if other != name}))


def test_the_fixture_for_hosts_is_overridden_as_shown(pytester: pytest.Pytester) -> None:
    """The test of the page passes in a stranger's project."""
    pytester.makepyfile(blocks(NETWORK, "python")[-1])
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_refusal_of_the_network_is_in_the_words_shown(folder: Path) -> None:
    """The error of the page is what its first program gets, but for where its lines are broken."""
    program, told = blocks(NETWORK, "python")[0], blocks(NETWORK, "text")[0]
    (folder / "agent.py").write_text(program + "print(refused.unexpected)\n", "utf-8")
    ran = subprocess.run([sys.executable, "agent.py"], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.split() == told.split()


def test_a_broken_seed_is_refused_in_the_words_shown(folder: Path) -> None:
    """The error of the page is what the command prints, but for where its lines are broken."""
    seed = folder / "seed.json"
    seed.write_text(seed.read_text("utf-8").replace('"content"', '"contents"', 1), "utf-8")
    command = [sys.executable, "-m", "fakememtrace", "serve", "--seed", "seed.json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    shown_text = blocks(SEEDS, "console")[-1].partition("\n")[2]
    assert (ended.returncode, ended.stderr.split()) == (2, shown_text.split())


@pytest.mark.parametrize("page", [FAULTS, NETWORK, SEEDS], ids=["faults", "network", "seeds"])
def test_every_link_leads_somewhere(page: str) -> None:
    """What a page links to is there."""
    assert [name for name in re.findall(r"\]\((.*?)\)", page) if not (DOCS / name).is_file()] == []
