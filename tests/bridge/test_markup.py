"""What people typed is text in every markup: read back by a reader of that markup, it is what was typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt

from bridge.document import Block, Document, Facts, Heading, Lines, Link, Paragraph
from bridge.markup import WRITERS, Markup, clean, to_adf, to_code, to_markdown
from bridge.model import Note
from bridge.render import TextLimits, render

HOSTILE = (
    "<script>alert(1)</script>",
    "[click](javascript:alert(1)) ![x](https://example.com/x.png) <https://example.com>",
    "# heading\n- list\n1. one\n> quote\n    code\n```\nfence\n~~~",
    "**bold** _it_ `code` \\* ~~gone~~ | a | b |\n|---|---|",
    "[/code]<b>out</b>[code]",
    "{{ticket.id}} ${x} {{toc}} &amp; &#60;",
    "a\n\nb\n===\n---",
    "",
    " \n ",
)
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def every_block(text: str) -> Document:
    return (Heading(text), Paragraph(text), Facts(((text, text),)), Link(text, text), Lines("log", (text, text)))


def words(text: str) -> list[str]:
    return clean(text).split()


def shown(page: str) -> html.HtmlElement:
    return html.fromstring(f"<div>{page}</div>")


@given(st.text(max_size=80))
@pytest.mark.parametrize("block", [Paragraph, Heading])
def test_markdown_reads_back_as_it_was_typed(block: type[Paragraph] | type[Heading], text: str) -> None:
    found = shown(READER.render(to_markdown((Paragraph("before"), block(text), Paragraph("after")))))
    assert found.text_content().split() == ["before", *words(text), "after"]
    assert {element.tag for element in found.iter()} <= {"div", "p", "h3", "br"}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_nothing_but_text_in_markdown(text: str) -> None:
    found = shown(READER.render(to_markdown((Paragraph(text), Facts((("Said", text),)), Lines("log", (text,))))))
    assert {element.tag for element in found.iter()} <= {"div", "p", "h3", "br", "ul", "li", "strong", "pre", "code"}
    assert found.text_content().split() == [*words(text), "Said:", *words(text), *words(text)]


@example(["```", "````"])
@given(st.lists(st.text(alphabet="`~ab\n", max_size=12), min_size=1, max_size=5))
def test_no_line_ends_its_code_block_in_markdown(lines: list[str]) -> None:
    found = shown(READER.render(to_markdown((Lines("log", tuple(lines)),))))
    [code] = found.iter("code")
    assert code.text_content().split("\n")[:-1] == clean("\n".join(lines)).split("\n")


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_ends_the_code_tags(text: str) -> None:
    written = to_code(every_block(text))
    assert (written.count("["), written.count("]")) == (2, 2)
    assert written.startswith("[code]")
    assert written.endswith("[/code]")


@given(st.text(max_size=60))
def test_adf_holds_every_text_and_no_empty_node(text: str) -> None:
    body = json.loads(to_adf(every_block(text)))
    nodes = list(_nodes(body))
    assert all(node["text"] for node in nodes if node["type"] == "text")
    assert {node["type"] for node in nodes} <= ADF_NODES
    [code] = [node for node in nodes if node["type"] == "codeBlock"]
    assert "".join(part["text"] for part in code["content"]) == f"{clean(text)}\n{clean(text)}"


ADF_NODES = {"doc", "heading", "paragraph", "bulletList", "listItem", "codeBlock", "text", "hardBreak"}


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("content", ()):
        yield from _nodes(inner)


def test_adf_links_only_to_web_addresses() -> None:
    def marks(url: str) -> list[str]:
        return [m["type"] for n in _nodes(json.loads(to_adf((Link("join", url),)))) for m in n.get("marks", ())]

    assert marks("https://example.com/?a=1&b=2") == ["link"]
    assert marks("javascript:alert(1)") == []


@pytest.mark.parametrize("markup", list(Markup))
@pytest.mark.parametrize("unit", ["characters", "bytes", "utf16"])
def test_a_long_note_fits_in_every_markup_and_unit(markup: Markup, unit: str) -> None:
    lines = tuple(f"{n:04} \N{GRINNING FACE} <&> [x] said" for n in range(3_000))
    blocks: tuple[Block, ...] = (Heading("Card"), Facts((("Device", "PC-7"),)), Lines("transcript-7", lines))
    limits = TextLimits(5_000, unit=unit, markup=markup, attachment_bytes=10**6)
    found = render(Note("m", blocks), limits)
    assert limits.size(found.body) <= 5_000
    assert limits.size(found.body) > 4_500, "as much as fits is shown"
    assert found.attachments[0].content.decode().endswith("2999 \N{GRINNING FACE} <&> [x] said")


def test_an_emoji_is_two_in_utf16_four_in_bytes_one_in_characters() -> None:
    sizes = [TextLimits(1, unit=unit).size("\N{GRINNING FACE}") for unit in ("characters", "utf16", "bytes")]
    assert sizes == [1, 2, 4]


JOINED = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"


@pytest.mark.parametrize(
    "unit", [JOINED, "e\N{COMBINING ACUTE ACCENT}", "\N{WAVING HAND SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}"]
)
@pytest.mark.parametrize("length", range(600, 640))
def test_no_character_that_people_see_is_cut_in_two(unit: str, length: int) -> None:
    found = render(Note("m", (Paragraph(unit * 500),)), TextLimits(length))
    kept = found.body.partition("…")[0]
    assert kept == unit * (len(kept) // len(unit))


def test_every_markup_has_its_writer() -> None:
    assert set(WRITERS) == set(Markup)
