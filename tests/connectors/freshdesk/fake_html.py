"""What the fake does with HTML from its API: it keeps a few tags, fills placeholders, and shows plain text."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

KEPT = frozenset({"a", "b", "br", "div", "em", "h3", "i", "li", "ol", "p", "pre", "span", "strong", "ul"})
DROPPED = frozenset({"script", "style"})
"""Of these not even the text stays."""


class _Sanitiser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []
        self._dropped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._dropped += tag in DROPPED
        if tag in KEPT and not self._dropped:
            links = [value for name, value in attrs if tag == "a" and name == "href" and value]
            href = f' href="{html.escape(links[0])}"' if links and links[0].startswith("http") else ""
            self.out.append(f"<{tag}{href}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in DROPPED:
            self._dropped = max(0, self._dropped - 1)
        elif tag in KEPT and not self._dropped:
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._dropped:
            self.out.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")


def sanitised(body: str) -> str:
    """The body without unknown tags, attributes and comments; raw placeholders are filled (with nothing)."""
    parser = _Sanitiser()
    parser.feed(re.sub(r"\{\{.*?\}\}", "", body, flags=re.S))
    parser.close()
    return f"<div>{''.join(parser.out)}</div>"


def as_text(body: str) -> str:
    """`body_text`: one line, as the vendor shows it in lists."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def readable(body: str) -> str:
    """What a reader sees, lines kept."""
    assert "<script" not in body
    return html.unescape(re.sub(r"<[^>]*>", "\n", body))
