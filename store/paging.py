"""Pages of a long table, newest first: keyset by id, so that page 10,000 costs what page 1 costs."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, Table, and_, func, select

T = TypeVar("T")

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_ID = 2**63 - 1
# Rows get their id a moment after their time, and two machines' clocks differ: so far apart may both be.
SLACK_SECONDS = 300.0


class BadCursor(ValueError):
    """A cursor that no page of ours gave."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which part of a list is wanted. Empty ones filter nothing."""

    state: str = ""
    connection: str = ""
    since: datetime | None = None
    q: str = ""
    limit: int = DEFAULT_LIMIT
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: tuple[T, ...]
    next_cursor: str | None
    """Asks for what follows; None on the last page."""


def write_cursor(*place: str | float) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def read_cursor(text: str, *kinds: type) -> list[Any]:
    """The place that `write_cursor` wrote down. Raises BadCursor."""
    try:
        place = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise BadCursor("this cursor is not ours") from None
    if not isinstance(place, list) or [type(part) for part in place] != list(kinds):
        raise BadCursor("this cursor is not ours")
    return place


def by_id(
    connection: Connection,
    statement: Select[Any],
    table: Table,
    at: Column[Any],
    filters: Filters,
    make: Callable[[Row[Any]], T],
) -> Page[T]:
    """One page of the statement, ordered by the table's id. `at` is the column of the time that ids grow with."""
    if filters.cursor:
        (last,) = read_cursor(filters.cursor, int)
        if not 0 <= last <= MAX_ID:
            raise BadCursor("this cursor is not ours")
        statement = statement.where(table.c.id < last)
    if filters.since:
        since = filters.since.timestamp()
        first = first_id_at(connection, table, at, since - SLACK_SECONDS)
        statement = statement.where(table.c.id >= first, at >= since)
    rows = connection.execute(statement.order_by(table.c.id.desc()).limit(filters.limit + 1)).all()
    return page(rows, filters.limit, make, lambda row: write_cursor(row.id))


def page(rows: Any, limit: int, make: Callable[[Row[Any]], T], cursor: Callable[[Row[Any]], str]) -> Page[T]:
    """The page of rows of which one more than the limit was asked for."""
    more = len(rows) > limit
    return Page(tuple(make(row) for row in rows[:limit]), cursor(rows[limit - 1]) if more else None)


def first_id_at(connection: Connection, table: Table, at: Column[Any], moment: float) -> int:
    """The first id whose time is not before the moment, by bisection: ids grow with time, and no index is needed."""
    # One by one: SQLite finds both ends in one step only when they are not asked for together.
    low = connection.execute(select(func.min(table.c.id))).scalar()
    high = connection.execute(select(func.max(table.c.id))).scalar()
    if low is None or high is None:
        return 0
    high += 1
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(select(at).where(table.c.id >= middle).order_by(table.c.id).limit(1)).first()
        if row is None or row[0] >= moment:
            high = middle
        else:
            low = middle + 1
    return int(low)


def starts_with(connection: Connection, column: Column[Any], prefix: str) -> ColumnElement[bool]:
    """Whether the text starts so, as a range that an index in byte order can answer."""
    ordered = column if connection.dialect.name == "sqlite" else column.collate("C")
    return and_(ordered >= prefix, ordered < prefix + "\U0010ffff")


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def moment_or_none(seconds: float | None) -> datetime | None:
    return None if seconds is None else moment(seconds)
