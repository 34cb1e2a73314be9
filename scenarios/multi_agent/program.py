"""Two agents and one memory: a researcher stores what it finds, a summarizer makes a report of it.

It reads the topic from standard input and prints the report.  Both agents work in the same session,
so that the second sees what the first has stored.
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

RESEARCHER = """\
You are a researcher. Investigate the topic you are given.
Store every finding on its own, with tags (one of them "pro" or "con") and an importance,
and log the method you chose as a decision, before you say that you are done.

What is known in this session:

{context}"""

SUMMARIZER = """\
You are a report writer. A researcher has stored findings in the session that you share.
Read them all: what you are shown below may be shortened. Then write a report with the
headings Summary, Pros, Cons and Recommendation, and store it.

What is known in this session:

{context}"""

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
        "description": "Retrieve recent memories of the session, whoever stored them",
        "input_schema": {
            "type": "object",
            "properties": {
                "since": {"type": "string", "description": "Time window (e.g. '2h', '24h')"},
            },
        },
    },
    {
        "name": "memtrace_search",
        "description": "Search the memories of the session with filters",
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


class Agent:
    """One agent at work in the shared session."""

    def __init__(self, agent_id, session_id, stores):
        self.id, self.session_id, self.stores = agent_id, session_id, stores

    def run(self, instructions, task):
        """Let Claude act on the task until its turn ends; what it finally says."""
        context = memtrace.get_session_context(self.session_id, ContextOptions(since="24h")).context
        system, messages = instructions.format(context=context), [{"role": "user", "content": task}]
        while True:
            response = claude.messages.create(
                model=MODEL, max_tokens=2048, system=system, tools=TOOLS, messages=messages
            )
            messages.append({"role": "assistant", "content": response.content})
            if response.stop_reason != "tool_use":
                return "".join(block.text for block in response.content if block.type == "text")
            messages.append({"role": "user", "content": self.results(response)})

    def results(self, response):
        """Run the tools that Claude called."""
        return [
            {"type": "tool_result", "tool_use_id": block.id, "content": self.call(block.name, block.input)}
            for block in response.content
            if block.type == "tool_use"
        ]

    def call(self, tool, given):
        if tool == "memtrace_remember":
            return self.remember(given)
        if tool == "memtrace_recall":
            options = ListOptions(session_id=self.session_id, since=given.get("since", "24h"))
            return as_list(memtrace.list_memories(options).memories)
        if tool == "memtrace_search":
            return as_list(memtrace.search_memories(SearchQuery(session_id=self.session_id, **given)).results)
        memtrace.decide(self.id, given["decision"], given["reasoning"])
        return "Decision logged"

    def remember(self, given):
        request = AddMemoryRequest(
            agent_id=self.id,
            session_id=self.session_id,
            memory_type="episodic",
            event_type=self.stores,
            content=given["content"],
            tags=given.get("tags", []),
            importance=given.get("importance", 0),
        )
        try:
            return f"Stored memory: {memtrace.add_memory(request).content}"
        except ConflictError:
            return "Already stored."


def as_list(memories):
    return "\n".join(f"- {memory.content} (tags: {', '.join(memory.tags or [])})" for memory in memories) or (
        "No memories found."
    )


topic = input("topic> ")
researcher = register("researcher", "Investigates topics and stores findings")
summarizer = register("summarizer", "Reads research and creates reports")
session = memtrace.create_session(
    CreateSessionRequest(agent_id=researcher.id, metadata={"task": "research_and_summarize", "topic": topic})
)

done = Agent(researcher.id, session.id, "finding").run(RESEARCHER, f"Research this topic: {topic}")
print(f"\nresearcher> {done}")

report = Agent(summarizer.id, session.id, "report").run(SUMMARIZER, f"Create a report on: {topic}")
print(f"\nsummarizer> {report}")

memtrace.close_session(session.id)
