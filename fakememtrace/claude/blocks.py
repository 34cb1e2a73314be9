"""The blocks of an answer, written by hand; what nobody needs to know is filled in when it is played."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import UsageError
from .completing import OPAQUE

__all__ = [
    "Block",
    "citation",
    "redacted_thinking",
    "server_tool_use",
    "text",
    "thinking",
    "tool_use",
    "web_search_result",
]

Block = dict[str, Any]


def text(words: str, citations: Iterable[Block] = ()) -> Block:
    """A text, with the `citations` that it rests on."""
    cited = list(citations)
    return {"type": "text", "text": words, **({"citations": cited} if cited else {})}


def citation(
    cited_text: str,
    *,
    title: str | None = None,
    url: str = "",
    document: int = 0,
    start: int = 0,
    pages: tuple[int, int] | None = None,
    blocks: tuple[int, int] | None = None,
) -> Block:
    """One citation for :func:`text`: of a web page where there is a `url`, else of a document of the request.

    Args:
        cited_text: what is quoted.
        title: what the page or the document is called.
        url: where the page is.
        document: which document of the request, from 0.
        start: the character of the document at which the quotation begins, from 0.
        pages: for a PDF in its place: the first page, from 1, and the one after the last.
        blocks: for a document of blocks: the first block, from 0, and the one after the last.
    """
    if url:
        found = {"url": url, "title": title, "encrypted_index": OPAQUE}
        return {"type": "web_search_result_location", "cited_text": cited_text, **found}
    quoted: Block = {"cited_text": cited_text, "document_index": document, "document_title": title}
    if pages:
        return {"type": "page_location", **quoted, "start_page_number": pages[0], "end_page_number": pages[1]}
    if blocks:
        return {
            "type": "content_block_location",
            **quoted,
            "start_block_index": blocks[0],
            "end_block_index": blocks[1],
        }
    end = start + len(cited_text)
    return {"type": "char_location", **quoted, "start_char_index": start, "end_char_index": end}


def thinking(words: str) -> Block:
    """What Claude thinks before it answers; its signature is filled in, and the real API would not accept it."""
    return {"type": "thinking", "thinking": words}


def redacted_thinking() -> Block:
    """Thinking that nobody may read."""
    return {"type": "redacted_thinking"}


def tool_use(name: str, /, **arguments: Any) -> Block:
    """A call of the tool `name`; its id is given when the answer is played."""
    return {"type": "tool_use", "name": name, "input": arguments}


def server_tool_use(name: str, /, **arguments: Any) -> Block:
    """A call that the API itself answers, such as ``web_search``; its id is given when the answer is played."""
    return {"type": "server_tool_use", "name": name, "input": arguments}


def web_search_result(*pages: tuple[str, str], error: str = "") -> Block:
    """What the API answers the last ``server_tool_use`` before it: the URL and the title of each page.

    `error` is the code of an error in their place, such as ``max_uses_exceeded``.

    Raises:
        UsageError: a page is no pair of texts, or there are both pages and an error.
    """
    if pages and error:
        raise UsageError(f"a web search found pages and failed with {error!r}. Expected one of both. Leave one out.")
    if error:
        content: Any = {"type": "web_search_tool_result_error", "error_code": error}
    else:
        content = [_page(page) for page in pages]
    return {"type": "web_search_tool_result", "content": content}


def _page(page: Any) -> Block:
    if not isinstance(page, tuple) or len(page) != 2 or not all(isinstance(part, str) for part in page):
        raise UsageError(
            f"a page of a web search is {page!r}. Expected a URL and a title, "
            'such as ("https://example.com/tea", "All about tea").'
        )
    return {"type": "web_search_result", "url": page[0], "title": page[1], "encrypted_content": OPAQUE}
