"""The customer's machine in a few words, out of `<system_information>`, which may hold every process and program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from connectors.xml import Element, child, children, text

MAX_FACTS = 40
MAX_TEXT = 200
"""Characters of a label or a value."""
LONG_TABLE = 8
"""A category with more rows is a list of programs, processes or log lines: only its length is told."""


def facts(information: Element) -> dict[str, str]:
    """Label to value. A category of one row gives its fields, one of a few rows each row by its first cell."""
    found: dict[str, str] = {}
    for label, value in _facts(information):
        if label and value:
            found.setdefault(_cut(label), _cut(value))
        if len(found) >= MAX_FACTS:
            break
    return found


def _facts(information: Element) -> Iterator[tuple[str, str]]:
    for category in children(information, "category"):
        name = (category.get("name") or category.get("id") or text(category, "name")).strip()
        data, description = child(category, "data"), child(category, "description")
        if data is None or len(data) == 0:
            continue
        if len(data) > LONG_TABLE:
            yield name, f"{len(data)} entries"
            continue
        columns = [] if description is None else _columns(description)
        yield from _row(data[0], columns) if len(data) == 1 else _table(name, data, columns)


def _row(row: Element, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    for number, field in enumerate(islice(row, MAX_FACTS)):
        label = columns[number] if number < len(columns) else field.get("id", "")
        yield label, text(field).strip()


def _table(name: str, data: Element, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    for row in data:
        first, *others = [text(field).strip() for field in islice(row, MAX_FACTS)] or [""]
        labelled = [f"{column}: {cell}" if column else cell for column, cell in _beside(columns[1:], others) if cell]
        yield f"{name} {first}".strip(), ", ".join(labelled)


def _beside(columns: Sequence[str], cells: Sequence[str]) -> Iterator[tuple[str, str]]:
    for number, cell in enumerate(cells):
        yield (columns[number] if number < len(columns) else ""), cell


def _columns(description: Element) -> list[str]:
    return [text(field).strip() or field.get("id", "") for field in islice(description, MAX_FACTS)]


def _cut(value: str) -> str:
    value = " ".join(value[: 2 * MAX_TEXT].split())
    return value if len(value) <= MAX_TEXT else f"{value[: MAX_TEXT - 1]}…"
