"""Zammad's tickets, articles and users in our words, and ours in Zammad's. Pure."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bridge.document import Paragraph
from bridge.errors import Rejected
from bridge.markup import to_html
from bridge.model import Attachment, NewTicket, Note, Person, Ticket, TicketStatus, TimeSpent, Visibility
from connectors import marks
from connectors.bodies import as_moment, as_text, field_text, iso

TICKET_ID = r"[0-9]{1,18}"
NOBODY = ("1", "")
"""The user that stands for nobody: who owns a ticket without an owner."""

MERGED = "merged"
CLOSED = "closed"
STATUSES = {
    CLOSED: TicketStatus.SOLVED,
    MERGED: TicketStatus.CLOSED,
    "removed": TicketStatus.CLOSED,
}
"""By a state's type. An agent may write on a closed ticket; every other type is open."""

MARK_KEY = "deskbridge"
"""Under this name the mark stands in an article's preferences, which no page of Zammad shows."""

# What `PUT tickets/{id}` takes without being a field, or changes without being asked to, or drops in silence.
NO_FIELDS = frozenset(
    {
        "all",
        "article",
        "create_article_sender_id",
        "create_article_type_id",
        "created_at",
        "created_by",
        "created_by_id",
        "expand",
        "full",
        "id",
        "number",
        "preferences",
        "shared_draft_id",
        "tags",
        "time_unit",
        "updated_at",
        "updated_by",
        "updated_by_id",
    }
)
PEOPLE = frozenset({"owner", "customer"})
"""May be set by e-mail address or login and are answered by login."""


def ticket(
    told: Mapping[str, Any], kind: str, tags: Iterable[str], customer: Person, owner: Person, base_url: str
) -> Ticket:
    """The ticket in an answer to `GET tickets/{id}?expand=true`; `kind` is the type of its state."""
    ticket_id = as_text(told["id"])
    return Ticket(
        id=ticket_id,
        subject=as_text(told.get("title")),
        status=STATUSES.get(kind, TicketStatus.OPEN),
        vendor_status=as_text(told.get("state")),
        tags=frozenset(tags),
        fields={name: field_text(value) for name, value in told.items() if not _is_nested(value)},
        requester=customer,
        assignee=owner,
        url=f"{base_url.rstrip('/')}/#ticket/zoom/{ticket_id}",
        number=as_text(told.get("number")),
    )


def _is_nested(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(part, dict) for part in value))


def person(user: Mapping[str, Any]) -> Person:
    """The user in an answer to `GET users/{id}`."""
    name = " ".join(part for key in ("firstname", "lastname") if (part := as_text(user.get(key))))
    login = as_text(user.get("login"))
    return Person(name=name, email=as_text(user.get("email")), id=as_text(user.get("id")), username=login)


def note_article(note: Note, body: str, attachments: Sequence[Attachment], subject: str) -> dict[str, Any]:
    """The article that is this note: an internal one, or one that the customer can read in the portal.

    Never of type `email` unless it is to be mailed: Zammad mails such an article even when it is internal.
    """
    return {
        **article(body, note.mark, internal=note.visibility is not Visibility.PUBLIC),
        "subject": subject,
        "attachments": [_file(attachment) for attachment in attachments],
    }


def mailed(public: Mapping[str, Any], address: str) -> dict[str, Any]:
    """The public article as an e-mail to that address."""
    return {**public, "type": "email", "to": address}


def article(body: str, mark: str, *, internal: bool = True) -> dict[str, Any]:
    return {
        "body": body,
        "content_type": "text/html",
        "type": "note",
        "internal": internal,
        "preferences": {MARK_KEY: mark},
    }


def _file(attachment: Attachment) -> dict[str, str]:
    kind, _, parameters = attachment.media_type.partition(";")
    charset = parameters.strip().removeprefix("charset=")
    return {
        "filename": attachment.filename,
        "data": base64.b64encode(attachment.content).decode(),
        "mime-type": kind.strip() or "application/octet-stream",
        **({"charset": charset} if charset else {}),
    }


def time_article(spent: TimeSpent, units: str) -> dict[str, Any]:
    """The internal article that an entry of time belongs to: Zammad's entries have no text of their own."""
    worked = f", {spent.agent.label}" if spent.agent.label else ""
    began = spent.began_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    text = f"{spent.text}: {spent.minutes} minutes from {began}{worked}"
    return {**article(to_html((Paragraph(text),)), spent.mark), "time_unit": units}


def time_units(minutes: int, unit_minutes: float) -> str:
    """Minutes in the unit that the admin counts in; Zammad keeps two decimals."""
    return f"{minutes / unit_minutes:.2f}"


def new_ticket(new: NewTicket, body: str, attachments: Sequence[Attachment], group: str) -> dict[str, Any]:
    """A ticket without its customer, its text internal, linked below the one that it follows."""
    asked: dict[str, Any] = {
        "title": new.subject,
        "group": group,
        "article": {
            **article(body, new.mark),
            "subject": new.subject,
            "message_id": message_id(new.mark),
            "attachments": [_file(attachment) for attachment in attachments],
        },
    }
    if re.fullmatch(TICKET_ID, new.follows):
        asked["links"] = {"Ticket": {"child": [int(new.follows)]}}
    return asked


def message_id(mark: str) -> str:
    """The mark as an e-mail's message id, by which Zammad's database finds the ticket of an article."""
    return f"<{marks.digest(mark)}@deskbridge.invalid>"


def with_message(mark: str) -> dict[str, Any]:
    """The condition on tickets that have the article with this mark. Zammad keeps the MD5 of the id, indexed."""
    digest = hashlib.md5(message_id(mark).encode(), usedforsecurity=False).hexdigest()
    return {"article.message_id_md5": {"operator": "is", "value": digest}}


def touched_since(moment: datetime, tags: Sequence[str]) -> dict[str, Any]:
    """The condition on tickets that changed since then and have one of the tags (any, when none is named)."""
    since = iso(moment)
    condition: dict[str, Any] = {"ticket.updated_at": {"operator": "after (absolute)", "value": since}}
    if any("," in tag for tag in tags):
        raise Rejected("a tag to look for must hold no comma: Zammad takes several apart by it", code="tag")
    if tags:
        condition["ticket.tags"] = {"operator": "contains one", "value": ", ".join(tags)}
    return condition


def marked(articles: Iterable[Mapping[str, Any]], mark: str) -> str:
    """The id of the article with this mark; empty for none."""
    for told in articles:
        preferences = told.get("preferences")
        if isinstance(preferences, dict) and preferences.get(MARK_KEY) == mark:
            return as_text(told.get("id"))
    return ""


def survivor(links: Iterable[Mapping[str, Any]]) -> str:
    """The ticket that a merged one lives on in: Zammad links it as the parent, and moves all other links there."""
    parents = {
        as_text(link.get("link_object_value"))
        for link in links
        if link.get("link_object") == "Ticket" and link.get("link_type") == "parent"
    }
    return parents.pop() if len(parents) == 1 else ""


def check_names(changes: Mapping[str, object]) -> None:
    """Raises Rejected for a name that is no field, or that Zammad would not let anybody set."""
    wrong = sorted(NO_FIELDS.intersection(changes))
    if wrong:
        raise Rejected(f"{', '.join(wrong)} is no field of a Zammad ticket that can be set", code="no-field")


def not_set(changes: Mapping[str, object], told: Mapping[str, Any]) -> list[str]:
    """Names that the answered ticket does not have, or has with another value: Zammad ignores them with a 200."""
    return [name for name, value in changes.items() if name not in told or not _same(name, value, told[name])]


def _same(name: str, asked: object, found: object) -> bool:
    if name in PEOPLE:
        return True
    one, other = field_text(asked).strip(), field_text(found).strip()
    return one.casefold() == other.casefold() or (as_moment(one) or one) == (as_moment(other) or other)
