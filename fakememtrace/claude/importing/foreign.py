"""Which format a file has, by its shape; those that are not read are named."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ...errors import listed
from . import govcr, har, vcrpy
from .bodies import gunzipped, is_gzip
from .broken import Broken, kind_of
from .exchange import Exchange
from .yaml_safe import load

__all__ = ["READ", "Format", "recognised"]

READ = "Read are vcrpy cassettes (YAML or JSON), go-vcr cassettes (YAML) and HAR files."
_LEFT = f"{READ}\nRecord the program again with one of these, or leave the file out."
_MOST_KEYS = 8
_GO_VERSIONS = (1, 2)


class Format(NamedTuple):
    """One that is read: its name, the entries of a document, and the exchange that an entry stands for."""

    name: str
    recorded: Callable[[Mapping[str, Any]], list[Any]]
    exchange: Callable[[Mapping[str, Any]], Exchange]


_VCRPY = Format("vcrpy", vcrpy.recorded, vcrpy.exchange)
_GO_VCR = Format("go-vcr", govcr.recorded, govcr.exchange)
_HAR = Format("HAR", har.recorded, har.exchange)


def recognised(content: bytes) -> tuple[Format, Mapping[str, Any]]:
    """The format of a file and the document in it.

    Raises:
        Broken: it is empty, no text, damaged, or of a format that is not read.
        UsageError: it is YAML, and PyYAML is not installed.
    """
    text = _text(gunzipped(content, "the file") if is_gzip(content) else content)
    if not text.strip():
        raise Broken("", "the file is empty.", "Restore it from version control, or leave it out.")
    if text.startswith("httprr trace "):
        raise _foreign("an httprr trace (of Go)")
    document = _json(text) if text.lstrip()[0] in "{[" else load(text)
    return _format(document), document


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Broken(f"byte {error.start}", "this is not UTF-8 text, so no recording that is read.", _LEFT) from None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise Broken(place, f"this is not JSON: {error.msg}.", "Correct the file there, or leave it out.") from None
    except (ValueError, RecursionError):
        raise Broken("", "this JSON is nested too deeply, or has a number that is too long.", _LEFT) from None


def _format(document: Any) -> Format:
    if isinstance(document, list):
        raise _foreign(_list(document))
    if not isinstance(document, dict):
        what = "text" if isinstance(document, str) else kind_of(document)
        raise _foreign(f"{what} that is no recording")
    if document.get("format") == "fakememtrace-cassette":
        raise Broken("", "this is a fakememtrace cassette already.", "Use it as it is, or leave it out.")
    if "http_interactions" in document:
        raise _foreign(_vcr(document))
    if isinstance(document.get("log"), dict) and "entries" in document["log"]:
        return _HAR
    if {"requests", "responses"} <= document.keys():
        return _VCRPY
    if isinstance(document.get("interactions"), list):
        return _with_interactions(document, document["interactions"])
    if isinstance(document.get("request"), dict) and isinstance(document.get("response"), dict):
        raise _foreign("a recording of the dd-apm-test-agent (one exchange in JSON)")
    raise _foreign(f"an object with the keys {listed(_shown(document))}")


def _with_interactions(document: Mapping[str, Any], interactions: list[Any]) -> Format:
    first = interactions[0] if interactions and isinstance(interactions[0], dict) else {}
    request = first.get("request")
    if not interactions or (isinstance(request, dict) and "uri" in request):
        return _VCRPY
    if isinstance(request, dict) and "url" in request:
        if document.get("version") in _GO_VERSIONS:
            return _GO_VCR
        raise _foreign(f"a go-vcr cassette of version {document.get('version')!r} (read are 1 and 2)")
    raise _foreign("a list of interactions whose requests have neither uri (vcrpy) nor url (go-vcr)")


def _vcr(document: Mapping[str, Any]) -> str:
    made_by = str(document.get("recorded_with", ""))
    if made_by.startswith(("VCR-vcr", "vcr/")):
        return "a cassette of R's vcr"
    if made_by.startswith("betamax"):
        return "a Betamax cassette"
    return "a Ruby VCR cassette"


def _list(entries: list[Any]) -> str:
    first = entries[0] if entries else None
    if not isinstance(first, dict):
        return f"a list of {'nothing' if first is None else 'values'} that is no recording"
    if isinstance(first.get("request"), dict) and isinstance(first.get("response"), dict):
        return "a snapshot of the anthropic SDK's own tests (a list of exchanges in JSON)"
    if {"scope", "method", "path"} <= first.keys():
        return "a recording of nock"
    return f"a list of objects with the keys {listed(_shown(first))}"


def _shown(document: Mapping[Any, Any]) -> list[str]:
    keys = [repr(key) if len(repr(key)) <= 40 else f"{repr(key)[:36]}..." for key in document]
    return [*keys[:_MOST_KEYS], f"{len(keys) - _MOST_KEYS} more"] if len(keys) > _MOST_KEYS else keys


def _foreign(what: str) -> Broken:
    return Broken("", f"this is {what}, which is not read.", _LEFT)
