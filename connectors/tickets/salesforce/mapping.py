"""Salesforce's cases, comments and fields in our words, and ours in Salesforce's. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bridge.errors import NotFound, Rejected
from bridge.model import Attachment, Note, Person, Ticket, TicketStatus, Visibility
from bridge.render import TextLimits, render
from connectors import marks
from connectors.bodies import as_text, field_text
from connectors.tickets.salesforce import ids, soql

NAMES = "Contact.Name, Contact.Email, Owner.Name, Owner.Email"
ATTACHMENT_BYTES = 100_000_000
"""Salesforce takes 2 GB in one request; we hold a file whole in memory."""
NEWEST_FIRST = "CreatedDate DESC, Id DESC"
RECENT_DAYS = 30
"""How long a ticket of ours is looked for by its mark."""

_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_PADDED_NUMBER = 8


@dataclass(frozen=True, slots=True)
class Notes:
    """Where notes stand on a case."""

    made: str
    """The object that is made."""
    listed: str
    """The object that lists them."""
    body: str
    limits: TextLimits

    def fields(self, case_id: str, body: str, visibility: Visibility) -> dict[str, object]:
        public = visibility is Visibility.PUBLIC
        if self.made == "CaseComment":
            return {"ParentId": case_id, "CommentBody": body, "IsPublished": public}
        return {"ParentId": case_id, "Body": body, "Type": "TextPost", "Visibility": audience(visibility)}

    def query(self, case_id: str) -> str:
        """All notes of a case: no text of a note can be a filter."""
        return soql.select(f"Id, {self.body}", self.listed, soql.equals("ParentId", case_id), order=NEWEST_FIRST)


COMMENT = Notes(
    "CaseComment", "CaseComment", "CommentBody", TextLimits(4_000, "bytes", attachment_bytes=ATTACHMENT_BYTES)
)
FEED = Notes("FeedItem", "CaseFeed", "Body", TextLimits(10_000, "utf16", attachment_bytes=ATTACHMENT_BYTES))
PLACES: Mapping[str, Notes] = {"comment": COMMENT, "feed": FEED}
"""By the key `notes`."""


# -- asking ----------------------------------------------------------------------------------------------------


def case_query(ticket_id: str, columns: str) -> str:
    """The case of that id or of that number. Raises NotFound for what is neither."""
    found = ids.full_id(ticket_id, ids.CASE)
    if found:
        condition = soql.equals("Id", found)
    elif re.fullmatch(r"[0-9]{1,14}", ticket_id):
        # People type 1026 and mean 00001026.
        condition = soql.one_of("CaseNumber", dict.fromkeys((ticket_id, ticket_id.lstrip("0").zfill(_PADDED_NUMBER))))
    else:
        raise NotFound("a Salesforce case is named by its id (500…) or its number", code="ticket-id")
    return soql.select(columns, "Case", condition, limit=2)


def opened_query(user_id: str) -> str:
    """Comments of ours on cases of ours that are not old."""
    return soql.select(
        "ParentId, CommentBody",
        "CaseComment",
        soql.equals("CreatedById", user_id),
        soql.equals("Parent.CreatedById", user_id),
        f"CreatedDate = LAST_N_DAYS:{RECENT_DAYS}",
        order=NEWEST_FIRST,
    )


# -- reading ---------------------------------------------------------------------------------------------------


def ticket(row: Mapping[str, Any], base_url: str) -> Ticket:
    """The ticket of a row that has all fields and the names."""
    case_id = ids.full_id(as_text(row.get("Id")), ids.CASE)
    return Ticket(
        id=case_id,
        subject=as_text(row.get("Subject")),
        status=TicketStatus.SOLVED if row.get("IsClosed") is True else TicketStatus.OPEN,
        vendor_status=as_text(row.get("Status")),
        fields=fields(row),
        requester=_requester(row),
        assignee=_person(row.get("Owner"), as_text(row.get("OwnerId"))),
        url=f"{base_url}/lightning/r/Case/{case_id}/view",
        number=as_text(row.get("CaseNumber")),
    )


def fields(row: Mapping[str, Any]) -> dict[str, str]:
    """All fields by their API name as text; `Contact.Name` and the like for the names beside them."""
    found: dict[str, str] = {}
    for name, value in row.items():
        if name == "attributes":
            continue
        if isinstance(value, dict):
            inside = {key: part for key, part in value.items() if key != "attributes"}
            found |= {f"{name}.{key}": field_text(part) for key, part in inside.items()}
        else:
            found[name] = field_text(value)
    return found


def _requester(row: Mapping[str, Any]) -> Person:
    """The case's contact, else who wrote the web form or the mail that made it."""
    if row.get("ContactId"):
        return _person(row.get("Contact"), as_text(row.get("ContactId")))
    return Person(name=as_text(row.get("SuppliedName")), email=as_text(row.get("SuppliedEmail")))


def _person(told: object, identity: str) -> Person:
    found: Mapping[str, Any] = told if isinstance(told, dict) else {}
    return Person(name=as_text(found.get("Name")), email=as_text(found.get("Email")), id=identity)


# -- writing ---------------------------------------------------------------------------------------------------


def carries(text: object, mark: str) -> bool:
    """Whether a text ends with the mark's line. Elsewhere somebody may have typed such a line."""
    return isinstance(text, str) and text.rstrip().rpartition("\n")[2].strip() == marks.line(mark)


def written(note: Note, limits: TextLimits) -> tuple[str, tuple[Attachment, ...]]:
    """The note's body with its mark in the last line, and its attachments.

    Salesforce counts a text with its HTML entities in it, so what it would count is kept below the limit.
    """
    line = f"\n\n{marks.line(note.mark)}"
    room = limits.less(line)
    while True:
        rendered = render(note, room)
        body = rendered.body + line
        counted = limits.size(_counted(body))
        if counted <= limits.length or room.length <= 0:
            return body, rendered.attachments
        room = replace(room, length=min(room.length * limits.length // counted, room.length - 1))


def _counted(text: str) -> str:
    return html.escape(text).replace("\n", "\r\n")


def audience(visibility: Visibility) -> str:
    return "AllUsers" if visibility is Visibility.PUBLIC else "InternalUsers"


def changes(wanted: Mapping[str, object]) -> dict[str, object]:
    """The body of an update. Raises Rejected for a name that no field can have."""
    for name in wanted:
        if not _FIELD.fullmatch(name):
            raise Rejected("a Salesforce field is called by its API name, such as Status or Remote__c", code="field")
    return dict(wanted)
