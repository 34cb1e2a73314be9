"""The file: one, whole, the same every time, and nothing in it runs but what is ours."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from pathlib import Path

import pytest

from fakememtrace import World
from fakememtrace.errors import FileError, UsageError
from fakememtrace.report import html
from fakememtrace.report.gathering import account_of
from fakememtrace.report.html import render, write
from fakememtrace.report.visible import visible

from .pages import Parsed, friendly, hostile, hostile_sides, page_of
from .worlds import HOSTILE, Program, context

TEMPLATES = Path(html.__file__).parent / "templates"
OURS = {
    *("a", "article", "b", "body", "button", "code", "dd", "details", "dialog", "div", "dl", "dt", "h1", "h2", "h3"),
    *("h4", "head", "header", "html", "input", "kbd", "li", "link", "main", "mark", "meta", "nav", "ol", "output", "p"),
    *(
        "path",
        "pre",
        "s",
        "script",
        "section",
        "span",
        "style",
        "summary",
        "svg",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
    ),
    *("title", "tr", "ul", "noscript"),
}


@pytest.fixture(scope="module")
def evil():
    """A report in which everything is hostile."""
    return render(page_of(hostile()))


def test_the_same_run_gives_the_same_bytes(tmp_path):
    """No wall clock, no id out of the air, no order of a set."""
    write(page_of(friendly()), tmp_path / "1.html")
    write(page_of(friendly()), tmp_path / "2.html")
    assert (tmp_path / "1.html").read_bytes() == (tmp_path / "2.html").read_bytes()


def test_only_our_own_style_and_script_are_let_in(evil):
    """The policy names exactly the digests of what is in the file, and nothing else may load or run."""
    page = Parsed(evil)
    (policy,) = [told["content"] for tag, told in page.tags if told.get("http-equiv") == "Content-Security-Policy"]
    digests = {
        name: "'sha256-" + base64.b64encode(hashlib.sha256(page.held[name].encode()).digest()).decode() + "'"
        for name in ("style", "script")
    }
    assert policy == (
        f"default-src 'none'; style-src {digests['style']}; script-src {digests['script']}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize("make", [friendly, hostile])
@pytest.mark.parametrize("far", [False, True])
def test_the_file_needs_nothing_else(make, far, monkeypatch):
    """No address but places in the page, no image but the one in it, no style or handler in any tag; ids are unique."""
    monkeypatch.setattr(html, "_MANY", 0 if far else 10_000)
    page = Parsed(render(page_of(make())))
    assert page.misnested == []
    assert ("noscript" in page.names) is far
    assert page.names <= OURS
    assert [name for name, _ in page.tags].count("script") == 1
    links = [link for link in page.values("href") if not link.startswith("#")]
    assert [link[:19] for link in links] == ["data:image/svg+xml,"]
    assert page.values("src") == page.values("style") == []
    assert not [name for _, told in page.tags for name in told if name.startswith("on")]
    ids = page.values("id")
    assert len(ids) == len({*ids})
    assert {link[1:] for link in page.values("href") if link.startswith("#")} <= {*ids}


def test_hostile_text_is_text(evil):
    """Every hostile text stands in the page as it was written, with what nobody sees in letters."""
    text = Parsed(evil).text
    for content in HOSTILE:
        # Half of a surrogate pair reaches Memtrace as the character that stands for what is broken.
        assert visible(content.replace("\ud800", "\N{REPLACEMENT CHARACTER}")) in text
    assert "\0" not in evil
    assert "\u202e" not in evil


def test_a_hostile_name_stays_where_it_is():
    """Also in the title, in the contents and in every attribute."""
    page = Parsed(render(page_of(hostile(), is_live=True)))
    assert page.text.lstrip().startswith(f"{HOSTILE[0]} · fakememtrace replay")


def test_sides_are_as_safe_as_accounts():
    """In a report of drift and of diff every hostile text stands as it was written, in no tag that is not ours."""
    page = Parsed(render(page_of(hostile(), **hostile_sides())))
    assert page.misnested == []
    assert page.names <= OURS
    assert [name for name, _ in page.tags].count("script") == 1
    assert [link[:19] for link in page.values("href") if not link.startswith("#")] == ["data:image/svg+xml,"]
    assert page.values("src") == page.values("style") == []
    shown = visible(HOSTILE[0])
    # Each side has an account of its own, and beside these every field has the text once at least.
    assert page.text.count(shown) > 2 * Parsed(render(page_of(hostile()))).text.count(shown) + 20


def test_our_own_files_end_nothing():
    """The style and the script hold nothing that would end them within the page."""
    for name in ("page.css", "page.js"):
        assert "</" not in (TEMPLATES / name).read_text("utf-8")
        assert "<!--" not in (TEMPLATES / name).read_text("utf-8")


def test_no_template_trusts_a_value():
    """Nothing is declared safe, and escaping is never switched off."""
    for path in TEMPLATES.glob("*.html"):
        assert not re.search(r"\|\s*safe|autoescape|Markup", path.read_text("utf-8")), path.name
    assert html.environment().autoescape is True


def test_what_is_far_away_is_all_there(monkeypatch):
    """A page that waits with its parts has the same steps, turns and memories as one that does not."""
    near = Parsed(render(page_of(friendly())))
    monkeypatch.setattr(html, "_MANY", 0)
    far = Parsed(render(page_of(friendly())))
    assert {*near.values("id")} == {*far.values("id")}


def test_nothing_is_told_that_was_not_asked_for():
    """An account without anything is a page without parts, and not an error."""
    account = friendly()._replace(steps=(), turns=(), memories=(), checks=(), prompts=(), tools=(), runs=())
    assert "Timeline" not in Parsed(render(page_of(account))).text
    assert "Nothing was asked of Memtrace or Claude, and nothing is stored." in Parsed(render(page_of(account))).text
    live = Parsed(render(page_of(account, is_live=True))).text
    assert "Nothing was asked of Memtrace or Claude yet. Reload the page once something was." in live


def test_a_pause_is_told():
    """A day that goes by between two exchanges of a run is seen, and not only another time of day."""
    with World() as world:
        program = Program(world)
        agent, session = program.session()
        program.remember(agent, "one", session)
        for span in ("59s", "90m", "30h", "50h"):
            world.clock.advance(span)
            program.remember(agent, span, session)
        account = account_of(world, "pauses")
    told = re.findall(r'<div class="later">(.*?)</div>', render(page_of(account)))
    assert told == ["1 h 30 min later", "30 h later, 2026-02-08", "2 d 2 h later, 2026-02-10"]


def test_the_tools_are_told_whole_once():
    """What Claude is told of each tool stands in the first turn that offers it, later turns say which that is."""
    with World(cassette=lambda _: "Yes.") as world:
        program = Program(world)
        tools = [{"name": "look_up", "description": "Finds it.", "input_schema": {"title": "what to find"}}]
        program.ask("One?", tools=tools)
        program.ask("Two?", tools=tools)
        text = " ".join(Parsed(render(page_of(account_of(world, "tools")))).text.split())
    assert text.count("Finds it.") == text.count("what to find") == 1
    assert "the 1 tool of turn 1" in text


def test_what_is_cut_is_told_once():
    """Of a memory of several lines after the last of them that Claude is shown, and also where a tool's JSON has it."""
    lines = "\n".join(f"line {number}" for number in range(40))
    with World(cassette=lambda _: "Yes.") as world:
        program = Program(world)
        agent, session = program.session()
        program.remember(agent, lines, session)
        told = json.dumps({"memory": f"{lines[:50]}..."})
        result = [{"type": "tool_result", "tool_use_id": "toolu_1", "content": told}]
        program.ask(result, system=context(world, session))
        page = render(page_of(account_of(world, "cut")))
    rests = re.findall(r"Claude is not shown: <s>(.*?)</s>", page, re.DOTALL)
    assert rests == [lines[80:], lines[50:].replace("\n", "\\n")]


def test_what_does_not_hold_stands_first():
    """A failed expectation is not looked for below those that hold."""
    text = Parsed(render(page_of(friendly()))).text
    assert text.index("three are") < text.index("two memories are shown")


def test_an_explanation_has_its_colours():
    """What was recorded and what was sent are told apart, also where the line is empty."""
    problem = "#1 x\nsystem prompt, line 1:\n    - one\n    -\n    + two\n    +\n      three"
    page = render(page_of(friendly()._replace(problems=(problem,))))
    assert page.count('class="diff-old"') == page.count('class="diff-new"') == 2


def test_a_program_that_stopped_comes_after_what_stopped_it():
    """What was unexpected is the cause, and stands above it."""
    text = Parsed(render(page_of(friendly()._replace(problems=("the cause",), stopped="the end")))).text
    assert text.index("the cause") < text.index("the end")


def test_a_file_that_cannot_be_written_is_said(tmp_path):
    """The error names it."""
    with pytest.raises(FileError, match="cannot be written"):
        write(page_of(friendly()), tmp_path)


def test_without_jinja_it_says_what_to_install(monkeypatch):
    """As for every extra."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    html.environment.cache_clear()
    with pytest.raises(UsageError) as caught:
        render(page_of(friendly()))
    assert str(caught.value) == 'an HTML report needs Jinja2. Install it with: pip install "jinja2>=3.1"'
    html.environment.cache_clear()


def test_a_page_is_plain_json():
    """What a report shows can be read by other programs."""
    page = page_of(friendly())
    assert json.loads(json.dumps(page.to_json()))["accounts"][0]["memories"][0]["content"] == "likes green tea"


PAIRS = [
    *(("--ink", ground) for ground in ("--ground", "--paper", "--sunk", "--memory")),
    *(("--soft", ground) for ground in ("--ground", "--paper", "--sunk")),
    *(("--link", ground) for ground in ("--ground", "--paper", "--sunk")),
    *(("--good", "--good-ground"), ("--bad", "--bad-ground"), ("--warn", "--warn-ground")),
    *(("--good", "--paper"), ("--bad", "--paper"), ("--bad", "--ground"), ("--warn", "--ground")),
    *(("--memory-ink", "--memory"), ("--claude", "--paper"), ("--memtrace", "--ground"), ("--telegram", "--ground")),
]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS, ids="".join)
def test_every_text_can_be_read(ink, ground, scheme):
    """Text has the contrast that WCAG asks for, 4.5 to 1, in both schemes."""
    style = (TEMPLATES / "page.css").read_text("utf-8")
    colours = dict(re.findall(r"(--[\w-]+): light-dark\((.*?)\);", style))
    one, other = (luminance(colours[name].split(", ")[scheme]) for name in (ink, ground))
    assert (max(one, other) + 0.05) / (min(one, other) + 0.05) >= 4.5


def luminance(colour):
    """The relative luminance of ``#rrggbb``."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
