"""When two requests are the same: what the API reads alike, and what a Matching leaves out."""

from __future__ import annotations

import re

import anthropic
import pytest
from anthropic.types import message_count_tokens_params, message_create_params, model_list_params
from anthropic.types.beta import message_count_tokens_params as beta_count_tokens_params
from anthropic.types.beta import message_create_params as beta_create_params

from fakememtrace import Difference, Matching, UnknownName, UsageError, World
from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.matching.normal import outline
from fakememtrace.claude.matching.rules import MATCHERS, PARAMETERS
from fakememtrace.claude.player import Miss, Play, Player

from .helpers import TOOL, interaction, request

EVERYTHING = Matching()

EQUAL = [
    (request("hi"), request([{"type": "text", "text": "hi"}])),
    (request("hi", system="be kind"), request("hi", system=[{"type": "text", "text": "be kind"}])),
    (request("hi"), {**request("hi"), "stream": False}),
    (request("hi"), {**request("hi"), "stream": True}),
    (request("hi"), {**request("hi"), "temperature": None}),
    (request("hi", temperature=1), request("hi", temperature=1.0)),
    (request("hi", tools=[TOOL]), request("hi", tools=[{**TOOL, "cache_control": None}])),
    (
        request([{"type": "tool_use", "id": "t", "name": "n", "input": {"b": 1, "a": "x"}}]),
        request([{"name": "n", "type": "tool_use", "input": {"a": "x", "b": 1.0}, "id": "t"}]),
    ),
    (request("hi"), dict(reversed(request("hi").items()))),
    (
        request("hi", [{"type": "text", "text": "a", "citations": None}]),
        request("hi", [{"type": "text", "text": "a"}]),
    ),
    (
        request("q", "a", [{"type": "tool_result", "tool_use_id": "t", "content": "x"}]),
        request("q", "a", [{"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "x"}]}]),
    ),
]

UNEQUAL = [
    ("model", request("hi"), {**request("hi"), "model": "claude-y"}),
    ("system", request("hi"), request("hi", system="be kind")),
    ("system", request("hi", system="a\nb"), request("hi", system="a b")),
    ("tools", request("hi"), request("hi", tools=[TOOL])),
    ("tools", request("hi", tools=[TOOL]), request("hi", tools=[{**TOOL, "description": "other"}])),
    ("tools", request("hi", tools=[TOOL, {"name": "x"}]), request("hi", tools=[{"name": "x"}, TOOL])),
    ("parameters", request("hi"), {**request("hi"), "max_tokens": 101}),
    ("parameters", request("hi", temperature=1), request("hi", temperature=0.5)),
    ("parameters", request("hi"), request("hi", tool_choice={"type": "any"})),
    ("messages", request("hi"), request("hi ")),
    ("messages", request("hi"), request("hi", "there")),
    ("messages", request(), request("hi")),
    (
        "messages",
        request("q", [{"type": "tool_use", "id": "t", "name": "n", "input": {"a": None}}]),
        request("q", [{"type": "tool_use", "id": "t", "name": "n", "input": {}}]),
    ),
    ("messages", request([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]), request("a\nb")),
]


def ending(request):
    """The outline of a request."""
    return outline(len(request["messages"]), request["messages"][-1])


def same(one, other, matching=EVERYTHING):
    """Whether `other` is the request that is recorded as `one`."""
    return isinstance(Player(Cassette([interaction(one, "A")]), matching).play(other), Play)


def parts(one, other, matching=EVERYTHING):
    """The parts in which they differ."""
    forms = matching.form(one), matching.form(other)
    return list(dict.fromkeys(difference.part for difference in matching.differences(*forms, (None, ()))))


def described(words, tool=TOOL):
    """The tool with another description, and its property with one."""
    properties = {"content": {"type": "string", "description": words}, "description": {"type": "string"}}
    return {**tool, "description": words, "input_schema": {"type": "object", "properties": properties}}


def dated(day, **parameters):
    """A request in which a date stands in every sort of place."""
    use = {"type": "tool_use", "id": "t", "name": "n", "input": {"day": day}}
    result = {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": f"on {day}"}]}
    tools = [{**TOOL, "description": f"as of {day}"}]
    return request(f"Today is {day}.", [use], [result], system=f"{day}: be kind", tools=tools, **parameters)


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_what_the_api_reads_alike_matches_alike(one, other):
    """Two ways to say the same request are one request."""
    assert same(one, {key: value for key, value in other.items() if key != "stream"})
    assert ending(one) == ending(other)
    assert parts(one, other) == []


@pytest.mark.parametrize(("part", "one", "other"), UNEQUAL)
def test_every_meaningful_difference_is_one(part, one, other):
    """A request that means something else does not match, and the part that differs is named."""
    assert not same(one, other)
    assert parts(one, other) == [part]


def test_the_matchers_are_named():
    """There is one matcher for each part of a request."""
    assert MATCHERS == ("model", "system", "tools", "parameters", "messages", "betas")


@pytest.mark.parametrize(
    ("names", "one", "other"),
    [
        (["model"], request("hi"), {**request("hi"), "model": "claude-y"}),
        (["system"], request("hi", system="a"), request("hi")),
        (["tools"], request("hi", tools=[TOOL]), request("hi")),
        (["max_tokens"], request("hi"), {**request("hi"), "max_tokens": 5}),
        (["metadata"], request("hi", metadata={"user_id": "a"}), request("hi", metadata={"user_id": "b"})),
        (["parameters"], request("hi"), request("hi", temperature=0.5, tool_choice={"type": "any"}, a_newer_one=1)),
        (["messages"], request("hi"), request("hi", "there", "you")),
        (["tool descriptions"], request("hi", tools=[described("a")]), request("hi", tools=[described("b")])),
        (["model", "system"], request("hi", system="a"), {**request("hi"), "model": "claude-y"}),
    ],
)
def test_what_is_ignored_does_not_matter(names, one, other):
    """A matcher, a field or a named part that is ignored makes no difference, and everything else does."""
    assert not same(one, other)
    assert same(one, other, Matching().ignore(*names))
    assert parts(one, other, Matching().ignore(*names)) == []
    assert not same(
        one, {**other, "tool_choice": {"type": "none"}, "model": "z", "messages": []}, Matching().ignore(names[0])
    )


def test_a_property_that_is_called_description_is_none():
    """Tool descriptions are texts: a property of that name still matters."""
    one, other = described("a"), described("a")
    del other["input_schema"]["properties"]["description"]
    matching = Matching().ignore("tool descriptions")
    assert parts(request("hi", tools=[one]), request("hi", tools=[other]), matching) == ["tools"]


def test_cache_control_is_ignored_wherever_it_stands():
    """Where cache breakpoints are set does not matter then: in blocks, in tools, in results, at the top."""
    cached = {"cache_control": {"type": "ephemeral"}}
    result = {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "x", **cached}]}
    one = request("q", "a", [{**result, **cached}], system=[{"type": "text", "text": "s", **cached}], **cached)
    one["tools"] = [{**TOOL, **cached}]
    plain = {"type": "tool_result", "tool_use_id": "t", "content": "x"}
    other = request("q", "a", [plain], system="s", tools=[TOOL])
    assert parts(one, other) == ["system", "tools", "parameters", "messages"]
    assert same(one, other, Matching().ignore("cache_control"))


def test_betas_match_unless_they_differ():
    """Betas that are recorded must be sent; a recording whose betas nobody knows matches with any."""
    cassette = Cassette([interaction(request("hi"), "A", betas=("a-1",)), interaction(request("hi"), "B")])
    assert Player(cassette).play(request("hi"), betas=("b-1",)).number == 2
    assert Player(cassette).play(request("hi"), betas=("a-1",)).number == 1
    ignoring = Player(cassette, Matching().ignore("betas"))
    assert [ignoring.play(request("hi"), betas=("b-1",)).number for _ in range(2)] == [1, 2]
    only = Player(cassette, Matching().only("messages"))
    assert only.play(request("hi"), betas=("b-1",)).number == 1


@pytest.mark.parametrize(
    ("names", "matters"),
    [
        (["messages"], ["messages"]),
        (["messages", "model"], ["messages", "model"]),
        (["max_tokens"], ["max_tokens"]),
        (["parameters"], ["max_tokens", "temperature"]),
    ],
)
def test_only_what_is_named_matters(names, matters):
    """Everything that ``only`` does not name makes no difference."""
    changes = {
        "messages": [{"role": "user", "content": "hey"}],
        "model": "claude-y",
        "max_tokens": 5,
        "temperature": 0.5,
        "system": "s",
        "tools": [TOOL],
    }
    matching = Matching().only(*names)
    assert [
        name for name, value in changes.items() if not same(request("hi"), {**request("hi"), name: value}, matching)
    ] == matters


def test_only_narrows_what_only_left():
    """Of several ``only`` all must agree, and something must be left."""
    matching = Matching().only("messages", "model").only("model", "tools")
    assert same(request("hi"), request("hey"), matching)
    assert not same(request("hi"), {**request("hi"), "model": "claude-y"}, matching)
    with pytest.raises(UsageError) as raised:
        matching.only("messages")
    assert str(raised.value) == (
        "Matching().only('messages', 'model').only('model', 'tools').only('messages') leaves nothing to compare, so "
        'that every request would match. Expected at least one name, such as only("messages").'
    )


def test_patterns_are_replaced_in_every_text():
    """What a pattern matches makes no difference, wherever it stands."""
    one, other = dated("2026-02-07"), dated("2026-02-08")
    assert parts(one, other) == ["system", "tools", "messages"]
    assert same(one, other, Matching().normalise(r"\d{4}-\d\d-\d\d"))
    assert not same(one, dated("tomorrow"), Matching().normalise(r"\d{4}-\d\d-\d\d"))


def test_the_replacement_says_what_still_matters():
    """A replacement keeps groups; several patterns are applied in their order."""
    year = Matching().normalise(re.compile(r"(\d{4})-\d\d-\d\d"), r"\1")
    assert same(dated("2026-02-07"), dated("2026-11-30"), year)
    assert not same(dated("2026-02-07"), dated("2027-02-07"), year)
    assert same(dated("2026-02-07"), dated("2027-02-07"), year.normalise("2026|2027"))


def test_everything_combines():
    """Ignoring, patterns and a matcher of one's own work together."""
    matching = (
        Matching().ignore("model").normalise(r"\d+").replace(system=lambda recorded, sent: None).ignore("max_tokens")
    )
    sent = {**request("take 3", system="b"), "model": "claude-y", "max_tokens": 1}
    assert same(request("take 2", system="a"), sent, matching)
    assert not same(request("take 2", system="a"), {**sent, "temperature": 1}, matching)


def test_a_matcher_of_ones_own_decides():
    """A function takes the place of a matcher, gets both requests in normal form, and its Difference is shown."""
    seen = []

    def first_lines(recorded, sent):
        seen.append((recorded["system"], sent["model"]))
        before, now = (body["system"][0]["text"].split("\n")[:1] for body in (recorded, sent))
        return None if before == now else Difference("whatever", before, now)

    matching = Matching().replace(system=first_lines)
    assert same(request("hi", system="a\nb"), request("hi", system="a\nc"), matching)
    assert seen == [([{"type": "text", "text": "a\nb"}], "claude-x")]
    miss = Player(Cassette([interaction(request("hi", system="a\nb"), "A")]), matching).play(request("hi", system="b"))
    assert isinstance(miss, Miss)
    assert miss.kinds == ("system prompt",)
    assert "\nsystem prompt:\n    - a\n    + b\n" in miss.explanation


def test_a_matcher_of_ones_own_is_always_asked():
    """Also of two requests that are the same, and for one field only."""
    never = Matching().replace(max_tokens=lambda recorded, sent: Difference("", [], []))
    assert not same(request("hi"), request("hi"), never)
    assert parts(request("hi"), {**request("hi"), "max_tokens": 5}, never) == ["max_tokens"]


def test_a_world_matches_as_it_is_told():
    """World(matching=...) says when a request is the recorded one."""
    with World(cassette=Cassette([interaction(request("hi"), "A")]), matching=Matching().ignore("model")) as world:
        message = anthropic.Anthropic().messages.create(**{**request("hi"), "model": "claude-y"})
        assert message.content[0].text == "A"
        world.journal.assert_clean()


def test_a_matching_is_a_value():
    """Equal ones are equal, each method gives a new one, and it says how it was made."""
    plain = Matching()
    matching = plain.ignore("model", "betas").only("messages").normalise("a").normalise(re.compile("b"), "c")
    assert plain == Matching()
    assert matching == Matching().ignore("betas", "model").normalise("a").normalise("b", "c").only("messages")
    assert hash(plain) == hash(Matching())
    assert repr(matching) == ("Matching().ignore('model', 'betas').only('messages').normalise('a').normalise('b', 'c')")
    assert repr(plain.replace(system=same)) == "Matching().replace(system=same)"


@pytest.mark.parametrize(
    ("call", "start"),
    [
        (
            lambda: Matching().ignore("modle"),
            "unknown part of a request 'modle'. Did you mean 'model'? Known: after_id, ",
        ),
        (lambda: Matching().only("tool descriptions"), "unknown part of a request 'tool descriptions'."),
        (lambda: Matching().replace(betas=same), "unknown matcher 'betas'. Known: after_id, "),
    ],
)
def test_a_name_that_is_none_is_refused(call, start):
    """A misspelt name is a UnknownName with the nearest one."""
    with pytest.raises(UnknownName) as raised:
        call()
    assert str(raised.value).startswith(start)


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (
            lambda: Matching().normalise("("),
            (
                "normalise('(', '…') cannot be used: missing ), unterminated subpattern at position 0. "
                "Expected a regular expression for texts and a replacement as re.sub takes it."
            ),
        ),
        (
            lambda: Matching().normalise(r"\d", r"\1"),
            (
                r"normalise('\\d', '\\1') cannot be used: invalid group reference 1 at position 1. "
                "Expected a regular expression for texts and a replacement as re.sub takes it."
            ),
        ),
        (
            lambda: Matching().normalise(r"\d*"),
            (
                r"normalise('\\d*') matches where nothing is, which is everywhere. "
                r'Expected a pattern of at least one character, such as r"\d+" instead of r"\d*".'
            ),
        ),
        (
            lambda: Matching().replace(system=True),
            (
                "the matcher given for 'system' is True. Expected a function of two requests, which returns a "
                "Difference or None."
            ),
        ),
    ],
)
def test_what_cannot_be_used_is_refused(call, problem):
    """A pattern or a function that is none is refused where it is given."""
    with pytest.raises(UsageError) as raised:
        call()
    assert str(raised.value) == problem


@pytest.mark.parametrize(
    "parameters",
    [
        message_create_params.MessageCreateParamsBase,
        message_count_tokens_params.MessageCountTokensParams,
        model_list_params.ModelListParams,
        beta_create_params.MessageCreateParamsBase,
        beta_count_tokens_params.MessageCountTokensParams,
    ],
    ids=lambda parameters: f"{parameters.__module__}.{parameters.__name__}",
)
def test_every_field_of_the_sdk_can_be_named(parameters):
    """Whatever the installed SDK can send is known by its name."""
    assert set(parameters.__annotations__) <= {*PARAMETERS, *MATCHERS, "cache_control"}


@pytest.mark.parametrize(
    "matching", [EVERYTHING, Matching().ignore("model"), Matching().normalise("a"), Matching().only("messages")]
)
def test_equal_recordings_are_played_in_the_order_of_the_file(matching):
    """Whatever makes requests the same, the first unplayed recording answers."""
    player = Player(Cassette([interaction(request("hi"), text) for text in "ABC"]), matching)
    assert [player.play(request("hi")).number for _ in range(3)] == [1, 2, 3]
    player.rewind([2])
    assert [player.play(request("hi")).number for _ in range(2)] == [1, 3]
    assert player.play(request("hi")).kind == "exhausted"
