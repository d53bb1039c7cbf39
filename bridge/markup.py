"""A document in each markup that help desks read. Every text is escaped here, once; nothing people typed is markup."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from bridge.document import Block, Document, Facts, Heading, Lines, Link, Paragraph


class Markup(StrEnum):
    PLAIN = "plain"
    HTML = "html"
    CODE = "code"
    """HTML inside `[code]…[/code]`, as ServiceNow's journal fields read it."""
    MARKDOWN = "markdown"
    """CommonMark."""
    ADF = "adf"
    """Atlassian Document Format, as JSON text."""


def clean(text: str) -> str:
    """The text without what no ticket system stores: null bytes, other control characters, lone surrogates.

    Without what turns the reading direction of all that follows, too: right-to-left text needs no override.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _HARMFUL.sub("\N{REPLACEMENT CHARACTER}", text).encode("utf-8", "replace").decode("utf-8")


_HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f\N{LEFT-TO-RIGHT OVERRIDE}\N{RIGHT-TO-LEFT OVERRIDE}]")


# -- plain text ------------------------------------------------------------------------------------------------


def to_text(document: Document) -> str:
    """The document as plain text, blocks apart by an empty line."""
    return "\n\n".join(_text_block(block) for block in document)


def _text_block(block: Block) -> str:
    match block:
        case Heading(text=text):
            return f"{clean(text)}\n{'=' * min(len(text), 60)}"
        case Paragraph(text=text):
            return clean(text)
        case Facts(rows=rows):
            return "\n".join(f"{clean(label)}: {clean(value)}" for label, value in rows)
        case Link(text=text, url=url):
            return f"{clean(text)}: {clean(url)}"
        case Lines(lines=lines):
            return "\n".join(clean(line) for line in lines)


# -- HTML ------------------------------------------------------------------------------------------------------


def to_html(document: Document) -> str:
    """The document as the small HTML that every help desk keeps: headings, paragraphs, lists, links, pre."""
    return "".join(_html_block(block) for block in document)


def to_code(document: Document) -> str:
    """HTML between `[code]` and `[/code]`. Brackets in it are entities, so that no text can end it."""
    inside = to_html(document).replace("[", "&#91;").replace("]", "&#93;")
    return f"[code]{inside}[/code]"


def _html_block(block: Block) -> str:
    match block:
        case Heading(text=text):
            return f"<h3>{_escape(text)}</h3>"
        case Paragraph(text=text):
            return f"<p>{_escape(text).replace(chr(10), '<br>')}</p>"
        case Facts(rows=rows):
            items = "".join(f"<li><strong>{_escape(k)}:</strong> {_escape(v)}</li>" for k, v in rows)
            return f"<ul>{items}</ul>"
        case Link(text=text, url=url):
            if not is_web(url):
                return f"<p>{_escape(text)}: {_escape(url)}</p>"
            return f'<p><a href="{_escape(url)}">{_escape(text)}</a></p>'
        case Lines(lines=lines):
            return "<pre>" + "\n".join(_escape(line) for line in lines) + "</pre>"


# Some help desks expand placeholders such as {{ticket.id}} in what an API writes, so braces go as entities.
_BRACES = str.maketrans({"{": "&#123;", "}": "&#125;"})


def _escape(text: str) -> str:
    return html.escape(clean(text)).translate(_BRACES)


def is_web(url: str) -> bool:
    """Whether it may become a link."""
    return url.startswith(("https://", "http://"))


# -- Markdown --------------------------------------------------------------------------------------------------

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
"""All of ASCII's: CommonMark takes a backslash before each of them, and then it means nothing but itself."""


def to_markdown(document: Document) -> str:
    """The document as CommonMark, blocks apart by an empty line."""
    return "\n\n".join(_markdown_block(block) for block in document)


def _markdown_block(block: Block) -> str:
    match block:
        case Heading(text=text):
            return f"### {_literal(text).replace(chr(10), ' ')}"
        case Paragraph(text=text):
            return _broken(text)
        case Facts(rows=rows):
            return "\n".join(f"- **{_broken(label)}:** {_broken(value)}".rstrip() for label, value in rows)
        case Link(text=text, url=url):
            if not is_web(url) or re.search(r"[\s<>]", url):
                return _broken(f"{text}: {url}")
            return f"[{_literal(text)}](<{clean(url)}>)"
        case Lines(lines=lines):
            return _fenced([clean(line) for line in lines])


def _fenced(lines: list[str]) -> str:
    """A code block whose fence is longer than any row of backticks in it."""
    rows = [len(row) for line in lines for row in re.findall("`+", line)]
    fence = "`" * max(3, 1 + max(rows, default=0))
    return "\n".join((fence, *lines, fence))


def _broken(text: str) -> str:
    """The text with its line breaks kept: a backslash at the end of each line but the last."""
    return "\\\n".join(line.strip() for line in _literal(text).strip().split("\n"))


def _literal(text: str) -> str:
    return _PUNCTUATION.sub(r"\\\1", clean(text))


# -- Atlassian Document Format ---------------------------------------------------------------------------------


def to_adf(document: Document) -> str:
    """The document in Atlassian Document Format, as JSON text."""
    content = [_adf_block(block) for block in document]
    body = {"version": 1, "type": "doc", "content": content}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _adf_block(block: Block) -> dict[str, Any]:
    match block:
        case Heading(text=text):
            return {"type": "heading", "attrs": {"level": 3}, "content": list(_adf_text(text))}
        case Paragraph(text=text):
            return _adf_paragraph(*_adf_text(text))
        case Facts(rows=rows):
            return {"type": "bulletList", "content": [_adf_fact(label, value) for label, value in rows]}
        case Link(text=text, url=url):
            if not is_web(url):
                return _adf_paragraph(*_adf_text(f"{text}: {url}"))
            mark = {"type": "link", "attrs": {"href": clean(url)}}
            return _adf_paragraph(*_adf_text(text.replace("\n", " "), mark))
        case Lines(lines=lines):
            text = "\n".join(clean(line) for line in lines)
            # A text node must not be empty.
            return {"type": "codeBlock", "content": [{"type": "text", "text": text}] if text else []}


def _adf_fact(label: str, value: str) -> dict[str, Any]:
    named = _adf_text(f"{label}:", {"type": "strong"})
    return {"type": "listItem", "content": [_adf_paragraph(*named, *_adf_text(f" {value}"))]}


def _adf_paragraph(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": list(nodes)}


def _adf_text(text: str, *marks: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(clean(text).split("\n")):
        if number:
            yield {"type": "hardBreak"}
        if line:
            yield {"type": "text", "text": line, **({"marks": list(marks)} if marks else {})}


WRITERS: Mapping[Markup, Callable[[Document], str]] = {
    Markup.PLAIN: to_text,
    Markup.HTML: to_html,
    Markup.CODE: to_code,
    Markup.MARKDOWN: to_markdown,
    Markup.ADF: to_adf,
}
