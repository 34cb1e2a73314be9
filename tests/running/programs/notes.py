"""Takes notes: what you tell it today, it knows tomorrow.

    MEMTRACE_URL=... MEMTRACE_API_KEY=... ANTHROPIC_API_KEY=... python notes.py NAME

Reads one line after the other, and says what Claude makes of it.
"""

import os
import sys

import anthropic
from memtrace import ConflictError, Memtrace, RegisterAgentRequest

SAVE = {
    "name": "save_note",
    "description": "Keep a note about the user.",
    "input_schema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
}


class Notebook:
    """What is known of one user."""

    def __init__(self, owner):
        self.store = Memtrace(os.environ["MEMTRACE_URL"], os.environ["MEMTRACE_API_KEY"])
        try:
            self.agent = self.store.register_agent(RegisterAgentRequest(name=f"notes-of-{owner}"))
        except ConflictError:
            self.agent = self.store.get_agent(f"notes-of-{owner}")

    def save(self, text):
        """Keep a note."""
        self.store.remember(self.agent.id, text)

    def all(self):
        """Every note of the last day."""
        return [memory.content for memory in self.store.recall(self.agent.id).memories]


def ask(claude, notebook, line):
    system = "You keep notes.\nKnown so far:\n" + "\n".join(f"- {note}" for note in notebook.all())
    messages = [{"role": "user", "content": line}]
    while True:
        message = claude.messages.create(
            model="claude-sonnet-5", max_tokens=300, system=system, tools=[SAVE], messages=messages
        )
        calls = [block for block in message.content if block.type == "tool_use"]
        if not calls:
            return "".join(block.text for block in message.content)
        messages.append({"role": "assistant", "content": message.content})
        results = []
        for call in calls:
            notebook.save(call.input["text"])
            results.append({"type": "tool_result", "tool_use_id": call.id, "content": "saved"})
        messages.append({"role": "user", "content": results})


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: notes.py NAME")
    claude = anthropic.Anthropic()
    notebook = Notebook(sys.argv[1])
    for line in sys.stdin:
        print(">", line.strip())
        print(ask(claude, notebook, line.strip()))
    print(f"{len(notebook.all())} notes kept", file=sys.stderr)


if __name__ == "__main__":
    main()
