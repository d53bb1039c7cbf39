"""Keeps what people typed from making an internal note public. Pure.

A portal shows a customer each note whose text holds `*WEB*`, which an SQL server finds by comparing loosely: case,
accents, width and invisible characters do not count. So the same comparison is made here, and a blank put in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from bridge.document import Block, Document, Facts, Heading, Lines, Link, Paragraph

_STAR = re.compile("[*\N{FULLWIDTH ASTERISK}\N{SMALL ASTERISK}]")
_TRIGGER = re.compile(r"(?=\*web\*)")
_WEIGHTLESS = frozenset({"Mn", "Me", "Cf", "Cn", "Co"})


def defused(document: Document) -> Document:
    """The document with a blank in whatever a portal could take for `*WEB*`."""
    return tuple(_block(block) for block in document)


def _block(block: Block) -> Block:
    match block:
        case Heading(text=text) | Paragraph(text=text):
            return replace(block, text=_text(text))
        case Facts(rows=rows):
            return Facts(tuple((_text(label), _text(value)) for label, value in rows))
        case Link(text=text, url=url):
            return Link(_text(text), _text(url, "%2A"))
        case Lines(lines=lines):
            return replace(block, lines=tuple(_text("\n".join(lines)).split("\n")) if lines else ())


def _text(text: str, star: str = "* ") -> str:
    """The text with the first star of each trigger written otherwise."""
    for place in reversed(list(_triggers(text))):
        text = f"{text[:place]}{star}{text[place + 1 :]}"
    return text


def _triggers(text: str) -> Iterator[int]:
    """Where a `*WEB*` begins."""
    if len(_STAR.findall(text)) < 2:
        return  # nearly always, and a long chat is read fast
    folded = [(weight, index) for index, character in enumerate(text) for weight in _weights(character)]
    for hit in _TRIGGER.finditer("".join(weight for weight, _ in folded)):
        yield folded[hit.start()][1]


def _weights(character: str) -> str:
    """What counts of it in a loose comparison."""
    pieces = unicodedata.normalize("NFKD", character).casefold()
    return "".join(piece for piece in pieces if unicodedata.category(piece) not in _WEIGHTLESS)
