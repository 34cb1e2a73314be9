"""The recordings as they stand in their files, read without any code of ours: the other side of the comparison."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import yaml

__all__ = ["FAMILIES", "Recorded", "family", "recorded"]

# What the sample's own list calls the formats that are read, and what we call them.
FAMILIES = {"vcrpy-yaml": "vcrpy", "go-vcr-v2": "go-vcr", "har-polly": "HAR"}
_ENDPOINTS = {
    ("POST", "/v1/messages"): "messages",
    ("POST", "/v1/messages/count_tokens"): "count_tokens",
    ("GET", "/v1/models"): "models",
}
_PYTHON = "tag:yaml.org,2002:python/"


class Recorded(NamedTuple):
    """One exchange: what was sent, and the answer's status, headers and body as the server had them."""

    method: str
    url: str
    betas: str
    sent: Any
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def endpoint(self) -> str:
        """What of the API was asked, empty for what no cassette holds."""
        url = urlsplit(self.url)
        if url.hostname != "api.anthropic.com":
            return ""
        path = "/v1/models" if url.path.startswith("/v1/models/") else url.path
        return _ENDPOINTS.get((self.method, path), "")

    @property
    def path(self) -> str:
        """The path of the URL with its query."""
        url = urlsplit(self.url)
        return f"{url.path}?{url.query}" if url.query else url.path

    @property
    def kind(self) -> str:
        """How it was answered: ``JSON``, ``streams`` or ``errors``."""
        if self.status >= 400:
            return "errors"
        return "streams" if self.body.lstrip().startswith((b"event:", b"data:")) else "JSON"


class _Loader(yaml.SafeLoader):
    """Reads a text in a Python class of its own as that text."""


def _text_in_a_class(loader: Any, _: str, node: Any) -> Any:
    return loader.construct_scalar(node.value[0] if isinstance(node, yaml.SequenceNode) else node)


_Loader.add_multi_constructor(_PYTHON, _text_in_a_class)


def recorded(path: Path, name: str) -> list[Recorded]:
    """All exchanges in the file `path`, which is of the family `name`."""
    if name == "HAR":
        entries = json.loads(path.read_bytes())["log"]["entries"]
        return [_of_har(entry) for entry in entries]
    document = yaml.load(path.read_bytes(), Loader=_Loader)
    return [(_of_vcrpy if name == "vcrpy" else _of_go_vcr)(entry) for entry in document["interactions"]]


def _of_vcrpy(entry: dict[str, Any]) -> Recorded:
    request, response = entry["request"], entry["response"]
    sent = request["parsed_body"] if "parsed_body" in request else _json(request["body"])
    body = json.dumps(response["parsed_body"]) if "parsed_body" in response else response["body"]["string"]
    return _recorded(request, request["uri"], sent, response["status"]["code"], response["headers"], body)


def _of_go_vcr(entry: dict[str, Any]) -> Recorded:
    request, response = entry["request"], entry["response"]
    sent = _json(request["body"])
    return _recorded(request, request["url"], sent, response["code"], response["headers"], response["body"])


def _of_har(entry: dict[str, Any]) -> Recorded:
    request, response = entry["request"], entry["response"]
    sent = _json(request.get("postData", {}).get("text"))
    pairs = {"headers": {header["name"]: header["value"] for header in request["headers"]}, "method": request["method"]}
    headers = {header["name"]: header["value"] for header in response["headers"]}
    return _recorded(pairs, request["url"], sent, response["status"], headers, response["content"]["text"])


def _recorded(request: Any, url: str, sent: Any, status: int, headers: Any, body: str | bytes) -> Recorded:
    content = body.encode() if isinstance(body, str) else body
    content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    betas = dict(_pairs(request["headers"])).get("anthropic-beta", "")
    return Recorded(request["method"], url, betas, sent, status, list(_pairs(headers)), content)


def _pairs(headers: Any) -> Iterator[tuple[str, str]]:
    for name, values in (headers or {}).items():
        for value in values if isinstance(values, list) else [values]:
            yield name.lower(), value


def _json(text: str | bytes | None) -> Any:
    try:
        return json.loads(text or "null")
    except ValueError:
        return None


def family(format_name: str) -> str:
    """What we call a format of the sample's list; empty for one that is not read."""
    return FAMILIES.get(format_name, "")
