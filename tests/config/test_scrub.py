from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.scrub import forget_secrets, register_secrets, scrub, scrub_text

SECRET = 'p@ss "w/ord"&<+>'


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    forget_secrets()
    register_secrets([SECRET, "short", "", "sec-longer", "sec-longer-still"])
    yield
    forget_secrets()


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        "p%40ss%20%22w%2Ford%22%26%3C%2B%3E",
        "p%40ss+%22w%2Ford%22%26%3C%2B%3E",
        "p@ss &quot;w/ord&quot;&amp;&lt;+&gt;",
        json.dumps(SECRET)[1:-1],
    ],
)
def test_a_registered_secret_is_masked_however_it_is_written(written: str) -> None:
    assert scrub_text(f"before {written} after") == "before *** after"


def test_the_longer_of_two_secrets_goes_whole() -> None:
    assert scrub_text("sec-longer-still") == "***"


def test_short_values_are_no_secrets() -> None:
    assert scrub_text("a short word") == "a short word"


def test_secrets_are_masked_at_any_depth_and_in_keys() -> None:
    value = {"a": [{"b": (SECRET, {SECRET: 1})}], "n": None, "i": 1, "set": {SECRET}, "bytes": SECRET.encode()}
    assert scrub(value) == {"a": [{"b": ["***", {"***": 1}]}], "n": None, "i": 1, "set": ["***"], "bytes": "***"}


def test_what_json_does_not_have_becomes_masked_text() -> None:
    moment = datetime(2024, 1, 2, tzinfo=UTC)
    assert scrub([ValueError(SECRET), float("nan"), moment]) == ["***", "nan", "2024-01-02T00:00:00+00:00"]


def test_a_circle_ends() -> None:
    circle: list[object] = [SECRET]
    circle.append(circle)
    assert SECRET not in json.dumps(scrub(circle))


@pytest.mark.parametrize(
    "key", ["authorization", "Authorization", "X-Api-Key", "api_token", "password", "authcode", "Set-Cookie", "pin"]
)
def test_a_telling_key_hides_its_value(key: str) -> None:
    assert scrub({"headers": {key: "value"}}) == {"headers": {key: "***"}}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("GET /hooks/rescue?key=abc&x=1", "GET /hooks/rescue?key=***&x=1"),
        ("https://www.example.com/?i=2&Code=123456", "https://www.example.com/?i=2&Code=***"),
        ("OK PINCODE:123456", "OK PINCODE:***"),
        ("pin code: 123456", "pin code: ***"),
        ("Authorization: Basic dXNlcjpwdw==", "Authorization: Basic ***"),
        ("bearer abcdef.ghijkl", "bearer ***"),
        ("redis://:pw@host:6379", "redis://***@host:6379"),
        ("authcode=1a2b3c;client_secret=x", "authcode=***;client_secret=***"),
        ("external_key=42 status_code=404", "external_key=42 status_code=404"),
        ("mail ada@example.com", "mail ada@example.com"),
        ("the basic idea", "the basic idea"),
    ],
)
def test_telling_patterns_are_masked_and_others_are_not(text: str, masked: str) -> None:
    assert scrub_text(text) == masked


@given(
    st.recursive(
        st.text() | st.integers() | st.floats() | st.none(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_whatever_comes_out_is_json(value: object) -> None:
    json.dumps(scrub(value), allow_nan=False)


@given(st.text(), st.text())
def test_no_surroundings_save_a_secret(before: str, after: str) -> None:
    assert "sec-longer" not in scrub_text(f"{before}sec-longer{after}")
