"""How things are printed: lines for people, or JSON for machines, one object a line. Nothing printed is a control."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any, TypeAlias

import click

Column: TypeAlias = tuple[str, Callable[[Any], object]]
"""The heading, and what of an item stands below it."""
ROWS_LOOKED_AT = 200
"""So many rows decide how wide the columns are; more of them come as they come."""
WIDEST = 60
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that move the cursor, turn the direction of writing round, or show nothing."""


def visible(value: object) -> str:
    """One line of text, controls and what hides written as escapes: `\\x1b`, `\\u202e`, `\\n`."""
    text = plain_text(value)
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(sign) if unicodedata.category(sign) in _HIDDEN else sign for sign in text)


def plain_text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S")
        case Mapping():
            return ", ".join(f"{name}={plain_text(found)}" for name, found in value.items())
        case tuple() | list() | frozenset():
            return ", ".join(map(plain_text, value))
    return str(value)


def say(value: object, *, err: bool = False) -> None:
    """One line."""
    click.echo(visible(value), err=err)


def paragraph(text: str, indent: str = "  ") -> None:
    """What may have several lines."""
    for line in text.splitlines():
        say(f"{indent}{line}")


def as_json(value: object) -> str:
    """One line of JSON in ASCII: nothing in it can control a terminal."""
    return json.dumps(simple(value), ensure_ascii=True)


def simple(value: Any) -> Any:
    """What JSON can hold: dataclasses as objects, times in UTC as ISO 8601, sets as sorted lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: simple(getattr(value, one.name)) for one in fields(value)}
    match value:
        case datetime():
            return value.isoformat()
        case Mapping():
            return {str(name): simple(found) for name, found in value.items()}
        case frozenset() | set():
            return sorted(map(simple, value))
        case bytes():
            return value.decode("utf-8", "replace")
        case tuple() | list():
            return [simple(found) for found in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def table(items: Iterable[Any], columns: Sequence[Column], *, nothing: str = "None.") -> None:
    """A line each, below a heading; columns are as wide as the first rows need."""
    rows = ([visible(read(item)) for _, read in columns] for item in items)
    first = list(islice(rows, ROWS_LOOKED_AT))
    if not first:
        click.echo(nothing)
        return
    heading = [title for title, _ in columns]
    widths = [min(WIDEST, max(len(row[at]) for row in [heading, *first])) for at in range(len(columns))]
    for row in chain([heading], first, rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())


def card(told: Mapping[str, object]) -> None:
    """Label and value, a line each; what is empty is left out."""
    filled = {label: visible(value) for label, value in told.items() if plain_text(value)}
    width = max(map(len, filled), default=0)
    for label, value in filled.items():
        click.echo(f"{label.ljust(width)}  {value}")


def json_lines(items: Iterable[Any]) -> None:
    for item in items:
        click.echo(as_json(item))


def counted(items: Iterable[Any], count: int) -> Iterator[Any]:
    """The first so many; all of them for 0."""
    return islice(items, count) if count else iter(items)


def _escaped(sign: str) -> str:
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(sign) or (
        f"\\x{ord(sign):02x}"
        if ord(sign) < 256
        else f"\\u{ord(sign):04x}"
        if ord(sign) < 65536
        else f"\\U{ord(sign):08x}"
    )
