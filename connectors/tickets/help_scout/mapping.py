"""Help Scout's conversations, threads and people in our words, and ours in Help Scout's. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bridge.errors import Rejected
from bridge.markup import clean
from bridge.model import Attachment, NewTicket, Person, Ticket, TicketStatus
from connectors import marks
from connectors.bodies import as_text, field_text

Row = Mapping[str, Any]

TICKET_ID = r"[0-9]{1,18}"
OPEN = frozenset({"active", "pending"})
DELETED = "deleted"
TEAM = "team"
NOBODY = ("", "0", "1")
"""The user that stands for nobody: whom an unassigned conversation belongs to."""
PAGE_OF_TICKET = "https://secure.helpscout.net/conversation"
"""Where people read: another host than the API's."""

WRITTEN = frozenset({"note", "message", "reply"})
"""Threads that a user wrote. A customer's mail may quote our line, and is not ours."""


def ticket(told: Row) -> Ticket:
    """The conversation in an answer to `GET conversations/{id}`. A closed one takes threads as any other."""
    number, status = as_text(told["id"]), as_text(told.get("status"))
    return Ticket(
        id=number,
        subject=as_text(told.get("subject")),
        status=TicketStatus.OPEN if status in OPEN else TicketStatus.SOLVED,
        vendor_status=status,
        tags=frozenset(tags(told)),
        fields=_fields(told),
        requester=person(told.get("primaryCustomer")),
        assignee=person(told.get("assignee")),
        url=f"{PAGE_OF_TICKET}/{number}/{as_text(told.get('number'))}",
        number=as_text(told.get("number")),
    )


def _fields(told: Row) -> dict[str, str]:
    """Plain values by their API name, custom fields by name (as people see them) and by number (as stored)."""
    plain = {name: field_text(value) for name, value in told.items() if not isinstance(value, dict | list)}
    custom = rows(told, "customFields")
    by_number = {as_text(row.get("id")): as_text(row.get("value")) for row in custom}
    by_name = {as_text(row.get("name")): as_text(row.get("text")) or as_text(row.get("value")) for row in custom}
    return {**by_name, **by_number, **plain}


def tags(told: Row) -> list[str]:
    return [name for row in rows(told, "tags") if (name := as_text(row.get("tag")))]


def rows(told: Row, name: str) -> list[Row]:
    """A list of objects in it; none where there is none."""
    found = told.get(name)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def person(told: object) -> Person:
    if not isinstance(told, dict) or as_text(told.get("id")) in NOBODY:
        return Person()
    name = " ".join(part for key in ("first", "last") if (part := as_text(told.get(key))))
    return Person(name, as_text(told.get("email")), as_text(told.get("id")))


def user(told: Row) -> Person:
    """A user in an answer to `GET users`."""
    name = " ".join(part for key in ("firstName", "lastName") if (part := as_text(told.get(key))))
    return Person(name, as_text(told.get("email")), as_text(told.get("id")))


def marked(threads: Iterable[Row], mark: str) -> str:
    """The id of the note or reply with this mark; empty for none."""
    found = (one for one in threads if one.get("type") in WRITTEN and marks.in_text(text_of(one), mark))
    return next((as_text(one.get("id")) for one in found), "")


def is_ours(thread: Row) -> bool:
    """Whether it ends with a line of ours, whatever its mark."""
    return thread.get("type") in WRITTEN and re.search(rf"{marks.WORDS}\s+\S+\s*$", text_of(thread)) is not None


def text_of(thread: Row) -> str:
    """A thread's body without its markup, a blank where a tag was."""
    return marks.words_of(as_text(thread.get("body")))


def thread(body: str, attachments: Sequence[Attachment]) -> dict[str, Any]:
    """What a note, a reply and the first note of a new conversation have in common."""
    files = [
        {
            "fileName": attachment.filename,
            "mimeType": attachment.media_type.partition(";")[0].strip() or "application/octet-stream",
            "data": base64.b64encode(attachment.content).decode(),
        }
        for attachment in attachments
    ]
    return {"text": body, **({"attachments": files} if files else {})}


def reply(note: Row, conversation: Row) -> dict[str, Any]:
    """The thread as a reply to the customer. It says the status, since a reply without one opens what is closed."""
    customer = person(conversation.get("primaryCustomer")).id
    if not customer:
        raise Rejected("the conversation has no customer to reply to", code="no-customer")
    return {**note, "customer": {"id": int(customer)}, "status": as_text(conversation.get("status"))}


def new_conversation(new: NewTicket, first: Row, mailbox: int) -> dict[str, Any]:
    """A conversation with one note: nothing is mailed. Raises Rejected where no customer is known."""
    return {
        "subject": clean(new.subject).replace("\n", " "),
        "type": "email",
        "status": "active",
        "mailboxId": mailbox,
        "customer": _customer(new.requester),
        "threads": [{"type": "note", **first}],
        "tags": [mark_tag(new.mark)],
    }


def _customer(requester: Person) -> dict[str, Any]:
    if requester.email:
        return {"email": requester.email}
    if requester.id.isdecimal():
        return {"id": int(requester.id)}
    raise Rejected("a conversation in Help Scout needs a customer, and none is known", code="no-customer")


def mark_tag(mark: str) -> str:
    """A conversation of ours by its tag: a digest, since tags are short."""
    return marks.digest(mark, 16)
