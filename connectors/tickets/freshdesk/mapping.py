"""Tickets, conversations and time entries in our words, and ours in theirs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bridge.errors import NotFound, Rejected
from bridge.markup import clean
from bridge.model import NoteRef, Person, Ticket, TicketStatus, TimeSpent
from connectors import marks
from connectors.bodies import field_text, iso
from connectors.tickets.freshdesk.dialects import Dialect

OPEN, RESOLVED, CLOSED = 2, 4, 5
STATUSES = {OPEN: "open", 3: "pending", RESOLVED: "resolved", CLOSED: "closed"}
"""An account's own statuses have numbers from 6."""
DONE = frozenset({RESOLVED, CLOSED})

WORDS: Mapping[str, Mapping[str, int]] = {
    "status": {word: number for number, word in STATUSES.items()},
    "priority": {"low": 1, "medium": 2, "high": 3, "urgent": 4},
}
"""Fields that the API wants as numbers and people write as words."""
NUMBERS = frozenset({"impact", "priority", "source", "status", "urgency"})
"""Fields that are numbers, beside those named `…_id`."""

SUBJECT_LENGTH = 255
LOW = 1
PORTAL = 2
"""The priority and the source of a ticket of ours."""


def plain_number(called: str) -> str:
    """The ticket's number in what it is called: `12` in `#INC-12`."""
    return re.sub(r"[^0-9]", "", called)


def checked(ticket_id: str, dialect: Dialect) -> str:
    """The number, if this system could have given the id: people type ticket numbers by hand."""
    if re.fullmatch(dialect.ticket_id, ticket_id):
        return plain_number(ticket_id)
    raise NotFound(f"a {dialect.title} ticket id is a number", code="ticket-id")


# -- reading ---------------------------------------------------------------------------------------------------


def ticket(
    told: Mapping[str, Any], dialect: Dialect, base_url: str, *, assignee: Person, done: frozenset[int], archived: bool
) -> Ticket:
    """The ticket in an answer. One that was archived takes nothing more."""
    number, status = field_text(told.get("id")), told.get("status")
    return Ticket(
        id=number,
        subject=field_text(told.get("subject")),
        status=TicketStatus.CLOSED if archived else TicketStatus.SOLVED if status in done else TicketStatus.OPEN,
        vendor_status=STATUSES.get(status, field_text(status)) if isinstance(status, int) else field_text(status),
        tags=tags(told),
        fields=fields(told, dialect),
        requester=person(told.get("requester")),
        assignee=assignee,
        url=ticket_url(base_url, number),
        number=_called(told, dialect, number),
    )


def _called(told: Mapping[str, Any], dialect: Dialect, number: str) -> str:
    prefix = dialect.prefixes.get(field_text(told.get("type")).lower(), "")
    return f"{prefix}{number}" if prefix else ""


def ticket_url(base_url: str, number: str) -> str:
    return f"{base_url.rstrip('/')}/a/tickets/{number}"


def tags(told: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(field_text(tag) for tag in told.get("tags") or ())


def fields(told: Mapping[str, Any], dialect: Dialect) -> dict[str, str]:
    """System and custom fields by their API names, as text."""
    found = {name: field_text(told[name]) for name in sorted(dialect.writable) if name in told}
    return found | {name: field_text(value) for name, value in custom_fields(told).items()}


def custom_fields(told: Mapping[str, Any]) -> Mapping[str, Any]:
    custom = told.get("custom_fields")
    return custom if isinstance(custom, dict) else {}


def person(told: object) -> Person:
    """A requester, or an agent of either product: Freshdesk keeps an agent's name and address in `contact`."""
    if not isinstance(told, dict):
        return Person()
    contact = told["contact"] if isinstance(told.get("contact"), dict) else told
    names = (field_text(contact.get(part)) for part in ("first_name", "last_name"))
    name = field_text(contact.get("name")) or " ".join(filter(None, names))
    return Person(name=name, email=field_text(contact.get("email")), id=field_text(told.get("id")))


# -- marks -----------------------------------------------------------------------------------------------------


def find_note(conversations: Iterable[Mapping[str, Any]], mark: str) -> NoteRef | None:
    """The note or reply with the mark. A customer who quotes it in an answer by mail is not taken for us."""
    for told in conversations:
        if told.get("incoming"):
            continue
        if marks.in_text(field_text(told.get("body_text")), mark) or marks.in_html(field_text(told.get("body")), mark):
            return NoteRef(str(told["id"]))
    return None


def mark_tag(mark: str) -> str:
    """A ticket of ours by its tag. A tag has at most 32 characters, so it is a digest of the mark."""
    return marks.digest(mark, 16)


# -- writing ---------------------------------------------------------------------------------------------------


def field_changes(changes: Mapping[str, object], dialect: Dialect) -> dict[str, Any]:
    """The body of an update that sets these fields. A name that is not the system's is a custom field's."""
    if "tags" in changes:
        raise Rejected("setting tags would replace all tags of the ticket: let the route add tags", code="tags")
    body = {name: _value(name, value) for name, value in changes.items() if name in dialect.writable}
    custom = {name: value for name, value in changes.items() if name not in dialect.writable}
    return {**body, "custom_fields": custom} if custom else body


def _value(name: str, value: object) -> object:
    """Numbers as the API wants them: `"3"` is 3, and `"resolved"` is 4."""
    if not isinstance(value, str):
        return value
    if re.fullmatch(r"[0-9]{1,18}", value) and (name in NUMBERS or name.endswith("_id")):
        return int(value)
    return WORDS.get(name, {}).get(value.lower(), value)


def fields_unset(sent: Mapping[str, Any], told: Mapping[str, Any]) -> list[str]:
    """Names of fields that were sent but that the answered ticket does not have."""
    wanted = {**sent, **sent.get("custom_fields", {})}
    wanted.pop("custom_fields", None)
    there = {**told, **custom_fields(told)}
    return [name for name, value in wanted.items() if name not in there or not _taken(name, value, there[name])]


def _taken(name: str, sent: object, told: object) -> bool:
    if name in NUMBERS:
        return field_text(sent) == field_text(told)
    return field_text(told) != "" or field_text(sent) == ""


def time_entry(spent: TimeSpent, agent_id: int | None, *, by: str) -> dict[str, Any]:
    """A time entry; `by` names who worked where the system cannot be told."""
    text = f"{clean(spent.text)} ({clean(by)})" if by else clean(spent.text)
    entry: dict[str, Any] = {
        "note": f"{text}\n{marks.line(spent.mark)}",
        "time_spent": f"{spent.minutes // 60:02}:{spent.minutes % 60:02}",
        "executed_at": iso(spent.began_at),
    }
    return entry if agent_id is None else {**entry, "agent_id": agent_id}


def subject(text: str) -> str:
    return clean(text).replace("\n", " ")[:SUBJECT_LENGTH]


def query(*conditions: str) -> str:
    """A search for tickets with all of the conditions, in the double quotes that both products want."""
    return f'"{" AND ".join(conditions)}"'


def tag_is(tag: str) -> str:
    if re.search(r"['\"\\]", tag):
        raise Rejected("a tag with quotes cannot be searched for", code="tag")
    return f"tag:'{tag}'"
