"""What the help desk knows, and its shapes in JSON.

Sources: developer.zendesk.com/api-reference/ticketing: Tickets, Ticket Audits, Ticket Comments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.clock import iso

Json = dict[str, Any]


class Refused(Exception):
    """A request that the help desk answers with an error."""

    def __init__(self, status: int, error: str, description: str, details: Json | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.retry_after: int | None = None
        self.payload: Json = {"error": error, "description": description}
        if details is not None:
            self.payload["details"] = details

    @classmethod
    def invalid(cls, field_name: str, description: str) -> Refused:
        """422 RecordInvalid, naming the field."""
        details = {field_name: [{"description": description}]}
        return cls(422, "RecordInvalid", "Record validation errors", details)

    @classmethod
    def not_found(cls) -> Refused:
        return cls(404, "RecordNotFound", "Not found")

    @classmethod
    def too_many(cls, description: str, retry_after: int) -> Refused:
        refused = cls(429, "TooManyRequests", description)
        refused.retry_after = max(1, retry_after)
        return refused


@dataclass(frozen=True, slots=True)
class User:
    id: int
    name: str
    email: str
    role: str
    external_id: str | None = None

    def json(self) -> Json:
        told = {"id": self.id, "name": self.name, "email": self.email, "role": self.role, "active": True}
        return {**told, "external_id": self.external_id, "suspended": False}


@dataclass(frozen=True, slots=True)
class Attachment:
    id: int
    file_name: str
    content_type: str
    data: bytes

    def json(self, base_url: str) -> Json:
        return {
            "id": self.id,
            "file_name": self.file_name,
            "content_type": self.content_type,
            "size": len(self.data),
            "content_url": f"{base_url}/attachments/{self.id}/{self.file_name}",
            "inline": False,
        }


@dataclass(slots=True)
class Comment:
    id: int
    author: User
    body: str
    html_body: str
    public: bool
    created_at: datetime
    audit_id: int
    custom: Json
    attachments: tuple[Attachment, ...] = ()

    def json(self, base_url: str) -> Json:
        return {
            "id": self.id,
            "type": "Comment",
            "author_id": self.author.id,
            "body": self.body,
            "html_body": self.html_body,
            "plain_body": self.body,
            "public": self.public,
            "attachments": [one.json(base_url) for one in self.attachments],
            "audit_id": self.audit_id,
            "via": {"channel": "api"},
            "created_at": iso(self.created_at),
            "metadata": {"system": {}, "custom": self.custom},
        }


@dataclass(slots=True)
class Audit:
    id: int
    ticket_id: int
    author: User
    created_at: datetime
    custom: Json
    events: list[Json] = field(default_factory=list)

    def json(self) -> Json:
        return {
            "id": self.id,
            "ticket_id": self.ticket_id,
            "created_at": iso(self.created_at),
            "author_id": self.author.id,
            "metadata": {"system": {"client": "sandbox"}, "custom": self.custom},
            "events": self.events,
            "via": {"channel": "api"},
        }


@dataclass(slots=True)
class Ticket:
    id: int
    subject: str
    description: str
    requester: User
    submitter: User
    created_at: datetime
    updated_at: datetime
    status: str = "new"
    priority: str | None = None
    assignee: User | None = None
    tags: list[str] = field(default_factory=list)
    custom_fields: dict[int, object] = field(default_factory=dict)
    external_id: str | None = None
    """Another system's name for it; not unique."""
    via: Json = field(default_factory=lambda: {"channel": "web"})
    comments: list[Comment] = field(default_factory=list)
    audits: list[Audit] = field(default_factory=list)

    def json(self, base_url: str) -> Json:
        fields = [{"id": key, "value": value} for key, value in self.custom_fields.items()]
        return {
            "id": self.id,
            "url": f"{base_url}/api/v2/tickets/{self.id}.json",
            "external_id": self.external_id,
            "subject": self.subject,
            "raw_subject": self.subject,
            "description": self.description,
            "status": self.status,
            "priority": self.priority,
            "tags": list(self.tags),
            "requester_id": self.requester.id,
            "submitter_id": self.submitter.id,
            "assignee_id": self.assignee.id if self.assignee else None,
            "custom_fields": fields,
            "fields": fields,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "via": self.via,
        }

    def people(self) -> list[User]:
        """Whom `include=users` names: each once."""
        everyone = (self.requester, self.submitter, self.assignee)
        return list({user.id: user for user in everyone if user is not None}.values())


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a ticket in one update: the matter of a webhook."""

    ticket: Ticket
    audit: Audit
    actor: User
    created: bool = False
    merged_into: int | None = None
    """The ticket that lives on, where this one was merged."""


def clean_tags(value: object) -> list[str]:
    """Tags as the vendor keeps them: lower case, split at blanks, each once, sorted."""
    words = value.split() if isinstance(value, str) else value
    if not isinstance(words, list):
        raise Refused.invalid("tags", "Tags: must be a list")
    return sorted({part.lower() for word in words for part in str(word).replace(",", " ").split()})


def mapping(value: object, name: str) -> Mapping[str, Any]:
    """The value as an object, or 400 as the vendor answers a body of the wrong shape."""
    if not isinstance(value, Mapping):
        raise Refused(400, "InvalidValue", f"Invalid attribute: {name} must be an object")
    return value
