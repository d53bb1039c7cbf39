"""A report as a table: read from XML, or from text as far as text can tell its cells apart. Pure.

Source: captures of `getReport` (output XML: `header/field[@id]` and `data/row/field[@id]`; output TEXT: a header
line and rows joined by the delimiter, nothing escaped). The labels of the custom fields are set by each account.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from bridge.errors import MalformedPayload
from connectors import xml
from connectors.http import Reply
from connectors.platforms.rescue.replies import body_of
from connectors.platforms.rescue.rows import joined
from connectors.platforms.rescue.schema import moment, never

DELIMITER = "|"


class Area(IntEnum):
    """What a report is about, by the number that `setReportArea` takes."""

    SESSION = 0
    CUSTOMER_SURVEY = 1
    LOGIN = 2
    MISSED_SESSIONS = 3
    PERFORMANCE = 4
    CHAT_LOG = 5
    CUSTOM_FIELDS = 6
    TRANSFERRED_SESSIONS = 7
    TECHNICIAN_SURVEY = 8
    COLLABORATION_CHAT_LOG = 9
    FAILED_SESSIONS = 10
    TRANSFERRED_SESSIONS_EXTENDED = 16
    """Only `setReportArea_v8` knows it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A report: labels as the account has them, one cell for each in every row."""

    labels: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    unreadable: int = 0
    """Rows that nobody can take apart, because a delimiter or a line feed stood inside a cell."""

    def column(self, label: str) -> int | None:
        """The place of a column by its label; case, blanks and signs do not count."""
        wanted = plain(label)
        return next((at for at, found in enumerate(self.labels) if plain(found) == wanted), None)

    def records(self) -> Iterator[Mapping[str, str]]:
        """Each row by `plain` labels; of labels that come twice the first that is filled."""
        names = [plain(label) for label in self.labels]
        for row in self.rows:
            record: dict[str, str] = {}
            for name, cell in zip(names, row, strict=True):
                record[name] = record.get(name) or cell
            yield record


def plain(label: str) -> str:
    """`Session ID` and `session_id` are the same column: letters and digits of any script, in lower case."""
    return "".join(sign for sign in label.casefold() if sign.isalnum())


def table_of(reply: Reply, delimiter: str = DELIMITER) -> Table:
    """The report in an answer, whichever output it has. Raises Unavailable when it is none."""
    body = body_of(reply)
    if body.startswith("<"):
        return _from_xml(reply, body)
    return _from_text(reply, body, delimiter)


# -- XML -------------------------------------------------------------------------------------------------------


def _from_xml(reply: Reply, body: str) -> Table:
    try:
        # Decoded already: whatever encoding the declaration names is not that of these bytes.
        text = re.sub(r"\A<\?xml.*?\?>", "", body, flags=re.DOTALL)
        root = xml.parse(xml.without_forbidden(text.encode()))
    except MalformedPayload as broken:
        raise reply.unclear(f"was answered with a report that cannot be read: {broken}", code="unreadable") from None
    header = xml.child(root, "header")
    if header is None:
        raise reply.unclear("was answered with a report without a header", code="unreadable")
    ids = [field.get("id", "") for field in xml.children(header, "field")]
    labels = tuple(xml.text(field).strip() for field in xml.children(header, "field"))
    data = xml.child(root, "data")
    rows = tuple(_row_of(row, ids) for row in (xml.children(data, "row") if data is not None else ()))
    return Table(labels, rows)


def _row_of(row: xml.Element, ids: list[str]) -> tuple[str, ...]:
    """Its cells in the order of the header: a field that is missing is an empty cell."""
    found = {field.get("id", ""): xml.text(field).strip() for field in xml.children(row, "field")}
    return tuple(found.get(name, "") for name in ids)


# -- text ------------------------------------------------------------------------------------------------------

_NUMBERS = frozenset({"sessionid", "technicianid", "channelid"})
_TIMES = frozenset({"starttime", "endtime", "lastactiontime", "date"})


def _from_text(reply: Reply, body: str, delimiter: str) -> Table:
    lines = body.replace("\r\n", "\n").split("\n")
    if not lines[0].strip():
        raise reply.unclear("was answered with a report without a header", code="unreadable")
    trailing = lines[0].endswith(delimiter)
    labels = tuple(label.strip() for label in _cells(lines[0], delimiter, trailing=trailing))
    rows, unreadable = [], 0
    for text in joined(lines[1:], delimiter, len(labels) - (0 if trailing else 1)):
        cells = tuple(cell.strip() for cell in _cells(text, delimiter, trailing=trailing))
        if _believable(cells, labels):
            rows.append(cells)
        else:
            unreadable += 1
    return Table(labels, tuple(rows), unreadable)


def _cells(text: str, delimiter: str, *, trailing: bool) -> list[str]:
    return (text.removesuffix(delimiter) if trailing else text).split(delimiter)


def _believable(cells: tuple[str, ...], labels: tuple[str, ...]) -> bool:
    """Whether numbers and times stand where they belong: a row that was put together wrongly has them elsewhere."""
    if len(cells) != len(labels):
        return False
    for label, cell in zip(map(plain, labels), cells, strict=True):
        if label in _NUMBERS and cell and not cell.isdecimal():
            return False
        if label in _TIMES and cell and moment(cell) is None and not never(cell):
            return False
    return True
