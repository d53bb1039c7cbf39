"""A note within a system's limits: what is too long keeps a digest in its place, and goes whole to an attachment."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from bridge.document import Block, Document, Facts, Heading, Lines, Link, Paragraph
from bridge.markup import WRITERS, Markup, to_text
from bridge.model import Attachment, Note

UNITS = ("characters", "bytes", "utf16")


@dataclass(frozen=True, slots=True)
class TextLimits:
    """What one note may hold in a system."""

    length: int
    """The most that a note's body may have, counted in `unit`, markup included."""
    unit: str = "characters"
    """`characters`, `bytes` (of UTF-8), or `utf16` (code units, as Java and .NET count: an emoji is two)."""
    markup: Markup = Markup.PLAIN
    attachment_bytes: int = 0
    """The largest attachment; 0 when the system takes none."""

    def fits(self, body: str) -> bool:
        return self.size(body) <= self.length

    def size(self, body: str) -> int:
        """How much of the length the body takes."""
        if self.unit == "bytes":
            return len(body.encode())
        return len(body.encode("utf-16-le")) // 2 if self.unit == "utf16" else len(body)

    def less(self, taken: str) -> TextLimits:
        """What is left beside a text that goes with every body, such as a mark."""
        return replace(self, length=self.length - self.size(taken))


@dataclass(frozen=True, slots=True)
class Rendered:
    body: str
    attachments: tuple[Attachment, ...] = ()


def render(note: Note, limits: TextLimits) -> Rendered:
    """The note's body and attachments within the limits.

    A body that is too long keeps a digest of its long parts; the whole text goes to an attachment where the
    system takes one, and is cut with a visible trace where it does not.
    """
    write = WRITERS[limits.markup]
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
    return text if len(text) <= budget else f"{text[: _boundary(text, budget)]}… [{where}]"


def _boundary(text: str, end: int) -> int:
    """The last place up to `end` at which no character that people see is cut: joined emoji, accents, flags."""
    while 0 < end < len(text) and (_joins(text[end]) or text[end - 1] == _JOINER):
        end -= 1
    return end


_JOINER = "\N{ZERO WIDTH JOINER}"


def _joins(character: str) -> bool:
    """Whether it belongs to the one before it."""
    return (
        unicodedata.category(character) in ("Mn", "Mc", "Me")
        or character == _JOINER
        or "\N{EMOJI MODIFIER FITZPATRICK TYPE-1-2}" <= character <= "\N{EMOJI MODIFIER FITZPATRICK TYPE-6}"
        or "\N{REGIONAL INDICATOR SYMBOL LETTER A}" <= character <= "\N{REGIONAL INDICATOR SYMBOL LETTER Z}"
    )


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
