"""Secrets that people type are replaced; ordinary words and numbers stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.redact import redact

CARD = "4111 1111 1111 1111"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"my card is {CARD}, thanks", "my card is [card number removed], thanks"),
        ("5500-0000-0000-0004", "[card number removed]"),
        ("the password is Tr0ub4dor&3", "the password is [password removed]"),
        ("Password: hunter2!", "Password: [password removed]"),
        ("pwd=s3cret", "pwd=[password removed]"),
        ("Das Passwort ist Geheim99", "Das Passwort ist [password removed]"),
        ("Authorization: Bearer abcdefghijklmnop1234", "Authorization: Bearer [token removed]"),
    ],
)
def test_a_secret_is_replaced_and_counted(text: str, shown: str) -> None:
    found = redact(text)
    assert found.text == shown
    assert found.counts.total() == 1


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",
        "order 1234567890123 arrived",
        "your password has expired",
        "please reset the password for the user",
        "the bearer of this letter",
        "call 0049 30 1234567",
        "0000 0000 0000 0000",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text).text == text


WORDS = ("password", "PASSWORT", "pwd", "bearer", "removed]", "[", "]", ":", "=", " ", "is", "0", "00", "tr0ub4dor")


@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS), max_size=12).map("".join)))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(text).text
    assert redact(once).text == once


def test_a_long_line_takes_no_time_to_speak_of() -> None:
    assert redact("password " * 25_000 + "1" * 200_000).text
