"""The small things that every report is made of: moments, numbers, who did it, what was said, name-value pairs."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from connectors.xml import Element, text

Parts = dict[str, Element]
"""An element's children by their local name."""

SYSTEM = "system"
"""Who is nobody: the appliance itself, which also has the gsnumber 0."""
REPRESENTATIVE = "representative"
CUSTOMER = "customer"

LAST_SECOND = 253_402_300_799
"""Of the year 9999."""
_UNIX = re.compile(r"([0-9]{1,12})(?:\.[0-9]{0,9})?")


def moment(element: Element | None) -> datetime | None:
    """The time that an element tells: its `timestamp` attribute (UNIX seconds), else its ISO 8601 text."""
    if element is None:
        return None
    return instant(element.get("timestamp", "")) or instant(element.text or "")


def unix_second(value: str) -> datetime | None:
    """A UNIX time as UTC, to the second; None for anything else."""
    whole = _UNIX.fullmatch(value)
    if not whole or int(whole[1]) > LAST_SECOND:
        return None
    return datetime.fromtimestamp(int(whole[1]), UTC)


def instant(value: str) -> datetime | None:
    """UNIX seconds or ISO 8601 as a moment; None for an empty one, for 0 and for what is neither."""
    try:
        if value.isdecimal() and (seconds := int(value)):
            return datetime.fromtimestamp(seconds, UTC)
        value = value.strip()
        if value.replace(".", "", 1).isdecimal():
            return datetime.fromtimestamp(float(value), UTC) if float(value) else None
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def number(value: str) -> int | None:
    """A whole number, None for anything else."""
    value = value.strip()
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 20 else None


def seconds(value: str) -> int | None:
    """A length `HH:MM:SS` in seconds; the hours may have any number of digits."""
    hours, _, rest = value.strip().partition(":")
    minutes, _, left = rest.partition(":")
    found = [number(part) for part in (hours, minutes, left)]
    return None if None in found else sum(part * size for part, size in zip(found, (3600, 60, 1), strict=True) if part)


def known(value: str) -> str:
    """A value that the appliance may not know: it then writes `Unknown`."""
    value = value.strip()
    return "" if value == "Unknown" else value


def part(parts: Parts, name: str) -> str:
    """The text of a child, trimmed; empty where there is none."""
    found = parts.get(name)
    if found is None:
        return ""
    # Asked a hundred times a session: the plain case goes without a call.
    return text(found).strip() if len(found) else (found.text or "").strip()


def words(parts: Parts) -> str:
    """What was said: `body`, or `encoded_body` (base64) where it holds what XML cannot."""
    if "encoded_body" not in parts:
        return part(parts, "body")
    try:
        return base64.b64decode(text(parts["encoded_body"])).decode("utf-8", "replace").strip()
    except (binascii.Error, ValueError):
        return part(parts, "body")


def pairs(parts: Parts) -> Iterator[tuple[str, str]]:
    """The `<value name="…" value="…"/>` of an event's `data`."""
    data = parts.get("data")
    if data is not None:
        for value in data:
            yield value.get("name", ""), value.get("value", "")


def size_text(size: int) -> str:
    """Bytes for people: `812 bytes`, `1.4 KB`, `2.0 MB`."""
    if size < 1024:
        return f"{size} bytes"
    amount = float(size)
    for unit in ("KB", "MB", "GB"):
        amount /= 1024
        if amount < 1024 or unit == "GB":
            break
    return f"{amount:.1f} {unit}"
