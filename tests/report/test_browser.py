"""Reports in a real Chromium, where one is: nothing hostile runs, the console stays empty, keys do what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import contextmanager

import pytest

from fakememtrace import World
from fakememtrace.evals.evaluation import Evaluation
from fakememtrace.evals.reporting import html as evals
from fakememtrace.report import html
from fakememtrace.report.gathering import account_of
from fakememtrace.report.html import render

from ..evals.test_eval_reports import of
from .chromium import PATH, Tab, chromium
from .pages import Parsed, friendly, hostile, hostile_sides, page_of
from .worlds import Program, context

pytestmark = pytest.mark.skipif(not PATH, reason="there is no Chromium here; make browser installs one")

# The widths of a phone and of a screen.
WIDTHS = (390, 1280)
HITS = """[...CSS.highlights.get('hit')].map(
  hit => hit.startContainer.data.slice(hit.startOffset, hit.endOffset).toLowerCase()
)"""
# What no report of ours has.
THEIRS = "[style], [onerror], img, iframe, svg[onload], a[href^=javascript], base, form"
VISIBLE = "[...document.querySelectorAll('.item')].filter(item => item.offsetParent).map(item => item.id)"


@pytest.fixture(scope="module")
def browser():
    """One for all."""
    with chromium() as running:
        yield running


@pytest.fixture
def tab(browser):
    """A page in it."""
    page = Tab(browser)
    yield page
    page.close()


@pytest.fixture
def show(tab, tmp_path, monkeypatch):
    """Writes a report and opens it from the disk, as it is or with all that is far away waiting."""

    def opened(account, far=False, **fields):
        monkeypatch.setattr(html, "_MANY", 0 if far else 10_000)
        path = tmp_path / "report.html"
        path.write_bytes(render(page_of(account, **fields)).encode())
        tab.open(path.as_uri())
        return tab

    return opened


def everything(tab):
    """Look at all there is: open every part, wake all that waits, search, use every key, and come back."""
    tab.run("document.querySelectorAll('details').forEach(part => part.open = true)")
    for key in ("e", "j", "k", "o", "m", "l", "t", "t"):
        tab.press(key)
    tab.press("/")
    tab.write("owned")
    tab.press("Enter")
    tab.press("Escape")
    tab.run("dispatchEvent(new Event('beforeprint'))")


def box(tab, element):
    """Where an element is."""
    return tab.run(f"{element}.getBoundingClientRect().toJSON()")


@pytest.mark.parametrize("far", [False, True])
@pytest.mark.parametrize("is_live", [False, True])
def test_nothing_hostile_runs(show, far, is_live):
    """Whatever memories, prompts, tools and names say: no script of theirs runs, and nothing is asked for."""
    tab = show(hostile(), far, is_live=is_live)
    everything(tab)
    assert tab.run("document.title").endswith(" · fakememtrace replay")
    assert tab.complaints() == []
    assert tab.asked_for() == []
    assert tab.run("document.querySelectorAll('script, style').length") == 2
    assert (
        tab.run(
            "document.querySelectorAll('[style], img, iframe, svg[onload], a[href^=javascript], base, form').length"
        )
        == 0
    )
    assert "{{ 7 * 7 }}" in tab.run("document.body.textContent")


def test_the_policy_holds_even_where_escaping_would_not(show):
    """A script, a handler, an image and a style that come into the page all the same are refused by its policy."""
    tab = show(friendly())
    tab.run(
        "document.body.insertAdjacentHTML('beforeend', "
        '\'<img src=x onerror="document.title = 1"><b style="color: red">\')'
    )
    tab.run(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'document.title = 1'}))"
    )
    tab.run("fetch('https://example.com').catch(() => 0)")
    assert tab.run("document.title") == "friendly · fakememtrace replay"
    refused = [words for words in tab.complaints() if "Content Security Policy" in words]
    assert len(refused) >= 4
    assert [url for url in tab.asked_for() if url.startswith("http")] == []


def test_nothing_hostile_runs_on_sides(show):
    """Nor in the reports of drift and diff."""
    tab = show(hostile(), **hostile_sides())
    everything(tab)
    assert tab.run("document.title").endswith(" · fakememtrace replay")
    assert (tab.complaints(), tab.asked_for()) == ([], [])
    assert tab.run("document.querySelectorAll('script, style').length") == 2
    assert (
        tab.run(
            "document.querySelectorAll('[style], img, iframe, svg[onload], a[href^=javascript], base, form').length"
        )
        == 0
    )


def test_long_text_stays_within_its_place(show):
    """A name without a break and a memory of 100 kB, cut for Claude, neither widen the page nor fill screens."""
    with World(cassette=lambda _: "Yes.") as world:
        program = Program(world)
        agent, session = program.session("\u05e1\u05d5\u05db\u05df" * 40)
        for content in ("x" * 3_000, "word " * 20_000, "\u0645\u0631\u062d\u0628\u0627 42 \N{FAMILY}" * 300):
            program.remember(agent, content, session, tags=["z" * 500])
        program.ask("?", system=context(world, session) + "y" * 3_000)
        account = account_of(world, "name_without_a_break" * 10)
    tab = show(account)
    for width in WIDTHS:
        tab.size(width, mobile=width < 500)
        assert tab.run("document.documentElement.scrollWidth") == width
    assert tab.run("document.documentElement.scrollHeight") < 6_000


def test_a_turn_is_copied_with_its_whole_prompt(show, tab):
    """Also where the prompt stands in an earlier turn; an exchange is copied with what was sent."""
    tab.call("Browser.grantPermissions", permissions=["clipboardReadWrite"])
    show(friendly())
    copied = "navigator.clipboard.readText()"
    tab.click("#a1-t3 .copy")
    text = tab.run(copied)
    prompt = next(line for line in text.split("\n\n") if line.startswith("system:"))
    assert text.startswith("turn 3, claude-x\n\nsystem:\nBe kind.\n\n## Session Context")
    assert "- [2026-02-07T12:00:00.000002Z] general: likes green tea\n" in text
    assert "m1" not in text, "numbers of memories are not the prompt's"
    assert text.index(prompt) < text.index("user:\nAre you sure?") < text.index("claude:\nWell, Are you sure?")
    assert tab.run("document.querySelector('#a1-t3 .copy').textContent") == "copied"
    assert tab.run("document.getElementById('said').textContent") == "copied"
    tab.run("location.hash = 'exchange-1'")
    tab.run("new Promise(done => setTimeout(done, 50))")
    tab.press("c")
    tab.run("new Promise(done => setTimeout(done, 50))")
    assert '"description": "tests"' in tab.run(copied)
    assert "POST /api/v1/agents → 201" in tab.run(copied)


def test_addresses_can_be_written_by_hand(show, tab):
    """#turn-3, #memory-2 and #exchange-5 are places, also in what waits; the number of each is a link to itself."""
    show(friendly(), far=True)
    page = tab.run("location.href")
    for named, place in (("turn-3", "a1-t3"), ("memory-2", "a1-m2"), ("exchange-5", "a1-x5")):
        tab.open(f"{page}#{named}")
        tab.run("new Promise(done => setTimeout(done, 100))")
        assert 0 <= box(tab, f"document.getElementById('{place}')")["top"] < 900
    links = "[...document.querySelectorAll('#a1-x5 > .when a, #a1-t3 h4 a, #a1-m2 > .head > a')].map(link => link.hash)"
    assert tab.run(links) == ["#a1-x5", "#a1-t3", "#a1-m2"]
    assert tab.complaints() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("make", [friendly, hostile])
def test_it_can_be_read_at_every_width(show, tab, make, width, scheme):
    """Nothing stands out at the side, in either scheme, and the console stays empty."""
    tab.media(prefers_color_scheme=scheme)
    tab.size(width, mobile=width < 500)
    show(make())
    everything(tab)
    assert tab.run("document.documentElement.scrollWidth") == width
    assert tab.complaints() == []


def test_it_is_read_without_a_script(show, tab):
    """With scripts switched off everything stands there, also what would wait, and nothing offers what needs one."""
    tab.script(False)
    show(friendly(), far=True)
    told = tab.call("DOM.getDocument", depth=-1)
    page = tab.call("DOM.getOuterHTML", nodeId=told["root"]["nodeId"])["outerHTML"]
    near = render(page_of(friendly()))
    assert {*re.findall(r' id="(a1-[^"]+)"', page)} == {*re.findall(r' id="(a1-[^"]+)"', near)}
    boxes = tab.call("DOM.querySelector", nodeId=told["root"]["nodeId"], selector="#a1-m3")
    assert tab.call("DOM.getBoxModel", nodeId=boxes["nodeId"])["model"]["height"] > 20
    search = tab.call("DOM.querySelector", nodeId=told["root"]["nodeId"], selector="#search")
    with pytest.raises(RuntimeError, match="box model"):
        tab.call("DOM.getBoxModel", nodeId=search["nodeId"])


@pytest.mark.parametrize("far", [False, True])
def test_search_shows_what_has_all_words(show, far):
    """Only steps and memories with all of the words are left, and how many; nothing is left out of what waits."""
    tab = show(friendly(), far)
    whole = sum(name.startswith("item ") for name in Parsed(render(page_of(friendly()))).values("class"))
    tab.press("/")
    tab.write("TEA green")
    tab.press("Enter")
    found = tab.run(VISIBLE)
    assert "a1-m1" in found
    assert "a1-m2" not in found
    said = tab.run("document.getElementById('count').textContent")
    assert re.fullmatch(r"\d+ of \d+", said)
    assert int(said.split()[0]) == len(found) > 1
    assert {*tab.run(HITS)} == {"tea", "green"}
    assert tab.run("document.activeElement.id") == found[0], "Enter goes to the first"
    assert int(said.split()[2]) == whole
    tab.press("/")
    tab.press("Escape")
    assert "a1-m2" in tab.run(VISIBLE)


@pytest.mark.parametrize("far", [False, True])
def test_keys_go_from_one_to_the_next(show, far):
    """The keys j and k move through steps and memories, also through those that wait; what is chosen is in sight."""
    tab = show(friendly(), far)
    seen = []
    for _ in range(40):
        tab.press("j")
        seen.append(tab.run("document.activeElement.id"))
    assert seen[:3] == ["a1-x1", "a1-x2", "a1-x3"]
    assert seen[-1] == "a1-m3", "the last one stays"
    place = box(tab, "document.activeElement")
    assert 0 < place["top"] < place["bottom"] <= 900
    tab.press("k")
    assert tab.run("document.activeElement.id") == "a1-m2"
    tab.press("l")
    assert tab.run("location.hash") == "#a1-timeline"


def test_enter_opens_what_there_is_to_say(show):
    """Also with o; e opens and closes all."""
    tab = show(friendly())
    tab.run("document.querySelectorAll('details').forEach(part => part.open = false)")
    for _ in range(3):
        tab.press("j")
    tab.press("o")
    assert tab.run("document.activeElement.querySelector('details').open") is True
    tab.press("Enter")
    assert tab.run("document.activeElement.querySelector('details').open") is False
    tab.press("e")
    assert tab.run("[...document.querySelectorAll('main details')].every(part => part.open)") is True


@pytest.mark.parametrize("far", [False, True])
def test_a_line_leads_to_its_memory_and_back(show, far):
    """The number beside a line of the prompt goes to the memory, and that to the turns that were shown it."""
    tab = show(friendly(), far)
    tab.run("location.hash = 'a1-t2'")
    tab.run("document.querySelector('#a1-t2 details').open = true")
    tab.click("#a1-t2 .line.memory .by a")
    assert tab.run("location.hash") in ("#a1-m1", "#a1-m2")
    place = box(tab, "document.querySelector(location.hash)")
    assert 0 <= place["top"] < 900
    tab.run("document.querySelector('#a1-m1 a[href=\"#a1-t2\"]').click()")
    assert tab.run("document.querySelector('#a1-t2').getBoundingClientRect().top < innerHeight") is True


def test_an_address_with_a_place_opens_there(show, tab):
    """A link to a memory that waits, as somebody sends it, shows that memory."""
    show(friendly(), far=True)
    tab.open(tab.run("location.href") + "#a1-m3")
    tab.run("new Promise(done => setTimeout(done, 100))")
    assert tab.run("document.getElementById('a1-m3').getBoundingClientRect().top < innerHeight") is True
    assert tab.complaints() == []


def test_a_click_on_the_strip_goes_to_the_exchange(show):
    """The last column is the last exchange."""
    tab = show(friendly())
    tab.run("document.querySelector('.strip svg').scrollIntoView()")
    place = box(tab, "document.querySelector('.strip svg')")
    for kind in ("mousePressed", "mouseReleased"):
        where = {"x": place["right"] - 3, "y": place["top"] + 5}
        tab.call("Input.dispatchMouseEvent", type=kind, **where, button="left", clickCount=1)
    assert tab.run("location.hash") == f"#a1-x{len(friendly().steps)}"


def test_dark_and_light(show, tab):
    """It follows what the reader prefers, until the key t says otherwise, which is kept."""
    ground = "getComputedStyle(document.body).backgroundColor"
    tab.media(prefers_color_scheme="light")
    show(friendly())
    tab.run("localStorage.clear()")
    tab.open(tab.run("location.href"))
    light = tab.run(ground)
    tab.media(prefers_color_scheme="dark")
    dark = tab.run(ground)
    assert light != dark
    tab.press("t")
    assert tab.run(ground) == light
    tab.open(tab.run("location.href"))
    assert tab.run(ground) == light
    tab.press("t")
    assert tab.run(ground) == dark


def test_it_prints_everything_on_white(show, tab):
    """On paper nothing is closed but bodies, nothing waits, no control is left, and the ground is white in any mode."""
    tab.media(prefers_color_scheme="dark")
    show(friendly(), far=True)
    tab.run("dispatchEvent(new Event('beforeprint'))")
    tab.media("print", prefers_color_scheme="dark")
    assert tab.run("document.querySelector('.tools').offsetParent") is None
    assert tab.run("document.querySelectorAll('.waits, main details:not([open], .bodies)').length") == 0
    assert tab.run("getComputedStyle(document.documentElement).colorScheme") == "light"
    assert tab.call("Page.printToPDF")["data"].startswith("JVBERi0")


def test_help_is_shown_and_closed(show):
    """The key ? opens what the keys do, and Escape closes it."""
    tab = show(friendly())
    tab.press("?")
    assert tab.run("document.getElementById('keys').open") is True
    tab.press("Escape")
    assert tab.run("document.getElementById('keys').open") is False
    tab.click("#help")
    tab.click("#close-keys")
    assert tab.run("document.getElementById('keys').open") is False


def test_it_has_landmarks_and_names(show):
    """A reader that hears the page finds its parts by their names, and every control has one."""
    tab = show(friendly())
    nodes = tab.call("Accessibility.getFullAXTree")["nodes"]
    roles = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]
    assert {("banner", ""), ("navigation", "Contents"), ("main", ""), ("search", "")} <= {*roles}
    assert [role for role, name in roles if role in ("button", "link", "searchbox", "checkbox") and not name] == []
    assert {"Timeline", "Memories"} <= {name.split(" ")[0] for role, name in roles if role == "heading"}


def test_the_page_of_evals_is_one_of_these(tab, tmp_path):
    """It has the same keys and the same policy, and hostile cases stay text."""
    page = evals(Evaluation([of("failed"), of("passed")], left_out=[("<img src=x>", "<script>")]))
    path = tmp_path / "eval.html"
    path.write_text(page, "utf-8")
    tab.open(path.as_uri())
    everything(tab)
    assert tab.run("document.title") == "Memory evals: failed"
    assert (tab.complaints(), tab.asked_for()) == ([], [])
    assert tab.run("document.querySelectorAll('script').length") == 1
    tab.size(WIDTHS[0], mobile=True)
    assert tab.run("document.documentElement.scrollWidth") == WIDTHS[0]


@contextmanager
def served(*arguments):
    """The URL of ``fakememtrace serve``."""
    command = [sys.executable, "-m", "fakememtrace", "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().split(" at ")[1].partition(",")[0]
        finally:
            process.kill()


def test_a_server_shows_the_same_live(tab):
    """/ui shows what was stored until now, without a complaint; somebody who asks for it sees it anew."""
    import httpx

    with served("--key", "mtk_test") as url:
        store = {"agent_id": "ada", "content": "<script>document.title = 'owned'</script>"}
        httpx.post(f"{url}/api/v1/memories", json=store, headers={"x-api-key": "mtk_test"})
        tab.open(f"{url}/ui")
        assert tab.run("document.title") == "Memtrace · fakememtrace serve"
        assert tab.run("document.querySelectorAll('.memory-card').length") == 1
        assert (tab.complaints(), tab.asked_for()) == ([], [])
        httpx.post(f"{url}/api/v1/memories", json={**store, "content": "more"}, headers={"x-api-key": "mtk_test"})
        tab.open(f"{url}/ui")
        assert tab.run("document.querySelectorAll('.memory-card').length") == 2
