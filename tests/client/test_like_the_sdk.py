"""Whatever the released SDK can do, the documented client does in the same way."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import memtrace
import pytest

from fakememtrace import World, client
from tests.sdk import derived
from tests.sdk.calls import CALLS, TROUBLES, Use

FORMS = {"Memtrace": memtrace.Memtrace, "AsyncMemtrace": memtrace.AsyncMemtrace}
REQUESTS = ("AddMemoryRequest", "ContextOptions", "CreateSessionRequest", "ListOptions", "RegisterAgentRequest")
REQUESTS += ("SearchQuery",)
METHODS = derived.public_methods(memtrace.Memtrace)

each_form = pytest.mark.parametrize("form", FORMS)
each_method = pytest.mark.parametrize("method", METHODS)


def translated(value: Any) -> Any:
    """The SDK's models as ours; everything else as it is."""
    if isinstance(value, list):
        return [translated(item) for item in value]
    kind = getattr(client, type(value).__name__, None)
    return kind(**value.model_dump(exclude_none=True)) if kind else value


def use(world: World, form: str, run: Any) -> Any:
    """What `run` makes of a client in `world`, every method of which answers at once."""
    if form == "Memtrace":
        with client.Memtrace(world.url, world.api_key) as made:
            return run(Use(client, made, lambda answer: answer))
    loop = asyncio.new_event_loop()
    try:
        made = loop.run_until_complete(client.AsyncMemtrace(world.url, world.api_key).__aenter__())
        result = run(Use(client, made, loop.run_until_complete))
        loop.run_until_complete(made.__aexit__(None, None, None))
        return result
    finally:
        loop.close()


def test_the_public_list_has_the_sdks_and_more() -> None:
    """Programs need to change the name of the module only."""
    assert set(client.__all__) - set(memtrace.__all__) == {"InvalidRequest", "SessionQuery"}
    assert set(memtrace.__all__) - set(client.__all__) == {"__version__"}


@each_form
def test_the_methods_are_the_sdks_and_one_more(form: str) -> None:
    """No method of the SDK is missing, in either form."""
    ours, theirs = getattr(client, form), FORMS[form]
    assert set(derived.public_methods(ours)) - set(derived.public_methods(theirs)) == {"search_sessions"}
    assert set(derived.public_methods(theirs)) <= set(derived.public_methods(ours))


@each_form
@each_method
def test_a_method_takes_what_the_sdks_takes(form: str, method: str) -> None:
    """The SDK's parameters come first, under the same names; what is more must be named."""
    theirs = list(inspect.signature(getattr(FORMS[form], method)).parameters.values())
    ours = list(inspect.signature(getattr(getattr(client, form), method)).parameters.values())
    assert [parameter.name for parameter in ours[: len(theirs)]] == [parameter.name for parameter in theirs]
    more = {parameter.kind for parameter in ours[len(theirs) :]}
    assert more <= {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}


@each_form
@each_method
@pytest.mark.parametrize("everything", [False, True])
def test_a_method_sends_what_the_sdks_sends(form: str, method: str, everything: bool) -> None:
    """Method, path, query, key and content type to the letter, and the same JSON."""
    values = derived.arguments(getattr(FORMS[form], method), everything)
    theirs = derived.sent(FORMS[form], method, values)
    ours = derived.sent(getattr(client, form), method, [translated(value) for value in values])
    assert ours._replace(body=b"") == theirs._replace(body=b"")
    assert ours.json() == theirs.json()


@each_form
@each_method
def test_a_method_answers_what_the_sdks_answers(world: World, form: str, method: str) -> None:
    """The table that holds for the SDK holds for it, and nothing in it is of the documentation only."""
    use(world, form, CALLS[method])
    assert world.journal.notes == []


@pytest.mark.parametrize("name", REQUESTS)
def test_the_request_models_know_what_they_have_more(name: str) -> None:
    """Fields that the SDK's model lacks, and fields that it demands, are what the journal is told of."""
    ours, theirs = getattr(client, name), derived.models(memtrace)[name].model_fields
    fields = inspect.signature(ours).parameters
    assert set(fields) - set(theirs) == set(ours.added)
    assert set(theirs) <= set(fields)
    demanded = {field for field, info in theirs.items() if info.is_required()}
    required = {field for field, parameter in fields.items() if parameter.default is parameter.empty}
    assert demanded - required == set(ours.optional)
    assert required <= demanded


def test_the_results_have_what_the_sdks_have() -> None:
    """Every attribute of every result, by the same name."""
    for name, theirs in derived.models(memtrace).items():
        assert set(theirs.model_fields) <= set(inspect.signature(getattr(client, name)).parameters), name


def test_the_sdks_own_models_are_taken(world: World, client: client.Memtrace) -> None:
    """A program that imports its models from the SDK may import only the client from here."""
    stored = client.add_memory(
        memtrace.AddMemoryRequest(agent_id="a", memory_type="entity", event_type="fact", content="has a cat")
    )
    assert (stored.memory_type, stored.event_type) == ("entity", "fact")
    assert client.list_memories(memtrace.ListOptions(agent_id="a")).count == 1
    assert world.journal.notes == []


@each_form
def test_the_exceptions_are_the_sdks(world: World, form: str) -> None:
    """Each has the SDK's name and status, and the server's text in either dialect."""

    def run(made: Use) -> dict[str, Any]:
        found = {}
        for name, call in TROUBLES.items():
            with pytest.raises(client.MemtraceError) as caught:
                call(made)
            found[name] = (type(caught.value).__name__, caught.value.status_code, caught.value.message)
            assert str(caught.value) == caught.value.message
        return found

    tag = "invalid tag 'a b': invalid tag format: must be alphanumeric with underscores/hyphens/dots, max 64 chars"
    assert use(world, form, run) == {
        "no such agent": ("NotFoundError", 404, "agent not found"),
        "same name": ("ConflictError", 409, "agent 'twin' already exists in this organization"),
        "bad tag": ("MemtraceError", 400, tag),
        "slash in a name": ("NotFoundError", 404, "agent not found"),
    }


def test_a_wrong_key_and_a_missing_arc_have_their_exceptions(world: World) -> None:
    """The two that depend on the key; unlike the SDK it knows a missing Arc in the documented dialect, too."""
    with pytest.raises(client.AuthenticationError, match=r"^invalid API key$") as wrong:
        client.Memtrace(world.url, "mtk_wrong").list_agents()
    assert wrong.value.status_code == 401
    bare = world.org("bare", arc=False)
    with pytest.raises(client.NoArcInstanceError, match=r"^no arc instance configured for this org$") as missing:
        client.Memtrace(world.url, bare.api_key).recall("a")
    assert missing.value.status_code == 503


@pytest.mark.parametrize("name", ["AuthenticationError", "ConflictError", "NoArcInstanceError", "NotFoundError"])
def test_an_exception_without_a_text_has_the_sdks(name: str) -> None:
    """Programs raise them, too, in tests of their own."""
    ours, theirs = getattr(client, name)(), getattr(memtrace, name)()
    assert (str(ours), ours.message, ours.status_code) == (str(theirs), theirs.message, theirs.status_code)
    assert isinstance(ours, client.MemtraceError)


def test_users_reach_through_the_client(world: World, client: client.Memtrace) -> None:
    """Its inner httpx client has the URL and the key, as the SDK's has."""
    assert client._client.get("/api/v1/sessions", params={"agent_id": "x"}).json() == {"sessions": [], "count": 0}


@each_form
def test_a_method_looks_like_one(form: str) -> None:
    """Help and tracebacks show names, words and parameters, not how the methods came about."""
    method = getattr(client, form).search_sessions
    assert (method.__name__, method.__qualname__) == ("search_sessions", f"{form}.search_sessions")
    assert method.__module__.startswith("fakememtrace.client.")
    assert str(inspect.signature(method)) == (
        "(self, query: 'SessionQuery | dict[str, Any] | None' = None, **fields: 'Any') -> 'SessionList'"
    )
    for name in derived.public_methods(getattr(client, form)):
        assert inspect.getdoc(getattr(getattr(client, form), name)), name
