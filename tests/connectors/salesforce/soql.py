"""As much of SOQL as the fake organization answers, as strictly as Salesforce reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

Row = dict[str, Any]

_SHAPE = re.compile(
    r"SELECT (?P<columns>[\w.,() ]+?) FROM (?P<source>\w+)(?: WHERE (?P<where>.+?))?"
    r"(?: ORDER BY (?P<order>[\w.]+(?: DESC)?(?:, [\w.]+(?: DESC)?)*))?(?: LIMIT (?P<limit>\d+))?",
    re.S,
)
_LITERAL = r"'(?:[^'\\]|\\['\"\\nrt])*'"
_CONDITION = re.compile(
    rf"(?P<field>[\w.]+) (?:= (?P<text>{_LITERAL})|= (?P<flag>true|false)|= LAST_N_DAYS:(?P<days>\d+)"
    rf"|>= (?P<moment>\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ)|IN \((?P<texts>{_LITERAL}(?:, {_LITERAL})*)\))"
)


class Refused(Exception):
    def __init__(self, code: str, status: int = 400, *fields: str, message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.fields = fields
        self.message = message


@dataclass(frozen=True)
class Query:
    columns: tuple[str, ...]
    source: str
    conditions: tuple[re.Match[str], ...]
    order: tuple[tuple[str, bool], ...]
    limit: int | None


def parse(text: str) -> Query:
    found = _SHAPE.fullmatch(text)
    if not found:
        raise Refused("MALFORMED_QUERY")
    columns = tuple(column.strip() for column in found["columns"].split(","))
    order = tuple((part.split(" ")[0], part.endswith(" DESC")) for part in (found["order"] or "").split(", ") if part)
    limit = int(found["limit"]) if found["limit"] else None
    if len(set(columns)) != len(columns):
        raise Refused("INVALID_FIELD")
    if "FIELDS(ALL)" in columns and not (limit and limit <= 200):
        raise Refused("MALFORMED_QUERY")
    return Query(columns, found["source"], tuple(_conditions(found["where"])), order, limit)


def _conditions(where: str | None) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    place = 0
    while where and place < len(where):
        if found:
            if not where.startswith(" AND ", place):
                raise Refused("MALFORMED_QUERY")
            place += len(" AND ")
        condition = _CONDITION.match(where, place)
        if not condition:
            raise Refused("MALFORMED_QUERY")
        found.append(condition)
        place = condition.end()
    return found


def unescaped(literal: str) -> str:
    named = {"n": "\n", "r": "\r", "t": "\t"}
    return re.sub(r"\\(.)", lambda hit: named.get(hit[1], hit[1]), literal[1:-1])


def holds(condition: re.Match[str], row: Row, value_of: Callable[[Row, str], Any], now: datetime) -> bool:
    value = value_of(row, condition["field"])
    if condition["text"] is not None:
        return same(value, unescaped(condition["text"]))
    if condition["flag"] is not None:
        return bool(value) is (condition["flag"] == "true")
    if condition["texts"] is not None:
        return any(same(value, unescaped(text)) for text in re.findall(_LITERAL, condition["texts"]))
    if condition["days"] is not None:
        return bool(value >= now - timedelta(days=int(condition["days"])))
    return bool(value >= datetime.fromisoformat(condition["moment"]))


def same(value: object, text: str) -> bool:
    """Salesforce compares texts without regard to case, and takes ids in both lengths."""
    if isinstance(value, str) and len(value) == 18 and len(text) == 15:
        return value[:15] == text
    return isinstance(value, str) and value.lower() == text.lower()


def told(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return value


def record(kind: str, columns: Mapping[str, Any]) -> Row:
    """The row as it is answered: `Contact.Name` inside an object of its own."""
    answered: Row = {"attributes": {"type": kind}}
    for column, value in columns.items():
        name, dot, inside = column.partition(".")
        if not dot:
            answered[name] = told(value)
        elif value is None:
            answered.setdefault(name, None)
        else:
            answered[name] = {**(answered.get(name) or {"attributes": {"type": name}}), inside: told(value)}
    return answered
