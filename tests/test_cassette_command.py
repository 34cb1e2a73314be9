"""The commands that look at cassettes and rewrite them."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from click.testing import CliRunner

from fakememtrace.claude import author
from fakememtrace.claude.author import authored
from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.interaction import (
    COUNT_TOKENS,
    MODELS,
    RECORDED,
    WITNESS,
    Event,
    Interaction,
    Provenance,
)
from fakememtrace.claude.sse import events
from fakememtrace.cli import cli
from fakememtrace.errors import CassetteError, UsageError

from .claude.helpers import TOOL, answer, conversation, interaction, request

DAY = "2026-11-22"
SEEN = Provenance(RECORDED, "claude-x", DAY, WITNESS)
SHORT = {
    "format": "fakememtrace-cassette",
    "version": 1,
    "interactions": [
        {
            "number": 1,
            "provenance": {"kind": "authored", "model": "claude-x", "date": DAY},
            "request": request("hi"),
            "response": "Hello.",
        }
    ],
}


def run(*arguments, **environment):
    """The result of a command."""
    return CliRunner().invoke(cli, ["cassette", *map(str, arguments)], env=environment)


def printed(*arguments, code=0, **environment):
    """What a command prints; it ends with this code."""
    result = run(*arguments, **environment)
    assert (result.exit_code, result.stderr) == (code, ""), result
    return result.stdout


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder of its own, in which the command is run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def secret():
    """What looks like a key, put together here so that nobody takes this file for one that holds one."""
    return "-".join(["sk", "ant", "api03", "Zq3" * 31 + "AA"])


# check


def test_check_says_what_a_cassette_holds(folder):
    """One line for each file: how many interactions there are, and where they come from."""
    conversation().save("all.json")
    Cassette([interaction(request("hi"), "Hello"), replace(interaction(request("ho"), "Hi"), provenance=SEEN)]).save(
        "both.json"
    )
    Cassette().save("none.json")
    Cassette([interaction(request("hi"), "Hello")]).save("one.json")
    assert printed("check", "all.json", "both.json", "none.json", "one.json") == (
        "all.json: 3 interactions, all authored\n"
        "both.json: 2 interactions: 1 authored, 1 recorded\n"
        "none.json: 0 interactions\n"
        "one.json: 1 interaction, authored\n"
        "4 files, none bad\n"
    )


def test_check_tells_everything_that_is_wrong(folder):
    """Every complaint of every file is told with its place, and the good ones are looked at all the same."""
    document = json.loads(conversation().dumps())
    document["interactions"][0]["duration_ms"] = -1
    document["interactions"][2] = {"number": 7}
    (folder / "bad.json").write_text(json.dumps(document), "utf-8")
    (folder / "cut.json").write_text(conversation().dumps()[:-40], "utf-8")
    conversation().save("good.json")
    result = printed("check", "bad.json", "cut.json", "gone.json", "good.json", code=1)
    assert result == (
        'bad.json, interaction 1, "duration_ms": expected milliseconds from 0, found -1. '
        "A cassette is made by fakememtrace's author or recorder and edited by hand.\n"
        'bad.json, interaction 3, "number": expected 3, found 7. '
        "Number the interactions 1, 2, 3 in the order of the file.\n"
        "cut.json, line 152 column 11: the file ends in the middle: it was cut short. "
        "Restore it from version control.\n"
        "gone.json: there is no such cassette. Did you mean 'good.json'?\n"
        "good.json: 3 interactions, all authored\n"
        "4 files, 3 bad\n"
    )


def test_check_names_what_format_would_rewrite(folder):
    """A file that is right and not canonical is good, and it says so."""
    (folder / "short.json").write_text(json.dumps(SHORT), "utf-8")
    assert printed("check", "short.json") == (
        "short.json: 1 interaction, authored; would be rewritten by fakememtrace cassette format\n1 file, none bad\n"
    )


def test_folders_are_searched(folder):
    """In a folder every cassette of ours is found, also a broken one; nothing else, and nothing hidden."""
    for place in ("a/b", ".hidden", "a/.venv"):
        (folder / place).mkdir(parents=True)
        conversation().save(folder / place / "talk.json")
    (folder / "a" / "cassette.json").write_text("", "utf-8")
    (folder / "a" / "data.json").write_text("{", "utf-8")
    (folder / "a" / "talk.yaml").write_text("interactions: []", "utf-8")
    assert printed("check", "a", "a/b/talk.json", code=1) == (
        "a/b/talk.json: 3 interactions, all authored\n"
        "a/cassette.json: the file is empty. Restore it from version control. "
        "A cassette is made by fakememtrace's author or recorder and edited by hand.\n"
        "2 files, 1 bad\n"
    )


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["check"], "cassette of fakememtrace"),
        (["format"], "cassette of fakememtrace"),
        (["check", "--secrets"], "file"),
    ],
)
def test_a_folder_with_nothing_is_refused(folder, arguments, what):
    """A wrong folder is not taken for one in which all is well."""
    (folder / "empty").mkdir()
    result = run(*arguments, "empty")
    assert isinstance(result.exception, UsageError)
    assert str(result.exception) == (
        f"there is no {what} in empty. Expected a file, or a folder with one.\n"
        "What is hidden is not looked at: name it."
    )


def test_secrets_are_found_in_files_of_any_format(folder):
    """Of each the line is told and what may be shown; what is no cassette of ours is not read as one."""
    Cassette([interaction(request(f"My key is {secret()}"), "Thanks")]).save("talk.json")
    (folder / "vcr.yaml").write_text(f"interactions:\n- headers: {{x-api-key: {secret()}}}\n", "utf-8")
    (folder / "picture.png").write_bytes(b"\0" + secret().encode())
    (folder / "clean.txt").write_text("nothing", "utf-8")
    result = printed("check", "--secrets", ".", code=1)
    assert secret() not in result
    line = (folder / "talk.json").read_text("utf-8").split(secret())[0].count("\n") + 1
    assert [found.partition(": ")[0] for found in result.splitlines()] == [
        f"talk.json, line {line}",
        "vcr.yaml, line 2",
        "4 files, 2 bad",
    ]
    assert re.search(r"^vcr.yaml, line 2: \S+, sk-ant… \(\d+ characters\)$", result, re.MULTILINE)


def test_without_secrets_nothing_is_said_of_other_files(folder):
    """A file that can be read and holds none is only counted; a cassette is checked as always."""
    (folder / "clean.txt").write_text("nothing", "utf-8")
    conversation().save("talk.json")
    assert printed("check", "--secrets", "clean.txt", "talk.json") == (
        "talk.json: 3 interactions, all authored\n2 files, none bad\n"
    )


def test_a_file_that_cannot_be_read_is_bad(folder):
    """Nobody takes it for one without secrets."""
    assert printed("check", "--secrets", "gone.yaml", "gone.json", code=1) == (
        "gone.yaml: cannot be read: No such file or directory. Check the path.\n"
        "gone.json: there is no such cassette. JSON files in .: nothing. Check the path.\n"
        "2 files, 2 bad\n"
    )


# format


def test_format_rewrites_what_is_not_canonical(folder):
    """The file is whole then, and the same cassette; a second time there is nothing to do."""
    path = folder / "short.json"
    path.write_text(json.dumps(SHORT), "utf-8")
    before = Cassette.load(path)
    assert printed("format", "short.json") == "short.json rewritten\n"
    after = Cassette.load(path)
    assert (after.interactions, after.dumps()) == (before.interactions, path.read_text("utf-8"))
    assert printed("format", "short.json") == ""


def test_format_leaves_alone_what_is_canonical(folder):
    """A file that needs no change is not touched."""
    conversation().save("talk.json")
    before = (folder / "talk.json").stat()
    assert printed("format", ".") == ""
    after = (folder / "talk.json").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_format_check_writes_nothing(folder):
    """It names what would be rewritten and ends with 1; with 0 when nothing would be."""
    path = folder / "short.json"
    path.write_text(json.dumps(SHORT), "utf-8")
    conversation().save("talk.json")
    assert printed("format", "--check", ".", code=1) == "short.json would be rewritten\n"
    assert path.read_text("utf-8") == json.dumps(SHORT)
    assert printed("format", "--check", "talk.json") == ""


def test_format_goes_on_after_a_broken_file(folder):
    """The broken one is complained about and stays as it is; the others are rewritten."""
    (folder / "a.json").write_text("{", "utf-8")
    (folder / "b.json").write_text(json.dumps(SHORT), "utf-8")
    result = run("format", "a.json", "b.json")
    assert (result.exit_code, result.stdout) == (1, "b.json rewritten\n")
    assert result.stderr == (
        "a.json, line 1 column 2: the file ends in the middle: it was cut short.\nRestore it from version control.\n"
    )
    assert (folder / "a.json").read_text("utf-8") == "{"


def test_format_goes_on_after_a_file_that_cannot_be_written(folder, monkeypatch):
    """Nothing of it is lost, and it is named."""
    (folder / "short.json").write_text(json.dumps(SHORT), "utf-8")

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    result = run("format", "short.json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "short.json: cannot be written: No space left on device.\nName another file.\n"
    assert (folder / "short.json").read_text("utf-8") == json.dumps(SHORT)


# show


def everything():
    """A cassette with something of everything that there is to show."""
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGVsbG8h" * 200}}
    digest = f"sha256:{'0' * 64} (48213 bytes)"
    leaflet = {
        "type": "document",
        "title": "Leaflet",
        "source": {"type": "base64", "media_type": "application/pdf", "data": digest},
    }
    linked = {"type": "image", "source": {"type": "url", "url": "https://tea.example/a.png"}}
    question = [{"type": "text", "text": "What is that?"}, picture, leaflet, linked]
    rules = "\n".join(f"Rule {number}." for number in range(1, 13))
    body = request(question, system=rules, tools=[TOOL], temperature=0.5)
    searched = authored(
        [
            author.thinking("Hm.\nTea?"),
            author.redacted_thinking(),
            author.server_tool_use("web_search", query="tea"),
            author.web_search_result(("https://tea.example", "Tea")),
            author.text("Tea.", [author.citation("tea", url="https://tea.example"), author.citation("leaf")]),
            author.tool_use("remember", content="Likes tea", tags=["a"]),
        ],
        body,
        1,
        DAY,
    )
    call = searched.response["content"][-1]["id"]
    result = {
        "type": "tool_result",
        "tool_use_id": call,
        "is_error": True,
        "content": [picture, {"type": "text", "text": "no"}],
    }
    second = {**body, "messages": [*body["messages"], searched.answer, {"role": "user", "content": [result]}]}
    stored = answer("Stored.", stop_reason="stop_sequence", stop_sequence="END", usage=CACHED)
    told = tuple(Event(40 * number, data) for number, data in enumerate(events(stored), 1))
    streamed = Interaction(second, stored, SEEN, 200, True, 360, {"request-id": "req_1"}, betas=("b-1",), events=told)
    other = {**request("Down?"), "tools": [TOOL], "max_tokens": 7}
    return Cassette(
        [
            replace(searched, duration_ms=1480),
            streamed,
            interaction(
                other, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, status=529
            ),
            interaction(
                request("Down?", max_tokens=8), "<html>\nBad gateway", status=502, headers={"retry-after": "3"}
            ),
            interaction(request("Count"), {"input_tokens": 12}, endpoint=COUNT_TOKENS),
            interaction({"limit": "2"}, {"data": [{"id": "claude-x"}, {"id": "claude-y"}]}, endpoint=MODELS),
            interaction({"id": "claude-x"}, {"id": "claude-x"}, endpoint=MODELS),
        ]
    )


CACHED = {"input_tokens": 1200, "output_tokens": 3, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 7}

SHOWN = """\
all.json: 7 interactions: 6 authored, 1 recorded

interaction 1 · claude-x · authored 2026-11-22 · 1.48 s
  system    Rule 1.
            Rule 2.
            Rule 3.
            Rule 4.
            Rule 5.
            Rule 6.
            ... 6 more lines, see --full
  tools     remember
  set       max_tokens: 100, temperature: 0.5
  user      What is that?
  user      [image: image/png, 1,200 bytes]
  user      [document: application/pdf, Leaflet, 48,213 bytes]
  user      [image: https://tea.example/a.png]
  thinks    Hm.
            Tea?
  thinks    [redacted, 12 characters]
  calls     web_search, which the API answers itself
              query: "tea"
  result    web_search: Tea (https://tea.example)
  claude    Tea.
  cites     "tea" (https://tea.example)
  cites     "leaf"
  calls     remember
              content: "Likes tea"
              tags: ["a"]
  ends      tool_use · 608 tokens in, 232 out (estimated)

interaction 2 continues 1 · claude-x · recorded 2026-11-22 · 0.36 s · a stream of 7 events in 0.28 s · betas b-1
  result    remember: failed: [image: image/png, 1,200 bytes]
            no
  claude    Stored.
  ends      stop_sequence · at "END" · 1,200 tokens in, 3 out · 1,000 read from the cache · 7
              written to the cache
            request-id: req_1

interaction 3 like 1 · claude-x · authored 2026-11-22
  set       max_tokens: 7, no system, no temperature
  user      Down?
  error     529 overloaded_error: Overloaded

interaction 4 like 1 · claude-x · authored 2026-11-22
  set       max_tokens: 8, no system, no tools, no temperature
  user      Down?
  error     502: <html>
            Bad gateway
            retry-after: 3

interaction 5 like 1 · count_tokens · claude-x · authored 2026-11-22
  set       no system, no tools, no temperature
  user      Count
  ends      12 tokens counted

interaction 6 · models · claude-x · authored 2026-11-22
  set       limit: "2"
  claude    claude-x, claude-y

interaction 7 · models · claude-x · authored 2026-11-22
  set       id: "claude-x"
  claude    claude-x
"""


def test_show_reads_like_a_conversation(folder):
    """Who said what, tools, thinking, media, errors, streams and usage, and what goes on from what."""
    everything().save("all.json")
    assert printed("show", "all.json") == SHOWN


def test_show_full_shortens_nothing(folder):
    """All of the system prompt is there, and what each tool is for."""
    everything().save("all.json")
    result = printed("show", "all.json", "--full")
    assert "  system    Rule 1.\n" in result
    assert "            Rule 12.\n  tools     remember: Store a memory\n            for later\n" in result
    assert "more lines" not in result


def test_show_one_interaction_with_its_whole_conversation(folder):
    """A number shows what that request was in full, not only what it adds."""
    conversation().save("talk.json")
    assert printed("show", "talk.json", "-n", "3") == (
        "talk.json: 3 interactions, all authored\n\n"
        "interaction 3 · claude-x · authored 2026-11-22\n"
        "  system    You are helpful.\n"
        "            Be brief.\n"
        "  tools     remember\n"
        "  set       max_tokens: 100\n"
        "  user      I like tea\n"
        "  calls     remember\n"
        '              content: "tea\\nnot coffee"\n'
        "  result    remember: ok\n"
        "            stored\n"
        "  claude    Noted.\n"
        "  user      Bye\n"
        "  claude    Bye!\n"
        "  ends      end_turn · 10 tokens in, 5 out\n"
    )


@pytest.mark.parametrize(("number", "known"), [(4, "one from 1 to 3"), (0, "one from 1 to 3"), (-1, "one from 1 to 3")])
def test_show_refuses_a_number_that_is_not_there(folder, number, known):
    """The numbers that there are, are named."""
    conversation().save("talk.json")
    result = run("show", "talk.json", "--number", number)
    assert isinstance(result.exception, UsageError)
    assert str(result.exception) == f"talk.json has no interaction {number}. Expected {known}."


def test_an_empty_cassette_has_no_number(folder):
    """It shows that it is empty, and no interaction of it."""
    Cassette().save("none.json")
    assert printed("show", "none.json") == "none.json: 0 interactions\n"
    assert str(run("show", "none.json", "-n", 1).exception) == (
        "none.json has no interaction 1. Expected a cassette that has some."
    )


def test_show_as_json_has_whole_requests(folder):
    """A program gets every field, and every request as it was sent."""
    tape = everything()
    tape.save("all.json")
    shown = json.loads(printed("show", "all.json", "--json"))["interactions"]
    assert [one["number"] for one in shown] == [1, 2, 3, 4, 5, 6, 7]
    assert [one["request"] for one in shown] == [one.request for one in tape.interactions]
    assert [one["response"] for one in shown] == [one.response for one in tape.interactions]
    assert shown[1]["events"] == [list(event) for event in tape.interactions[1].events]
    assert {key: value for key, value in shown[1].items() if key not in ("request", "response", "events")} == {
        "number": 2,
        "provenance": {"kind": "recorded", "model": "claude-x", "date": DAY, "usage": ""},
        "endpoint": "messages",
        "betas": ["b-1"],
        "duration_ms": 360,
        "stream": True,
        "status": 200,
        "headers": {"request-id": "req_1"},
    }
    (only,) = json.loads(printed("show", "all.json", "--json", "--number", "2"))["interactions"]
    assert only == shown[1]


def test_show_is_in_colour_on_a_terminal_only(folder):
    """Piped there is no escape; what is in the cassette cannot bring one along either."""
    odd = "\x1b[31mred\x1b[0m"
    tape = Cassette([interaction(request(odd, model=odd, system=odd, stop=odd), odd)])
    tape.interactions.append(interaction(request([{"type": odd, "source": {"media_type": odd}}]), odd, status=500))
    tape.save("talk.json")
    plain = printed("show", "talk.json")
    coloured = printed("show", "talk.json", FORCE_COLOR="1", NO_COLOR="", TERM="xterm-256color")
    assert "\x1b" not in plain
    assert "\\x1b[31mred" in plain
    assert coloured.count("\x1b[") > 10
    assert "├── " in coloured
    assert re.sub(r"\x1b\[[0-9;]*m|[│├└─\s]", "", coloured) == re.sub(r"\s", "", plain)


def test_long_texts_are_wrapped_and_not_cut(folder):
    """However narrow the terminal, every word is there."""
    words = [f"word{number}" for number in range(60)]
    Cassette([interaction(request(" ".join(words)), "y" * 300)]).save("talk.json")
    result = printed("show", "talk.json", COLUMNS="40")
    assert re.findall(r"word\d+", result) == words
    assert "y" * 300 in re.sub(r"\s", "", result)
    assert max(map(len, result.splitlines())) <= 100


def test_show_of_no_cassette_is_one_paragraph(folder):
    """The error is the one that a world would raise for the file."""
    result = run("show", "gone.json")
    assert isinstance(result.exception, CassetteError)
    assert str(result.exception) == "gone.json: there is no such cassette.\nJSON files in .: nothing. Check the path."


def test_the_command_ends_as_the_others_do(folder):
    """From outside: what is printed and the exit code, with errors in words on stderr."""
    conversation().save("talk.json")
    for arguments, code in ((["check", "talk.json"], 0), (["show", "gone.json"], 2), (["format", "gone.json"], 1)):
        command = [sys.executable, "-m", "fakememtrace", "cassette", *arguments]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ended.returncode == code
        assert ("Traceback" in ended.stderr, bool(ended.stderr)) == (False, code > 0)
