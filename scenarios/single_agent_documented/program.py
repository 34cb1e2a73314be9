"""A helpful assistant with a memory, written against the client that Memtrace's documentation describes.

It makes the calls of the documentation's example, in its order and with its arguments: dicts, ``mem.id``,
``search_memories(...).memories``.  Beside them stand ``max_tokens``, without which Claude's SDK sends nothing, and
the search for the session of an earlier run.  It reads one question and prints the answer.
It needs MEMTRACE_URL, MEMTRACE_API_KEY and ANTHROPIC_API_KEY.
"""

import os

import anthropic
from memtrace import ConflictError, ContextOptions, CreateSessionRequest, Memtrace, RegisterAgentRequest

MODEL = "claude-sonnet-5-5"

MEMTRACE_TOOLS = [
    {
        "name": "memtrace_remember",
        "description": "Store a memory for later recall",
        "input_schema": {
            "type": "object",
            "properties": {
                "content": {"type": "string", "description": "What to remember"},
                "tags": {"type": "array", "items": {"type": "string"}},
                "importance": {"type": "number", "minimum": 0, "maximum": 1},
            },
            "required": ["content"],
        },
    },
    {
        "name": "memtrace_recall",
        "description": "Retrieve recent memories",
        "input_schema": {
            "type": "object",
            "properties": {
                "since": {"type": "string", "description": "Time window (e.g. '2h', '24h')"},
            },
        },
    },
    {
        "name": "memtrace_search",
        "description": "Search memories with filters",
        "input_schema": {
            "type": "object",
            "properties": {
                "content_contains": {"type": "string"},
                "tags": {"type": "array", "items": {"type": "string"}},
                "min_importance": {"type": "number"},
            },
        },
    },
    {
        "name": "memtrace_decide",
        "description": "Log a decision with reasoning",
        "input_schema": {
            "type": "object",
            "properties": {
                "decision": {"type": "string", "description": "What was decided"},
                "reasoning": {"type": "string", "description": "Why this decision"},
            },
            "required": ["decision", "reasoning"],
        },
    },
]

memtrace = Memtrace(os.environ["MEMTRACE_URL"], os.environ["MEMTRACE_API_KEY"])
claude = anthropic.Anthropic()


def register():
    """The agent: a new one, or the one of an earlier run."""
    try:
        return memtrace.register_agent(
            RegisterAgentRequest(name="assistant", description="Helpful AI assistant with memory")
        )
    except ConflictError:
        return memtrace.get_agent("assistant")


def open_session():
    """The session that is still open, or a new one."""
    found = memtrace.search_sessions({"metadata": {"task": "conversation"}, "status": "active"})
    if found.sessions:
        return found.sessions[0]
    return memtrace.create_session(CreateSessionRequest(agent_id=agent.id, metadata={"task": "conversation"}))


def remember(given):
    memory = memtrace.add_memory(
        {
            "agent_id": agent.id,
            "session_id": session.id,
            "content": given["content"],
            "tags": given.get("tags", []),
            "importance": given.get("importance", 0),
        }
    )
    return f"Stored memory: {memory.id}"


def recall(given):
    found = memtrace.list_memories({"agent_id": agent.id, "session_id": session.id, "since": given.get("since", "24h")})
    return "\n".join(f"- {memory.content}" for memory in found.memories)


def search(given):
    found = memtrace.search_memories(
        {
            "agent_id": agent.id,
            "content_contains": given.get("content_contains"),
            "tags": given.get("tags"),
            "min_importance": given.get("min_importance"),
        }
    )
    return "\n".join(f"- {memory.content}" for memory in found.memories)


def decide(given):
    memtrace.decide(agent.id, given["decision"], given["reasoning"])
    return "Decision logged"


TOOLS = {
    "memtrace_remember": remember,
    "memtrace_recall": recall,
    "memtrace_search": search,
    "memtrace_decide": decide,
}


def handle_tool_calls(response):
    """Run the tools that Claude called; their results as the next message."""
    return [
        {"type": "tool_result", "tool_use_id": block.id, "content": TOOLS[block.name](block.input)}
        for block in response.content
        if block.type == "tool_use"
    ]


agent = register()
session = open_session()
ctx = memtrace.get_session_context(session.id, ContextOptions(since="4h"))
messages = [{"role": "user", "content": input("you> ")}]

while True:
    response = claude.messages.create(
        model=MODEL,
        max_tokens=1024,
        system=f"You are a helpful assistant.\n\n{ctx.context}",
        tools=MEMTRACE_TOOLS,
        messages=messages,
    )
    messages.append({"role": "assistant", "content": response.content})
    if response.stop_reason != "tool_use":
        break
    messages.append({"role": "user", "content": handle_tool_calls(response)})

print(f"\nassistant> {response.content[0].text}")

if "bye" in messages[0]["content"].lower():
    memtrace.close_session(session.id)
