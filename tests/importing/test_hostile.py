"""Files from strangers: nothing in them is executed, nothing grows without end, and each refusal has its words."""

from __future__ import annotations

import gzip
import json
import os
import sys
from pathlib import Path

import pytest
import yaml

from fakememtrace import UsageError
from fakememtrace.claude.importing import yaml_safe
from fakememtrace.claude.importing.bodies import MOST

from . import made
from .made import BODY, MESSAGE, har_text, interactions_of, outcome_of, problem_of, vcrpy, vcrpy_text

ADVICE = "\nCorrect the file there, or leave it out."
READ = (
    "\nRead are vcrpy cassettes (YAML or JSON), go-vcr cassettes (YAML) and HAR files.\n"
    "Record the program again with one of these, or leave the file out."
)
MENDED = "\nCorrect the recording there, or record it again."


@pytest.fixture(params=["fast", "slow"])
def _either_parser(request, monkeypatch):
    """PyYAML with libyaml, and without it."""
    if request.param == "slow":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)


EITHER = pytest.mark.usefixtures("_either_parser")
UNSAFE = [
    "!!python/object/apply:os.mkdir ['{mark}']",
    "!!python/object/new:os.mkdir ['{mark}']",
    "!!python/object/apply:subprocess.call {{args: [[mkdir, '{mark}']]}}",
    "!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ['{mark}']]",
    "!!python/name:os.mkdir '{mark}'",
    "!!python/module:os ''",
    "!!python/object:os.stat_result {{a: 1}}",
    "!ruby/object:Gem {{a: 1}}",
    "!binary b3M=",
]


@EITHER
@pytest.mark.parametrize("tag", UNSAFE)
def test_a_tag_executes_nothing(tmp_path, tag):
    """What stands on a tag is read as plain values, wherever it is, and the rest of the file is imported."""
    mark = tmp_path / "mark"
    text = vcrpy_text(vcrpy()).replace("version: 1", f"version: 1\nextra: {tag.format(mark=mark)}")
    (got,) = interactions_of(tmp_path, text)
    assert got.response == MESSAGE
    assert not mark.exists()


PLAIN = [
    ("!!python/tuple [a, b]", ["a", "b"]),
    ("!!python/unicode 'no'", "no"),
    ("!!python/str yes", "yes"),
    ("!!python/int 12", 12),
    ("!!python/long 0x10", 16),
    ("!!python/float 0.5", 0.5),
    ("!!python/bool yes", True),
    ("!!python/none ''", None),
    ("!!python/int twelve", "twelve"),
    ("!!python/bytes aGk=", b"hi"),
    ("!!python/name:os.system ''", ""),
    ("!!python/object/apply:x.istr [Accept]", "Accept"),
    ("!!python/object/apply:x.istr {args: [Accept]}", "Accept"),
    ("!!python/object/new:x.y {args: [a, b]}", {"args": ["a", "b"]}),
    ("!!python/object:x.y {a: {b: [1]}}", {"a": {"b": [1]}}),
    ("!!python/object/new:_io.BytesIO {state: !!python/tuple [!!binary aGk=, 0, null]}", b"hi"),
    ("!!python/object/new:_io.StringIO {state: !!python/tuple [hi, '\\n', 0, null]}", "hi"),
    ("!!python/object/new:_io.BytesIO {state: []}", {"state": []}),
    ("!!python/object/new:_io.BytesIO {state: hi}", {"state": "hi"}),
    ("!!python/object/new:x.y {state: [a, 0]}", {"state": ["a", 0]}),
    ("!unknown {a: !other [1]}", {"a": [1]}),
    ("2026-02-07", "2026-02-07"),
    ("{<<: {a: 1}, =: =}", {"<<": {"a": 1}, "=": "="}),
    ("[&a {x: 1}, *a]", [{"x": 1}, {"x": 1}]),
    ('"\\ud83d\\ude00"', "\ud83d\ude00"),
]


@EITHER
@pytest.mark.parametrize(("text", "value"), PLAIN)
def test_a_tagged_value_is_the_plain_one(text, value):
    """Every tag that recorders write, and any other, is read as what it stands on."""
    assert yaml_safe.load(text) == value


def merges(depth: int) -> str:
    """Mappings merged into each other, each ten times into the next: a billion of them for a depth of nine."""
    lines = [f"a{number}: &a{number} {{<<: [{', '.join([f'*a{number - 1}'] * 10)}]}}" for number in range(1, depth)]
    return "\n".join(["a0: &a0 {x: 1}", *lines])


def laughs(depth: int) -> str:
    """Lists in lists, each ten times in the next."""
    lines = [f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 10)}]" for number in range(1, depth)]
    return "\n".join(["a0: &a0 [ha]", *lines])


TOO_MUCH = "with every alias written out this is more than 64 MB."
YAML = {
    "a billion laughs": (laughs(10), f", line 9 column 10: {TOO_MUCH}"),
    "one long text many times": (
        f"a: &a {'x' * 1_000_000}\nb: [{', '.join(['*a'] * 70)}]",
        f", line 2 column 269: {TOO_MUCH}",
    ),
    "a billion merges": (merges(10), f", line 9 column 15: {TOO_MUCH}"),
    "a list in itself": ("a: &a [b, *a]", ", line 1 column 11: *a is inside of what it stands for."),
    "a mapping in itself": ("&a {b: {c: *a}}", ", line 1 column 12: *a is inside of what it stands for."),
    "nested too deeply": ("a: " + "[" * 101, ", line 1 column 103: this is nested more than 100 deep."),
    "nested far too deeply": ("a:\n" + "- " * 100_000, ", line 2 column 199: this is nested more than 100 deep."),
    "an alias of nothing": ("a: *nope", ", line 1 column 4: this is not YAML: found undefined alias 'nope'."),
    "cut off": (
        'interactions:\n- request: "abc',
        ", line 2 column 16: this is not YAML: found unexpected end of stream.",
    ),
    "a tabulator": (
        "\ta: 1",
        ", line 1 column 1: this is not YAML: found character '\\t' that cannot start any token.",
    ),
    "two documents": ("a: 1\n---\nb: 2", ", line 2 column 1: this is not YAML: but found another document."),
    "a control character": (
        "a: \x07",
        ", character 4: this is not YAML: special characters are not allowed.",
    ),
    "a key that is a list": ("? [a]\n: 1", ", line 1 column 3: this is not YAML: found unhashable key."),
    "base64 that is none": (
        "a: !!binary abcde",
        (
            ", line 1 column 4: this is not YAML: failed to decode base64 data: "
            "Invalid base64-encoded string: number of data characters (5) cannot be 1 more than a multiple of 4."
        ),
    ),
    "a number that is none": ("a: !!int one", ": a value in this YAML is not what its tag says."),
    "a truth that is none": ("a: !!bool perhaps", ": a value in this YAML is not what its tag says."),
    "a time that is none": ("a: !!timestamp soon", ": a value in this YAML is not what its tag says."),
    "a number that is too long": (f"a: {'1' * 5000}", ": a value in this YAML is not what its tag says."),
    "bytes that are none": ("a: !!python/bytes a", ": a value in this YAML is not what its tag says."),
}


@EITHER
@pytest.mark.parametrize("kind", YAML)
def test_yaml_that_cannot_be_had_is_refused_with_its_place(tmp_path, kind):
    """Bombs, loops and mistakes are named in the same words whichever parser there is, before anything is made."""
    text, problem = YAML[kind]
    assert problem_of(tmp_path, text) == f"{problem}{ADVICE}"


def test_aliases_that_stay_small_are_read():
    """Not the number of aliases counts, but what they add up to."""
    assert len(yaml_safe.load(laughs(5))["a4"]) == 10


def test_yaml_needs_its_library(tmp_path, monkeypatch):
    """Without PyYAML the run ends before anything is written, and says what to install; JSON needs it not."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    (got,) = interactions_of(tmp_path, har_text(made.har()), "recording.har")
    assert got.response == MESSAGE
    with pytest.raises(UsageError) as refused:
        outcome_of(tmp_path, "interactions: []")
    assert str(refused.value) == (
        "reading YAML needs PyYAML, which is not installed. Install it with: pip install 'fakememtrace[yaml]'"
    )


def keys(*names: str) -> str:
    """A JSON object with these keys."""
    return json.dumps(dict.fromkeys(names, 1))


PAIR = {"request": {"method": "POST"}, "response": {"status": 200}}
FOREIGN = {
    "httprr": ("httprr trace v1\n616 1261\nPOST / HTTP/1.1\n", "an httprr trace (of Go)"),
    "Ruby VCR": (
        "http_interactions:\n- response: {body: !binary aGk=}\nrecorded_with: VCR 6.4.0",
        "a Ruby VCR cassette",
    ),
    "R's vcr": ("http_interactions: []\nrecorded_with: VCR-vcr/2.1.0", "a cassette of R's vcr"),
    "R's older vcr": ("http_interactions: []\nrecorded_with: vcr/1.0.0, webmockr/1.0", "a cassette of R's vcr"),
    "Betamax": ('{"http_interactions": [], "recorded_with": "betamax/0.8"}', "a Betamax cassette"),
    "dd-apm-test-agent": (json.dumps(PAIR), "a recording of the dd-apm-test-agent (one exchange in JSON)"),
    "SDK snapshot": (
        json.dumps([PAIR]),
        "a snapshot of the anthropic SDK's own tests (a list of exchanges in JSON)",
    ),
    "nock": ('[{"scope": "https://x", "method": "GET", "path": "/"}]', "a recording of nock"),
    "go-vcr of the future": (
        "version: 3\ninteractions:\n- request: {url: x}",
        "a go-vcr cassette of version 3 (read are 1 and 2)",
    ),
    "other interactions": (
        "interactions:\n- {method: GET}",
        "a list of interactions whose requests have neither uri (vcrpy) nor url (go-vcr)",
    ),
    "other object": (keys("b", "a"), "an object with the keys 'b' and 'a'"),
    "other YAML": ("a: 1\n2: b\n", "an object with the keys 'a' and 2"),
    "an object of nothing": ("{}", "an object with the keys nothing"),
    "many keys": (
        keys(*"abcdefghij", "k" * 80),
        "an object with the keys 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h' and 3 more",
    ),
    "a long key": (keys("k" * 80), f"an object with the keys '{'k' * 35}..."),
    "list of objects": ('[{"a": 1}]', "a list of objects with the keys 'a'"),
    "list of values": ("[1]", "a list of values that is no recording"),
    "list of nothing": ("[]", "a list of nothing that is no recording"),
    "text": ("hello there", "text that is no recording"),
    "number": ("12", "a whole number that is no recording"),
    "only a comment": ("# hello", "nothing that is no recording"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_format_that_is_not_read_is_named(tmp_path, kind):
    """Who made the file is said by its shape, and what is read instead."""
    text, name = FOREIGN[kind]
    assert problem_of(tmp_path, text) == f": this is {name}, which is not read.{READ}"


def test_a_cassette_of_ours_needs_no_import(tmp_path):
    """What an import has written is not taken for a recording."""
    outcome_of(tmp_path, vcrpy_text(vcrpy()))
    text = (tmp_path / "out" / "recording.json").read_text("utf-8")
    assert problem_of(tmp_path, text, "again.json") == (
        ": this is a fakememtrace cassette already.\nUse it as it is, or leave it out."
    )


FILES = {
    "empty": (b"", ": the file is empty.\nRestore it from version control, or leave it out."),
    "blank": (b" \r\n\n", ": the file is empty.\nRestore it from version control, or leave it out."),
    "not UTF-8": (b"a: \xff", f", byte 3: this is not UTF-8 text, so no recording that is read.{READ}"),
    "UTF-16": (
        "a: 1".encode("utf-16"),
        f", byte 0: this is not UTF-8 text, so no recording that is read.{READ}",
    ),
    "JSON that is cut off": (
        b'{"log": {"entries": [',
        f", line 1 column 22: this is not JSON: Expecting value.{ADVICE}",
    ),
    "JSON that is nested too deeply": (
        b"[" * 100_000,
        f": this JSON is nested too deeply, or has a number that is too long.{READ}",
    ),
    "a number that is too long": (
        b"[" + b"1" * 5000 + b"]",
        f": this JSON is nested too deeply, or has a number that is too long.{READ}",
    ),
    "a compressed file that is cut off": (
        gzip.compress(b"a: 1")[:-9],
        ", the file: this gzip was cut off.\nRecord it again, or take it out of the file.",
    ),
    "a compressed file that is a bomb": (
        gzip.compress(b" " * (MOST + 1)),
        ", the file: this gzip is more than 64 MB when decompressed.\nRecord it again, or take it out of the file.",
    ),
    "requests without their responses": (
        b"requests: [{}]\nresponses: []",
        f", the cassette: there are 1 requests and 0 responses.{MENDED}",
    ),
    "requests that are no list": (
        b"requests: {}\nresponses: []",
        f', the cassette, "requests": expected a list, found an object.{MENDED}',
    ),
    "entries that are no list": (
        b'{"log": {"entries": 1}}',
        f', the file, "log", "entries": expected a list, found a whole number.{MENDED}',
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_cannot_be_read_is_named(tmp_path, kind):
    """Whatever is in a file, it is refused in words, and nothing is written for it."""
    content, problem = FILES[kind]
    outcome = outcome_of(tmp_path, content)
    (said,) = outcome.problems
    assert str(said) == f"{tmp_path / 'recording.yaml'}{problem}"
    assert outcome.cassette is None
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_too_large_is_not_opened(tmp_path):
    """Its size alone is enough."""
    path = tmp_path / "recording.yaml"
    with path.open("wb") as file:
        file.truncate(MOST + 1)
    (outcome,) = made.import_recordings([path], tmp_path / "out")
    (said,) = outcome.problems
    assert str(said) == f"{path}: the file is larger than 64 MB.\nDivide it, or leave it out."


def without(entry: made.Entry, part: str, key: str) -> made.Entry:
    """The entry without one field."""
    return {**entry, part: {name: value for name, value in entry[part].items() if name != key}}


ENTRIES = {
    "no object": (["text"], ": expected an object with a request and a response, found a text."),
    "no request": ([{"response": {}}], ', the exchange, "request": expected an object, found nothing.'),
    "no response": (
        [{"request": {"uri": "x"}, "response": [1]}],
        ', the exchange, "response": expected an object, found a list.',
    ),
    "no method": ([without(vcrpy(), "request", "method")], ', the request, "method": expected a text, found nothing.'),
    "no status": ([without(vcrpy(), "response", "status")], ", the status: expected a status such as 200, found None."),
    "a status in words": ([vcrpy(status="OK")], ", the status: expected a status such as 200, found 'OK'."),
    "a status that is true": ([vcrpy(status=True)], ", the status: expected a status such as 200, found True."),
    "a status that cannot be": ([vcrpy(status=700)], ", the status: expected a status such as 200, found 700."),
    "headers in a list": (
        [vcrpy(sent_headers=["a"])],
        ", the request's headers: expected headers by name, found a list.",
    ),
    "a URL that is none": ([vcrpy(url="https://[::1")], ", the URL: 'https://[::1' is none."),
    "a port that is none": ([vcrpy(url="https://x:port/")], ", the URL: 'https://x:port/' is none."),
    "a body in base64 that is no text": (
        [{**vcrpy(), "response": {"status": 200, "body": {"base64_string": 1}}}],
        ', the answer\'s body, "base64_string": expected a text, found a whole number.',
    ),
}


@pytest.mark.parametrize("kind", ENTRIES)
def test_an_exchange_that_cannot_be_read_is_named(tmp_path, kind):
    """The exchange has its number and place; those beside it are imported."""
    entries, problem = ENTRIES[kind]
    outcome = outcome_of(tmp_path, vcrpy_text(vcrpy(), *entries, vcrpy(made.request("Bye"))))
    (said,) = outcome.problems
    assert str(said) == f"{tmp_path / 'recording.yaml'}, exchange 2{problem}{MENDED}"
    assert [got.request for got in outcome.interactions] == [BODY, made.request("Bye")]


HAR_ENTRIES = {
    "headers by name": (
        {"request": {"method": "POST", "url": "x", "headers": {"a": "b"}}},
        ", the request's headers: expected a list of headers, each with a name and a value.",
    ),
    "content that is a text": (
        {"response": {"status": 200, "content": "hello"}},
        ", the answer's body: expected an object with the text.",
    ),
    "a status below none": ({"response": {"status": -1}}, ", the status: expected a status such as 200, found -1."),
    "no URL": ({"request": {"method": "POST"}}, ', the request, "url": expected a text, found nothing.'),
}


@pytest.mark.parametrize("kind", HAR_ENTRIES)
def test_an_entry_of_a_har_file_that_cannot_be_read_is_named(tmp_path, kind):
    """The same for what only HAR files have."""
    fields, problem = HAR_ENTRIES[kind]
    said = problem_of(tmp_path, har_text({**made.har(), **fields}), "recording.har")
    assert said == f", exchange 1{problem}{MENDED}"


UNFIT = {
    "a message without content": (
        BODY,
        {"type": "message", "role": "assistant"},
        ', "response", "content": expected a list of content blocks, each with a type.',
    ),
    "messages that are no list": (
        {"model": "x", "messages": "hi"},
        made.ERROR,
        ', "request", "messages": expected a list of objects with role and content.',
    ),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_what_no_cassette_can_hold_is_named(tmp_path, kind):
    """The reader of cassettes has the last word, before one is written."""
    body, answered, problem = UNFIT[kind]
    status = 400 if answered is made.ERROR else 200
    said = problem_of(tmp_path, vcrpy_text(vcrpy(body, answered, status=status)))
    assert said == f", exchange 1{problem}{MENDED}"


def test_an_error_for_a_request_without_messages_is_kept(tmp_path):
    """That messages are missing is a mistake that programs are tested for."""
    (got,) = interactions_of(tmp_path, vcrpy_text(vcrpy({"model": "claude-x"}, made.ERROR, status=400)))
    assert (got.request, got.response) == ({"model": "claude-x", "messages": []}, made.ERROR)


def test_what_looks_like_a_secret_is_not_written(tmp_path):
    """What cannot be replaced for certain is refused, shown in part, and taken once it is allowed or named."""
    secret = "_".join(["ghp", "a1B2" * 10])
    body = made.request(f"clone with {secret}", *["ok", f"and {secret}"] * 3)
    said = problem_of(tmp_path, vcrpy_text(vcrpy(body), vcrpy()))
    shown = "".join(
        f"\n  request.messages[{number}].content: github-token, ghp_a1… (44 characters)" for number in (0, 2, 4, 6)
    )
    assert said == (
        f", exchange 1: here is what looks like a secret, so this was not imported.{shown}\n"
        "Name a secret with --redact, so that it is replaced; allow what is none with --allow."
    )
    assert secret not in (tmp_path / "out" / "recording.json").read_text("utf-8")
    allowed = outcome_of(tmp_path, vcrpy_text(vcrpy(body)), allow=[secret], force=True)
    assert (allowed.problems, allowed.interactions[0].request) == ([], body)


def test_many_secrets_are_not_all_shown(tmp_path):
    """The first five are enough to find them."""
    secret = "_".join(["ghp", "a1B2" * 10])
    body = made.request(*[secret] * 8)
    said = problem_of(tmp_path, vcrpy_text(vcrpy(body)))
    assert said.split("\n")[1:7] == [
        *(f"  request.messages[{number}].content: github-token, ghp_a1… (44 characters)" for number in range(5)),
        "  ... and 3 more",
    ]


def test_a_secret_in_pieces_of_a_stream_is_taken_out(tmp_path):
    """No event has the whole of it, but the message that they add up to has."""
    secret = "-".join(["sk", "ant", "api03", "x" * 40])
    told = [
        {"type": "message_start", "message": made.answer()},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
            for text in ("It is ", secret[:9], secret[9:30], f"{secret[30:]}.")
        ),
        {"type": "content_block_stop", "index": 0},
    ]
    text = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in told)
    outcome = outcome_of(tmp_path, vcrpy_text(vcrpy({**BODY, "stream": True}, text)))
    (got,) = outcome.interactions
    assert (outcome.problems, outcome.redacted) == ([], 1)
    assert got.response["content"] == [{"type": "text", "text": "It is <anthropic-api-key>."}]
    assert "xxxx" not in outcome.cassette.read_text("utf-8")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes on this system")
def test_a_pipe_is_not_waited_for(tmp_path):
    """What is neither file nor folder is refused."""
    os.mkfifo(tmp_path / "pipe.yaml")
    (outcome,) = made.import_recordings([tmp_path / "pipe.yaml"], tmp_path / "out")
    (said,) = outcome.problems
    assert str(said) == f"{tmp_path / 'pipe.yaml'}: this is neither a file nor a folder.\nName a file."


def test_a_file_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    """A permission that is missing is said, and the other files are imported."""
    monkeypatch.setattr(Path, "read_bytes", _refusing(Path.read_bytes, "closed.yaml"))
    for name in ("closed.yaml", "open.yaml"):
        (tmp_path / name).write_text(vcrpy_text(vcrpy()), "utf-8")
    closed, other = made.import_recordings([tmp_path], tmp_path / "out")
    assert [str(problem) for problem in closed.problems] == [
        f"{tmp_path / 'closed.yaml'}: cannot be read: Permission denied.\nCorrect that, or leave the file out."
    ]
    assert other.cassette == tmp_path / "out" / "open.json"


def _refusing(read, name):
    def refused(path):
        if path.name == name:
            raise PermissionError(13, "Permission denied")
        return read(path)

    return refused
