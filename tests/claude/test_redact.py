"""Nothing secret on disk: what is replaced, what is only suspected, and what is left alone."""

from __future__ import annotations

import base64
import json
import random
import re
from dataclasses import FrozenInstanceError
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakememtrace import SecretFound, UsageError
from fakememtrace.claude.redact import Finding, Redactor, headers, refuse_secrets, scan_text, suspicious
from fakememtrace.claude.redaction.kinds import KNOWN, LIKELY, PUBLIC
from fakememtrace.world import CLAUDE_API_KEY, MEMTRACE_API_KEY

# Everything secret in here is put together at run time, so that whoever looks for secrets in files finds none.
URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
ALNUM = URL_SAFE[:-2]
UUID = "-".join(["1b9d6bcd", "bbfd", "4b2d", "9b5d", "ab8dfbbd4bed"])
KNOWN_NAMES = {kind.name for kind in KNOWN}


def drawn(length, alphabet=ALNUM, seed=7):
    """So many characters, always the same."""
    return "".join(random.Random(f"{seed} {length}").choices(alphabet, k=length))


def anthropic_key(generation="api03", seed=7):
    """As the console makes them."""
    return "-".join(["sk", "ant", generation, drawn(93, URL_SAFE, seed) + "AA"])


def memtrace_key(seed=7):
    """As the server makes them."""
    return "_".join(["mtk", drawn(43, URL_SAFE, seed)])


def telegram_token():
    """As BotFather makes them."""
    return ":".join(["123456789", "AA" + drawn(33, URL_SAFE)])


def planted():
    """Secrets of all kinds that stand alone: (text, what it becomes)."""
    return [
        *((anthropic_key(made), "<anthropic-api-key>") for made in ("api03", "admin01", "oat01", "ort01", "sid02")),
        ("-".join(["sk", "ant", drawn(40)]), "<anthropic-api-key>"),
        (memtrace_key(), "<memtrace-key>"),
        ("_".join(["mtk", drawn(25)]), "<memtrace-key>"),
        (telegram_token(), "<telegram-token>"),
        (telegram_token().replace(":", "%3A"), "<telegram-token>"),
    ]


def told():
    """Secrets that what stands before them tells: (text, what it becomes)."""
    token = drawn(40)
    return [
        (f"Bearer {token}", "Bearer <bearer-token>"),
        (f"bearer%20{token}", "bearer%20<bearer-token>"),
        ("Authorization: Bearer " + "abcdefgh", "Authorization: Bearer <bearer-token>"),
        (f"Bearer {anthropic_key()}", "Bearer <anthropic-api-key>"),
        ("Cookie: a=b; c=d", "Cookie: <cookie>"),
        ("Set-Cookie: id=x7; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly, then", "Set-Cookie: <cookie>, then"),
        (f"cookie: sessionKey={anthropic_key('sid01')}", "cookie: <cookie>"),
        (f"__cf_bm={drawn(60)}; path=/", "__cf_bm=<cookie>; path=/"),
        (f"?sessionKey={drawn(30)}1&a=b", "?sessionKey=<cookie>"),
        (f"anthropic-organization-id: {UUID}", "anthropic-organization-id: <organization-id>"),
        (f"organization_uuid={UUID.upper()}", "organization_uuid=<organization-id>"),
        (f"/v1/organizations/{UUID}/usage", "/v1/organizations/<organization-id>/usage"),
        (f"organization: {UUID}", "organization: <organization-id>"),
        (f"your organization ({UUID}) of 5 tokens", "your organization (<organization-id>) of 5 tokens"),
        (f"per minute (org: {UUID}, model: m)", "per minute (org: <organization-id>, model: m)"),
        (f"<organization-id>{UUID}</organization-id>", "<organization-id><organization-id></organization-id>"),
        (f"{{orgId: '{UUID}'}}", "{orgId: '<organization-id>'}"),
        (
            f'"organization": {{"name": "A", "id": "{UUID}"}}',
            '"organization": {"name": "A", "id": "<organization-id>"}',
        ),
        ("x-api-key: my-own-gateway-key-1", "x-api-key: <api-key>"),
        ("Bearer KqxTzvLmnPwr" + "abcdefghi", "Bearer <bearer-token>"),
        (f"https://a.b/c?sv=1&sig={drawn(43)}%3D&x=y", "https://a.b/c?sv=1&sig=<url-signature>&x=y"),
        (f"?X-Amz-Signature={drawn(64, '0123456789abcdef')} ", "?X-Amz-Signature=<url-signature> "),
    ]


@pytest.mark.parametrize(("secret", "stand_in"), [*planted(), *told()], ids=lambda text: text[:24])
def test_each_known_secret_becomes_a_stand_in(secret, stand_in):
    """What stands there instead says of which kind the secret was, and all around it stays."""
    assert Redactor().clean(secret) == stand_in
    assert Redactor().clean({"messages": [{"content": f"see\n{secret}\n"}]}) == {
        "messages": [{"content": f"see\n{stand_in}\n"}]
    }


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        ({"organization_id": UUID}, {"organization_id": "<organization-id>"}),
        ({"org_id": [UUID], "id": UUID}, {"org_id": ["<organization-id>"], "id": UUID}),
        ({"Cookie": "a=b"}, {"Cookie": "<cookie>"}),
        ({"name": "Cookie", "value": "a=b"}, {"name": "Cookie", "value": "<cookie>"}),
        ({"Authorization": "Bearer " + "abcdefgh"}, {"Authorization": "Bearer <bearer-token>"}),
        ({"bearer": drawn(30)}, {"bearer": "<bearer-token>"}),
        ({"cookie": "with chocolate"}, {"cookie": "with chocolate"}),
    ],
)
def test_what_a_text_is_called_tells_what_it_is(value, cleaned):
    """A key, or the name beside a value, is read together with the value."""
    assert Redactor().clean(value) == cleaned


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize(("secret", "stand_in"), [*planted(), *told()], ids=lambda text: text[:24])
def test_secrets_are_found_in_json_within_texts(secret, stand_in, depth):
    """JSON in a text in JSON is read through its escapes, after a line break, too."""
    text, expected = f"\n{secret}\n", f"\n{stand_in}\n"
    for _ in range(depth):
        text, expected = json.dumps({"a": text}), json.dumps({"a": expected})
    assert Redactor().clean([text]) == [expected]


def test_keys_and_values_in_json_within_texts_belong_together():
    """An organization's id is found behind any number of escaped quotes."""
    text = json.dumps({"organization_id": UUID, "user_id": UUID})
    for _ in range(3):
        assert Redactor().clean(text).count("<organization-id>") == 1
        assert Redactor().clean(text).count(UUID) == 1
        text = json.dumps(text)


ORDINARY = [
    "The bearer of this letter is authorized; bearer authentication is used, see Bearer of-good-tidings.",
    "Send the header `Authorization: Bearer <token>` or `Authorization: Bearer $TOKEN`.",
    'export ANTHROPIC_API_KEY="sk-ant-..." MEMTRACE_API_KEY="mtk_..." ANTHROPIC="sk-ant-api03-..."',
    "risk-ant-colony-optimisation-for-vehicle-routing and disk-ant-api are slugs; mtk_name_of_a_variable_in_snake_case",
    "Cookies: 3 kinds. A cookie = a small file. SimpleCookie: chips='ahoy'. I ate a cookie, x=1.",
    "const sessionKey = getSessionKeyFromStore(); {sessionKey: userSession12} ?sessionKey=userSessionIdentifier",
    f"The organization is large. https://example.org/{UUID} and /images/org/{UUID}.jpg, {{'id': '{UUID}'}}",
    f"organization: <organization-id> {UUID}",
    "toolu_01A09q90qw90lq917835lq9 msg_013Zva2CMHLNnjNjJKqJ2EF req_018EeWyXxfu5pfWkrYcMdjWG",
    f"file_{drawn(24)} batch_{drawn(24)} srvtoolu_{drawn(24)} wrkspc_{drawn(24)}",
    "arn:aws:sqs:eu-west-2:123456789012:AmazonSecurityLake-a1b2c3d4-5678-90ab-cdef-EXAMPLE11111-Main-Queue",
    "12:30:45 and 1700000000:ABC and localhost:9100",
    '{"max_tokens": 1024, "input_tokens": 12, "next_page_token": "CAoQAx8Zk2LpW7", "password": "${DB_PASSWORD}"}',
    "password: correct horse, api_key=os.environ['API_KEY'], token = getAccessTokenFromRequest(request)",
    "api_key: your-api-key-goes-here, secret: <secret>, token: xxxxxxxxxxxxxxxx, token: 1a1a1a1a1a1a, K=env.API_KEY_2",
    f"token: {UUID}; session token: sess_current_session_of_agent_2",
    "AWS shows AKIA" + "IOSFODNN7EXAMPLE; keys begin with AKIA or sk- or ghp_ or AIza or eyJ.",
    "A key file begins with `-----BEGIN " + "PRIVATE KEY-----` and then has base64.",
    "https://example.com:8080/@user and http://[::1]:9100 and https://user@host and https://u:***@h https://u:${PW}@h",
    "postgres://${USER}:{password}@host/db",
    "## Session Context (sess_8ac3c66dc34f8a4c3d25dd9a)\n- [2026-02-07T12:00:07.490005Z] mem_8ac3c66dc34f8a4c3d25dd9a",
    "<anthropic-api-key> <bearer-token> Bearer <bearer-token> Cookie: <cookie> <redacted> password: <redacted>",
]


@pytest.mark.parametrize("text", ORDINARY, ids=lambda text: text[:24])
def test_ordinary_texts_are_neither_changed_nor_suspected(text):
    """A pattern that is too greedy is a defect, too: prose, code, ids and blanks are no secrets."""
    for value in ({"text": text}, {"text": json.dumps(text)}, {text: 1}):
        assert Redactor().clean(value) is value
        assert suspicious(value) == []
    assert scan_text(text) == []


@pytest.mark.parametrize("key", ["data", "signature", "encrypted_content", "encrypted_index", "source"])
def test_blobs_are_neither_changed_nor_suspected(key):
    """Images, signatures of thinking and encrypted results are long and random, and no secrets."""
    for seed in range(20):
        blob = base64.b64encode(random.Random(seed).randbytes(20_000)).decode()
        value = {"type": "x", key: blob}
        assert Redactor().clean(value) is value
        assert suspicious(value) == []


def test_what_is_clean_is_the_same_object():
    """Nothing is copied where nothing is found, also below a place where something is."""
    request = {"model": "claude-x", "system": "Be brief.", "tools": [{"name": "a"}], "n": [1, 2.5, None, True]}
    assert Redactor(["my-secret", re.compile("s3cret")]).clean(request) is request
    cleaned = Redactor().clean({**request, "metadata": {"key": memtrace_key()}})
    assert cleaned == {**request, "metadata": {"key": "<memtrace-key>"}}
    assert cleaned["tools"] is request["tools"]


def test_the_given_value_is_not_changed():
    """Cleaning makes a new value; the program goes on with its own."""
    request = {"messages": [{"content": [memtrace_key()]}]}
    before = json.dumps(request)
    Redactor().clean(request)
    assert json.dumps(request) == before


def test_the_harness_s_own_keys_are_replaced_and_no_leak():
    """A prompt with its key is the same in a replay, whose key is ours, and ours may be read by anybody."""
    assert {CLAUDE_API_KEY, MEMTRACE_API_KEY} == PUBLIC
    body = [f"key {CLAUDE_API_KEY}.", f"key {MEMTRACE_API_KEY}."]
    real = ["key {}.".format("-".join(["sk", "ant", drawn(20)])), f"key {memtrace_key()}."]
    assert Redactor().clean(body) == Redactor().clean(real) == ["key <anthropic-api-key>.", "key <memtrace-key>."]
    assert suspicious(body) == []
    assert len(suspicious(real)) == 2


def test_keys_are_cleaned_and_told_apart():
    """No entry is lost when keys become the same, and a key that was clean stays as it is."""
    value = {memtrace_key(1): 1, "<memtrace-key>": 2, memtrace_key(2): 3, 7: 4}
    cleaned = Redactor().clean(value)
    assert cleaned == {"<memtrace-key-2>": 1, "<memtrace-key>": 2, "<memtrace-key-3>": 3, 7: 4}
    assert list(cleaned.values()) == [1, 2, 3, 4]
    assert Redactor([re.compile(r"\d")]).clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("named", "text", "cleaned"),
    [
        (["hunter22"], "hunter22, hunter2", "<redacted>, hunter2"),
        (["hunter22\n"], "hunter22.", "<redacted>."),
        (["abcd", "abcdefgh"], "abcdefgh abcd", "<redacted> <redacted>"),
        (["abcd", "cdef"], "abcdef", "<redacted>ef"),
        (["abcd", re.compile("cdef")], "abcdef", "<redacted>"),
        (['a"b\\c\nü'], json.dumps({"x": json.dumps('a"b\\c\nü', ensure_ascii=False)}), '{"x": "\\"<redacted>\\""}'),
        (["pa'ss\nw"], json.dumps(json.dumps(json.dumps("pa'ss\nw"))), '"\\"\\\\\\"<redacted>\\\\\\"\\""'),
        (['a"b\\c\nü'], json.dumps(json.dumps(['a"b\\c\nü'])), '"[\\"<redacted>\\"]"'),
        (["a b&c/d"], f"{quote('a b&c/d', safe='')} a+b%26c%2Fd", "<redacted> <redacted>"),
        (["a.c*d"], "abcd a.c*d", "abcd <redacted>"),
        ([re.compile("(k)ey-(?P<x>[0-9]+)", re.IGNORECASE)], "KEY-12 key-x", "<redacted> key-x"),
        ([re.compile("x*")], "axxb", "a<redacted>b"),
        ([re.compile(r"\w+")], "<cookie> <redacted> abc", "<cookie> <redacted> <redacted>"),
        ([re.compile(r".+")], "a <cookie> b", "<redacted><cookie><redacted>"),
        ([re.compile(r"b(?!c)"), "csecret"], "bcsecret", "<redacted><redacted>"),
        ([re.compile("^a")], "aaa", "<redacted>aa"),
    ],
    ids=str,
)
def test_what_the_user_names_is_replaced(named, text, cleaned):
    """Texts are found as they are and as JSON and URLs spell them, patterns wherever they match something."""
    redactor = Redactor(named)
    assert redactor.clean([text]) == [cleaned]
    assert redactor.clean([cleaned]) == [cleaned]
    assert suspicious([cleaned], redactor=redactor) == []


def test_what_the_user_named_is_looked_for_before_anything_is_written():
    """A redactor says what else must not be left."""
    assert suspicious(["my-secret"], redactor=Redactor(["my-secret"])) == [
        Finding("redacted", "[0]", "my… (9 characters)")
    ]


def test_overlapping_secrets_leave_no_part():
    """Of a secret in or across another nothing is left."""
    header = f"Cookie: id={memtrace_key()}; x=y"
    assert Redactor(["id=mtk_", "x=y and"]).clean(f"{header} and more") == "Cookie: <cookie> more"


def test_a_redactor_does_not_change_and_does_not_tell():
    """It can be shared, compared and printed: what the user named is not shown."""
    redactor = Redactor(["my-secret"])
    assert repr(redactor) == "Redactor()"
    assert redactor == Redactor(("my-secret",))
    assert redactor != Redactor(["other-secret"])
    assert len({redactor, Redactor(["my-secret"]), Redactor(redactor.also)}) == 1
    with pytest.raises(FrozenInstanceError):
        redactor.also = ()


LIST = "Expected a list, even for one.\nWhat to do: {0}=[...]."
NEITHER = (
    "Expected texts of at least 4 characters, and compiled patterns for texts.\n"
    "What to do: give the secret as it is, redact=['...'], or re.compile('...')."
)
SHORT = (
    "cannot be told from ordinary words.\nExpected at least 4 characters, not counting white space around them.\n"
    "What to do: name the whole secret, or give a compiled pattern that matches nothing else."
)


@pytest.mark.parametrize(
    ("named", "problem"),
    [
        ("my-secret", "redact: one text was given in place of a list.\n" + LIST.format("redact")),
        (re.compile("a"), "redact: a pattern for texts was given in place of a list.\n" + LIST.format("redact")),
        (b"bytes", "redact: something of type bytes was given in place of a list.\n" + LIST.format("redact")),
        (None, "redact: something of type NoneType was given in place of a list.\n" + LIST.format("redact")),
        (["long enough", "abc"], "redact, entry 2: a text of 3 characters " + SHORT),
        (["a\n"], "redact, entry 1: a text of 1 character " + SHORT),
        ([""], "redact, entry 1: an empty text " + SHORT),
        ([7], "redact, entry 1: something of type int is neither a text nor a pattern for texts.\n" + NEITHER),
        (
            [re.compile(b"abcd")],
            "redact, entry 1: a pattern for bytes is neither a text nor a pattern for texts.\n" + NEITHER,
        ),
    ],
    ids=str,
)
def test_what_cannot_be_named_is_refused(named, problem):
    """The entry is told by its number: what was given may be a secret."""
    with pytest.raises(UsageError) as refused:
        Redactor(named)
    assert str(refused.value) == problem


def test_what_cannot_be_allowed_is_refused():
    """Only a list of exact texts can be allowed."""
    with pytest.raises(UsageError) as refused:
        suspicious([], allow="text")
    assert str(refused.value) == "allow: one text was given in place of a list.\n" + LIST.format("allow")
    with pytest.raises(UsageError) as refused:
        scan_text("", allow=["text", re.compile("a")])
    assert str(refused.value) == (
        "allow, entry 2: a pattern for texts is no text.\n"
        "Expected exact texts, as they stand in the request.\n"
        "What to do: give texts: allow=['...']."
    )


def likely():
    """What only looks like a secret: (kind, text before, the secret)."""
    block = "-".join(["", "", "", "", "", "BEGIN {}PRIVATE KEY", "", "", "", "", ""])
    jwt = ".".join(["eyJ" + drawn(30), "eyJ" + drawn(60), drawn(43)])
    password = "Tr0ub" + "4dor&3"
    return [
        ("private-key", "", block.format("RSA ") + "\n" + drawn(64)),
        ("private-key", "", block.format("OPENSSH ") + "\\n" + drawn(64)),
        ("private-key", "", block.format("")),
        ("aws-access-key-id", "id ", "AKIA" + drawn(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")),
        ("aws-access-key-id", "", "ASIA" + drawn(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")),
        ("github-token", "x", "_".join(["ghp", drawn(36)])),
        ("github-token", "", "_".join(["github", "pat", drawn(22), drawn(59)])),
        ("gitlab-token", "", "-".join(["glpat", drawn(20)])),
        ("slack-token", "", "-".join(["xoxb", drawn(12, "0123456789"), drawn(24)])),
        ("slack-token", "", "-".join(["xapp", "1", drawn(30)])),
        (
            "slack-token",
            "https://",
            "/".join(["hooks.slack.com", "services", "T" + drawn(9), "B" + drawn(9), drawn(24)]),
        ),
        ("stripe-key", "", "_".join(["sk", "live", drawn(24)])),
        ("stripe-key", "", "_".join(["rk", "test", drawn(24)])),
        ("openai-key", "\\n", "-".join(["sk", "proj", drawn(48)])),
        ("openai-key", "=", "-".join(["sk", drawn(48)])),
        ("google-api-key", "key=", "AIza" + drawn(35)),
        ("google-api-key", "", "-".join(["GOCSPX", drawn(28)])),
        ("jwt", "", jwt),
        ("basic-credentials", "Authorization: Basic ", base64.b64encode(b"user:password").decode()),
        ("password-in-url", "postgres://user:", "hunter2", "@db/x"),
        ("password-in-url", "https://user:", "pass", "@host"),
        ("assigned-secret", "password=", password),
        ("assigned-secret", 'DB_PASSWORD: "', password, '"'),
        ("assigned-secret", "{'api_key': '", drawn(24), "'}"),
        ("assigned-secret", 'api-key:\n  - "', drawn(32, "0123456789abcdef"), '"'),
        ("key-in-url", "https://example.com/v1?a=b&key=", drawn(24), "&x=y"),
        ("assigned-secret", '{\\"clientSecret\\": \\"', drawn(24), '\\"}'),
        ("assigned-secret", '"name": "access_token",\n  "value": "', drawn(24), '"'),
        ("assigned-secret", "authorization: ", drawn(24)),
    ]


@pytest.mark.parametrize(
    ("kind", "before", "secret", "after"), [(*row, "")[:4] for row in likely()], ids=lambda text: text[:20]
)
def test_what_looks_like_a_secret_is_suspected_and_left(kind, before, secret, after):
    """It is found with its kind and its place, and is not replaced: we cannot be sure."""
    value = {"request": {"system": before + secret + after}}
    assert Redactor().clean(value) is value
    (found,) = suspicious(value)
    assert (found.kind, found.place) == (kind, "request.system")
    first_line = secret.split("\n")[0].split("\\n")[0]
    assert found.shown == f"{first_line[: min(6, len(first_line) // 4)]}… ({len(first_line)} characters)"
    assert [finding.kind for finding in scan_text(before + secret + after)] == [kind]


def test_every_kind_that_is_suspected_is_tried():
    """No row of the table is without a test."""
    assert {row[0] for row in likely()} == {kind.name for kind in LIKELY}
    stand_ins = "".join(stand_in for _, stand_in in [*planted(), *told()])
    assert all(f"<{name}>" in stand_ins for name in KNOWN_NAMES)
    assert all(kind.why for kind in (*KNOWN, *LIKELY))


def test_places_are_paths():
    """A finding is where one would look for it in the program."""
    key, password = memtrace_key(), "Tr0ub" + "4dor&3"
    value = {
        "request": {
            "messages": [{}, {"content": [{"text": f"a {key}"}]}],
            "tools": ({"x y": key},),
            "env": [{"name": "DB_PASSWORD", "value": password}],
            "password": [password],
        },
        key: {"7": key},
    }
    masked = f"{key[:6]}… (47 characters)"
    assert suspicious(value) == [
        Finding("memtrace-key", "request.messages[1].content[0].text", masked),
        Finding("memtrace-key", 'request.tools[0]["x y"]', masked),
        Finding("assigned-secret", "request.env[0].value", "Tr… (11 characters)"),
        Finding("assigned-secret", "request.password[0]", "Tr… (11 characters)"),
        Finding("memtrace-key", f'["{masked}"]', masked),
        Finding("memtrace-key", f'["{masked}"]["7"]', masked),
    ]
    assert suspicious(key) == [Finding("memtrace-key", "", masked)]


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("x", "… (1 character)"),
        ("abc", "… (3 characters)"),
        ("abcdefgh", "ab… (8 characters)"),
        ("a\nb" * 20, r"a\nba\nb… (60 characters)"),
    ],
)
def test_never_more_than_a_quarter_is_shown(secret, shown):
    """What is printed of a secret does not help to guess it, and is one line."""
    (found,) = suspicious([secret], redactor=Redactor([re.compile("(?s).+")]))
    assert found.shown == shown


def test_exact_texts_can_be_allowed():
    """A text is allowed as it is or with more around it, in every place; a part of it is not enough."""
    url = "postgres://user:" + "hunter2@db/x"
    value = {"a": f"see {url}", "b": ["hunter2", f"{url}y"]}
    assert len(suspicious(value)) == 2
    for text in ("hunter2", url, "user:" + "hunter2@"):
        assert suspicious(value, allow=["", "other", text]) == []
        assert scan_text(json.dumps(value), allow=[text]) == []
    for text in ("hunter", "unter2", f"{url}z", "see", "HUNTER2"):
        assert suspicious({"a": f"see {url}"}, allow=[text]) != []


def test_secrets_are_refused_before_anything_is_written():
    """The error says what looked like a secret, where, that nothing was written, and what to do."""
    key, password = memtrace_key(), "Tr0ub" + "4dor&3"
    with pytest.raises(SecretFound) as refused:
        refuse_secrets({"request": {"system": f"password: {password}", "tools": [key]}}, "chat.json, interaction 3")
    assert str(refused.value) == (
        "chat.json, interaction 3: 2 texts look like secrets, so nothing was written.\n"
        "  request.system: assigned-secret, Tr… (11 characters)\n"
        f"  request.tools[0]: memtrace-key, {key[:6]}… (47 characters)\n"
        "Expected a recording that anybody may read.\n"
        "What to do: name a secret so that it is replaced, redact=[...] or --claude-redact, or take it out of what the "
        "program sends, such as its prompt; what is no secret, allow by its exact text, allow=[...]."
    )
    assert refused.value.exit_code == 1
    assert refused.value.findings == tuple(suspicious({"request": {"system": f"password: {password}", "tools": [key]}}))


def test_one_secret_and_many_read_well():
    """One is one text; of many the first ten are shown."""
    key = memtrace_key()
    with pytest.raises(SecretFound) as refused:
        refuse_secrets(key, "chat.json")
    assert str(refused.value).split("\n")[:2] == [
        "chat.json: 1 text looks like a secret, so nothing was written.",
        f"  the text: memtrace-key, {key[:6]}… (47 characters)",
    ]
    with pytest.raises(SecretFound) as refused:
        refuse_secrets([key] * 12, "chat.json")
    lines = str(refused.value).split("\n")
    assert lines[0] == "chat.json: 12 texts look like secrets, so nothing was written."
    assert lines[10:12] == [f"  [9]: memtrace-key, {key[:6]}… (47 characters)", "  ... and 2 more"]


def test_what_is_clean_allowed_or_public_is_not_refused():
    """Nothing happens where nothing is found."""
    url = "postgres://user:" + "hunter2@db/x"
    refuse_secrets({"a": [1, None, CLAUDE_API_KEY]}, "chat.json")
    refuse_secrets([url], "chat.json", allow=[url])
    refuse_secrets(["my-other"], "chat.json", Redactor(["my-secret"]))
    with pytest.raises(SecretFound):
        refuse_secrets(["my-secret"], "chat.json", Redactor(["my-secret"]))


def test_files_of_any_format_are_looked_at():
    """YAML, JSON, HAR and plain HTTP: places are lines, and the file's name is looked at as well."""
    key = memtrace_key()
    har = {"headers": [{"name": "anthropic-organization-id", "value": UUID}, {"name": "x", "value": UUID}]}
    text = "\n".join(
        [
            "headers:",
            "  anthropic-organization-id:",
            f"  - {UUID}",
            f"  cf-ray: {UUID}",
            f"Anthropic-Organization-Id: {UUID}",
            json.dumps(har),
            f"body: '{json.dumps({'key': key})}' {key}",
        ]
    )
    shown = f"{UUID[:6]}… (36 characters)"
    assert scan_text(text, f"test_x[{key}].yaml") == [
        Finding("memtrace-key", "the name", f"{key[:6]}… (47 characters)"),
        Finding("organization-id", "line 3", shown),
        Finding("organization-id", "line 5", shown),
        Finding("organization-id", "line 6", shown),
        Finding("memtrace-key", "line 7", f"{key[:6]}… (47 characters)"),
        Finding("memtrace-key", "line 7", f"{key[:6]}… (47 characters)"),
    ]
    assert [finding.place for finding in scan_text(json.dumps(har, indent=2))] == ["line 5"]
    assert scan_text("first-secret\nmy-secret", redactor=Redactor(["my-secret"])) == [
        Finding("redacted", "line 2", "my… (9 characters)")
    ]


def test_only_headers_worth_keeping_are_kept():
    """What a program may look at stays; what tells of the account or of this one transfer does not."""
    given_headers = {
        "Request-Id": "req_1",
        "anthropic-organization-id": UUID,
        "Anthropic-RateLimit-Requests-Remaining": "7",
        "anthropic-priority-input-tokens-limit": "9",
        "retry-after": "3",
        "Retry-After-Ms": "3000",
        "x-should-retry": "true",
        "set-cookie": "a=b",
        "cf-ray": "1",
        "date": "now",
        "content-encoding": "gzip",
        "content-length": "5",
        "content-type": "application/json",
        "x-retry-after": "1",
        "anthropic-version": "2023-06-01",
    }
    assert list(headers(given_headers).items()) == [
        ("anthropic-priority-input-tokens-limit", "9"),
        ("anthropic-ratelimit-requests-remaining", "7"),
        ("request-id", "req_1"),
        ("retry-after", "3"),
        ("retry-after-ms", "3000"),
        ("x-should-retry", "true"),
    ]
    assert headers({}) == {}


HARD = [
    "a",
    "1",
    "-",
    "\\",
    "<redacted",
    "sk-ant-",
    "mtk_",
    "1234567:AA",
    "-eyJ",
    "eyJaaaaaaaa.",
    "Bearer ",
    "Authorization: Bearer ",
    "Cookie: a=b; ",
    "organization" + " " * 70,
    "organization " + UUID[:-1] + " ",
    "org_id" + "\\n" * 35,
    "password\"'\"'\"' ",
    "token" + " " * 8 + "=" + " " * 70,
    "-----BEGIN " + "PRIVATE KEY-----",
    "://" + "a" * 60,
]


@pytest.mark.parametrize("piece", HARD, ids=lambda piece: piece[:16])
def test_no_text_takes_forever(piece):
    """A megabyte made to mislead the patterns is done with, and what was replaced is clean."""
    text = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
    cleaned = Redactor().clean(text)
    assert not KNOWN_NAMES & {finding.kind for finding in scan_text(cleaned)}


# What is planted: a strategy for each known kind that stands alone.
def texts_of(alphabet, size):
    """Just so many of these characters."""
    return st.text(alphabet, min_size=size, max_size=size)


SECRETS = st.one_of(
    st.tuples(st.sampled_from(["api03", "admin01", "oat01", "sid01"]), texts_of(URL_SAFE, 95)).map(
        lambda parts: "-".join(["sk", "ant", *parts])
    ),
    texts_of(URL_SAFE, 43).map(lambda tail: "_".join(["mtk", tail])),
    st.tuples(st.integers(10**8, 10**10 - 1), texts_of(URL_SAFE, 33)).map(lambda parts: f"{parts[0]}:AA{parts[1]}"),
    st.just("my named secret/1"),
)
# What tells the secret that follows it; the second is what must not survive.
TOLD = st.one_of(
    texts_of(ALNUM, 32).map(lambda token: (f"Bearer {token}7", token)),
    texts_of(ALNUM, 32).map(lambda value: (f"Set-Cookie: {value}={value}; Path=/", value)),
    texts_of(ALNUM, 32).map(lambda value: (f"__cf_bm={value}", value)),
    st.uuids().map(lambda uuid: (f"organization: {uuid}", str(uuid))),
    st.uuids().map(lambda uuid: (f"/organizations/{uuid}/", str(uuid))),
)
PLANTED = st.one_of(SECRETS.map(lambda secret: (secret, secret)), TOLD.map(lambda pair: (f" {pair[0]}", pair[1])))
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@st.composite
def hidden(draw):
    """A JSON value with a secret somewhere in it, and the secret."""
    text, secret = draw(PLANTED)
    value = f"{draw(WORDS)}{text} {draw(WORDS)}"
    for step in draw(st.lists(st.sampled_from(["list", "value", "key", "url", "json"]), max_size=4)):
        if step == "list":
            value = [draw(WORDS), value, None]
        elif step == "value":
            value = {draw(WORDS): value, "n": 1}
        elif step == "key":
            value = {value: draw(WORDS)} if isinstance(value, str) else {"k": value}
        elif step == "url" and isinstance(value, str) and secret != "my named secret/1":
            value = f"https://example.com/bot{value}?a=b"
        else:
            value = json.dumps(value, ensure_ascii=draw(st.booleans()))
    return value, secret


quickly = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quickly
@given(hidden())
def test_no_planted_secret_survives(planted_value):
    """Wherever it stands, as key or value, deep, in a URL, in a text, in JSON in a text: it is gone."""
    value, secret = planted_value
    redactor = Redactor(["my named secret/1"])
    cleaned = redactor.clean(value)
    assert secret not in json.dumps(cleaned, ensure_ascii=False)
    assert not (KNOWN_NAMES | {"redacted"}) & {finding.kind for finding in suspicious(cleaned, redactor=redactor)}


PIECES = st.one_of(
    WORDS,
    SECRETS,
    TOLD.map(lambda pair: pair[0]),
    st.sampled_from(["<redacted>", "<cookie>", "<cookie-2>", "<", ">", "organization", "Cookie:", "Bearer", "a=", " "]),
)
TEXTS = st.lists(PIECES, max_size=6).map("".join)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)
NAMED = st.lists(
    st.one_of(
        st.sampled_from(["redacted", "cookie", "my named secret/1", "<cook"]),
        st.sampled_from([r"\w+", ".", r"^\w", r"\d", r"(?<=<)\w", r"b(?!c)", "a*", r"$", r"\w+>", "(?s).*"]).map(
            re.compile
        ),
    ),
    max_size=3,
)


@quickly
@given(VALUES, NAMED)
def test_what_was_cleaned_is_clean(value, named):
    """Cleaning a second time changes nothing, whatever the user names: it gives the same object."""
    redactor = Redactor(named)
    cleaned = redactor.clean(value)
    assert redactor.clean(cleaned) is cleaned
    assert not (KNOWN_NAMES | {"redacted"}) & {finding.kind for finding in suspicious(cleaned, redactor=redactor)}


@quickly
@given(st.binary(max_size=2000))
def test_base64_is_never_touched(blob):
    """No image is changed, whatever its bytes are."""
    value = {"data": base64.b64encode(blob).decode()}
    assert Redactor().clean(value) is value
    assert suspicious(value) == []
