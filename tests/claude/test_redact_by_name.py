"""What its name tells to be a secret, and what has such a name in ordinary texts."""

from __future__ import annotations

import json

import pytest

from fakememtrace.claude.redact import Finding, Redactor, scan_text, suspicious

# Put together here, so that nobody takes this file for a leak.
UUID = "-".join(["1b9d6bcd", "bbfd", "4b2d", "9b5d", "ab8dfbbd4bed"])
OTHER = UUID.replace("1b9d", "77aa")
KEY = "my-own-" + "gateway-key-1"
COOKIE = "abcdef" + "123456"
MIXED = "AbC123dEf" + "456GhI789"


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        ({"headers": {"x-api-key": KEY}}, {"headers": {"x-api-key": "<api-key>"}}),
        ({"headers": {"X-Api-Key": [KEY]}}, {"headers": {"X-Api-Key": ["<api-key>"]}}),
        ([{"name": "X-API-KEY", "value": KEY}], [{"name": "X-API-KEY", "value": "<api-key>"}]),
        ({"mcp_servers": [{"authorization_token": KEY}]}, {"mcp_servers": [{"authorization_token": "<bearer-token>"}]}),
        ({"organization": {"id": UUID}}, {"organization": {"id": "<organization-id>"}}),
        ({"org": {"name": "A", "uuid": UUID}}, {"org": {"name": "A", "uuid": "<organization-id>"}}),
        ({"organization": {"owner": {"id": UUID}}}, {"organization": {"owner": {"id": UUID}}}),
        ({"organization": {"name": "A"}, "id": UUID}, {"organization": {"name": "A"}, "id": UUID}),
        ({"cookies": {"session": COOKIE}}, {"cookies": {"session": "<cookie>"}}),
        (
            {"cookies": [{"name": "sid", "value": COOKIE, "domain": "www1.example.org"}]},
            {"cookies": [{"name": "sid", "value": "<cookie>", "domain": "www1.example.org"}]},
        ),
    ],
    ids=str,
)
def test_what_a_value_is_in_tells_what_it_is(value, cleaned):
    """A header, an organization and cookies are known by their names, and nothing beside them is."""
    assert Redactor().clean(value) == cleaned
    assert suspicious(cleaned) == []


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_an_organization_in_a_text_that_is_json(depth):
    """The result of a tool is a text: its organization is found there, and the ids after it stay."""
    text = json.dumps({"organization": {"name": "A", "id": UUID}, "user": {"id": OTHER}})
    for _ in range(1, depth):
        text = json.dumps(text)
    assert Redactor().clean(text) == text.replace(UUID, "<organization-id>")


def test_a_key_in_a_url_is_suspected():
    """It is random, and called a key: it is not written, and not replaced, since some keys open nothing."""
    url = f"https://api.example.com/v1?key={MIXED}"
    assert Redactor().clean(url) == url
    assert suspicious(url) == [Finding("key-in-url", "", "AbC1… (18 characters)")]
    assert [finding.place for finding in scan_text(f"\n{url}&a=b")] == ["line 2"]


ORDINARY = [
    "The key to a good session is rest; session: the key is under the mat.",
    "Bearer of good news, Bearer of-responsibilities, a Bearer AuthenticationMiddlewareFactory.",
    "Bearer Rechtsschutzversicherungsgesellschaften, Bearer authentication_required.",
    "curl -H 'x-api-key: $ANTHROPIC_API_KEY' -H 'x-api-key: YOUR_API_KEY_1' -H 'x-api-key: your-key-12345'",
    "x-api-key: ${KEY_11111}, x-api-key: env.API_KEY_2, x-api-key: <api-key-12>, x-api-key: 111111111",
    "x-api-key: required, X-Api-Key: string",
    "https://example.com/a?key=value&sort=name&sig=true and ?key=user_preferences_v2 and ?signature=print-1",
    f"https://example.com/a?key={UUID} and /b?key=uploads/2026/report-17.png and ?key=2026-11-22T12-00-00",
    "monkey=1 and ?monkey=AbC; sign = plus; the sig= parameter signs, the key= parameter opens",
    "cookies.txt: a file; cookies: {}; Cookies are small; cookies.session: the one that opens",
    "The organization: {a big one} has ids.",
]


@pytest.mark.parametrize("text", ORDINARY, ids=lambda text: text[:24])
def test_ordinary_texts_are_left_alone(text):
    """Prose, code, blanks and documentation are neither changed nor suspected, in JSON and out of it."""
    for value in (text, {"text": text}, [json.dumps({"text": text})]):
        assert Redactor().clean(value) is value
        assert suspicious(value) == []


@pytest.mark.parametrize(
    "value",
    [
        {"session": "monday-2026-11", "key": "c-sharp-minor-1", "keys": {"id": UUID}},
        {"cookies": {"flavour": "chocolate-chip", "count": "12345678", "expires": "2026-11-22T10:00:00Z", "ok": True}},
        {"organization": {"name": "Acme 2 Ltd", "size": 5, "id": "acme-2", "parts": [UUID]}},
        {"properties": {"x-api-key": {"type": "string", "description": "The key of version 2"}}},
        {"headers": {"x-api-key": "the key of the service"}},
    ],
    ids=str,
)
def test_ordinary_values_are_left_alone(value):
    """Objects whose names only sound like a secret are as they were."""
    assert Redactor().clean(value) is value
    assert suspicious(value) == []
