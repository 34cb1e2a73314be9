"""JUnit XML, Markdown and HTML of a run of evals: what they say, and that hostile memories stay text."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from xml.etree import ElementTree as Xml

import pytest

from fakememtrace.evals.evaluation import Evaluation
from fakememtrace.evals.outcome import Result
from fakememtrace.evals.reporting import html, junit, markdown

from .helpers import BODY, case_file
from .sets import evaluated, struck, tiny, written

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>``` | </details> & ]]> \u202e \x07"
FAILS = BODY.replace('{ store = "tea" }', '{ store = "tea" }, { advance = "2h" }').replace(
    'read = "list"', 'read = "list", since = "1h"'
)


@pytest.fixture
def told(tmp_path, monkeypatch):
    """A run in which a case fails, one is unscored, and a data set got worse, in all forms: by kind, the text."""
    # What is told of files is short, then.
    monkeypatch.chdir(tmp_path)
    written(tiny(tmp_path))
    evaluated("--evals", ".", "--data", "locomo=.", "--bless")
    case_file(tmp_path, FAILS + UNSCORED)
    struck(monkeypatch, kind="lost_write", times=1)
    files = {kind: tmp_path / f"report.{kind}" for kind in ("junit", "markdown", "html")}
    options = [word for kind, file in files.items() for word in (f"--{kind}", file)]
    done = evaluated("--evals", ".", "--data", "locomo=.", *options)
    assert done.exit_code == 1
    return {kind: file.read_text("utf-8") for kind, file in files.items()}


UNSCORED = """
[[case]]
name = "nobody"
title = "Nobody recorded it."
why = "It is needed."
says = { tea = "Ada likes green tea" }
history = [{ open = "monday" }, { talk = "Hi" }]
probes = [{ read = "answer", measure = "recall", both = 1.0 }]
claude = "nobody"
"""


class TestJUnit:
    """A test case for each eval in each dialect, and for each way to ask a data set."""

    def test_what_became_of_each(self, told):
        """Failed with the words and the lost fact, unscored is skipped with the reason, and so on; the counts agree."""
        root = Xml.fromstring(told["junit"])
        assert dict(root.attrib) == {
            "name": "fakememtrace eval",
            "tests": "6",
            "errors": "0",
            "failures": "4",
            "skipped": "2",
        }
        assert [(suite.get("name"), suite.get("tests")) for suite in root] == [("Demo", "4"), ("Sets", "2")]
        cases = {case.get("name"): case for case in root.iter("testcase")}
        failure = cases["demo (0.2.0)"].find("failure")
        assert failure.get("message") == "list: expected 1.0, found 0.0"
        assert "lost    tea, list, before it was inside the window: the memory of" in failure.text
        assert cases["nobody (0.2.0)"].find("skipped").get("message") == (
            "nobody recorded Claude for it: there is no nobody.json"
        )
        worse = cases["substring, 0.2.0, recall@3"]
        assert worse.get("classname") == "tiny"
        assert worse.find("failure").get("message").startswith("the mean fell by 0.2500, which is more than")
        assert "flipped   conv-0/0 · substring, 0.2.0: 1.0000 → 0.0000" in worse.find("failure").text

    def test_a_crash_is_an_error(self):
        """And no failure."""
        root = Xml.fromstring(junit(Evaluation([of("crashed")])))
        assert (root.get("errors"), root.get("failures")) == ("1", "0")
        assert root.find(".//error").get("type") == "crashed"

    def test_what_xml_has_no_place_for(self):
        """Control characters are escapes; all else comes back as it was."""
        message = Xml.fromstring(junit(Evaluation([of("failed")]))).find(".//failure").get("message")
        assert message == HOSTILE.replace("\u202e", "\\u202e").replace("\x07", "\\x07")


class TestMarkdown:
    """The funnel, a table of what did not pass, and what flipped, folded away."""

    def test_the_whole(self, told):
        """As it stands in a pull request."""
        assert told["markdown"] == MARKDOWN

    def test_a_run_that_passed_is_short(self):
        """The verdict and the funnel."""
        assert markdown(Evaluation([of("passed")._replace(words="")])) == (
            "### Memory evals: PASSED: 1 of 1 passed (1 eval)\n\n```text\n0.2.0: no fact was traced\n```\n"
        )

    def test_hostile_words_stand_in_code(self):
        """No fence and no table is ended by them."""
        text = markdown(Evaluation([of("failed")]))
        outside = re.sub(r"(`{3,})text\n.*?\n\1", "", text, flags=re.DOTALL)
        outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", outside)
        assert "script" in text
        assert "script" not in outside
        assert "img" not in outside

    def test_a_comment_has_its_limits(self):
        """What is too much is left out, and it is said so."""
        many = [of("failed")._replace(case=f"case-{number}", words="x" * 190) for number in range(1000)]
        text = markdown(Evaluation(many))
        assert len(text) < 65_536
        assert "| and 900 more | | | |" in text
        assert "... and 8800 lines more" in text


class TestHtml:
    """One page that needs nothing else."""

    def test_it_has_the_funnel_the_metrics_and_the_flips(self, told):
        """As bars and tables."""
        page = told["html"]
        assert "<title>Memory evals: failed</title>" in page
        assert '<span class="soft">0 of 1</span>' in page
        assert '<rect class="bar bad" width="75.00" height="1"/>' in page
        assert '<rect class="before" width="100.00" height="1"/>' in page
        assert "<tr><td>conv-0/0 · substring, 0.2.0</td><td>4 single-hop · substring, 0.2.0</td>" in page
        assert "<td>list</td><td>recall</td><td>1.0</td><td>0.0</td><td>0</td>" in page
        assert '<td class="bad">lost before it was inside the window</td>' in page
        assert "nobody recorded Claude for it" in page

    def test_what_did_not_pass_stands_at_the_top(self, told):
        """Each case and each way of asking a data set, why in a few lines, and a link to all of it."""
        page = told["html"]
        top = page[page.index('id="failing"') : page.index('id="funnel"')]
        links = re.findall('href="#([^"]+)"', top)
        assert links
        assert all(f'id="{link}"' in page for link in links)
        assert {link.partition("-")[0].rstrip("0123456789") for link in links} == {"group", "set"}
        assert "lost: " in top
        passed = html(Evaluation([of("passed")]))
        assert "What did not pass" not in passed

    def test_it_loads_and_runs_nothing(self, told):
        """But for the script and the style of every report, by their digests; addresses are places in the page."""
        seen = Seen.of(told["html"])
        assert seen.tags.isdisjoint({"img", "iframe", "object", "embed", "form", "base"})
        assert {address[:5] for address in seen.addresses if not address.startswith("#")} == {"data:"}
        assert re.search(
            "default-src 'none'; style-src 'sha256-[^' ]+'; script-src 'sha256-[^' ]+';", unescape(told["html"])
        )
        assert told["html"].count("<script") == 1
        assert "light-dark(" in told["html"]

    @pytest.mark.parametrize("state", ["failed", "crashed", "unscored", "passed"])
    def test_hostile_memories_are_text(self, state):
        """Whatever field they stand in: no element comes of them, and no handler."""
        page = html(Evaluation([of(state)], left_out=[(HOSTILE, HOSTILE)]))
        seen = Seen.of(page)
        assert "img" not in seen.tags
        assert not any(name.startswith("on") for name in seen.attributes)
        assert page.count("<script") == 1
        assert page.count("&lt;script&gt;alert(1)") >= 5
        assert "\u202e" not in page
        assert "\x07" not in page

    def test_a_hostile_memory_of_a_real_run(self, tmp_path):
        """A fact that is a script is stored, lost and told, and stays text in every report."""
        body = FAILS.replace("Ada likes green tea", "<script>alert('tea')</script>")
        files = {kind: tmp_path / kind for kind in ("html", "junit", "markdown", "json")}
        options = [word for kind, file in files.items() for word in (f"--{kind}", file)]
        assert evaluated("--evals", case_file(tmp_path, body), *options).exit_code == 1
        texts = {kind: file.read_text("utf-8") for kind, file in files.items()}
        assert "&lt;script&gt;alert(&#39;tea&#39;)&lt;/script&gt;" in texts["html"]
        assert "<script" not in texts["junit"]
        assert texts["html"].count("<script") == 1

    def test_the_same_run_is_the_same_page(self):
        """Byte for byte."""
        evaluation = Evaluation([of("failed"), of("passed")])
        assert html(evaluation) == html(evaluation)


def of(state: str) -> Result:
    """A result all of whose words are hostile."""
    value = {
        "case": HOSTILE,
        "group": HOSTILE,
        "title": HOSTILE,
        "dialect": "0.2.0",
        "state": state,
        "words": HOSTILE,
        "findings": [
            {
                "probe": HOSTILE,
                "read": "list",
                "measure": "recall",
                "expected": [HOSTILE],
                "found": {HOSTILE: HOSTILE},
                "returned": 0,
                "state": state,
                "words": HOSTILE,
            }
        ],
        "traces": [
            {
                "probe": HOSTILE,
                "fact": HOSTILE,
                "text": HOSTILE,
                "stages": ["said", "stored"],
                "lost": "stored",
                "why": HOSTILE,
                "variant": HOSTILE,
            }
        ]
        if state != "passed"
        else [],
        "calls": 1,
        "tokens": 2,
    }
    return Result.from_json(value)


class Seen(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.addresses = set(), set(), []

    @classmethod
    def of(cls, page):
        """The elements, attributes and addresses in `page`."""
        seen = cls()
        seen.feed(page)
        return seen

    def handle_starttag(self, tag, attrs):
        """Take an element into account."""
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "action", "srcset")]


WORSE = (
    "the mean fell by 0.2500, which is more than the tolerance of 0.0100, and the 95 % interval of the difference, "
    "-0.2500 to -0.2500, excludes zero"
)
MARKDOWN = """\
### Memory evals: FAILED: 0 of 4 passed (2 evals), 2 unscored; 0 of 2 as good as before (1 data-set eval), 2 worse

```text
0.2.0: said 1 → stored 1 → inside the window 0 → inside the limit 0 → matched 0 → rendered 0
documented: said 1 → stored 1 → inside the window 0 → inside the limit 0 → matched 0 → rendered 0
```

| eval | | state | why |
| --- | --- | --- | --- |
| `demo` | `0.2.0` | failed | `list: expected 1.0, found 0.0` |
| `demo` | `documented` | failed | `list: expected 1.0, found 0.0` |
| `nobody` | `0.2.0` | unscored | `nobody recorded Claude for it: there is no nobody.json` |
| `nobody` | `documented` | unscored | `nobody recorded Claude for it: there is no nobody.json` |
| `tiny` | `substring, 0.2.0` | regression | `WHY` |
| `tiny` | `substring, documented` | regression | `WHY` |

<details><summary>what did not pass</summary>

```text
FAILED   demo (0.2.0): 0 of 1 came back; 4 calls, 0 tokens
            list: expected 1.0, found 0.0
    lost    tea, list, before it was inside the window: the memory of 2026-02-07T12:00:00.000002Z
              ('Ada likes green tea'): only what is later than 2026-02-07T13:00:00.000003Z was asked
               for
FAILED   demo (documented): 0 of 1 came back; 4 calls, 0 tokens
            list: expected 1.0, found 0.0
    lost    tea, list, before it was inside the window: the memory of 2026-02-07T12:00:00.000002Z
              ('Ada likes green tea'): only what is later than 2026-02-07T13:00:00.000003Z was asked
               for
unscored nobody (0.2.0): no fact traced; 0 calls, 0 tokens
            nobody recorded Claude for it: there is no nobody.json
unscored nobody (documented): no fact traced; 0 calls, 0 tokens
            nobody recorded Claude for it: there is no nobody.json
```

</details>

<details><summary>tiny: regression</summary>

```text
FAILED   tiny · substring, 0.2.0: recall@3 mean 1.0000 → 0.7500, 4 items flipped; precision 1.0000, 0.8 returned
            the mean fell by 0.2500, which is more than the tolerance of 0.0100, and the 95 %
              interval of the difference, -0.2500 to -0.2500, excludes zero
  flipped   conv-0/0 · substring, 0.2.0: 1.0000 → 0.0000
  flipped   conv-1/0 · substring, 0.2.0: 1.0000 → 0.0000
  flipped   conv-2/0 · substring, 0.2.0: 1.0000 → 0.0000
  flipped   conv-3/0 · substring, 0.2.0: 1.0000 → 0.0000
FAILED   tiny · substring, documented: recall@3 mean 1.0000 → 0.7500, 4 items flipped; precision 1.0000, 0.8 returned
            the mean fell by 0.2500, which is more than the tolerance of 0.0100, and the 95 %
              interval of the difference, -0.2500 to -0.2500, excludes zero
  flipped   conv-0/0 · substring, documented: 1.0000 → 0.0000
  flipped   conv-1/0 · substring, documented: 1.0000 → 0.0000
  flipped   conv-2/0 · substring, documented: 1.0000 → 0.0000
  flipped   conv-3/0 · substring, documented: 1.0000 → 0.0000
            What to do: correct it; or where this is as it should be, --bless writes tiny.json anew.
```

</details>
""".replace("WHY", WORSE)
