"""HubSpot's tickets, notes and people in our words, and ours in HubSpot's. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bridge.model import Person, Ticket, TicketStatus
from connectors import marks
from connectors.bodies import as_moment, as_text, field_text
from connectors.tickets.hubspot.stages import Stage

TICKET_ID = r"[0-9]{1,20}"
USUAL = (
    "subject",
    "content",
    "createdate",
    "hs_lastmodifieddate",
    "hs_pipeline",
    "hs_pipeline_stage",
    "hs_ticket_category",
    "hs_ticket_priority",
    "hubspot_owner_id",
    "source_type",
)
"""Properties of tickets that are read in every account."""

CHANGED_AT = "hs_lastmodifieddate"
TICKETS_PER_PAGE = 100

NOTE_TO_TICKET = 228
TICKET_TO_CONTACT = 16
FOLDER = "/deskbridge"
PRIVATE = "PRIVATE"
"""Of a file: only who is signed in to the account can open it. Every other access gives it an address for all."""


def ticket(told: Mapping[str, Any], stage: Stage, requester: Person, owner: Person) -> Ticket:
    """The ticket in an answer to `GET /crm/v3/objects/tickets/{id}`."""
    fields = {name: field_text(value) for name, value in properties(told).items()}
    url = as_text(told.get("url"))
    return Ticket(
        id=as_text(told["id"]),
        subject=fields.get("subject", ""),
        # A closed ticket takes notes and associations as any other.
        status=TicketStatus.SOLVED if stage.closed else TicketStatus.OPEN,
        vendor_status=stage.label or stage.id,
        fields=fields,
        requester=requester,
        assignee=owner,
        url=url if url.startswith("https://") else "",
    )


def properties(told: Mapping[str, Any]) -> Mapping[str, Any]:
    found = told.get("properties")
    return found if isinstance(found, dict) else {}


def first_contact(told: Mapping[str, Any]) -> str:
    """The id of the contact that was associated with the ticket first; empty for none."""
    associations = told.get("associations")
    contacts = associations.get("contacts") if isinstance(associations, dict) else None
    rows = contacts.get("results") if isinstance(contacts, dict) else None
    return next((as_text(row.get("id")) for row in rows or () if isinstance(row, dict)), "")


def contact(told: Mapping[str, Any]) -> Person:
    """The contact in an answer to `GET /crm/v3/objects/contacts/{id}`."""
    known = properties(told)
    name = _name(known.get("firstname"), known.get("lastname"))
    return Person(name, as_text(known.get("email")), as_text(told.get("id")))


def owner(told: Mapping[str, Any]) -> Person:
    """The owner in an answer to `GET /crm/v3/owners/{id}`."""
    name = _name(told.get("firstName"), told.get("lastName"))
    return Person(name, as_text(told.get("email")), as_text(told.get("id")))


def _name(*parts: object) -> str:
    return " ".join(text for part in parts if (text := as_text(part)))


def note(body: str, ticket_id: str, files: Sequence[str], moment: datetime) -> dict[str, Any]:
    """A note on the ticket, at that place of its timeline. Notes are always internal."""
    told = {"hs_timestamp": str(int(moment.timestamp() * 1000)), "hs_note_body": body}
    if files:
        told["hs_attachment_ids"] = ";".join(files)
    return {"properties": told, "associations": [association(ticket_id, NOTE_TO_TICKET)]}


def association(number: str, kind: int) -> dict[str, Any]:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": kind}]
    return {"to": {"id": number}, "types": types}


def file_form(filename: str) -> dict[str, str]:
    """The form fields of an upload beside the file."""
    options = json.dumps({"access": PRIVATE, "overwrite": False})
    return {"options": options, "folderPath": FOLDER, "fileName": filename}


def marked(notes: Iterable[Mapping[str, Any]], mark: str) -> str:
    """The id of the note with this mark; empty for none."""
    for told in notes:
        if marks.in_html(as_text(properties(told).get("hs_note_body")), mark):
            return as_text(told.get("id"))
    return ""


def short_mark(mark: str) -> str:
    """The mark as a value of the property with unique values, whatever its length."""
    return marks.digest(mark)


def touched_since(moment: datetime, after: str) -> dict[str, Any]:
    """One page of a search for the tickets that changed since then, longest untouched first."""
    since = str(int(moment.timestamp() * 1000))
    changed = {"propertyName": CHANGED_AT, "operator": "GTE", "value": since}
    asked: dict[str, Any] = {
        "filterGroups": [{"filters": [changed]}],
        "sorts": [{"propertyName": CHANGED_AT, "direction": "ASCENDING"}],
        "properties": [CHANGED_AT],
        "limit": TICKETS_PER_PAGE,
    }
    return {**asked, "after": after} if after else asked


def changed_at(told: Mapping[str, Any]) -> datetime | None:
    """When the ticket of a search's answer changed."""
    return as_moment(properties(told).get(CHANGED_AT))
