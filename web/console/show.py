"""How values are shown: always as text, whatever is in them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bridge.effects import TicketKey
from bridge.lanes import record_of

# A control character would be invisible or break the page: its picture is shown instead.
_PICTURES = {
    **{code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
    **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),
}


def plain(value: object) -> str:
    """The text with line feeds and tabs kept and all other control characters made visible."""
    return str(value).replace("\r\n", "\n").translate(_PICTURES)


def moment(value: datetime) -> str:
    """As people read it, in UTC."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def iso(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()


def duration(seconds: int | None) -> str:
    if seconds is None:
        return ""
    minutes, left = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {left} s"


def size(count: int | None) -> str:
    if count is None:
        return ""
    return f"{count} bytes" if count < 10_000 else f"{count / 1000:,.0f} kB"


def pretty(value: object) -> str:
    """Data as indented JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def words(value: str) -> str:
    """A name of ours as words: `add_note` is "add note"."""
    return value.replace("_", " ")


def lane(key: TicketKey) -> str:
    """What stands in its lane: `#42`, or `contact 42` for a record of a CRM."""
    record = record_of(key)
    return " ".join(record) if record else f"#{key.ticket_id}"


def counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


FILTERS: dict[str, Callable[..., Any]] = {
    "plain": plain,
    "moment": moment,
    "iso": iso,
    "duration": duration,
    "size": size,
    "pretty": pretty,
    "words": words,
    "lane": lane,
    "counted": counted,
}
