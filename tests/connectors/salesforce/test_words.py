"""Ids, SOQL and texts: pure parts, by examples and properties."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.document import Lines, Paragraph
from bridge.errors import NotFound
from bridge.model import Note
from connectors.tickets.salesforce import ids, mapping, soql
from connectors.tickets.salesforce.files import path, title
from tests.connectors.salesforce.soql import parse, unescaped

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SHORT = st.text(ALPHABET, min_size=15, max_size=15)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("001A0000006Vm9u", "001A0000006Vm9uIAC"),
        ("003D000000QYVze", "003D000000QYVzeIAH"),
        ("00D300000000bs7", "00D300000000bs7EAA"),
    ],
)
def test_published_ids(short: str, long: str) -> None:
    assert ids.full_id(short) == ids.full_id(long) == ids.full_id(long.lower()) == ids.full_id(long.upper()) == long


@given(SHORT)
def test_every_id_finds_back_to_its_case(short: str) -> None:
    long = ids.full_id(short)
    assert long[:15] == short
    assert ids.full_id(long) == ids.full_id(long.lower()) == ids.full_id(long.upper()) == long


@pytest.mark.parametrize(
    "text",
    [
        "",
        "500",
        "001A0000006Vm9",
        "001A0000006Vm9uIA",
        "001A0000006Vm9uIA9",
        "001A0000006Vm9uPAC",
        "001a0000006Vm9uIAC",
        "001A0000006Vm9uIAC\n",
        " 001A0000006Vm9u",
        "001A0000006Vm9é",
    ],
)
def test_what_is_no_id(text: str) -> None:
    assert ids.full_id(text) == ""


def test_an_id_of_another_object_is_not_the_one_that_was_asked_for() -> None:
    assert ids.full_id("001A0000006Vm9u", ids.CASE) == ""


@given(st.text())
def test_no_text_can_be_more_than_a_value_in_a_query(text: str) -> None:
    written = soql.quoted(text)
    assert re.fullmatch(r"'(?:[^'\\]|\\['\"\\nrt])*'", written)
    assert unescaped(written) == text
    [condition] = parse(soql.select("Id", "Contact", soql.equals("Email", text))).conditions
    assert condition["text"] == written


@pytest.mark.parametrize(("typed", "asked"), [("1026", "'1026', '00001026'"), ("00001026", "'00001026'")])
def test_a_number_is_found_with_its_zeros(typed: str, asked: str) -> None:
    assert f"CaseNumber IN ({asked})" in mapping.case_query(typed, "Id")


@pytest.mark.parametrize("typed", ["", "x", "1' OR Id != '", "0035g00000CoNtA", "123456789012345", "½"])
def test_what_names_no_case(typed: str) -> None:
    with pytest.raises(NotFound):
        mapping.case_query(typed, "Id")


@given(st.lists(st.text(max_size=200), max_size=60))
def test_a_comment_fits_even_when_its_entities_are_counted(lines: list[str]) -> None:
    note = Note("card:rescue:7:salesforce:1", (Paragraph("<&>" * 200), Lines("transcript", tuple(lines))))
    body, _ = mapping.written(note, mapping.COMMENT.limits)
    assert len(mapping._counted(body).encode()) <= 4_000
    assert mapping.carries(body, note.mark)


def test_a_comment_that_fits_is_not_cut() -> None:
    note = Note("m", (Paragraph("x" * 3_950),))
    body, attachments = mapping.written(note, mapping.COMMENT.limits)
    assert ("x" * 3_950 in body, attachments) == (True, ())


def test_only_the_last_line_is_the_mark() -> None:
    mark = "card:rescue:7:salesforce:1"
    line = f"Deskbridge reference {mark}"
    assert mapping.carries(f"Done.\r\n\r\n{line}\r\n", mark)
    assert not mapping.carries(f"{line}\nsaid the customer", mark)
    assert not mapping.carries(f"Done.\n{line}:2", mark)
    assert not mapping.carries(f"Done. {line}", mark)
    assert not mapping.carries(None, mark)


@pytest.mark.parametrize(
    ("filename", "taken", "shown"),
    [
        ("transcript-7.txt", "transcript-7.txt", "transcript-7"),
        ("../../etc/pass\\wd.txt", ".._.._etc_pass_wd.txt", ".._.._etc_pass_wd"),
        ("README", "README", "README"),
        (".env", ".env", ".env"),
        ("", "file", "file"),
        ("x" * 600 + ".txt", "x" * 496 + ".txt", "x" * 255),
    ],
)
def test_a_files_name(filename: str, taken: str, shown: str) -> None:
    assert (path(filename), title(filename)) == (taken, shown)
