"""Texts for systems that expand what an API writes, and marks in them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.document import Facts, Heading, Lines, Link, Paragraph
from bridge.markup import Markup
from bridge.model import Note
from bridge.render import TextLimits
from connectors.tickets.generic.texts import JOINER, Writer, digest, mark_in, shown

DJANGO = ("{{", "{%", "{#", "X-HELPDESK-COMMENT")
WRITER = Writer(TextLimits(5_000), DJANGO, r"\`*_{}[]()>#+-.!")


@given(st.text(alphabet="{}%#X-HELPDSCOMNT*\\ \n", max_size=60))
def test_nothing_that_expands_is_left(text: str) -> None:
    bare = Writer(TextLimits(5_000), DJANGO).harmless(text)
    written = WRITER.harmless(text)
    assert not any(sequence in made for sequence in DJANGO for made in (bare, written))
    assert bare.replace(JOINER, "") == text
    assert re.sub(r"\\(?=[\\`*_{}\[\]()>#+\-.!])", "", written.replace("\\\\", "\0")).replace("\0", "\\").replace(
        JOINER, ""
    ) == text.replace(JOINER, "")


def test_every_part_of_a_document_is_covered() -> None:
    bad = "{{x}}"
    document = (
        Heading(bad),
        Paragraph(bad),
        Lines("log", (bad,)),
        Facts(((bad, bad),)),
        Link(bad, "https://a.example"),
    )
    body = WRITER.body(Note("db-1", document), own_place=True).body
    assert "{{" not in body
    assert body.count(JOINER) == 6


def test_a_link_keeps_its_address() -> None:
    writer = Writer(TextLimits(5_000), ("@",))
    assert (
        "https://a.example/?to=x@y"
        in writer.body(Note("db-1", (Link("here", "https://a.example/?to=x@y"),)), own_place=True).body
    )


@pytest.mark.parametrize("markup", [Markup.PLAIN, Markup.HTML, Markup.MARKDOWN, Markup.CODE])
@pytest.mark.parametrize("mark", ["card:rescue:123:desk:7", "note:jira:DESK-1:1:invitation", "a_b*c <d>", "ü" * 90])
def test_the_mark_stands_in_every_markup(markup: Markup, mark: str) -> None:
    writer = Writer(TextLimits(1_000, markup=markup))
    body = writer.body(Note(mark, (Paragraph("x " * 5_000),)), own_place=False).body
    assert len(body) <= 1_000
    assert mark_in(body, mark)
    assert not mark_in(body, f"{mark}0")
    assert not mark_in(body, mark[:-1])


def test_a_mark_that_a_markup_could_change_is_shown_as_its_digest() -> None:
    assert shown("card:rescue:1:desk:7") == "card:rescue:1:desk:7"
    assert shown("a_b_c") == digest("a_b_c")
    assert re.fullmatch(r"db-[0-9a-f]{32}", digest("a_b_c"))


def test_a_line_is_one_line_with_its_mark() -> None:
    line = WRITER.line("db-1", "one\ntwo {{x}}", TextLimits(255), own_place=False)
    assert "\n" not in line
    assert line.endswith("(Deskbridge reference db-1)")
    assert "{{" not in line
    html = WRITER.line("db-1", "<b>", TextLimits(255, markup=Markup.HTML), own_place=True)
    assert "<b>" not in html
