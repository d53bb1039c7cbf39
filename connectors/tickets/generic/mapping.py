"""Somebody's JSON in our words, by paths that the operator wrote. Pure.

A path is dotted (`ticket.tags.0`) or a JSON pointer (`/ticket/tags/0`); the empty path is the whole. In a dotted path
`[-1]` is the last one of a list, and `[id=5]` the first one whose `id` is 5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bridge.model import Person, Ticket, TicketStatus

STATUSES: Mapping[str, TicketStatus] = {
    "closed": TicketStatus.CLOSED,
    "resolved": TicketStatus.SOLVED,
    "solved": TicketStatus.SOLVED,
}
"""Vendor's words that need no table; every other word means that the ticket is open."""


def lookup(value: Any, path: str) -> Any | None:
    """What stands at a path; None when nothing does."""
    for step in steps(path):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list):
            value = _one_of(value, step)
        else:
            return None
    return value


def steps(path: str) -> list[str]:
    if not path:
        return []
    if path.startswith("/"):
        return [step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/")]
    return path.split(".")


def _one_of(values: list[Any], step: str) -> Any | None:
    """The one of a list that a step names; None when there is no such one."""
    if re.fullmatch(r"[0-9]{1,9}", step):
        return values[int(step)] if int(step) < len(values) else None
    if step == "[-1]":
        return values[-1] if values else None
    wanted = re.fullmatch(r"\[(\w+)=([^\]]+)\]", step)
    if wanted:
        return next((one for one in values if isinstance(one, dict) and as_text(one.get(wanted[1])) == wanted[2]), None)
    return None


def text_at(value: Any, path: str | None) -> str:
    """Text, number or tick at a path, as text; empty for anything else or without a path."""
    return as_text(lookup(value, path)) if path is not None else ""


def as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) else ""


def moment_at(value: Any, path: str | None) -> datetime | None:
    """A moment at a path in UTC: ISO 8601, or seconds or milliseconds since 1970; None for anything else."""
    told = text_at(value, path)
    try:
        if re.fullmatch(r"[0-9]{9,13}", told):
            return datetime.fromtimestamp(int(told) / (1000 if len(told) > 11 else 1), UTC)
        moment = datetime.fromisoformat(told)
    except (ValueError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def ticket(ticket_id: str, body: Any, paths: Mapping[str, Any], statuses: Mapping[str, str]) -> Ticket:
    """The ticket as far as the paths reach into the body."""
    status = text_at(body, paths.get("status"))
    custom: Mapping[str, str] = paths.get("custom") or {}
    return Ticket(
        id=ticket_id,
        subject=text_at(body, paths.get("subject")),
        status=_status(status, statuses),
        vendor_status=status,
        tags=tags_at(body, paths.get("tags")),
        fields={name: field(lookup(body, path)) for name, path in custom.items()},
        requester=_person(body, paths, "requester"),
        assignee=_person(body, paths, "assignee"),
        url=text_at(body, paths.get("url")),
    )


def _status(word: str, statuses: Mapping[str, str]) -> TicketStatus:
    if word in statuses:
        return TicketStatus(statuses[word])
    return STATUSES.get(word.lower(), TicketStatus.OPEN)


def _person(body: Any, paths: Mapping[str, Any], role: str) -> Person:
    return Person(name=text_at(body, paths.get(f"{role}_name")), email=text_at(body, paths.get(f"{role}_email")))


def person(item: Any, paths: Mapping[str, Any]) -> Person:
    """Somebody who works there, as far as the paths reach."""
    name, email, identity, username, other = (
        text_at(item, paths.get(part)) for part in ("name", "email", "id", "username", "sso_id")
    )
    return Person(name, email, identity, username=username, sso_id=other)


def tags_at(value: Any, path: str | None) -> frozenset[str]:
    """Tags as a list, or as one text with commas or spaces between them."""
    return frozenset(_words(lookup(value, path))) if path is not None else frozenset()


def _words(value: object) -> Iterator[str]:
    parts = re.split(r"[,\s]+", value) if isinstance(value, str) else value
    if isinstance(parts, list):
        yield from (word for word in map(as_text, parts) if word)


def field(value: object) -> str:
    """A field's value as text; several are a comma list."""
    return ", ".join(map(as_text, value)) if isinstance(value, list) else as_text(value)
