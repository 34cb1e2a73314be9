"""The table of the two dialects: the command that prints it, and the page that is made from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from fakememtrace import UsageError
from fakememtrace.commands.dialects import command, markdown
from fakememtrace.memory.dialect import ATTRIBUTES

PAGE = Path(__file__).parents[1] / "docs" / "dialects.md"


def printed(*options: str, **environment: str) -> str:
    """What the command prints."""
    return CliRunner().invoke(command, options, env=environment, catch_exceptions=False).output


def test_the_page_is_what_the_code_says() -> None:
    """docs/dialects.md is generated, byte for byte: fakememtrace dialects --markdown > docs/dialects.md."""
    assert PAGE.read_bytes() == markdown(list(ATTRIBUTES.values())).encode()
    assert printed("--markdown") == PAGE.read_text("utf-8")


def test_the_page_has_a_row_for_each_attribute() -> None:
    """Every attribute is there with its two values, and no text breaks its row."""
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert rows == [
        [f"`{entry.name}`", f"`{entry.released}`", f"`{entry.documented}`", entry.meaning]
        for entry in ATTRIBUTES.values()
    ]


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_a_meaning_speaks_of_the_agent(name: str) -> None:
    """One sentence about what happens to an agent, not about how the server is built."""
    meaning = ATTRIBUTES[name].meaning
    assert meaning.startswith("Your agent")
    assert meaning.endswith(".")


def test_where_it_is_piped_every_attribute_is_one_aligned_line() -> None:
    """However narrow the terminal was, so that grep, cut and diff work."""
    lines = printed(COLUMNS="40").splitlines()
    assert lines[0].split("  ")[0] == "attribute"
    assert len(lines) == len(ATTRIBUTES) + 1
    starts = {line.index(meaning) for line, meaning in zip(lines[1:], _meanings(), strict=True)}
    assert starts == {lines[0].index("what it means for an agent")}
    assert lines[13].split()[:3] == ["context_scope", "session", "agent"]


def test_where_a_person_looks_it_is_a_table_that_fits() -> None:
    """No line is wider than the terminal, and no value is cut."""
    text = printed(COLUMNS="90", FORCE_COLOR="1", NO_COLOR="", TERM="xterm")
    assert "─" in text
    plain = text.replace("\x1b[1m", "").replace("\x1b[0m", "")
    assert max(map(len, plain.splitlines())) <= 90
    for entry in ATTRIBUTES.values():
        assert all(str(value) in plain for value in (entry.name, entry.released, entry.documented))
    assert "…" not in plain


def test_as_json_it_is_whole() -> None:
    """Numbers are numbers, and the values that only a deployment has are there as well."""
    table = json.loads(printed("--json"))["attributes"]
    assert [entry["attribute"] for entry in table] == list(ATTRIBUTES)
    by_name = {entry["attribute"]: entry for entry in table}
    assert (by_name["bad_filter"]["0.2.0"], by_name["bad_filter"]["documented"]) == (500, 400)
    assert by_name["sql_guard"]["values"] == ["off", "on"]
    assert by_name["context_scope"]["meaning"] == ATTRIBUTES["context_scope"].meaning


def test_two_formats_at_once_are_refused() -> None:
    """Nothing is printed that is only half of what was asked for."""
    with pytest.raises(UsageError) as caught:
        printed("--json", "--markdown")
    assert str(caught.value) == (
        "--json and --markdown were both given, and only one thing can be printed. Give one of them."
    )


def _meanings() -> list[str]:
    return [entry.meaning for entry in ATTRIBUTES.values()]
