"""The customer's machine in a few words, out of `<system_information>`, which may hold every process and program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest

from connectors.platforms.beyondtrust.wire.elements import part
from connectors.xml import Element, by_name

MAX_FACTS = 24
MAX_TEXT = 200
"""Characters of a label or a value."""
LONG_TABLE = 5
"""A category with more rows is a list of programs, processes or log lines: only its length is told."""


def facts(information: Element) -> dict[str, str]:
    """Label to value. A category of one row gives its fields, one of a few rows each row by its first cell."""
    found: dict[str, str] = {}
    for category in information:
        for label, value in _facts(category):
            if len(found) >= MAX_FACTS:
                return found
            if label and value:
                found.setdefault(_cut(label), _cut(value))
    return found


def _facts(category: Element) -> Iterator[tuple[str, str]]:
    parts = by_name(category)
    name = category.get("name") or category.get("id") or part(parts, "name")
    data = parts.get("data")
    if data is None or len(data) == 0:
        return
    if len(data) > LONG_TABLE:
        yield name, f"{len(data)} entries"
        return
    columns = _columns(parts.get("description"), data[0])
    if len(data) == 1:
        yield from zip_longest(columns, _cells(data[0]), fillvalue="")
    else:
        yield from [_line(name, columns, _cells(row)) for row in data]


def _line(name: str, columns: Sequence[str], cells: Sequence[str]) -> tuple[str, str]:
    """A row of a table: the table and the first cell, then the others by their columns, one alone without it."""
    named = list(zip(columns[1:], cells[1:], strict=False))
    others = [cell if len(named) == 1 else f"{column}: {cell}" for column, cell in named if cell]
    return f"{name} {cells[0] if cells else ''}".strip(), ", ".join(others)


def _columns(description: Element | None, row: Element) -> list[str]:
    """What the fields are called: by the description, else by the ids of the fields themselves."""
    told = [] if description is None else _cells(description)
    return told if len(told) >= len(row) else [field.get("id", "") for field in islice(row, MAX_FACTS)]


def _cells(row: Element) -> list[str]:
    return [(field.text or "").strip() for field in islice(row, MAX_FACTS)]


def _cut(value: str) -> str:
    """In one line, and not too long."""
    if len(value) > MAX_TEXT:
        value = f"{value[: MAX_TEXT - 1]}…"
    return value if value.isprintable() else " ".join(value.split())
