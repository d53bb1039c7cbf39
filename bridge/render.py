"""A document in the form that a system wants. Every text is escaped here, once; nothing people typed is markup."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from bridge.document import Block, Document, Facts, Heading, Lines, Link, Paragraph
from bridge.model import Attachment, Note


class Markup(StrEnum):
    PLAIN = "plain"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class TextLimits:
    """What one note may hold in a system."""

    length: int
    """The most that a note's body may have, counted in `unit`, markup included."""
    unit: str = "characters"
    """`characters` or `bytes` (of UTF-8)."""
    markup: Markup = Markup.PLAIN
    attachment_bytes: int = 0
    """The largest attachment; 0 when the system takes none."""

    def fits(self, body: str) -> bool:
        size = len(body.encode()) if self.unit == "bytes" else len(body)
        return size <= self.length


@dataclass(frozen=True, slots=True)
class Rendered:
    body: str
    attachments: tuple[Attachment, ...] = ()


def clean(text: str) -> str:
    """The text without what no ticket system stores: null bytes, other control characters, lone surrogates.

    Without what turns the reading direction of all that follows, too: right-to-left text needs no override.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c if _harmless(c) else "\N{REPLACEMENT CHARACTER}" for c in text)
    return kept.encode("utf-8", "replace").decode("utf-8")


def _harmless(character: str) -> bool:
    return character in "\n\t" or (character >= " " and character not in "\x7f\u202d\u202e")


def to_text(document: Document) -> str:
    """The document as plain text, blocks apart by an empty line."""
    return "\n\n".join(_text_block(block) for block in document)


def to_html(document: Document) -> str:
    """The document as the small HTML that every help desk keeps: headings, paragraphs, lists, links, pre."""
    return "".join(_html_block(block) for block in document)


def render(note: Note, limits: TextLimits) -> Rendered:
    """The note's body and attachments within the limits.

    A body that is too long keeps a digest of its long parts; the whole text goes to an attachment where the
    system takes one, and is cut with a visible trace where it does not.
    """
    write = to_html if limits.markup is Markup.HTML else to_text
    body = write(note.document)
    if limits.fits(body):
        return Rendered(body, note.attachments)
    whole = to_text(note.document).encode()
    attachments = note.attachments
    if len(whole) <= limits.attachment_bytes:
        attachments = (*attachments, Attachment(_filename(note), "text/plain; charset=utf-8", whole))
        return Rendered(_shorten(note, limits, write, "the whole text is attached"), attachments)
    return Rendered(_shorten(note, limits, write, "the whole text stands in the Deskbridge console"), attachments)


def _filename(note: Note) -> str:
    names = [block.name for block in note.document if isinstance(block, Lines)]
    return f"{names[0] if names else 'note'}.txt"


def _shorten(note: Note, limits: TextLimits, write: Callable[[Document], str], where: str) -> str:
    """The body with each long part cut to the largest common budget that still fits."""
    low, high = 0, limits.length
    best = ""
    while low <= high:
        budget = (low + high) // 2
        body = write(tuple(_cut(block, budget, where) for block in note.document))
        if limits.fits(body):
            best, low = body, budget + 1
        else:
            high = budget - 1
    return best


def _cut(block: Block, budget: int, where: str) -> Block:
    match block:
        case Lines(lines=lines):
            return replace(block, lines=_cut_lines(lines, budget, where))
        case Paragraph(text=text) | Heading(text=text):
            return replace(block, text=_cut_text(text, budget, where))
        case Facts(rows=rows):
            return Facts(tuple((_cut_text(k, budget, where), _cut_text(v, budget, where)) for k, v in rows))
        case Link():
            return block


def _cut_text(text: str, budget: int, where: str) -> str:
    return text if len(text) <= budget else f"{text[:budget]}… [{where}]"


def _cut_lines(lines: tuple[str, ...], budget: int, where: str) -> tuple[str, ...]:
    """The first lines within the budget, and a trace of how many are not shown."""
    kept: list[str] = []
    used = 0
    for line in lines:
        used += len(line) + 1
        if used > budget:
            break
        kept.append(line)
    left = len(lines) - len(kept)
    return (*kept, f"[… {left} more lines: {where}]") if left else tuple(kept)


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
            if not url.startswith(("https://", "http://")):
                return f"<p>{_escape(text)}: {_escape(url)}</p>"
            return f'<p><a href="{_escape(url)}">{_escape(text)}</a></p>'
        case Lines(lines=lines):
            return "<pre>" + "\n".join(_escape(line) for line in lines) + "</pre>"


# Some help desks expand placeholders such as {{ticket.id}} in what an API writes, so braces go as entities.
_BRACES = str.maketrans({"{": "&#123;", "}": "&#125;"})


def _escape(text: str) -> str:
    return html.escape(clean(text)).translate(_BRACES)
