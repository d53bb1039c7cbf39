"""Questions in SOQL, put together so that no value can be anything but a value. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

_ESCAPES = {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def select(columns: str, source: str, *conditions: str, order: str = "", limit: int = 0) -> str:
    """Rows of an object that fulfil all conditions."""
    parts = ["SELECT", columns, "FROM", source]
    if conditions:
        parts += ["WHERE", " AND ".join(conditions)]
    if order:
        parts += ["ORDER BY", order]
    if limit:
        parts += ["LIMIT", str(limit)]
    return " ".join(parts)


def equals(field: str, text: str) -> str:
    return f"{field} = {quoted(text)}"


def one_of(field: str, texts: Iterable[str]) -> str:
    return f"{field} IN ({', '.join(map(quoted, texts))})"


def since(field: str, moment: datetime) -> str:
    """A moment has no quotes around it."""
    return f"{field} >= {moment.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')}"


def quoted(text: str) -> str:
    """A text as a literal."""
    return f"'{''.join(_ESCAPES.get(c, c) for c in text)}'"
