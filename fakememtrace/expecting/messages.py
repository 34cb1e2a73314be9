"""``[[sent]]`` and ``sent()``: what a bot sent to a user."""

from __future__ import annotations

from ..errors import listed
from .check import Expectation
from .counting import KEYS, quantity
from .evidence import Evidence, Sent
from .given import Given
from .judging import Candidate, judged
from .nearness import Gap, gaps
from .values import Matcher, Unfit, matcher, shown

__all__ = ["sent"]

_KNOWN = ("run", "bot", "to", "contains", "lacks", "matches", "at_most_chars", "every", *KEYS)


def sent(given: Given) -> Expectation:
    """The expectation that a bot sent such a message, so many, or none; or that all of them are like that."""
    given.only(*_KNOWN)
    rules, most = _rules(given), given.number("at_most_chars")
    every, often, run = given.flag("every"), quantity(given), given.run("run")
    bot, user = given.text("bot"), given.text("to")
    if not (rules or most or bot or user):
        raise given.error("says nothing about the message.", 'Add "contains", "lacks", "matches", "bot" or "to".')
    if not every and not often.absent and (rules or most) and all(name == "lacks" for name, _ in rules):
        raise given.error(
            "says only what a message must not be, so any other message would do.",
            'Add what it "contains", or every = true.',
        )
    if every and "every" in given.values and any(key in given.values for key in KEYS):
        raise given.error("'every' leaves nothing to count.", "Take one of them out.", "every")

    def look(evidence: Evidence) -> str:
        messages = [one for one in evidence.sent if run in (None, one.run) and _is_of(one, bot, user)]
        candidates = [_candidate(one, rules, most) for one in messages]
        if every:
            return _not_all(candidates, _nothing(evidence, bot, user))
        return judged(often, candidates, "sent", _nothing(evidence, bot, user))

    head = "every message" if every else "not sent" if often.absent else f"sent{often.words}"
    who = (f" by {bot}" if bot else "") + (f" to {user}" if user else "") + (f" in run {run}" if run else "")
    said = [rule.words for _, rule in rules] + ([f"at most {most} characters"] if most else [])
    return Expectation(f"{head}{who}" + (f": {listed(said)}" if said else ""), look)


def _rules(given: Given) -> list[tuple[str, Matcher]]:
    said = [(name, text) for name in ("contains", "lacks", "matches") for text in given.texts(name)]
    try:
        return [(name, matcher({name: text})) for name, text in said]
    except Unfit as unfit:
        raise given.error(unfit.problem, unfit.advice, "matches") from None


def _is_of(one: Sent, bot: str | None, user: str | None) -> bool:
    return bot in (None, one.bot) and user in (None, one.user)


def _candidate(one: Sent, rules: list[tuple[str, Matcher]], most: int | None) -> Candidate:
    found = gaps(("text", rule, one.text) for _, rule in rules)
    if most and len(one.text) > most:
        found.append(Gap("characters", f"at most {most}", len(one.text)))
    texts = [rule.text for name, rule in rules if name == "contains"]
    return Candidate(_told(one), found, [(text, one.text) for text in texts])


def _told(one: Sent) -> str:
    text = one.text if len(one.text) <= 200 else f"{one.text[:200]}..."
    return f"message {one.place}, from {one.bot} to {one.user}: {shown(text)}"


def _not_all(candidates: list[Candidate], nothing: str) -> str:
    if not candidates:
        return nothing
    wrong = [one for one in candidates if one.gaps]
    if not wrong:
        return ""
    head = f"{len(wrong)} of {len(candidates)} sent are wrong: {wrong[0].told}"
    return "\n".join([head, *(f"  {gap}" for gap in wrong[0].gaps)])


def _nothing(evidence: Evidence, bot: str | None, user: str | None) -> str:
    if not evidence.sent:
        return "no message was sent"
    pairs = dict.fromkeys(f"{one.bot} to {one.user}" for one in evidence.sent)
    who = (f" by {bot}" if bot else "") + (f" to {user}" if user else "")
    return f"no message was sent{who}; sent: {listed(pairs)}"
