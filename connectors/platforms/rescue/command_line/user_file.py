"""A file of new users, as CSV with a heading or as JSON lines. Nothing is sent until all of it is right."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from connectors.platforms.rescue.directory import NewUser

NEEDED = ("parent", "name", "email", "password")
OPTIONAL = ("nick", "sso_id", "description", "status", "mobile_addon")
STATUS = {"enabled": True, "disabled": False, "": True}
TRUTH = {"true": True, "false": False, "": False}


class Unreadable(Exception):
    """What is wrong, with the line; never what stands there: it holds passwords."""


def users_in(file: TextIO) -> list[NewUser]:
    """The users, known by the lines they stand in. Raises Unreadable."""
    text = file.read()
    rows = _json_lines(text) if text.lstrip().startswith("{") else _csv(text)
    users = [_user(line, row) for line, row in rows]
    if not users:
        raise Unreadable("the file names no user")
    return users


def _json_lines(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    for line, one in enumerate(text.splitlines(), 1):
        if not one.strip():
            continue
        try:
            told = json.loads(one)
        except ValueError:
            raise Unreadable(f"line {line} is no JSON") from None
        if not isinstance(told, dict):
            raise Unreadable(f"line {line} is no JSON object")
        yield line, {name: _text(line, name, value) for name, value in told.items()}


def _text(line: int, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | str):
        return str(value)
    raise Unreadable(f"line {line}: {name} is no text")


def _csv(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    reader = csv.DictReader(text.splitlines(keepends=True), strict=True)
    try:
        for row in reader:
            if None in row or None in row.values():
                raise Unreadable(f"line {reader.line_num} has not as many cells as the heading")
            yield reader.line_num, {name.strip(): value.strip() for name, value in row.items()}
    except csv.Error:
        raise Unreadable(f"line {reader.line_num} is no CSV") from None


def _user(line: int, row: Mapping[str, str]) -> NewUser:
    strange = sorted(set(row) - {*NEEDED, *OPTIONAL})
    if strange:
        known = ", ".join((*NEEDED, *OPTIONAL))
        raise Unreadable(f"line {line}: nothing is called {', '.join(strange)}; there is {known}")
    missing = [name for name in NEEDED if not row.get(name)]
    if missing:
        raise Unreadable(f"line {line} has no {', '.join(missing)}")
    return NewUser(
        unique_id=line,
        parent_id=row["parent"],
        name=row["name"],
        email=row["email"],
        password=row["password"],
        nick=row.get("nick", ""),
        sso_id=row.get("sso_id", ""),
        description=row.get("description", ""),
        enabled=_word(line, row, "status", STATUS),
        mobile_addon=_word(line, row, "mobile_addon", TRUTH),
    )


def _word(line: int, row: Mapping[str, str], name: str, words: Mapping[str, bool]) -> bool:
    said = row.get(name, "").strip().lower()
    if said not in words:
        raise Unreadable(f"line {line}: {name} is {' or '.join(word for word in words if word)}")
    return words[said]
