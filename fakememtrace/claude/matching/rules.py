"""Matching: which parts of two requests are compared, and how."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...errors import UnknownName, UsageError
from ..media import digested, is_media
from .difference import VALUE, Difference, Request
from .normal import Outline, normalised, outline
from .own import Matcher, asked
from .parts import PARTS, as_value, differing

__all__ = ["MATCHERS", "NAMES", "PARAMETERS", "Matching"]

MATCHERS = (*PARTS, "betas")
# The fields of a request that are the matcher "parameters", and the parameters of a URL.
PARAMETERS = (
    *("after_id", "before_id", "billing_policy", "compaction", "container", "context_management", "diagnostics"),
    *("fallback_credit_token", "fallbacks", "id", "inference_geo", "lifecycle", "limit", "max_tokens", "mcp_servers"),
    *("metadata", "output_config", "output_format", "service_tier", "speed", "stop_sequences", "stream"),
    *("temperature", "thinking", "thread", "tool_choice", "top_k", "top_p", "user_profile_id", "workspace_id"),
)
_CACHE, _DESCRIPTIONS = "cache_control", "tool descriptions"
_COMPARED = (*MATCHERS, *PARAMETERS)
# All that can be ignored.
NAMES = (*_COMPARED, _CACHE, _DESCRIPTIONS)
_REPLACED = (*PARTS, *PARAMETERS)


@dataclass(frozen=True, repr=False)
class Matching:
    r"""What makes two requests to Claude the same: everything, unless told otherwise.

    Each method gives a new Matching, so that they can be chained::

        Matching().ignore("model", "tool descriptions").normalise(r"\d{4}-\d\d-\d\d")

    The endpoint always matters, ``stream`` never does, and a recording whose betas nobody knows
    matches with any.  Media are compared by what they decode to.
    """

    _ignored: frozenset[str] = frozenset()
    _only: frozenset[str] | None = None
    _patterns: tuple[tuple[re.Pattern[str], str], ...] = ()
    _own: tuple[tuple[str, Matcher], ...] = ()
    _said: tuple[str, ...] = field(default=(), compare=False)
    _is_plain: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        # Asked for each request, so found once.
        changed = self._ignored or self._patterns or self._own or self._only is not None
        object.__setattr__(self, "_is_plain", not changed)

    def __repr__(self) -> str:
        return ".".join(("Matching()", *self._said))

    def ignore(self, *names: str) -> Matching:
        """Do not look at these.

        `names` are matchers (``model``, ``system``, ``tools``, ``parameters``, ``messages``, ``betas``), fields
        of a request (``max_tokens``, ``metadata``, ...), ``tool descriptions`` (also those of their
        properties), and ``cache_control``, wherever it stands.

        Raises:
            UnknownName: there is no such thing to ignore.
        """
        _check("part of a request", names, NAMES)
        return self._with(f"ignore({_written(names)})", _ignored=self._ignored | set(names))

    def only(self, *names: str) -> Matching:
        """Look at these and nothing else: matchers, or fields of a request; of several ``only`` all must agree.

        Raises:
            UnknownName: there is no such thing to look at.
            UsageError: nothing would be left to look at.
        """
        _check("part of a request", names, _COMPARED)
        left = set(names) if self._only is None else self._only & set(names)
        if not left:
            raise UsageError(
                f"{self!r}.only({_written(names)}) leaves nothing to compare, so that every request would match. "
                'Expected at least one name, such as only("messages").'
            )
        return self._with(f"only({_written(names)})", _only=frozenset(left))

    def normalise(self, pattern: str | re.Pattern[str], replacement: str = "…") -> Matching:
        """Replace what `pattern` matches in every text of both requests before they are compared.

        `pattern` is a regular expression, `replacement` as :func:`re.sub` takes it.

        Raises:
            UsageError: the pattern is none, or matches where nothing is, or the replacement is none for it.
        """
        compiled = _compiled(pattern, replacement)
        said = f"normalise({compiled.pattern!r}{'' if replacement == '…' else f', {replacement!r}'})"
        return self._with(said, _patterns=(*self._patterns, (compiled, replacement)))

    def replace(self, **matchers: Matcher) -> Matching:
        r"""Compare these parts by functions of your own, each ``(recorded, sent) -> Difference | None``.

            def same_first_line(recorded, sent):
                before, now = (body["system"][0]["text"].split("\n") for body in (recorded, sent))
                return None if before[0] == now[0] else Difference("system", before[:1], now[:1])

            Matching().replace(system=same_first_line)

        A function gets both requests whole, in normal form: contents are lists of blocks, what is
        null is left out.  Where it raises or returns anything else, the request is refused and says so.

        Raises:
            UnknownName: there is no such matcher and no such field.
            UsageError: what is given is no function.
        """
        _check("matcher", matchers, _REPLACED)
        for name, matcher in matchers.items():
            if not callable(matcher):
                raise UsageError(
                    f"the matcher given for {name!r} is {matcher!r}. Expected a function of two requests, which "
                    "returns a Difference or None."
                )
        own = {**dict(self._own), **matchers}
        said = ", ".join(f"{name}={getattr(matcher, '__name__', matcher)}" for name, matcher in matchers.items())
        return self._with(f"replace({said})", _own=tuple(own.items()))

    def looks_at(self, key: str) -> bool:
        """Whether the field `key` of a request is compared."""
        names = {key, _matcher_of(key)}
        return not names & self._ignored and (self._only is None or bool(names & self._only))

    def key(self, count: int, last: Any) -> Outline:
        """What requests that are the same have in common: so many messages, the last of them; cheap."""
        if self._is_plain:
            return outline(count, last)
        if not self.looks_at("messages") or "messages" in dict(self._own):
            return 0, ""
        return outline(count, self._changed(last))

    def form(self, request: Request) -> dict[str, Any]:
        """`request` as it is compared: in normal form, without what is ignored."""
        plain = normalised(request)
        if self._is_plain:
            return plain
        form = {key: value for key, value in plain.items() if self.looks_at(key)}
        if _DESCRIPTIONS in self._ignored and "tools" in form:
            form["tools"] = _undescribed(form["tools"])
        changed: dict[str, Any] = self._changed({"messages": [], **form})
        return changed

    def same(self, recorded: Request, sent: Request) -> bool:
        """Whether there is no difference between two forms."""
        if any(self._asked(name, recorded, sent) for name, _ in self._own):
            return False
        return self._others(recorded) == self._others(sent)

    def same_betas(self, recorded: Sequence[str] | None, sent: Sequence[str]) -> bool:
        """Whether the betas are the same; nobody knows those that are None."""
        return recorded is None or tuple(recorded) == tuple(sent) or not self.looks_at("betas")

    def always_same(self, recorded: Request, sent: Request) -> bool:
        """Whether two requests as they are need no further look to be the same."""
        return not self._own and recorded == sent

    def differences(
        self, recorded: Request, sent: Request, betas: tuple[Sequence[str] | None, Sequence[str]]
    ) -> list[Difference]:
        """Every place in which two forms differ, and their `betas`, the recorded ones first."""
        found = list(differing(digested(self._others(recorded)), digested(self._others(sent))))
        found += filter(None, (self._asked(name, recorded, sent) for name, _ in self._own))
        before, now = betas
        if before is not None and not self.same_betas(before, now):
            found.append(Difference("betas", as_value(list(before)), as_value(list(now)), kind=VALUE))
        return sorted(found, key=lambda difference: _position(difference.part))

    def _with(self, said: str, **changes: Any) -> Matching:
        return replace(self, _said=(*self._said, said), **changes)

    def _others(self, form: Request) -> Request:
        """`form` without what is compared by functions of the user's."""
        if not self._own:
            return form
        own = {name for name, _ in self._own}
        left = {key: value for key, value in form.items() if not {key, _matcher_of(key)} & own}
        return {"messages": [], **left}

    def _asked(self, name: str, recorded: Request, sent: Request) -> Difference | None:
        return asked(name, dict(self._own)[name], recorded, sent)

    def _changed(self, value: Any) -> Any:
        """`value` with what the patterns match replaced, and without ``cache_control`` if that is ignored."""
        if not self._patterns and _CACHE not in self._ignored:
            return value
        if isinstance(value, str):
            for pattern, replacement in self._patterns:
                value = pattern.sub(replacement, value)
            return value
        if isinstance(value, list):
            return [self._changed(item) for item in value]
        if not isinstance(value, dict) or is_media(value):
            return value
        ignored = {_CACHE} & self._ignored
        return {key: self._changed(item) for key, item in value.items() if key not in ignored}


def _check(kind: str, names: Iterable[str], known: tuple[str, ...]) -> None:
    for name in names:
        if name not in known:
            raise UnknownName(kind, name, known)


def _written(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names))


def _matcher_of(key: str) -> str:
    return key if key in MATCHERS else "parameters"


def _position(part: str) -> int:
    return MATCHERS.index(_matcher_of(part))


def _compiled(pattern: str | re.Pattern[str], replacement: str) -> re.Pattern[str]:
    try:
        compiled = re.compile(pattern)
        # Finds out whether the replacement names groups that there are.
        compiled.sub(replacement, "")
    except (re.error, TypeError, IndexError) as error:
        raise UsageError(
            f"normalise({pattern!r}, {replacement!r}) cannot be used: {error}. "
            "Expected a regular expression for texts and a replacement as re.sub takes it."
        ) from None
    if compiled.fullmatch(""):
        raise UsageError(
            f"normalise({compiled.pattern!r}) matches where nothing is, which is everywhere. "
            'Expected a pattern of at least one character, such as r"\\d+" instead of r"\\d*".'
        )
    return compiled


def _undescribed(value: Any) -> Any:
    """The definitions of tools without their descriptions; a property that is called so is none."""
    if isinstance(value, list):
        return [_undescribed(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _undescribed(item) for key, item in value.items() if key != "description" or not isinstance(item, str)}
