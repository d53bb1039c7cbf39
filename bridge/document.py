"""A note as blocks of plain text, before any system's markup: what people typed is only ever text here."""

from __future__ import annotations

from dataclasses import dataclass

MAX_HEADING = 200


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Labelled values, one a line."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Preformatted lines, such as a transcript. Long ones may move to an attachment called `name`."""

    name: str
    lines: tuple[str, ...]


Block = Heading | Paragraph | Facts | Link | Lines
Document = tuple[Block, ...]
