"""A reference names a ticket only if we signed it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.match import MAX_LENGTH, Reference, read, write

KEY = "k" * 32
OTHER = "o" * 32


@given(
    connection=st.from_regex(r"\A[a-z0-9-]{1,20}\Z"),
    ticket=st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=12),
    number=st.integers(1, 99),
)
def test_what_is_written_is_read(connection: str, ticket: str, number: int) -> None:
    text = write(Reference(connection, ticket, number), KEY)
    assert len(text) <= MAX_LENGTH
    assert read(text, [KEY], ["other", connection]) == Reference(connection, ticket, number)


def test_the_longest_ids_in_the_field_fit_whatever_the_connection_is_called() -> None:
    assert write(Reference("a-connection-20-long", "c0ffee00-0000-4000-8000-000000000000", 99), KEY)


def test_a_connection_that_is_gone_is_not_named() -> None:
    assert read(write(Reference("zendesk", "7", 1), KEY), [KEY], ["other"]) is None


def test_too_long_a_ticket_is_refused() -> None:
    with pytest.raises(ValueError, match="64 are possible"):
        write(Reference("zendesk", "9" * 40, 1), KEY)


def test_another_key_does_not_verify_and_rotation_does() -> None:
    text = write(Reference("zendesk", "7", 1), OTHER)
    assert read(text, [KEY], ["zendesk"]) is None
    assert read(text, [KEY, OTHER], ["zendesk"]) == Reference("zendesk", "7", 1)


@given(st.text(max_size=80))
def test_what_a_stranger_types_is_never_believed(text: str) -> None:
    assert read(text, [KEY], ["zendesk"]) is None


@given(place=st.integers(0, 60), letter=st.sampled_from("0a:Z"))
def test_a_changed_reference_is_not_believed(place: int, letter: str) -> None:
    text = write(Reference("zendesk", "7", 1), KEY)
    changed = text[:place] + letter + text[place + 1 :]
    assert changed == text or read(changed, [KEY], ["zendesk"]) is None


def test_blanks_around_it_are_forgiven() -> None:
    assert read(f"  {write(Reference('zendesk', '7', 1), KEY)}\r\n", [KEY], ["zendesk"])
