"""Rescue's chat text to chat lines: `H:MM AM Name: text`, or `H:MM AM what the system says`. Linear time.

A name may hold a colon and nothing marks where it ends, so the first `: ` parts name and text. There are no
dates: a chat over midnight starts again at 12:00 AM.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bridge.model import ChatLine

# Hours end at 12: where lines are glued together, "room 1" and "9:05 AM" must not read as 19:05.
_STAMP = re.compile(r"(?:1[0-2]|0?[1-9]):[0-5]\d[ \u00a0\u202f][AP]M(?=\s|$)")
_STAMPED_LINE_AFTER_ANOTHER = re.compile(rf"\n[ \t]*{_STAMP.pattern}")

# What the system says may look like an author: "Connecting to: control.example". The list holds the openings
# of the reference's sample chat; others that hold ": " are taken for a name.
SYSTEM_OPENINGS = (
    "Connecting to",
    "Connected to",
    "Switched to",
    "Requesting ",
    "Waiting for ",
    "Dashboard ",
    "Remote Control ",
    "The technician ",
    "The customer ",
)


def lines(text: str) -> tuple[ChatLine, ...]:
    """The lines of a chat; what starts with no time stamp continues the line before. Only white space is lost."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return tuple(_line(time, said) for time, said in _stamped(text) if time or said)


def _stamped(text: str) -> Iterator[tuple[str, str]]:
    """Time stamp and what follows it up to the next one; text before the first stamp has an empty stamp."""
    time, start = "", 0
    for stamp in _stamps(text):
        yield time, text[start : stamp.start()].strip()
        time, start = stamp.group(), stamp.end()
    yield time, text[start:].strip()


def _stamps(text: str) -> Iterator[re.Match[str]]:
    """The stamps that start a line.

    Where lines are apart, only stamps at the start of one count: somebody may have typed a time. Where they
    are glued together, every stamp counts, because nothing else parts the lines.
    """
    apart = _STAMPED_LINE_AFTER_ANOTHER.search(text) is not None
    for stamp in _STAMP.finditer(text):
        if not apart or _starts_line(text, stamp.start()):
            yield stamp


def _starts_line(text: str, position: int) -> bool:
    while position and text[position - 1] in " \t":
        position -= 1
    return position == 0 or text[position - 1] == "\n"


def _line(time: str, said: str) -> ChatLine:
    name, colon, words = said.partition(": ")
    by_system = said.startswith(SYSTEM_OPENINGS) or not colon or "\n" in name or not name.strip()
    if by_system or not time:
        return ChatLine(said, time=time)
    return ChatLine(words.strip(), author=name.strip(), time=time)
