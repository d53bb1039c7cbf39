"""How what we wrote is found again: a mark is an effect's key, and stands where a system keeps it.

Best in a place that no reader sees, as a property or a custom id; a short place takes a digest. Where there is
none, it is the text's last line.
"""

from __future__ import annotations

import hashlib
import html
import re

from bridge.document import Paragraph
from bridge.markup import to_html

WORDS = "Deskbridge reference"
PLAIN = re.compile(r"[\w.:-]{1,120}")


def digest(mark: str, length: int = 40) -> str:
    """A name of the mark for places that take few characters: `length` hexadecimal digits after our own name."""
    return f"deskbridge-{hashlib.sha256(mark.encode()).hexdigest()[:length]}"


def shown(mark: str) -> str:
    """The mark as it stands in a text: itself, or a digest of one that is long or holds what could be markup."""
    return mark if PLAIN.fullmatch(mark) else digest(mark)


def line(mark: str) -> str:
    """The line of a text by which it is found again."""
    return f"{WORDS} {shown(mark)}"


def in_text(text: str, mark: str) -> bool:
    """Whether the text holds the mark's whole line, whatever blanks the system made of the one in it."""
    words = WORDS.replace(" ", r"\s+")
    return re.search(rf"{words}\s+{re.escape(shown(mark))}(?![\w:-]|\.\w)", text) is not None


def html_line(mark: str) -> str:
    """The line as the last paragraph of an HTML body."""
    return to_html((Paragraph(line(mark)),))


def in_html(body: str, mark: str) -> bool:
    """Whether an HTML body shows the mark's whole line, however the system cleaned its markup."""
    return in_text(words_of(body), mark)


def words_of(body: str) -> str:
    """An HTML body without its markup, a blank where a tag was."""
    return html.unescape(re.sub(r"<[^>]*>", " ", body))
