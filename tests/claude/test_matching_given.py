"""A Matching that is none or has no effect, and a matcher that does not work, are told in words."""

from __future__ import annotations

import anthropic
import pytest

from fakememtrace import Cassette, Matching, UsageError, World
from fakememtrace.claude.author import Author
from fakememtrace.claude.matching.own import BrokenMatcher
from fakememtrace.claude.player import Player

from .helpers import interaction, request

BROKEN = """
import functools

def raises(recorded, sent):
    return first(sent)

def first(request):
    return request["nothing"]

def answers(recorded, sent):
    return True

def takes_one(recorded):
    return None

@functools.wraps(raises)
def wrapping(*requests):
    return raises(*requests)

class Object:
    def __call__(self, recorded, sent):
        return 1 / 0

called = Object()
partial = functools.partial(raises, sent={})
"""
EXPECTED = "Expected that it returns a Difference or None for any two requests."


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("raises", f"the matcher given for 'system' raised KeyError: 'nothing' (mine/own.py:8).\n{EXPECTED}"),
        ("wrapping", f"the matcher given for 'system' raised KeyError: 'nothing' (mine/own.py:8).\n{EXPECTED}"),
        (
            "called",
            f"the matcher given for 'system' raised ZeroDivisionError: division by zero (mine/own.py:22).\n{EXPECTED}",
        ),
        (
            "takes_one",
            (
                "the matcher given for 'system' raised TypeError: takes_one() takes 1 positional argument but 2 were "
                f"given (mine/own.py:13).\n{EXPECTED}"
            ),
        ),
        (
            "answers",
            (
                "the matcher given for 'system' (mine/own.py:10) returned True. "
                "Expected a Difference, or None where there is none."
            ),
        ),
        (
            "partial",
            (
                "the matcher given for 'system' raised TypeError: raises() got multiple values for argument 'sent' "
                f"(mine/own.py:4).\n{EXPECTED}"
            ),
        ),
    ],
)
def test_a_matcher_that_does_not_work_says_so(name, problem, tmp_path, monkeypatch):
    """What a function does wrong is the answer to the request, with its file and line, and no defect of ours."""
    monkeypatch.chdir(tmp_path)
    own = {"__name__": "own"}
    exec(compile(BROKEN, str(tmp_path / "mine" / "own.py"), "exec"), own)
    cassette = Cassette([interaction(request("hi"), "A")])
    with World(cassette=cassette, matching=Matching().replace(system=own[name])) as world:
        with pytest.raises(anthropic.BadRequestError) as raised:
            anthropic.Anthropic().messages.create(**request("hi"))
        assert raised.value.body["error"]["message"] == f"fakememtrace: {problem}"
        assert world.journal.unexpected()[0].unexpected == problem


def test_a_matcher_without_a_line_is_told_without_one():
    """What is no Python has no file; and a file elsewhere is named whole."""
    cassette = Cassette([interaction(request("hi"), "A")])
    with pytest.raises(BrokenMatcher) as raised:
        Player(cassette, Matching().replace(system=max)).play(request("hi"))
    assert str(raised.value).startswith("the matcher given for 'system' raised TypeError: ")
    assert str(raised.value).endswith(f"'dict' and 'dict'.\n{EXPECTED}")
    own = {"__name__": "own"}
    exec(compile(BROKEN, "/elsewhere/own.py", "exec"), own)
    with pytest.raises(BrokenMatcher, match=r"^the matcher given for 'system' \(/elsewhere/own.py:10\) returned True"):
        Player(cassette, Matching().replace(system=own["answers"])).play(request("hi"))


@pytest.mark.parametrize(
    ("matching", "problem"),
    [
        ("model", "matching is 'model' (str). Expected a Matching, such as Matching().ignore('model')."),
        ("max_token", "matching is 'max_token' (str). Expected a Matching, such as Matching().ignore('max_tokens')."),
        (
            ["system", "model"],
            (
                "matching is ['system', 'model'] (list). Expected a Matching, such as "
                "Matching().ignore('model', 'system')."
            ),
        ),
        (True, "matching is True (bool). Expected a Matching, such as Matching().ignore('model')."),
    ],
)
@pytest.mark.parametrize("answers", [None, Cassette(), Author(["A"], "2026-02-07"), lambda request: "A"])
def test_what_is_no_matching_is_refused(matching, problem, answers):
    """A world takes a Matching only, and says how to write what was meant, whatever answers."""
    with pytest.raises(UsageError) as raised:
        World(cassette=answers, matching=matching)
    assert str(raised.value) == problem


@pytest.mark.parametrize(
    ("answers", "who", "advice"),
    [
        (
            Author(["A"], "2026-02-07"),
            "an Author",
            "leave matching out, or replay what it made: cassette=author.cassette.",
        ),
        (lambda request: "A", "a function", "leave matching out."),
        (Player(Cassette()), "a Player", "leave matching out, or give it to the Player: Player(cassette, matching)."),
    ],
)
def test_a_matching_for_what_compares_nothing_is_refused(answers, who, advice):
    """What answers on its own would ignore a Matching without a word; one that changes nothing may be given."""
    with pytest.raises(UsageError) as raised:
        World(cassette=answers, matching=Matching().ignore("model"))
    assert str(raised.value) == (
        f"matching is Matching().ignore('model'), and the cassette is {who}, which answers on its own: nothing is "
        "looked up by it, and it would have no effect. Expected a cassette (its path, or a Cassette), whose "
        f"recordings it compares.\nWhat to do: {advice}"
    )
    with World(cassette=answers, matching=Matching()) as world:
        assert world.claude.misses == []
