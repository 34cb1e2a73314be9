"""Made-up conversations of realistic size, as cassettes of any length.

Every request has the instructions and the tools of our scenario single_agent, a memory of
some 1.2 kB in its system prompt, and three or five messages; every answer has some 110 tokens,
which as a recorded stream are some twenty events.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.interaction import AUTHORED, RECORDED, WITNESS, Event, Interaction, Provenance
from fakememtrace.claude.sse import events

__all__ = ["cassette", "streamed"]

_PROGRAM = Path(__file__).parents[2] / "scenarios" / "single_agent" / "program.py"
_PROVENANCE = Provenance(AUTHORED, "claude-x", "2026-02-07")
_RECORDED = Provenance(RECORDED, "claude-x", "2026-02-07", WITNESS)
# How many requests share a system prompt, and how many system prompts there are.
_RUN, _PROMPTS = 10, 25


def cassette(length: int) -> Cassette:
    """A cassette of `length` interactions, every one distinct."""
    program = _literals()
    interactions: list[Interaction] = []
    for number in range((length + 1) // 2):
        parameters = {
            "model": "claude-x",
            "max_tokens": 1024,
            "system": _system(program["INSTRUCTIONS"], number * 2 // _RUN % _PROMPTS),
            "tools": program["TOOLS"],
        }
        interactions += _pair(number, parameters)
    return Cassette(interactions[:length])


def streamed(tape: Cassette) -> Cassette:
    """The same conversations, every answer recorded as a stream."""
    return Cassette([_streamed(interaction) for interaction in tape.interactions])


def _streamed(this: Interaction) -> Interaction:
    assert isinstance(this.response, dict)
    told = tuple(Event(80 * number, data) for number, data in enumerate(events(this.response), 1))
    return Interaction(this.request, this.response, _RECORDED, 200, True, this.duration_ms, events=told)


def _pair(number: int, parameters: dict[str, Any]) -> list[Interaction]:
    """The answer to a tool's result, and the answer to a further question."""
    call = {"type": "tool_use", "id": f"toolu_{number:024}", "name": "memtrace_search", "input": {"tags": ["billing"]}}
    result = {
        "type": "tool_result",
        "tool_use_id": call["id"],
        "content": f"- Customer {number} paid invoice {number * 7919} twice\n- Refunds take three days",
    }
    asked = [
        {"role": "user", "content": f"Customer {number} asks where the second payment went. What do I tell them?"},
        {"role": "assistant", "content": [{"type": "text", "text": "Let me look that up."}, call]},
        {"role": "user", "content": [result]},
    ]
    first = _interaction(2 * number, {**parameters, "messages": asked})
    further = {"role": "user", "content": f"And if customer {number} insists on having it today?"}
    second = _interaction(2 * number + 1, {**parameters, "messages": [*asked, first.answer, further]})
    return [first, second]


def _interaction(number: int, request: dict[str, Any]) -> Interaction:
    words = (
        f"Invoice {number * 7919} was paid twice: once by card and once by transfer, on the same day. "
        "The second payment was refunded this morning, and the bank needs three working days until it shows. "
        "Please tell the customer that nothing is lost and nothing has to be done, offer to write again on Friday, "
        "and note the reference of the refund in the ticket, so that whoever answers the next call finds it. "
        "Should they insist, ask the billing team for an early transfer."
    )
    response = {
        "id": f"msg_{number:024}",
        "type": "message",
        "role": "assistant",
        "model": "claude-x",
        "content": [{"type": "text", "text": words}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 900, "output_tokens": 110},
    }
    return Interaction(request, response, _PROVENANCE, duration_ms=1800)


def _system(instructions: str, number: int) -> str:
    lines = [
        f"- [2026-02-07T12:{line:02}:00Z] general: customer {number * 100 + line} was told about the refund"
        for line in range(18)
    ]
    return instructions.format(previous="\n".join(lines[:12]), current="\n".join(lines[12:]))


def _literals() -> dict[str, Any]:
    """The constants of the scenario's program, which is a script and not to be imported."""
    found = {}
    for statement in ast.parse(_PROGRAM.read_text("utf-8")).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            try:
                found[statement.targets[0].id] = ast.literal_eval(statement.value)
            except ValueError:
                continue
    return found
