"""Two texts side by side: every line is told once, the words that changed are marked, and it ends in time."""

from __future__ import annotations

import itertools
import json
import random

import pytest

from fakememtrace.claude.missing.layout import spread
from fakememtrace.claude.missing.lines import aligned, alike, diff

MOST = 1_000


def shown(old, new, most=MOST):
    """What is shown of two texts."""
    return diff(old.split("\n"), new.split("\n"), most)[0]


def texts(seed):
    """A text and an edited one, of few or of many different lines."""
    dice = random.Random(seed)
    kinds = dice.choice([3, 30, 3_000])
    old = [str(dice.randrange(kinds)) for _ in range(dice.randrange(400))]
    new = list(old)
    for _ in range(dice.randrange(80)):
        place = dice.randrange(len(new) + 1)
        new[place : place + dice.randrange(3)] = [str(dice.randrange(kinds)) for _ in range(dice.randrange(3))]
    return old, new


@pytest.mark.parametrize("seed", range(60))
def test_every_line_stands_in_one_run(seed):
    """The runs go through both texts without a gap; what is called the same is the same, and runs alternate."""
    old, new = texts(seed)
    runs = aligned(old, new)
    assert [line for run in runs for line in old[run.start : run.end]] == old
    assert [line for run in runs for line in new[run.other_start : run.other_end]] == new
    assert all(old[run.start : run.end] == new[run.other_start : run.other_end] for run in runs if run.same)
    assert all(one.same != other.same for one, other in itertools.pairwise(runs))


@pytest.mark.parametrize("seed", range(60))
def test_a_difference_tells_both_texts(seed):
    """All lines of the old text that changed are there, and all of the new one."""
    old, new = texts(seed)
    lines, first = diff(old, new, 10_000)
    runs = [run for run in aligned(old, new) if not run.same]
    for mark, count in (
        ("- ", sum(run.end - run.start for run in runs)),
        ("+ ", sum(run.other_end - run.other_start for run in runs)),
    ):
        assert sum(line.startswith(mark) for line in lines) == count
    assert first == (runs[0].other_start + 1 if runs else 1)


def test_lines_around_a_change_are_shown():
    """Two lines before and after; between far changes stands that something is left out."""
    old = [f"line {number}" for number in range(30)]
    new = [*old[:5], "new", *old[5:20], *old[21:]]
    assert diff(old, new, MOST) == (
        [
            *("  line 3", "  line 4", "+ new", "  line 5", "  line 6", "..."),
            *("  line 18", "  line 19", "- line 20", "  line 21", "  line 22"),
        ],
        6,
    )


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("Be brief.", "Be very brief.", ["- Be brief.", "+ Be {+very+} brief."]),
        ("Be very brief.", "Be brief.", ["- Be [-very-] brief.", "+ Be brief."]),
        (
            "You have a memory that outlives us.",
            "You have a good memory which outlives us.",
            ["- You have a memory [-that-] outlives us.", "+ You have a {+good+} memory {+which+} outlives us."],
        ),
        ("one two three four", "one 2 3 four", ["- one [-two three-] four", "+ one {+2 3+} four"]),
        ("nothing alike", "entirely other words", ["- nothing alike", "+ entirely other words"]),
        ("a\x1b[31mb c", "a\x1b[32mb c", ["- a\\x1b[[-31mb-] c", "+ a\\x1b[{+32mb+} c"]),
    ],
)
def test_the_words_that_changed_are_marked(old, new, lines):
    """A line that changed a little is shown twice, its changed words between marks; another line is just shown."""
    assert shown(old, new) == lines


def test_a_changed_line_stands_beside_what_it_became():
    """Of several lines that changed, each is paired with the one that is like it."""
    old = "Ada likes green tea\nBob likes rum a lot"
    new = "Something new here\nAda likes black tea\nBob likes gin a lot"
    assert shown(old, new) == [
        "+ Something new here",
        "- Ada likes [-green-] tea",
        "+ Ada likes {+black+} tea",
        "- Bob likes [-rum-] a lot",
        "+ Bob likes {+gin+} a lot",
    ]


def test_of_a_long_line_only_what_is_near_a_change_is_shown():
    """A line of thousands of characters is cut where nothing changed, and where it is shown whole."""
    old, new = (f"{'word ' * 400}{drink}{' word' * 400}" for drink in ("tea", "rum"))
    assert shown(old, new) == [
        "- … word word word word word word [-tea-] word word word word word word …",
        "+ … word word word word word word {+rum+} word word word word word word …",
    ]
    assert shown("a\n" + "x" * 500, "a") == ["  a", f"- {'x' * 200}… (500 characters)"]


def test_after_the_most_lines_the_rest_is_counted():
    """What is left out is told by its number."""
    old = "\n".join(f"{number}" for number in range(100))
    assert shown(old, "one", 3) == ["- 0", "- 1", "- 2", "... and 98 more lines"]
    assert shown("a\nb", "c\nd", 3) == ["- a", "- b", "+ c", "... and 1 more line"]


def test_thousands_of_lines_that_are_alike_are_no_problem():
    """Texts that repeat few lines in any order end up as what they are: changed."""
    dice = random.Random(1)
    old, new = ([dice.choice("abc") for _ in range(3_000)] for _ in range(2))
    assert len(diff(old, new, 40)[0]) == 41


def test_how_alike_texts_are():
    """The share of their words that texts have in common, without regard to case."""
    assert alike("I like tea", "i like milk") == pytest.approx(2 / 3)
    assert (alike("a b", "a b"), alike("a", "b"), alike("?!", "?!"), alike("?", "!")) == (1, 0, 1, 0)


def test_long_json_is_spread_over_lines():
    """A list or an object on one line becomes a line for each item; everything else stays."""
    rows = [{"content": f"memory {number}", "time": "2026-02-07T12:00:00Z"} for number in range(3)]
    one = json.dumps(rows)
    lines = ["x", one, "[1, 2]", "[" + "x" * 200]
    laid_out = ["x", "[", *(f"  {json.dumps(row)}," for row in rows), "]", "[1, 2]", "[" + "x" * 200]
    assert spread(lines, lines) == (laid_out, laid_out)
    assert spread([json.dumps({"memories": rows, "count": 3})], ["Nothing."]) == (
        ["{", '  "memories": [', *(f"    {json.dumps(row)}," for row in rows), "  ],", '  "count": 3,', "}"],
        ["Nothing."],
    )


@pytest.mark.parametrize("turned", [False, True])
def test_short_json_is_laid_out_as_the_long_one_that_it_became(turned):
    """What stands in the place of a long line has its form, an empty list too; what both texts have stays."""
    rows = [f"a memory of more than a few words, number {number}" for number in range(3)]
    texts = [[json.dumps({"memories": found, "tags": [], "count": len(found)}), "{}"] for found in (rows, [])]
    full, empty = spread(*texts) if not turned else spread(*texts[::-1])[::-1]
    assert full == [
        *("{", '  "memories": [', *(f'    "{row}",' for row in rows), "  ],"),
        *('  "tags": [],', '  "count": 3,', "}", "{}"),
    ]
    assert empty == ["{", '  "memories": [', "  ],", '  "tags": [],', '  "count": 0,', "}", "{}"]
    assert spread([json.dumps(rows)], ["[]"])[1] == ["[", "]"]
    assert spread(["[]", "{}"], ['{"a": 1}', "[2]"]) == (["[]", "{}"], ['{"a": 1}', "[2]"])


def test_a_list_does_not_make_an_object_long():
    """A short object beside a long list stays on its line."""
    rows = [f"a memory of more than a few words, number {number}" for number in range(3)]
    assert spread([json.dumps(rows)], ['{"error": "none"}'])[1] == ['{"error": "none"}']
