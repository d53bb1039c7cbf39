"""Zendesk's tickets, fields and audits in our words, and ours in Zendesk's. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from bridge.errors import Rejected
from bridge.model import NewTicket, Note, NoteRef, Person, Ticket, TicketStatus, Visibility
from connectors import marks
from connectors.bodies import iso

STATUSES = {
    "new": TicketStatus.OPEN,
    "open": TicketStatus.OPEN,
    "pending": TicketStatus.OPEN,
    "hold": TicketStatus.OPEN,
    "solved": TicketStatus.SOLVED,
    "closed": TicketStatus.CLOSED,
}
DELETED = "deleted"

# What a route may set beside custom fields. `tags` is missing because setting it replaces the whole set.
WRITABLE = frozenset(
    {
        "assignee_email",
        "assignee_id",
        "brand_id",
        "custom_status_id",
        "due_at",
        "external_id",
        "group_id",
        "organization_id",
        "priority",
        "problem_id",
        "requester_id",
        "status",
        "subject",
        "ticket_form_id",
        "type",
    }
)

READABLE = (*sorted(WRITABLE - {"assignee_email", "subject"}), "recipient")

MARK_KEY = "deskbridge"
"""Under this name the mark stands in an audit's custom metadata, which no reader of the ticket sees."""

_CUSTOM = re.compile(r"(?:custom_field_)?([0-9]{1,20})")


def ticket(answer: Mapping[str, Any], base_url: str) -> Ticket:
    """The ticket in an answer to `GET tickets/{id}.json?include=users`."""
    told = answer["ticket"]
    people = {user.get("id"): user for user in answer.get("users") or ()}
    ticket_id = str(told["id"])
    return Ticket(
        id=ticket_id,
        subject=as_text(told.get("subject")),
        status=STATUSES.get(as_text(told.get("status")), TicketStatus.OPEN),
        vendor_status=as_text(told.get("status")),
        tags=frozenset(as_text(tag) for tag in told.get("tags") or ()),
        fields=fields(told),
        requester=_person(people.get(told.get("requester_id"))),
        assignee=_person(people.get(told.get("assignee_id"))),
        url=f"{base_url.rstrip('/')}/agent/tickets/{ticket_id}",
    )


def fields(told: Mapping[str, Any]) -> dict[str, str]:
    """System fields by name, custom fields by `custom_field_<id>` and by the bare id, all as text."""
    found = {name: as_text(told[name]) for name in READABLE if name in told}
    for custom in told.get("custom_fields") or ():
        number = custom.get("id")
        found[f"custom_field_{number}"] = found[str(number)] = as_text(custom.get("value"))
    return found


def as_text(value: object) -> str:
    """A field's value as text: nothing is empty, ticks are `true` and `false`, several are a comma list."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(as_text(part) for part in value)
    return str(value)


def _person(user: Mapping[str, Any] | None) -> Person:
    if user is None:
        return Person()
    name, email, identity = (as_text(user.get(key)) for key in ("name", "email", "id"))
    return Person(name=name, email=email, id=identity)


def custom_field_id(name: str) -> int | None:
    """The number in `custom_field_<id>` or `<id>`; None when the name is not a custom field's."""
    found = _CUSTOM.fullmatch(name)
    return int(found[1]) if found else None


def field_changes(changes: Mapping[str, object]) -> dict[str, Any]:
    """The body of an update that sets these fields. Raises Rejected for a name that Zendesk does not have."""
    body: dict[str, Any] = {}
    custom: list[dict[str, object]] = []
    for name, value in changes.items():
        number = custom_field_id(name)
        if number is not None:
            custom.append({"id": number, "value": value})
        elif name in WRITABLE:
            body[name] = value
        elif name == "tags":
            raise Rejected("setting tags would replace all tags of the ticket: let the route add tags")
        else:
            raise Rejected(f"no ticket field {name!r} in Zendesk: custom ones are called custom_field_<id>")
    if custom:
        body["custom_fields"] = custom
    return body


def fields_missing(changes: Mapping[str, object], told: Mapping[str, Any]) -> list[str]:
    """Names of custom fields that were sent but that the answered ticket does not have."""
    there = {custom.get("id") for custom in told.get("custom_fields") or ()}
    return [name for name in changes if (number := custom_field_id(name)) is not None and number not in there]


def note_update(note: Note, body: str, uploads: list[str], stamp: str) -> dict[str, Any]:
    """The update that adds a note, and that Zendesk refuses when the ticket changed after `stamp`."""
    comment: dict[str, Any] = {"html_body": body, "public": note.visibility is Visibility.PUBLIC}
    if uploads:
        comment["uploads"] = uploads
    return {
        "ticket": {
            "comment": comment,
            "safe_update": True,
            "updated_stamp": stamp,
            "metadata": {"custom": {MARK_KEY: note.mark}},
        }
    }


def external_id(mark: str) -> str:
    """The external id of a ticket that is made with this mark: a digest, for marks may be long."""
    return marks.digest(mark)


def new_ticket(new: NewTicket, body: str, uploads: list[str], followed: Mapping[str, Any]) -> dict[str, Any]:
    """The ticket to be made. Only what follows a closed ticket can be linked to it."""
    comment: dict[str, Any] = {"html_body": body, "public": False}
    if uploads:
        comment["uploads"] = uploads
    asked: dict[str, Any] = {
        "subject": new.subject,
        "comment": comment,
        "external_id": external_id(new.mark),
        "metadata": {"custom": {MARK_KEY: new.mark}},
    }
    if new.requester.email:
        asked["requester"] = {"name": new.requester.name or new.requester.email, "email": new.requester.email}
    elif followed.get("requester_id"):
        asked["requester_id"] = followed["requester_id"]
    if followed.get("status") == "closed":
        asked["via_followup_source_id"] = followed["id"]
    return {"ticket": asked}


def find_mark(audits: Iterable[Mapping[str, Any]], mark: str) -> NoteRef | None:
    """The audit that carries the mark."""
    for audit in audits:
        if _carries(audit.get("metadata"), mark):
            return NoteRef(str(audit["id"]))
    return None


def _carries(metadata: object, mark: str) -> bool:
    """Whether `custom.deskbridge` is the mark; an account may keep what we send one `custom` deeper."""
    while isinstance(metadata, dict):
        if metadata.get(MARK_KEY) == mark:
            return True
        metadata = metadata.get("custom")
    return False


def search_query(moment: datetime, tag: str) -> str:
    """The search for tickets touched since the moment that carry the tag (any, when it is empty)."""
    since = iso(moment)
    query = f"type:ticket updated>={since}"
    if not tag:
        return query
    if re.search(r'[\s"]', tag):
        raise Rejected("a Zendesk tag has neither spaces nor quotes")
    return f"{query} tags:{tag}"
