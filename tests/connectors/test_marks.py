"""A mark is found whole, and by nothing that is only like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import marks

MARK = "card:rescue:16633560:desk:DESK-17"


@pytest.mark.parametrize("around", ["{}", "Done.\n{}", "Done. {}\r\n", "{}.", "{} and more", "({})"])
def test_the_line_is_found_whatever_stands_around_it(around: str) -> None:
    assert marks.in_text(around.format(marks.line(MARK)), MARK)


@pytest.mark.parametrize("blank", ["\u00a0", "\n", "  "])
def test_another_blank_than_ours_is_a_blank(blank: str) -> None:
    assert marks.in_text(marks.line(MARK).replace(" ", blank), MARK)


@pytest.mark.parametrize("longer", ["0", "x", ":2", "-2", ".5"])
def test_a_longer_mark_is_another_one(longer: str) -> None:
    assert not marks.in_text(marks.line(MARK + longer), MARK)
    assert not marks.in_text(marks.line(MARK), MARK + longer)


def test_the_mark_alone_is_what_somebody_typed() -> None:
    assert not marks.in_text(MARK, MARK)


@given(st.text(min_size=1, max_size=300))
def test_any_mark_has_a_line_of_plain_words(mark: str) -> None:
    line = marks.line(mark)
    assert marks.in_text(f"text\n{line}", mark)
    assert len(line) < 150
    assert not set(line) & set("<>&[]{}*`'\"\n")


def test_a_short_place_takes_a_short_digest() -> None:
    assert len(marks.digest(MARK, 16)) == len("deskbridge-") + 16
    assert marks.digest(MARK) != marks.digest(MARK + "0")
