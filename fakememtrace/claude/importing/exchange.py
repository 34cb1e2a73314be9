"""One recorded exchange of any format, and the interaction that it becomes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from ..interaction import COUNT_TOKENS, MESSAGES, MODELS, RECORDED, WITNESS, Event, Interaction, Provenance
from ..redact import headers
from ..sse import accumulated
from .bodies import from_base64, is_gzip, opened, text_of
from .broken import Broken
from .streams import looks_like_stream, told

__all__ = ["Exchange", "day", "interaction", "left_out"]

_HOST = "api.anthropic.com"
_POSTS = {"/v1/messages": MESSAGES, "/v1/messages/count_tokens": COUNT_TOKENS}
_MODELS = "/v1/models"
# What the API has and no cassette holds, by the start of its path.
_OTHERS = {
    "/v1/messages/batches": "message batches",
    "/v1/complete": "legacy text completions",
    "/v1/files": "files",
    "/v1/organizations": "the admin API",
    "/v1/skills": "skills",
}
# A recorder may have blanked the header out: no value that is in use has capitals or brackets.
_BETA = re.compile(r"[a-z0-9][a-z0-9.-]*")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?)?")


class Exchange(NamedTuple):
    """One request and its answer as they were recorded, whatever the format.

    Header names are lower-case; the values of a header that came several times are joined by ``", "``.
    ``sent`` and ``body`` give the bodies, and raise Broken where there is none to be had: nobody asks for those of
    other hosts.  ``day`` is the day of it (ISO 8601), empty where the recording does not say.
    """

    method: str
    url: str
    sent_headers: Mapping[str, str]
    sent: Callable[[], bytes]
    status: int
    headers: Mapping[str, str]
    body: Callable[[], bytes]
    day: str = ""
    duration_ms: int = 0


def left_out(exchange: Exchange) -> str:
    """Why this is nothing for a cassette, in a few words; empty when it is something."""
    url = _url(exchange)
    if url.scheme not in ("http", "https") or url.hostname != _HOST or url.port not in (None, 80, 443):
        return f"other host {url.netloc.rpartition('@')[2] or exchange.url}"
    if exchange.status == 0:
        return "never answered"
    if _endpoint(exchange):
        return ""
    what = next((name for start, name in _OTHERS.items() if f"{url.path}/".startswith(f"{start}/")), None)
    return f"{what or f'{exchange.method} {url.path}'}: not supported"


def interaction(exchange: Exchange) -> Interaction:
    """What there is of `exchange` for a cassette, secrets and all.

    Raises:
        Broken: its request or its answer cannot be read.
        RecursionError: one of them is nested too deeply.
    """
    endpoint = _endpoint(exchange)
    body = _request(exchange, endpoint)
    streamed = body.pop("stream", None) is True
    # The API reads null as not given, and so does a cassette.
    request = {key: value for key, value in body.items() if value is not None}
    if endpoint != MODELS:
        request.setdefault("messages", [])
    response, events = _answer(exchange, endpoint)
    return Interaction(
        request=request,
        response=response,
        provenance=Provenance(RECORDED, _model(request, response), exchange.day or _sent_on(exchange), WITNESS),
        status=exchange.status,
        stream=streamed or bool(events),
        duration_ms=exchange.duration_ms,
        headers=headers(exchange.headers),
        endpoint=endpoint,
        betas=_betas(exchange),
        events=tuple(Event(0, event) for event in events),
    )


def day(text: object) -> str:
    """The day (UTC) of a time in ISO 8601; empty when it is none."""
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    if not found:
        return ""
    zone = (found[3] or "Z").replace("Z", "+00:00")
    zone = zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    try:
        return _utc_day(datetime.fromisoformat(f"{found[1]}T{found[2] or '00:00'}{zone}"))
    except (ValueError, OverflowError):
        return ""


def _sent_on(exchange: Exchange) -> str:
    try:
        return _utc_day(parsedate_to_datetime(exchange.headers.get("date", "")))
    except (TypeError, ValueError, OverflowError, IndexError):
        return ""


def _utc_day(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return aware.astimezone(timezone.utc).date().isoformat()


def _url(exchange: Exchange) -> Any:
    try:
        url = urlsplit(exchange.url)
        # Both are only looked at when asked for.
        _ = url.hostname, url.port
    except ValueError:
        raise Broken("the URL", f"{exchange.url!r} is none.") from None
    return url


def _endpoint(exchange: Exchange) -> str:
    path = _url(exchange).path
    if exchange.method == "POST":
        return _POSTS.get(path, "")
    is_models = path == _MODELS or path.startswith(f"{_MODELS}/")
    return MODELS if exchange.method == "GET" and is_models else ""


def _request(exchange: Exchange, endpoint: str) -> dict[str, Any]:
    if endpoint == MODELS:
        url = _url(exchange)
        model_id = unquote(url.path[len(_MODELS) + 1 :])
        return {**dict(parse_qsl(url.query)), **({"id": model_id} if model_id else {})}
    place = "the request's body"
    body = _json(_text(exchange.sent(), exchange.sent_headers, place))
    if not isinstance(body, dict):
        raise Broken(place, "expected a JSON object with model and messages, found none.")
    return body


def _answer(exchange: Exchange, endpoint: str) -> tuple[dict[str, Any] | str, list[dict[str, Any]]]:
    """The response, and the events that it came in where it was a stream."""
    place = "the answer's body"
    text = _text(exchange.body(), exchange.headers, place)
    value = _json(text)
    if isinstance(value, dict):
        return value, []
    if endpoint == MESSAGES and exchange.status == 200 and looks_like_stream(text):
        events = told(text, place)
        return _accumulated(events), events
    if exchange.status < 400:
        what = "a JSON object or an event stream" if endpoint == MESSAGES else "a JSON object"
        raise Broken(place, f"expected {what}, found {'neither' if text else 'nothing'}.")
    return text, []


def _text(body: bytes, headers: Mapping[str, str], place: str) -> str:
    """The text of a body; some recorders write it in base64 and do not say so."""
    encoding = headers.get("content-encoding", "")
    text = text_of(opened(body, encoding, place), place)
    if text.startswith(("{", "event:")):
        return text
    try:
        spelled = from_base64(text, place)
    except Broken:
        return text
    try:
        inner = text_of(opened(spelled, encoding, place), place)
    except Broken:
        if is_gzip(spelled):
            raise
        return text
    return inner if isinstance(_json(inner), dict) or looks_like_stream(inner) else text


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _accumulated(events: list[dict[str, Any]]) -> dict[str, Any]:
    try:
        return accumulated(events)
    except (AttributeError, KeyError, TypeError):
        # An event is not what its type says; whoever reads the cassette says which one.
        return {}


def _model(request: dict[str, Any], response: dict[str, Any] | str) -> str:
    answered = response.get("model") if isinstance(response, dict) else None
    names = (answered, request.get("model"), request.get("id"))
    return next((name for name in names if isinstance(name, str)), "")


def _betas(exchange: Exchange) -> tuple[str, ...] | None:
    """None where the header is not there: recorders are told to leave headers out."""
    given = exchange.sent_headers.get("anthropic-beta", "")
    names = sorted({name for part in given.split(",") if (name := part.strip())})
    return tuple(names) if names and all(map(_BETA.fullmatch, names)) else None
