"""A client for the tests: JSON in, status and JSON out."""

from __future__ import annotations

import json
from typing import Any, NamedTuple
from urllib.parse import urlencode

from fakememtrace.clock import Clock, Ids
from fakememtrace.memory.dialect import Dialect
from fakememtrace.memory.fake import FakeMemtrace
from fakememtrace.wire import Request, Response

KEY = "mtk_test"
V1 = "/api/v1"


class Answer(NamedTuple):
    """A status, and the body: parsed if it is JSON, else text."""

    status: int
    body: Any


class Caller:
    """A fake with a clock of its own, and short ways to ask it."""

    def __init__(self, dialect: str | Dialect = "0.2.0", **changes: Any) -> None:
        self.clock, self.key = Clock(), KEY
        self.fake = FakeMemtrace(self.clock, Ids(), Dialect(dialect).replace(**changes), KEY)

    def raw(self, method: str, path: str, query: str = "", body: bytes = b"", /, **headers: str) -> Response:
        """The Response to exactly this; no headers but `headers` (underscores become hyphens)."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.fake.handle(Request(method, "http://localhost:9100", path, query, sent, body))

    def ask(self, method: str, path: str, value: Any = None, /, **query: Any) -> Answer:
        """The Answer to a request below /api/v1, with a key; `value` is sent as JSON, bytes as they are."""
        body = b"" if value is None else value if isinstance(value, bytes) else json.dumps(value).encode()
        response = self.raw(
            method, V1 + path, urlencode(query), body, x_api_key=self.key, content_type="application/json"
        )
        is_json = response.header("content-type") == "application/json"
        return Answer(response.status, json.loads(response.body) if is_json else response.body.decode())

    def get(self, path: str, /, **query: Any) -> Answer:
        """GET."""
        return self.ask("GET", path, **query)

    def post(self, path: str, value: Any = None, /) -> Answer:
        """POST."""
        return self.ask("POST", path, value)

    def remember(self, content: str = "likes tea", /, **fields: Any) -> Any:
        """The body of the answer to creating a memory (which must succeed)."""
        answer = self.post("/memories", {"agent_id": "agent_1", "content": content, **fields})
        assert answer.status == 201, answer
        return answer.body

    def contents(self, **query: Any) -> list[str]:
        """The contents that a list gives (which must succeed)."""
        answer = self.get("/memories", **query)
        assert answer.status == 200, answer
        return [memory["content"] for memory in answer.body["memories"]]

    def found(self, **fields: Any) -> list[str]:
        """The contents that a search gives (which must succeed)."""
        answer = self.post("/search", fields)
        assert answer.status == 200, answer
        return [memory["content"] for memory in answer.body["results"]]

    def agent(self, name: str = "helper", **fields: Any) -> str:
        """The id of a new agent."""
        return str(self.post("/agents", {"name": name, **fields}).body["id"])

    def session(self, agent_id: str = "", **metadata: Any) -> str:
        """The id of a new session, of a new agent unless one is given."""
        body = {"agent_id": agent_id or self.agent(), "metadata": metadata}
        return str(self.post("/sessions", body).body["id"])

    def context(self, session_id: str, **options: Any) -> str:
        """The text of a session's context (which must succeed)."""
        answer = self.post(f"/sessions/{session_id}/context", options)
        assert answer.status == 200, answer
        return str(answer.body["context"])
