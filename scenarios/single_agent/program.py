"""A helpful assistant with a memory: what it learns in one conversation, it knows in the next.

Run it in a terminal and talk to it; an empty line or the end of the input ends the conversation.
It needs MEMTRACE_URL, MEMTRACE_API_KEY and ANTHROPIC_API_KEY.
"""

import os

import anthropic
from memtrace import (
    AddMemoryRequest,
    ConflictError,
    ContextOptions,
    CreateSessionRequest,
    ListOptions,
    Memtrace,
    RegisterAgentRequest,
    SearchQuery,
)

MODEL = "claude-sonnet-5-5"

INSTRUCTIONS = """\
You are a helpful assistant.
You have a memory that outlives the conversation. Store what will matter later,
look things up before you ask again, and log decisions with their reasons.

What you remember of the previous conversation:

{previous}

What you remember of this conversation:

{current}"""

TOOLS = [
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


def register(name, description):
    """The agent called `name`: a new one, or the one of an earlier run."""
    try:
        return memtrace.register_agent(RegisterAgentRequest(name=name, description=description))
    except ConflictError:
        return memtrace.get_agent(name)


def previous_context(agent):
    """What the agent's latest session left behind (a new session's own context is empty)."""
    sessions = memtrace.list_sessions(agent.id).sessions
    if not sessions:
        return "Nothing: this is the first conversation."
    return memtrace.get_session_context(sessions[0].id, ContextOptions(since="7d")).context


def remember(tool_input):
    try:
        memory = memtrace.add_memory(
            AddMemoryRequest(
                agent_id=agent.id,
                session_id=session.id,
                memory_type="episodic",
                event_type="general",
                content=tool_input["content"],
                tags=tool_input.get("tags", []),
                importance=tool_input.get("importance", 0),
            )
        )
    except ConflictError:
        return "Already stored."
    return f"Stored memory: {memory.content}"


def recall(tool_input):
    found = memtrace.list_memories(
        ListOptions(agent_id=agent.id, session_id=session.id, since=tool_input.get("since", "24h"))
    )
    return as_list(found.memories)


def search(tool_input):
    found = memtrace.search_memories(SearchQuery(agent_id=agent.id, **tool_input))
    return as_list(found.results)


def decide(tool_input):
    memtrace.decide(agent.id, tool_input["decision"], tool_input["reasoning"])
    return "Decision logged"


def as_list(memories):
    return "\n".join(f"- {memory.content}" for memory in memories) or "No memories found."


HANDLERS = {
    "memtrace_remember": remember,
    "memtrace_recall": recall,
    "memtrace_search": search,
    "memtrace_decide": decide,
}


def handle_tool_calls(response):
    """Run the tools that Claude called; their results as the next message."""
    return [
        {"type": "tool_result", "tool_use_id": block.id, "content": HANDLERS[block.name](block.input)}
        for block in response.content
        if block.type == "tool_use"
    ]


def reply(system, messages):
    """Let Claude act until its turn ends; what it finally says."""
    while True:
        response = claude.messages.create(model=MODEL, max_tokens=1024, system=system, tools=TOOLS, messages=messages)
        messages.append({"role": "assistant", "content": response.content})
        if response.stop_reason != "tool_use":
            return "".join(block.text for block in response.content if block.type == "text")
        messages.append({"role": "user", "content": handle_tool_calls(response)})


agent = register("assistant", "Helpful AI assistant with memory")
previous = previous_context(agent)
session = memtrace.create_session(CreateSessionRequest(agent_id=agent.id, metadata={"task": "conversation"}))
current = memtrace.get_session_context(session.id, ContextOptions(since="4h")).context
system = INSTRUCTIONS.format(previous=previous, current=current)

messages = []
while True:
    try:
        question = input("you> ")
    except EOFError:
        break
    if not question:
        break
    messages.append({"role": "user", "content": question})
    print(f"\nassistant> {reply(system, messages)}\n")

memtrace.close_session(session.id)
