"""The keys of whoever records: where they are looked for, and which are too weak to be found."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.interaction import Event, Interaction
from fakememtrace.claude.redact import Finding, Redactor, scan_text, suspicious
from fakememtrace.claude.redaction.own import Credential, in_environment, sent
from fakememtrace.claude.sse import events
from fakememtrace.cli import cli
from fakememtrace.world import CLAUDE_API_KEY, MEMTRACE_API_KEY

from .helpers import AUTHOR, answer, interaction, request

# Put together here, so that nobody takes this file for a leak.
OWN = "gw-internal/" + "93 jfk"
NAMES = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "MEMTRACE_API_KEY")
WORDS = (
    "the key in $ANTHROPIC_API_KEY {}, which cannot be told from ordinary texts, so it was not looked for.\n"
    "Expected at least 8 characters, and 16 where all are letters.\n"
    "What to do: use a longer key, or see for yourself that it stands nowhere in the recordings."
)


@pytest.fixture(autouse=True)
def none_set(monkeypatch, tmp_path):
    """No key of whoever runs the tests; and a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def of(text):
    """A redactor that knows this key."""
    return Redactor(own=[Credential("bearer-token", text, "here")])


def test_keys_of_the_environment(monkeypatch):
    """Each is of its kind; what is not set, and what a world sets itself, is none."""
    assert in_environment({}) == ()
    assert in_environment({"ANTHROPIC_API_KEY": CLAUDE_API_KEY, "MEMTRACE_API_KEY": MEMTRACE_API_KEY}) == ()
    for number, name in enumerate(NAMES):
        monkeypatch.setenv(name, f"{OWN}-{number}\n")
    assert in_environment() == (
        Credential("anthropic-api-key", f"{OWN}-0", "$ANTHROPIC_API_KEY"),
        Credential("bearer-token", f"{OWN}-1", "$ANTHROPIC_AUTH_TOKEN"),
        Credential("memtrace-key", f"{OWN}-2", "$MEMTRACE_API_KEY"),
    )


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("x-api-key", OWN, OWN),
        ("authorization", f"Bearer {OWN}", OWN),
        ("authorization", "Token abc-def-1", "abc-def-1"),
        ("authorization", "abc-def-1", "abc-def-1"),
        ("authorization", "Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("x-gateway-token", "abc-def-1", "abc-def-1"),
        ("x-api-key", CLAUDE_API_KEY, None),
        ("authorization", f"Bearer {CLAUDE_API_KEY}", None),
        ("x-api-key", "", None),
        ("content-type", "application/json", None),
    ],
)
def test_keys_that_are_sent(name, value, found):
    """Whatever shape it has, what stands in such a header is the client's key."""
    assert [credential.text for credential in sent({name: value})] == ([found] if found else [])


def test_a_key_is_found_however_it_is_spelled():
    """It is replaced as it is, as JSON and URLs spell it, in keys and in the middle of words."""
    own = OWN + '"ü'
    spelled = [f"x{own}x", json.dumps({own: own}), "gw-internal%2F93+jfk%22%C3%BC"]
    cleaned = of(own).clean([*spelled, {own: 1}])
    assert "93" not in json.dumps(cleaned)
    assert cleaned[0] == "x<bearer-token>x"
    assert cleaned[-1] == {"<bearer-token>": 1}
    assert of(own).clean(cleaned) is cleaned


LONG = "gw-" + "q7Zk2" * 8 + "Xy9"


@pytest.mark.parametrize("at", [20, 23, 26])
def test_a_key_that_is_split_is_found_in_both_parts(at):
    """Over two blocks, over two lines, and with words around: 20 characters of a key are secret by themselves."""
    first, second = LONG[:at], LONG[at:]
    assert of(LONG).clean([f"it is {first}", f"{second}."]) == ["it is <bearer-token>", "<bearer-token>."]
    assert of(LONG).clean(f"it is {first}\n  {second}.") == "it is <bearer-token>\n  <bearer-token>."
    assert of(LONG).clean(f"{LONG} {LONG}{first}") == "<bearer-token> <bearer-token><bearer-token>"
    assert [found.place for found in suspicious({"a": first, "b": second}, redactor=of(LONG))] == ["a", "b"]


def test_what_is_short_of_a_part_is_left():
    """Fewer characters are no secret, and a key that has no more has no parts."""
    told = [LONG[:19], LONG[-19:]]
    assert of(LONG).clean(told) is told
    assert of(LONG[:20]).clean([LONG[:20], LONG[1:20]]) == ["<bearer-token>", LONG[1:20]]


def test_a_redactor_learns_keys_and_does_not_tell_them():
    """It is another one then, and itself when there is no news."""
    redactor = Redactor(["my-secret"])
    learned = redactor.knowing(sent({"x-api-key": OWN}))
    assert learned.clean(["my-secret", OWN]) == ["<redacted>", "<anthropic-api-key>"]
    assert redactor.clean([OWN]) == [OWN]
    assert learned.knowing(sent({"authorization": f"Bearer {OWN}"})) is learned
    assert learned != redactor
    assert repr(learned) == "Redactor()"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("k", "has 1 character"),
        ("abc-123", "has 7 characters"),
        ("anthropic", "is one word"),
        ("abcdefghijklmno", "is one word"),
    ],
)
def test_what_cannot_be_told_from_words_is_not_looked_for(text, why):
    """A short key would spoil every prompt: it is left alone, and that can be said in words."""
    credential = Credential("anthropic-api-key", text, "$ANTHROPIC_API_KEY")
    assert credential.weakness == WORDS.format(why)
    prompt = f"this is {text}"
    assert Redactor(own=[credential]).clean(prompt) is prompt


@pytest.mark.parametrize("text", ["abc-1234", "a-key-for-tests", "abcdefghijklmnop"])
def test_what_is_long_enough_is_looked_for(text):
    """From 8 characters on, and from 16 where all of them are letters."""
    assert Credential("bearer-token", text, "here").weakness == ""
    assert of(text).clean(f"this is {text}") == "this is <bearer-token>"
    assert suspicious(text, redactor=of(text)) == [
        Finding("bearer-token", "", f"{text[: len(text) // 4][:6]}… ({len(text)} characters)")
    ]
    assert [finding.place for finding in scan_text(f"\n{text}", redactor=of(text))] == ["line 2"]


def check(*files):
    """What ``cassette check --secrets`` prints, and its exit code."""
    result = CliRunner().invoke(cli, ["cassette", "check", "--secrets", *files])
    return result.output, result.exit_code


def test_the_command_looks_for_the_keys_of_the_environment(monkeypatch):
    """Who has the keys finds them; who has not has no way to know them."""
    Cassette([interaction(request("hi"), f"It is {OWN}.")]).save("talk.json")
    assert check("talk.json") == ("talk.json: 1 interaction, authored\n1 file, none bad\n", 0)
    monkeypatch.setenv("MEMTRACE_API_KEY", OWN)
    assert check("talk.json") == (
        "talk.json, line 31: memtrace-key, gw-i… (18 characters)\n1 file, 1 bad\n",
        1,
    )


def test_the_command_says_which_keys_it_cannot_look_for(monkeypatch):
    """A key that is too short is no silent success."""
    Cassette([interaction(request("hi"), "k1")]).save("talk.json")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k1")
    assert check("talk.json") == (
        f"{WORDS.format('has 2 characters')}\ntalk.json: 1 interaction, authored\n1 file, none bad\n",
        0,
    )


def test_the_command_finds_what_stands_in_several_lines(monkeypatch):
    """A secret that a stream has cut in pieces, or that what is around it tells, is found where the recorder looks."""
    github = "gh" + "p_" + "Ab1" * 12
    told = events(answer(f"It is really {github}."))
    pieces = [{**data, "delta": {**data["delta"]}} if "delta" in data else data for data in told]
    text = next(data for data in pieces if data.get("delta", {}).get("text", "").startswith("It"))
    before, after = {**text, "delta": {**text["delta"], "text": f"It is {github[:9]}"}}, text
    after = {**text, "delta": {**text["delta"], "text": f"{github[9:]}."}}
    cut = [*pieces[: pieces.index(text)], before, after, pieces[-3], pieces[-2], pieces[-1]]
    streamed = Interaction(
        request("hi"), {}, AUTHOR, stream=True, events=tuple(Event(1, data) for data in cut), betas=("beta-1",)
    )
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "beta-1-2-3")
    Cassette([streamed]).save("talk.json")
    place = "talk.json, interaction 1, response.content[0].text"
    assert check("talk.json") == (f"{place}: github-token, {github[:6]}… (40 characters)\n1 file, 1 bad\n", 1)
