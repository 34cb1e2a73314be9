"""A Telegram bot that repeats what it is told, and remembers that it was."""

import os

from memtrace import Memtrace
from telegram.ext import Application, MessageHandler, filters

store = Memtrace(os.environ["MEMTRACE_URL"], os.environ["MEMTRACE_API_KEY"])


async def echo(update, context):
    """Repeat it."""
    store.remember("echo", update.message.text)
    print(update.effective_user.first_name, "says", update.message.text)
    await update.message.reply_text(f"You said: {update.message.text}")


async def finish(application):
    """Say goodbye."""
    print("bye")


application = Application.builder().token(os.environ["BOT_TOKEN"]).post_shutdown(finish).build()
application.add_handler(MessageHandler(filters.TEXT, echo))
application.run_polling()
