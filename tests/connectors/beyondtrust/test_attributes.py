"""External key and custom attributes within the appliance's limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import Rejected
from connectors.platforms.beyondtrust.commands.attributes import MAX_BYTES, MAX_CHARACTERS, fit, sendable, shortened
from connectors.platforms.beyondtrust.wire.dialect import CURRENT, OLD

KEY = "session.custom.external_key"


def test_each_attribute_is_its_own_parameter() -> None:
    fitted = fit({"asset": "PC-7", "external_key": "4711"}, CURRENT)
    assert list(fitted.params.items()) == [(KEY, "4711"), ("session.custom.asset", "PC-7")]
    assert fitted.cut == ()


def test_an_empty_text_clears() -> None:
    assert fit({"asset": "", "external_key": ""}, CURRENT).params == {KEY: "", "session.custom.asset": ""}


def test_nothing_given_nothing_made() -> None:
    assert fit({}, OLD).params == {}


def test_a_field_has_1024_characters() -> None:
    assert fit({"a": "ü" * 1024}, CURRENT).cut == ()
    fitted = fit({"a": "ü" * 1025}, CURRENT)
    assert fitted.cut == ("a",)
    assert fitted.params["session.custom.a"] == "ü" * 1023 + "…"


def test_the_external_key_is_never_cut() -> None:
    assert fit({"external_key": "7" * 1024}, CURRENT).params == {KEY: "7" * 1024}
    with pytest.raises(Rejected, match="external key") as refused:
        fit({"external_key": "7" * 1025}, CURRENT)
    assert "777" not in str(refused.value)


def test_the_key_comes_first_and_what_no_longer_fits_is_named() -> None:
    fields = {f"field{number}": "x" * 1024 for number in range(12)}
    fitted = fit({**fields, "external_key": "4711"}, CURRENT)
    assert fitted.params[KEY] == "4711"
    assert fitted.cut == ("field9", "field10", "field11")
    assert fitted.params["session.custom.field9"].endswith("x…")
    assert "session.custom.field11" not in fitted.params


@pytest.mark.parametrize("name", ["", "a b", "a&b=c", "ä", "a\n", "x" * 256])
def test_a_name_is_a_code_name(name: str) -> None:
    with pytest.raises(Rejected, match="code name"):
        fit({name: "x"}, CURRENT)


def test_what_no_xml_can_bring_back_is_a_space() -> None:
    assert sendable("a\0b\x1bc\ud800d\te\nf") == "a b c d\te\nf"


def test_a_character_is_not_cut_in_half() -> None:
    assert shortened("🎉🎉🎉", 10, 8) == "🎉…"
    assert shortened("🎉🎉", 10, 2) == ""
    assert shortened("abcd", 3, 100) == "ab…"


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,40}", fullmatch=True), st.text(max_size=3000), max_size=20))
def test_the_limits_are_always_kept(attributes: dict[str, str]) -> None:
    attributes.pop("external_key", None)
    fitted = fit(attributes, CURRENT)
    assert all(len(value) <= MAX_CHARACTERS for value in fitted.params.values())
    assert sum(len(name.encode()) + len(value.encode()) for name, value in fitted.params.items()) <= MAX_BYTES
    whole = {
        name for name, value in attributes.items() if fitted.params.get(CURRENT.attribute(name)) == sendable(value)
    }
    assert whole == set(attributes) - set(fitted.cut)
