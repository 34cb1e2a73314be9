"""The tools that a program offers are pinned by a file of the scenario."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.errors import ScenarioError
from fakememtrace.regression import surface
from fakememtrace.regression.words import difference_lines

from ..claude.helpers import TOOL
from .helpers import Agent, diff

SCENARIOS = Path(__file__).parents[2] / "scenarios"
PINNED = sorted(path.parent.name for path in SCENARIOS.glob("*/tools.json"))
FILE = """\
{
  "format": "fakememtrace-tools",
  "version": 1,
  "lists": [
    [
      {
        "name": "remember",
        "description": "Store a memory",
        "input_schema": {
          "properties": {
            "content": {
              "type": "string"
            },
            "importance": {
              "maximum": 1,
              "type": "number"
            }
          },
          "required": [
            "content"
          ],
          "type": "object"
        }
      }
    ]
  ]
}
"""


@pytest.fixture
def agent(tmp_path):
    """An agent with one tool, which is pinned."""
    agent = Agent(tmp_path / "scenarios")
    assert diff(tmp_path, "--update-tools", "--quiet").stdout == "UNCHANGED demo (0.2.0): 2 conversations\n"
    return agent


def told(before, now):
    """Where two series of lists differ, in words."""
    found = surface.differences([*map(surface.canonical, before)], [*map(surface.canonical, now)])
    return [line for difference in found for line in difference_lines(difference)]


def test_the_bundled_scenario_is_pinned():
    """The example has its file."""
    assert "single_agent" in PINNED


@pytest.mark.parametrize("name", PINNED)
def test_what_is_pinned_is_what_is_recorded(name):
    """The file of each scenario has the tools of its cassette, as the command writes them."""
    cassette = Cassette.load(SCENARIOS / name / "cassette.json")
    sent = {
        json.dumps(surface.canonical(one.request["tools"])) for one in cassette.interactions if "tools" in one.request
    }
    assert (SCENARIOS / name / "tools.json").read_text("utf-8") == surface.dumped(map(json.loads, sent))


def test_the_file_is_written_once(agent):
    """Pinning what is pinned changes nothing; the file is canonical JSON, which a person can review."""
    file = agent.path / "tools.json"
    assert file.read_text("utf-8") == FILE
    before = file.stat()
    ended = diff(agent.root.parent, "--update-tools")
    assert "  tools: 1 tool, as pinned\n" in ended.stdout
    assert (file.stat().st_mtime_ns, ended.returncode) == (before.st_mtime_ns, 0)


def test_a_changed_tool_is_a_change(agent):
    """It fails, and the tool is named with the property that changed; once pinned, it is the recording that differs."""
    agent.change('"maximum": 1', '"maximum": 10').change('"Store a memory"', '"Store a fact"')
    ended = diff(agent.root.parent)
    assert (
        "  tools: 1 tool, not as pinned\n"
        "    remember.description:\n"
        "      - Store a [-memory-]\n"
        "      + Store a {+fact+}\n"
        "    remember.input_schema.properties.importance.maximum: was 1, is 10\n"
    ) in ended.stdout
    assert ended.returncode == 1
    again = diff(agent.root.parent, "--update-tools")
    assert "  tools: 1 tool, pinned anew\n    remember.description:\n" in again.stdout
    assert again.returncode == 1
    assert "  tools: 1 tool, as pinned\n" in diff(agent.root.parent).stdout


def test_tools_that_do_not_matter_in_matching_are_pinned_all_the_same(agent):
    """A scenario whose matching leaves descriptions out has them pinned, so they are the only change."""
    agent.change('title = "R', 'matching.ignore = ["tool descriptions"]\ntitle = "R', "script.toml")
    agent.change('"Store a memory"', '"Store a fact"')
    ended = diff(agent.root.parent, "--quiet")
    assert (ended.stdout, ended.returncode) == ("CHANGED demo (0.2.0): 2 conversations, tools changed\n", 1)


def test_a_program_that_is_stopped_pins_nothing(agent):
    """What was not reached is not called gone, and is not taken out of the file."""
    agent.change("def claude", "1 / 0\n\ndef claude")
    ended = diff(agent.root.parent, "--update-tools")
    assert "tools" not in ended.stdout
    assert (agent.path / "tools.json").read_text("utf-8") == FILE


def test_tools_that_came_and_went():
    """Tools of one side only are named; so is another order."""
    other = {**TOOL, "name": "recall"}
    assert told([[TOOL]], [[TOOL, other]]) == ["recall: new"]
    assert told([[TOOL, other]], [[TOOL]]) == ["recall: gone"]
    assert told([[TOOL]], []) == ["remember: gone"]
    assert told([], [[TOOL]]) == ["remember: new"]
    assert told([[TOOL, other]], [[other, TOOL]]) == [
        "the tools: another order: was remember, recall; is recall, remember"
    ]


def test_a_property_that_came_and_went():
    """Of a schema the property is named that one side has not."""
    more = json.loads(json.dumps(TOOL))
    more["input_schema"]["properties"]["tags"] = {"type": "array"}
    place = "remember.input_schema.properties.tags"
    assert told([[TOOL]], [[more]]) == [f'{place}: was not there, is {{"type": "array"}}']
    assert told([[more]], [[TOOL]]) == [f'{place}: was {{"type": "array"}}, is gone']


def test_lists_are_compared_with_the_one_most_like():
    """Of several lists those that are the same are left out, and the others are paired by their tools."""
    other, third = {**TOOL, "name": "recall"}, {**TOOL, "name": "search"}
    assert told([[TOOL], [other]], [[other], [TOOL]]) == []
    assert told([[TOOL], [other]], [[{**other, "strict": True}], [TOOL]]) == ["recall.strict: was not there, is true"]
    assert told([[TOOL, other], [third]], [[third], [TOOL]]) == ["recall: gone"]


def test_what_is_cached_is_no_matter_of_the_tools():
    """Marks for the cache, nulls and the order of keys make no other tool."""
    shuffled = {**dict(reversed(TOOL.items())), "cache_control": {"type": "ephemeral"}, "type": None}
    assert json.dumps(surface.canonical([shuffled])) == json.dumps(surface.canonical([TOOL]))


def test_descriptions_stand_line_by_line(tmp_path):
    """A text with line breaks is written as its lines, and read as the text."""
    lists = [surface.canonical([TOOL])]
    assert surface.save(tmp_path, lists)
    assert '"Store a memory",\n          "for later"\n' in (tmp_path / "tools.json").read_text("utf-8")
    assert surface.pinned(tmp_path) == lists
    assert not surface.save(tmp_path, lists)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "this is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)."),
        ("[]", 'expected "format": "fakememtrace-tools" and "version": 1.'),
        ('{"format": "fakememtrace-tools", "version": 2}', 'expected "format": "fakememtrace-tools" and "version": 1.'),
        (
            '{"format": "fakememtrace-tools", "version": 1, "lists": [{}]}',
            'expected "lists", a list of lists of tools.',
        ),
        ("[" * 100_000, "this is nested too deeply."),
    ],
)
def test_a_broken_file_is_refused(tmp_path, text, problem):
    """What is wrong is told with the file and with what writes it anew."""
    (tmp_path / "tools.json").write_text(text, "utf-8")
    with pytest.raises(ScenarioError) as raised:
        surface.pinned(tmp_path)
    assert str(raised.value) == (
        f"{tmp_path / 'tools.json'}: {problem}\n"
        "Write it anew with fakememtrace diff --update-tools, and look at what changed in it."
    )
