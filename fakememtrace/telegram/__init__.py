"""The fake Telegram Bot API: customers that write by a script, and bots that answer them."""
