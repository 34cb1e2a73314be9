from __future__ import annotations

import pytest

from fakememtrace.errors import ClockError, UnknownName, UsageError
from fakememtrace.memory.dialect import ATTRIBUTES, PRESETS, Dialect


def test_the_released_server_is_the_default() -> None:
    """A fake that is kinder than the real server must be asked for."""
    assert Dialect() == Dialect("0.2.0")


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_has_its_name(preset: str) -> None:
    """A dialect tells which preset it is."""
    assert (Dialect(preset).name, repr(Dialect(preset))) == (preset, f"<Dialect {preset}>")


def test_a_dialect_is_accepted_where_a_preset_is() -> None:
    """Dialect(dialect) equals it, so that either can be handed around."""
    changed = Dialect("documented").replace(context_scope="session")
    assert Dialect(changed) == changed
    assert Dialect(changed).name == "documented, context_scope=session"


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_every_attribute_has_a_meaning_and_the_values_of_both_presets(name: str) -> None:
    """The table is what the dialects are made of."""
    attribute = ATTRIBUTES[name]
    assert attribute.meaning
    assert getattr(Dialect("0.2.0"), name) == attribute.released
    assert getattr(Dialect("documented"), name) == attribute.documented


def test_only_deployment_attributes_are_the_same_in_both_presets() -> None:
    """An attribute in which nothing differs is one of a deployment, off unless asked for."""
    same = [name for name, attribute in ATTRIBUTES.items() if attribute.released == attribute.documented]
    assert same == ["visibility_delay", "sql_guard"]


def test_replace_gives_a_changed_copy() -> None:
    """The original stays as it was, and the copy's name tells the change."""
    released = Dialect("0.2.0")
    changed = released.replace(context_scope="agent", bad_filter=400)
    assert (released.context_scope, changed.context_scope) == ("session", "agent")
    assert changed.name == "0.2.0, context_scope=agent, bad_filter=400"


def test_dialects_are_equal_by_value() -> None:
    """Two dialects that behave alike are equal, however they came about."""
    there_and_back = Dialect("0.2.0").replace(offset="honoured").replace(offset="ignored")
    assert there_and_back == Dialect("0.2.0")
    assert hash(there_and_back) == hash(Dialect("0.2.0"))
    assert there_and_back.name == "0.2.0"
    assert Dialect("0.2.0") != Dialect("documented")
    assert Dialect("0.2.0") != "0.2.0"


def test_a_dialect_cannot_be_changed() -> None:
    """A shared dialect stays what it is."""
    dialect = Dialect()
    with pytest.raises(AttributeError) as caught:
        dialect.offset = "honoured"
    assert str(caught.value) == (
        "a Dialect cannot be changed. Use dialect.replace(offset='honoured'), which gives a copy."
    )
    with pytest.raises(AttributeError) as caught:
        del dialect.offset
    assert str(caught.value) == "a Dialect cannot be changed, and 'offset' cannot be taken from it."


def test_an_unknown_preset_names_the_nearest() -> None:
    """A misspelt preset says what was probably meant."""
    with pytest.raises(UnknownName) as caught:
        Dialect("document")
    assert str(caught.value) == "unknown dialect 'document'. Did you mean 'documented'? Known: 0.2.0 and documented."


def test_an_unknown_attribute_names_the_nearest() -> None:
    """A misspelt attribute says what was probably meant."""
    with pytest.raises(UnknownName) as caught:
        Dialect().replace(context_scop="agent")
    assert str(caught.value) == (
        "unknown dialect attribute 'context_scop'. Did you mean 'context_scope'? "
        f"Known: {', '.join(sorted(ATTRIBUTES)[:-1])} and {sorted(ATTRIBUTES)[-1]}."
    )


def test_an_unknown_value_names_the_nearest() -> None:
    """A misspelt value says what was probably meant."""
    with pytest.raises(UnknownName) as caught:
        Dialect().replace(context_scope="agents")
    assert str(caught.value) == (
        "unknown value of context_scope 'agents'. Did you mean 'agent'? Known: agent and session."
    )


@pytest.mark.parametrize("value", ["500", True, 404, None])
def test_a_value_has_its_type(value: object) -> None:
    """A number written as text, or a bool, is not taken for a number."""
    with pytest.raises(UsageError):
        Dialect().replace(bad_filter=value)


def test_a_number_as_text_is_told_apart() -> None:
    """What looks like a known value, and is none because it is a text, is not said to be near itself."""
    with pytest.raises(UsageError) as caught:
        Dialect().replace(bad_filter="400")
    assert str(caught.value) == "bad_filter is '400'. Expected a number, 400, and not a text."


@pytest.mark.parametrize(("span", "micros"), [("100ms", 100_000), ("5s", 5_000_000), (7, 7)])
def test_the_visibility_delay_is_a_span(span: str | int, micros: int) -> None:
    """It can be given as text with a unit, or in microseconds."""
    assert Dialect().replace(visibility_delay=span).visibility_delay == micros


@pytest.mark.parametrize("span", ["soon", None, -1, True])
def test_a_visibility_delay_that_is_no_span_is_refused(span: object) -> None:
    """A delay that cannot be read is an error at once, not a delay of nothing."""
    with pytest.raises(ClockError):
        Dialect().replace(visibility_delay=span)
