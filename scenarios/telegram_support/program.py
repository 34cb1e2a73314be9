"""TeleCo's customer support on Telegram: three departments, three bots, one memory.

Juan looks after the Internet, Martin after TV, Cecilia after bills.  Whoever a customer writes to
sees what all departments know, since they share the customer's session; who stored it stays visible.
It needs MEMTRACE_URL, MEMTRACE_API_KEY, ANTHROPIC_API_KEY and a token for each bot:
BOT_TOKEN_INTERNET, BOT_TOKEN_TV and BOT_TOKEN_BILLING.  Ctrl-C ends it.
"""

import asyncio
import base64
import logging
import os
import signal
from dataclasses import dataclass, field

import anthropic
from memtrace import (
    AddMemoryRequest,
    AsyncMemtrace,
    ConflictError,
    CreateSessionRequest,
    ListOptions,
    RegisterAgentRequest,
    SearchQuery,
)
from telegram import Update
from telegram.constants import ChatAction, MessageLimit
from telegram.ext import Application, MessageHandler, filters

MODEL = "claude-sonnet-5-5"

INSTRUCTIONS = """\
You are {name}, {title} of TeleCo, and you write with a customer on Telegram.
The customer is {customer}, account {account}, with {plan}. Their name has been checked.
Be brief and friendly. Look up what other departments know before you ask for it again. Store
what will matter later. Log a decision, such as a credit, with its reason; you may grant
a credit of up to 30 EUR yourself, and always name its amount to the customer.

What all departments know:

{context}"""

TOOLS = [
    {
        "name": "memtrace_remember",
        "description": "Store a memory for later recall, by any department",
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
        "description": "Retrieve the customer's recent memories of all departments",
        "input_schema": {
            "type": "object",
            "properties": {
                "since": {"type": "string", "description": "Time window (e.g. '2h', '24h')"},
            },
        },
    },
    {
        "name": "memtrace_search",
        "description": "Search the customer's memories of all departments with filters",
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


@dataclass(frozen=True)
class Customer:
    name: str
    account: str
    plan: str


@dataclass(frozen=True)
class Department:
    name: str
    title: str
    variable: str


CUSTOMERS = {
    customer.name.lower(): customer
    for customer in (
        Customer("Nacho", "TC-1001", "Fibre 300 and the HBO package"),
        Customer("Maria", "TC-1002", "Fibre 600"),
        Customer("Alex", "TC-1003", "Fibre 100 and the sports package"),
    )
}

DEPARTMENTS = (
    Department("Juan", "Internet Support", "BOT_TOKEN_INTERNET"),
    Department("Martin", "TV Support", "BOT_TOKEN_TV"),
    Department("Cecilia", "Billing", "BOT_TOKEN_BILLING"),
)

memtrace = AsyncMemtrace(os.environ["MEMTRACE_URL"], os.environ["MEMTRACE_API_KEY"])
claude = anthropic.AsyncAnthropic()
# Who stands behind an agent's id.
NAMES = {}


@dataclass
class Chat:
    """What a bot knows of one chat while the program runs."""

    customer: Customer | None = None
    session_id: str = ""
    messages: list = field(default_factory=list)


class Bot:
    """One department's bot."""

    def __init__(self, department, agent_id):
        self.department, self.agent_id, self.chats = department, agent_id, {}
        NAMES[agent_id] = department.name
        self.application = Application.builder().token(os.environ[department.variable]).build()
        self.application.add_handler(MessageHandler(filters.TEXT | filters.PHOTO, self.on_message))

    async def on_message(self, update: Update, _):
        chat = self.chats.setdefault(update.effective_chat.id, Chat())
        if chat.customer is None:
            await update.message.reply_text(await self.identify(chat, update.message.text or ""))
            return
        await update.message.chat.send_action(ChatAction.TYPING)
        said = update.message.text or update.message.caption or "(a photo)"
        content = await with_photo(update.message, said) if update.message.photo else said
        answer = await self.reply(chat, content)
        await self.store(chat, f"Customer: {said}", ["conversation"])
        await self.store(chat, f"Response: {answer}", ["conversation"])
        for part in parts(answer):
            await update.message.reply_text(part)

    async def identify(self, chat, text):
        """Find the customer by first name, and their session."""
        customer = CUSTOMERS.get(text.strip().rstrip(".!").lower())
        if customer is None and not chat.messages:
            chat.messages.append(text)
            return f"Hello, I'm {self.department.name} from {self.department.title}. What is your first name, please?"
        if customer is None:
            return "I don't find that name. Could you give me the first name that is on your contract, please?"
        chat.messages.clear()
        chat.customer, chat.session_id = customer, await self.session_of(customer)
        return f"Thank you, {customer.name}, I have found your account {customer.account}. How can I help you?"

    async def session_of(self, customer):
        """The customer's active session, whichever department opened it, or a new one."""
        for session in (await memtrace.list_sessions()).sessions:
            if session.status == "active" and (session.metadata or {}).get("account_id") == customer.account:
                return session.id
        request = CreateSessionRequest(
            agent_id=self.agent_id, metadata={"account_id": customer.account, "channel": "telegram"}
        )
        return (await memtrace.create_session(request)).id

    async def reply(self, chat, content):
        """Let Claude act until its turn ends; what it finally says."""
        system = INSTRUCTIONS.format(
            name=self.department.name,
            title=self.department.title,
            customer=chat.customer.name,
            account=chat.customer.account,
            plan=chat.customer.plan,
            context=(await memtrace.get_session_context(chat.session_id)).context,
        )
        chat.messages.append({"role": "user", "content": content})
        while True:
            response = await claude.messages.create(
                model=MODEL, max_tokens=4096, system=system, tools=TOOLS, messages=chat.messages
            )
            chat.messages.append({"role": "assistant", "content": response.content})
            if response.stop_reason != "tool_use":
                return "".join(block.text for block in response.content if block.type == "text")
            results = [
                {"type": "tool_result", "tool_use_id": block.id, "content": await self.call(chat, block)}
                for block in response.content
                if block.type == "tool_use"
            ]
            chat.messages.append({"role": "user", "content": results})

    async def call(self, chat, block):
        given = block.input
        if block.name == "memtrace_remember":
            return await self.store(chat, given["content"], given.get("tags", []), given.get("importance", 0))
        if block.name == "memtrace_recall":
            options = ListOptions(session_id=chat.session_id, since=given.get("since", "24h"))
            return as_list((await memtrace.list_memories(options)).memories)
        if block.name == "memtrace_search":
            return as_list((await memtrace.search_memories(SearchQuery(session_id=chat.session_id, **given))).results)
        await self.store(
            chat,
            given["decision"],
            ["decision"],
            0.9,
            memory_type="decision",
            metadata={"reasoning": given["reasoning"]},
        )
        return "Decision logged"

    async def store(self, chat, content, tags=(), importance=0, **more):
        """Store a memory as this department's, in the session that all departments share."""
        request = AddMemoryRequest(
            agent_id=self.agent_id,
            session_id=chat.session_id,
            content=content,
            tags=list(tags),
            importance=importance,
            **{"memory_type": "episodic", "event_type": "support", **more},
        )
        try:
            return f"Stored memory: {(await memtrace.add_memory(request)).content}"
        except ConflictError:
            return "Already stored."


async def with_photo(message, caption):
    """The photo of the message and its caption, as Claude takes them."""
    file = await message.photo[-1].get_file()
    data = base64.standard_b64encode(await file.download_as_bytearray()).decode()
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}
    return [image, {"type": "text", "text": caption}]


def as_list(memories):
    """The memories, each with who stored it."""
    lines = [f"- {NAMES.get(memory.agent_id, memory.agent_id)}: {memory.content}" for memory in memories]
    return "\n".join(lines) or "No memories found."


def parts(text):
    """The text in pieces that Telegram takes, cut at the end of a line where there is one."""
    while len(text) > MessageLimit.MAX_TEXT_LENGTH:
        cut = text.rfind("\n", 0, MessageLimit.MAX_TEXT_LENGTH) + 1 or MessageLimit.MAX_TEXT_LENGTH
        yield text[:cut].rstrip()
        text = text[cut:]
    yield text


async def register(department):
    """The agent of a department: a new one, or the one of an earlier run."""
    name = department.name.lower()
    try:
        request = RegisterAgentRequest(name=name, description=f"{department.title} of TeleCo")
        return await memtrace.register_agent(request)
    except ConflictError:
        return await memtrace.get_agent(name)


async def main():
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    bots = [Bot(department, (await register(department)).id) for department in DEPARTMENTS]
    for bot in bots:
        await bot.application.initialize()
        await bot.application.start()
        await bot.application.updater.start_polling()
    print("Juan, Martin and Cecilia are at work.")
    await stop.wait()
    for bot in bots:
        await bot.application.updater.stop()
        await bot.application.stop()
        await bot.application.shutdown()
    print("Good night.")


logging.basicConfig(level=logging.WARNING)
asyncio.run(main())
