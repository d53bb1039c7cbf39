"""Text and HTML as a help desk keeps them: a small allow-list, and nothing of it trusted."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree, html
from markupsafe import escape

BLOCKS = frozenset(
    {"blockquote", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
    | {"li", "ol", "p", "pre", "table", "tr", "ul"}
)
INLINE = frozenset({"a", "b", "code", "em", "i", "span", "strong", "tbody", "td", "th", "thead", "u"})
ALLOWED = BLOCKS | INLINE
EMPTY = frozenset({"br", "hr"})
SILENCED = frozenset({"script", "style", "template", "title", "head", "textarea", "noscript", "iframe", "svg"})
LINKS = ("https://", "http://", "mailto:")
# XML knows no control characters but these three; the parser would refuse the rest.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def expand(text: str, lookup: Callable[[str], str]) -> str:
    """Replace `{{name}}` by what `lookup` knows; unknown names leave nothing, as Liquid does."""
    return PLACEHOLDER.sub(lambda found: lookup(found.group(1)), text)


def sanitised(markup: str) -> str:
    """The markup with nothing but allowed elements, safe to be put into a page."""
    return "".join(_safe(_parsed(markup)))


def text_of(markup: str) -> str:
    """The markup as plain text, a line per block."""
    lines = "".join(_text(_parsed(markup))).replace("\xa0", " ").split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()


def html_of(text: str) -> str:
    """Plain text as the vendor shows it: paragraphs and line breaks."""
    paragraphs = re.split(r"\n{2,}", text.replace("\r\n", "\n"))
    shown = (str(escape(part)).replace("\n", "<br>") for part in paragraphs)
    inner = "".join(f'<p dir="auto">{part}</p>' for part in shown)
    return f'<div class="zd-comment" dir="auto">{inner}</div>'


def _parsed(markup: str) -> etree._Element:
    clean = CONTROL.sub("", markup)
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    # Started, never closed: whatever the fragment opens or closes, all of it is below one root.
    return html.document_fromstring(f"<body><div>{clean}".encode(), parser=parser)


def _safe(element: etree._Element) -> list[str]:
    tag = element.tag if isinstance(element.tag, str) else ""
    parts: list[str] = []
    if tag not in SILENCED and tag:
        known = tag in ALLOWED
        if known:
            parts.append(f"<{tag}{_attributes(element, tag)}>")
        if tag not in EMPTY:
            parts.append(str(escape(element.text or "")))
            for child in element:
                parts.extend(_safe(child))
            if known:
                parts.append(f"</{tag}>")
    parts.append(str(escape(element.tail or "")))
    return parts


def _attributes(element: etree._Element, tag: str) -> str:
    direction = element.get("dir", "")
    shown = f' dir="{direction}"' if direction in ("auto", "ltr", "rtl") else ""
    link = element.get("href", "").strip() if tag == "a" else ""
    if link.lower().startswith(LINKS):
        shown += f' href="{escape(link)}" rel="noopener noreferrer nofollow"'
    return shown


def _text(element: etree._Element) -> list[str]:
    tag = element.tag if isinstance(element.tag, str) else ""
    parts: list[str] = []
    if tag and tag not in SILENCED:
        breaks = "\n" if tag in BLOCKS else ""
        inner = [element.text or "", *(piece for child in element for piece in _text(child))]
        shown = "".join(inner)
        parts.append(shown if tag == "pre" else re.sub(r"[ \t]+", " ", shown))
        parts = [breaks, *parts, breaks if tag != "br" else ""]
        if tag in ("td", "th"):
            parts.append(" ")
    parts.append(element.tail or "")
    return parts
