"""The appliance's state model: tables of rows by id, as the real-time API and the archives both tell it.

Ids are 64-bit unsigned integers (guide, "System State Model of the Real-Time API"). The appliance writes them
as numbers in one place and as texts in another, so here every id is its decimal text: no reader of JSON can
round it, and a foreign key finds its row whichever way it was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bridge.errors import MalformedPayload

MAX_ID = 2**64 - 1
MAX_ROWS = 1_000_000
"""In all tables together. An appliance keeps what happens now; more than this is no state of one."""

Row = Mapping[str, Any]
"""A row's fields by their name, values as the appliance wrote them (flags come as 0 and 1 or as booleans)."""


def row_id(value: object) -> str:
    """An id as its decimal text. Raises MalformedPayload for anything that is none."""
    number = value
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= len(str(MAX_ID)):
        number = int(value)
    # A float has already lost digits, and True is an int to Python.
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= MAX_ID:
        raise MalformedPayload("a row of the state model has an id that is no 64-bit number")
    return str(number)


class Tables:
    """A copy of the state model. Unknown tables and fields are kept as they come; nothing here does I/O."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, dict[str, Any]]] = {}
        self._rows = 0

    def __len__(self) -> int:
        """Rows in all tables."""
        return self._rows

    def names(self) -> tuple[str, ...]:
        """The tables that have rows."""
        return tuple(name for name, rows in self._tables.items() if rows)

    def table(self, name: str) -> Mapping[str, Row]:
        """The rows of a table by their id; empty for a table that nobody told of. A view, not a copy."""
        return self._tables.get(name, {})

    def get(self, name: str, reference: object) -> Row | None:
        """The row with this id, or that this foreign key means; None where there is none or the key is empty."""
        if reference is None or reference == "":
            return None
        return self.table(name).get(row_id(reference))

    def where(self, name: str, field: str, reference: object) -> Iterator[tuple[str, Row]]:
        """Ids and rows whose foreign key in this field means that id."""
        wanted = row_id(reference)
        for found_id, row in self.table(name).items():
            value = row.get(field)
            if value not in (None, "") and row_id(value) == wanted:
                yield found_id, row

    def insert(self, name: str, key: object, fields: Row) -> None:
        """A new row. One of the same id is replaced whole: its fields belong to a row that is gone."""
        rows = self._tables.setdefault(name, {})
        found_id = row_id(key)
        self._count(found_id not in rows)
        rows[found_id] = dict(fields)

    def update(self, name: str, key: object, fields: Row) -> None:
        """Give these fields to a row, and leave its others. A row that is unknown begins with them."""
        rows = self._tables.setdefault(name, {})
        found_id = row_id(key)
        self._count(found_id not in rows)
        rows.setdefault(found_id, {}).update(fields)

    def delete(self, name: str, key: object) -> None:
        """Forget a row; nothing happens when it is unknown."""
        if self._tables.get(name, {}).pop(row_id(key), None) is not None:
            self._rows -= 1

    def truncate(self) -> None:
        """Forget every row of every table: the appliance's processes have started anew."""
        self._tables.clear()
        self._rows = 0

    def insert_all(self, tables: object) -> None:
        """Insert from `{table: {id: {field: value}}}`. A table that is null has no rows."""
        for name, key, fields in _rows_of(tables):
            self.insert(name, key, fields)

    def update_all(self, tables: object) -> None:
        """Update from `{table: {id: {field: value}}}`."""
        for name, key, fields in _rows_of(tables):
            self.update(name, key, fields)

    def delete_all(self, tables: object) -> None:
        """Delete from `{table: [id, …]}`; the ids may be the keys of an object, too."""
        for name, keys in _object(tables, "tables").items():
            for key in _keys(keys):
                self.delete(name, key)

    def _count(self, new: bool) -> None:
        if new and self._rows >= MAX_ROWS:
            raise MalformedPayload(f"the state model has more than {MAX_ROWS} rows")
        self._rows += new


def apply_update(tables: Tables, message: Mapping[str, Any]) -> None:
    """Do what a `model_update` message says: its `insert`, then `update`, then `delete`; any may be missing.

    The guide draws `update` and `delete` once inside `insert` by mistake of its braces; only the outer ones count.
    """
    tables.insert_all(message.get("insert"))
    tables.update_all(message.get("update"))
    tables.delete_all(message.get("delete"))


def _rows_of(tables: object) -> Iterator[tuple[str, str, Row]]:
    for name, rows in _object(tables, "tables").items():
        for key, fields in _object(rows, "rows").items():
            yield name, key, _object(fields, "fields")


def _object(value: object, what: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise MalformedPayload(f"the {what} of a state model are no JSON object")
    return value


def _keys(value: object) -> Sequence[object]:
    if value is None:
        return ()
    if isinstance(value, Mapping):
        return tuple(value)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return value
    raise MalformedPayload("the rows to delete from a state model are no JSON array")
