"""Somebody's JSON in our words, by paths that the operator wrote, and our words in somebody's JSON. Pure.

A path is dotted (`ticket.tags.0`) or a JSON pointer (`/ticket/tags/0`); the empty path is the whole. A template
is JSON whose text values hold `{name}`: values are put into parsed JSON, never spliced into its text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from bridge.errors import NotFound
from bridge.model import Person, Ticket, TicketStatus

PLACEHOLDER = re.compile(r"\{(\w+)\}")

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
        elif isinstance(value, list) and re.fullmatch(r"[0-9]{1,9}", step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def steps(path: str) -> list[str]:
    if not path:
        return []
    if path.startswith("/"):
        return [step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/")]
    return path.split(".")


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
        tags=frozenset(_words(lookup(body, paths["tags"]))) if "tags" in paths else frozenset(),
        fields={name: _field(lookup(body, path)) for name, path in custom.items()},
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


def _words(value: object) -> Iterator[str]:
    """Tags as a list, or as one text with commas or spaces between them."""
    parts = re.split(r"[,\s]+", value) if isinstance(value, str) else value
    if isinstance(parts, list):
        yield from (word for word in map(as_text, parts) if word)


def _field(value: object) -> str:
    return ", ".join(map(as_text, value)) if isinstance(value, list) else as_text(value)


def fill(template: Any, values: Mapping[str, object]) -> Any:
    """The template with its placeholders filled. A text that is one placeholder becomes the value itself."""
    if isinstance(template, dict):
        return {name: fill(part, values) for name, part in template.items()}
    if isinstance(template, list):
        return [fill(part, values) for part in template]
    if not isinstance(template, str):
        return template
    whole = PLACEHOLDER.fullmatch(template)
    if whole:
        return values[whole[1]]
    return PLACEHOLDER.sub(lambda found: _inline(values[found[1]]), template)


def _inline(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def fill_path(template: str, values: Mapping[str, object]) -> str:
    """The path with its placeholders percent-encoded. Raises NotFound for a value that could leave its place."""
    for name in placeholders(template):
        if {"", ".", ".."} & set(str(values[name]).split("/")):
            raise NotFound(f"this {name} cannot stand in a path", code="path")
    return PLACEHOLDER.sub(lambda found: quote(str(values[found[1]]), safe=""), template)


def placeholders(template: Any) -> frozenset[str]:
    """Names of the placeholders in a template."""
    if isinstance(template, dict):
        return frozenset().union(*map(placeholders, template.values()))
    if isinstance(template, list):
        return frozenset().union(*map(placeholders, template))
    return frozenset(PLACEHOLDER.findall(template)) if isinstance(template, str) else frozenset()
