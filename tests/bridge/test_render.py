"""What people typed is text in every form, and every note fits its system."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from bridge.document import Document, Facts, Heading, Lines, Link, Paragraph
from bridge.markup import Markup, clean, to_html, to_text
from bridge.model import Note
from bridge.render import TextLimits, render

HOSTILE = "<script>alert(1)</script> {{ticket.id}} {%x%} ]]> &amp; \x00 \u202eevil"


def everything(text: str) -> Document:
    return (Heading(text), Paragraph(text), Facts(((text, text),)), Link(text, text), Lines("log", (text,)))


def test_hostile_text_makes_no_element_and_no_placeholder() -> None:
    written = to_html(everything(HOSTILE))
    assert "<script" not in written
    assert "{" not in written
    assert "\x00" not in written


@given(st.text(max_size=60))
def test_any_text_is_read_back_as_it_was_typed(text: str) -> None:
    page = html.fromstring(f"<div>{to_html((Lines('log', (text,)),))}</div>")
    assert page.findtext("pre") == clean(text) or clean(text) != clean(text).strip("\n")
    assert [element.tag for element in page.iter()] == ["div", "pre"]


def test_only_web_addresses_become_links() -> None:
    assert "<a" not in to_html((Link("join", "javascript:alert(1)"),))
    assert 'href="https://example.com/R?i=2&amp;Code=123456"' in to_html(
        (Link("join", "https://example.com/R?i=2&Code=123456"),)
    )


def note(lines: int, width: int = 60) -> Note:
    return Note("m", (Heading("Card"), Lines("transcript-7", tuple(f"{n} " + "ä" * width for n in range(lines)))))


def test_a_short_note_stays_whole() -> None:
    found = render(note(3), TextLimits(10_000, markup=Markup.HTML, attachment_bytes=10**6))
    assert "2 ä" in found.body
    assert found.attachments == ()


def test_a_long_note_keeps_a_digest_and_attaches_the_whole() -> None:
    limits = TextLimits(2_000, unit="bytes", markup=Markup.HTML, attachment_bytes=10**6)
    found = render(note(500), limits)
    assert limits.fits(found.body)
    assert "0 ä" in found.body
    assert "more lines: the whole text is attached" in found.body
    assert found.attachments[0].filename == "transcript-7.txt"
    assert "499 ä" in found.attachments[0].content.decode()


def test_without_attachments_the_cut_is_visible() -> None:
    limits = TextLimits(1_000)
    found = render(note(500), limits)
    assert limits.fits(found.body)
    assert "Deskbridge console" in found.body
    assert found.attachments == ()


def test_one_line_of_200_kb_fits_too() -> None:
    limits = TextLimits(4_000, unit="bytes", markup=Markup.HTML, attachment_bytes=10**6)
    found = render(Note("m", (Heading("Card"), Lines("log", ("x" * 200_000,)))), limits)
    assert limits.fits(found.body)
    assert len(found.attachments[0].content) > 200_000


@given(st.text(max_size=300), st.integers(200, 1000))
def test_a_note_always_fits(text: str, length: int) -> None:
    limits = TextLimits(length, unit="bytes", markup=Markup.HTML)
    assert limits.fits(render(Note("m", (Paragraph(text), Lines("l", (text,)))), limits).body)


def test_plain_text_is_readable() -> None:
    assert to_text((Heading("Card"), Facts((("A", "b"),)), Lines("l", ("x", "y")))) == "Card\n====\n\nA: b\n\nx\ny"


def test_nothing_that_people_typed_turns_what_follows_around() -> None:
    assert clean("abc \u202egnp.exe\u202d") == "abc \ufffdgnp.exe\ufffd"
    assert clean("مرحبا \u200fשלום") == "مرحبا \u200fשלום"
