"""The cassette file: what it looks like, and what is refused."""

from __future__ import annotations

import errno
import json
import os
import sys

import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.interaction import AUTHORED, RECORDED, Event, Provenance
from fakememtrace.claude.lines import join_content, join_free, split_content, split_free
from fakememtrace.claude.reading import complaints
from fakememtrace.errors import CassetteError, FileError, UsageError

from .helpers import TOOL, answer, conversation, interaction, request


def test_it_reads_what_it_wrote(tmp_path):
    """A saved cassette holds the same interactions, and saving it again gives the same bytes."""
    path = tmp_path / "c.json"
    conversation().save(path)
    read = Cassette.load(path)
    assert read.interactions == conversation().interactions
    assert read.dumps() == path.read_text("utf-8")
    assert read.path == path


def test_a_conversation_is_written_once(tmp_path):
    """A later turn is written as what it adds: no prompt, tool or message stands in the file twice."""
    entries = json.loads(conversation().dumps())["interactions"]
    assert [entry.get("continues") for entry in entries] == [None, 1, 2]
    assert entries[2] == {
        "number": 3,
        "provenance": {"kind": "authored", "model": "claude-x", "date": "2026-11-22"},
        "duration_ms": 0,
        "continues": 2,
        "request": {"messages": [{"role": "user", "content": "Bye"}]},
        "response": answer("Bye!"),
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [("Be brief.", "Be very brief."), ("Store a memory", "Store a fact"), ("Bye", "Good bye")],
)
def test_a_changed_line_is_a_one_line_diff(old, new):
    """A changed line of a prompt, a tool description or a message changes one line of the file."""
    before = conversation()
    changed = [
        type(one)(
            json.loads(json.dumps(one.request).replace(json.dumps(old)[1:-1], json.dumps(new)[1:-1])),
            one.response,
            one.provenance,
            duration_ms=one.duration_ms,
        )
        for one in before.interactions
    ]
    lines, other = before.dumps().splitlines(), Cassette(changed).dumps().splitlines()
    assert len(lines) == len(other)
    assert sum(one != two for one, two in zip(lines, other, strict=True)) == 1


def test_a_new_conversation_with_the_same_parameters_is_like_the_old():
    """What is shared with an earlier conversation is referred to, and what is not is written."""
    cassette = conversation()
    cassette.interactions.append(interaction(request("Again", system="You are helpful.\nBe brief.", tools=[TOOL]), "!"))
    cassette.interactions.append(interaction(request("Other", system="You are rude.", temperature=1), "?"))
    entries = json.loads(cassette.dumps())["interactions"]
    assert entries[3]["like"] == 1
    assert entries[3]["request"] == {"messages": [{"role": "user", "content": "Again"}]}
    assert entries[4]["like"] == 1
    assert entries[4]["request"] == {
        "tools": None,
        "system": "You are rude.",
        "temperature": 1,
        "messages": [{"role": "user", "content": "Other"}],
    }


def test_what_is_removed_stays_removed(tmp_path):
    """A parameter that an earlier request had and this one has not is not there after reading."""
    cassette = Cassette([interaction(request("a", temperature=1), "b"), interaction(request("c"), "d")])
    cassette.save(tmp_path / "c.json")
    assert "temperature" not in Cassette.load(tmp_path / "c.json").interactions[1].request


@pytest.mark.parametrize(
    "content",
    [
        "one line",
        "",
        "\n",
        "two\nlines",
        "ends\n",
        "dos\r\nlines",
        [],
        [{"type": "text", "text": "a\nb"}],
        [{"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "x\ny"}]}],
        [{"type": "tool_use", "id": "t", "name": "n", "input": {"content": ["a", "b"], "text": "c\nd"}}],
        [{"type": "tool_use", "id": "t", "name": "n", "input": {"$lines": ["a", "b"]}}],
        [{"type": "tool_use", "id": "t", "name": "n", "input": {"$literal": {"$lines": ["a", "b"]}}}],
        [{"type": "thinking", "thinking": "hm\nhm", "signature": "x\ny"}],
        None,
        7,
    ],
)
def test_texts_as_lines_come_back_as_they_were(content):
    """Whatever a content is, writing its texts as lines loses nothing."""
    assert join_content(json.loads(json.dumps(split_content(content)))) == content


@pytest.mark.parametrize("value", [{"a": "x\ny"}, ["a", "b"], {"$lines": 3}, {"$lines": ["a\nb"]}, "a\nb", None, 1.5])
def test_free_values_come_back_as_they_were(value):
    """Tool inputs and schemas survive too, also those that look like our own marks."""
    assert join_free(json.loads(json.dumps(split_free(value)))) == value


def test_an_answer_made_by_hand_cannot_be_called_recorded():
    """Only the recorder makes recorded answers; what it made can be read and written again."""
    with pytest.raises(UsageError) as refused:
        Provenance(RECORDED, "claude-x", "2026-11-22")
    assert str(refused.value) == (
        "an answer made here cannot be called 'recorded': only the recorder writes 'recorded'. Expected 'authored'."
    )


def test_a_recorded_answer_stays_recorded(tmp_path):
    """Provenance survives reading and writing."""
    path = tmp_path / "c.json"
    path.write_text(conversation().dumps().replace('"authored"', '"recorded"', 1), "utf-8")
    read = Cassette.load(path)
    assert [one.provenance.kind for one in read.interactions] == [RECORDED, AUTHORED, AUTHORED]
    assert read.dumps() == path.read_text("utf-8")


def test_saving_is_whole_or_not_at_all(tmp_path, monkeypatch):
    """When writing fails, the old file is still there and no scratch file is left."""
    path = tmp_path / "c.json"
    conversation().save(path)
    before = path.read_bytes()

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(FileError) as refused:
        Cassette().save(path)
    assert str(refused.value) == f"{path}: cannot be written: No space left on device.\nName another file."
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["c.json"]


def test_any_text_can_be_saved(tmp_path):
    """Emoji, right-to-left text, NUL and a lone surrogate come back as they were."""
    odd = "\U0001f375 שלום \x00 \ud800 \u2028"
    Cassette([interaction(request(odd), odd)]).save(tmp_path / "c.json")
    read = Cassette.load(tmp_path / "c.json").interactions[0]
    assert read.request["messages"][0]["content"] == odd
    assert read.response["content"][0]["text"] == odd


MADE_BY = "A cassette is made by fakememtrace's author or recorder and edited by hand."
START = '{"format": "fakememtrace-cassette", "version": 1, "interactions": '
ENTRY = {
    "number": 1,
    "provenance": {"kind": "authored", "model": "m", "date": "2026-11-22"},
    "request": {"model": "m", "messages": []},
    "response": {"content": []},
}


def with_entry(**changes):
    """The text of a cassette with one entry, changed; None removes a key."""
    entry = {key: value for key, value in {**ENTRY, **changes}.items() if value is not None}
    return START + json.dumps([entry]) + "}"


BROKEN = [
    ("", ": the file is empty.", f"Restore it from version control. {MADE_BY}"),
    (
        with_entry()[:-40],
        ", line 1 column 180: the file ends in the middle: it was cut short.",
        "Restore it from version control.",
    ),
    ("\ufeff" + START + "[]}", ": the file begins with a byte-order mark.", "Save it as UTF-8 without one."),
    (START + "[,]}", ", line 1 column 68: this is not JSON: Expecting value.", "Correct the file there."),
    (
        "version: 1\ninteractions:\n- request:\n",
        ": this is no fakememtrace cassette but a VCR cassette in YAML.",
        f'Expected a JSON object with "format": "fakememtrace-cassette". {MADE_BY}',
    ),
    (
        '{"log": {"entries": []}}',
        ": this is no fakememtrace cassette but a HAR file.",
        f'Expected a JSON object with "format": "fakememtrace-cassette". {MADE_BY}',
    ),
    (
        '{"interactions": [], "version": 1}',
        ": this is no fakememtrace cassette but a VCR cassette in JSON.",
        f'Expected a JSON object with "format": "fakememtrace-cassette". {MADE_BY}',
    ),
    (
        "[1]",
        ": this is no fakememtrace cassette but a list of something else.",
        f'Expected a JSON object with "format": "fakememtrace-cassette". {MADE_BY}',
    ),
    (
        '{"format": "fakememtrace-cassette", "version": 9, "interactions": []}',
        ": this cassette has version 9; this fakememtrace reads version 1.",
        "Use the fakememtrace that wrote it, or a newer one.",
    ),
    (START + "{}}", ', "interactions": expected a list, found an object.', MADE_BY),
    (START + "[3]}", ", interaction 1: expected an object, found a whole number.", MADE_BY),
    (
        with_entry(respones={}),
        ", interaction 1: unknown key 'respones'. Did you mean 'response'?",
        (
            "Known: number, provenance, duration_ms, endpoint, betas, stream, like, continues, request, status, "
            "headers, response and events."
        ),
    ),
    (
        with_entry(number=2),
        ', interaction 1, "number": expected 1, found 2.',
        "Number the interactions 1, 2, 3 in the order of the file.",
    ),
    (with_entry(response=None), ', interaction 1, "response": expected an object, found nothing.', MADE_BY),
    (
        with_entry(response={"content": "hi"}),
        ', interaction 1, "response", "content": expected a list of content blocks, each with a type.',
        MADE_BY,
    ),
    (
        with_entry(response={"content": [{"type": "tool_use", "id": "t", "input": {}}]}),
        ', interaction 1, "response", "content"[0], "name": expected a string, found nothing.',
        MADE_BY,
    ),
    (
        with_entry(response={"content": [{"type": "text", "text": 5}]}),
        ', interaction 1, "response", "content"[0], "text": expected a string, found a whole number.',
        MADE_BY,
    ),
    (
        with_entry(response={"content": [], "usage": {"output_tokens": None}}),
        ', interaction 1, "response", "usage", "output_tokens": expected a whole number, found null.',
        MADE_BY,
    ),
    (with_entry(stream="yes"), ', interaction 1, "stream": expected true or false, found a string.', MADE_BY),
    (with_entry(status=True), ', interaction 1, "status": expected a whole number, found true or false.', MADE_BY),
    *(
        (
            with_entry(status=status),
            f', interaction 1, "status": expected 200, or that of an error from 400 to 599, found {status}.',
            "Write 529 for an overloaded API.",
        )
        for status in (0, 100, 201, 302, 399, 600, 700)
    ),
    *(
        (
            with_entry(status=status, provenance={"kind": "recorded", "model": "m", "date": "d"}),
            f', interaction 1, "status": expected one from 100 to 599, found {status}.',
            MADE_BY,
        )
        for status in (99, 600)
    ),
    (
        with_entry(duration_ms=-1),
        ', interaction 1, "duration_ms": expected milliseconds from 0, found -1.',
        MADE_BY,
    ),
    (
        with_entry(headers={"retry-after": 1}),
        ', interaction 1, "headers", "retry-after": expected a string, found a whole number.',
        MADE_BY,
    ),
    (
        with_entry(provenance={"kind": "real", "model": "m", "date": "d"}),
        ', interaction 1, "provenance", "kind": expected authored or recorded, found \'real\'.',
        "An answer that somebody wrote is authored; only the recorder writes recorded.",
    ),
    (
        with_entry(provenance={"kind": "authored", "date": "d"}),
        ', interaction 1, "provenance", "model": expected a string, found nothing.',
        MADE_BY,
    ),
    (
        with_entry(request={"messages": ["hi"]}),
        ', interaction 1, "request", "messages": expected a list of objects with role and content.',
        MADE_BY,
    ),
    (
        with_entry(like=1),
        ', interaction 1, "like": expected an earlier interaction (none, since this is the first), found 1.',
        MADE_BY,
    ),
    (with_entry(like=1, continues=1), ', interaction 1: has both "like" and "continues".', "Keep one of them."),
]


@pytest.mark.parametrize(("text", "problem", "advice"), BROKEN)
def test_a_broken_cassette_is_refused_with_its_place(tmp_path, text, problem, advice):
    """What is wrong with a file is said with the file, the place, and what to do."""
    path = tmp_path / "c.json"
    path.write_text(text, "utf-8")
    with pytest.raises(CassetteError) as refused:
        Cassette.load(path)
    assert str(refused.value) == f"{path}{problem}\n{advice}"


def test_a_conversation_cannot_go_on_from_an_error(tmp_path):
    """An interaction that was answered with an error has no answer to continue from."""
    first = {**ENTRY, "status": 529, "response": {"type": "error"}}
    second = {**ENTRY, "number": 2, "continues": 1}
    path = tmp_path / "c.json"
    path.write_text(START + json.dumps([first, second]) + "}", "utf-8")
    with pytest.raises(CassetteError) as refused:
        Cassette.load(path)
    assert str(refused.value) == (
        f'{path}, interaction 2, "continues": interaction 1 was answered with an error, so no conversation goes on '
        'from it.\nWrite "like" and the whole messages.'
    )


def test_a_missing_cassette_shows_what_is_there(tmp_path):
    """A wrong name is answered with the nearest file, or with the files that are there."""
    conversation().save(tmp_path / "cassette.json")
    with pytest.raises(CassetteError) as refused:
        Cassette.load(tmp_path / "casette.json")
    assert str(refused.value) == (
        f"{tmp_path / 'casette.json'}: there is no such cassette.\nDid you mean 'cassette.json'?"
    )
    with pytest.raises(CassetteError) as refused:
        Cassette.load(tmp_path / "zzz")
    assert str(refused.value) == (
        f"{tmp_path / 'zzz'}: there is no such cassette.\nJSON files in {tmp_path}: cassette.json. Check the path."
    )
    with pytest.raises(CassetteError) as refused:
        Cassette.load(tmp_path / "no" / "c.json")
    assert str(refused.value) == (
        f"{tmp_path / 'no' / 'c.json'}: there is no such cassette.\n"
        f"Its folder {tmp_path / 'no'} does not exist either. Check the path."
    )


def test_what_is_not_text_or_no_file_is_refused(tmp_path):
    """Binary content and a folder are refused in words too."""
    path = tmp_path / "c.json"
    path.write_bytes(b"{\xff")
    with pytest.raises(CassetteError) as refused:
        Cassette.load(path)
    assert str(refused.value) == f"{path}, byte 1: this is not UTF-8 text, so no cassette.\n{MADE_BY}"
    with pytest.raises(CassetteError) as refused:
        Cassette.load(tmp_path)
    assert str(refused.value) == f"{tmp_path}: cannot be read: Is a directory.\n{MADE_BY}"


def test_deep_nesting_is_refused(tmp_path):
    """A file nested beyond what can be read is refused, not a crash."""
    path = tmp_path / "c.json"
    path.write_text("[" * 100_000, "utf-8")
    with pytest.raises(CassetteError) as refused:
        Cassette.load(path)
    assert str(refused.value).startswith(f"{path}")


@pytest.mark.skipif(not hasattr(sys, "get_int_max_str_digits"), reason="this Python reads numbers of any length")
def test_a_number_without_end_is_refused(tmp_path):
    """A number that Python does not read is told as what it is, in the file and in a stream that is played later."""
    path = tmp_path / "c.json"
    path.write_text(with_entry(request={"model": "m", "max_tokens": 5}).replace("5", "5" * 5_000), "utf-8")
    with pytest.raises(CassetteError) as refused:
        Cassette.load(path)
    assert str(refused.value) == f"{path}: this JSON has a number that is too long to be read.\n{MADE_BY}"
    told = (Event(10, {"type": "message_start", "message": answer()}), Event(77, {"type": "message_stop"}))
    Cassette([interaction(request("hi"), "Hello!", stream=True, events=told)]).save(path)
    path.write_text(path.read_text("utf-8").replace("[77,", f"[{'7' * 5_000},"), "utf-8")
    assert [str(one) for one in complaints(path)] == [str(refused.value)]
    with pytest.raises(CassetteError) as late:
        assert Cassette.load(path).interactions[0].events
    problem = "this is not JSON: it has a number that is too long.\nCorrect the file there."
    assert str(late.value) == f'{path}, interaction 1, "events": {problem}'
