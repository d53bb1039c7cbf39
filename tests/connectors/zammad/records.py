"""What the fake Zammad keeps: people, tickets, articles, and how it cleans a body."""

from __future__ import annotations

import hashlib
import html
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
KEPT_TAGS = frozenset("a b blockquote br div em h1 h2 h3 h4 hr i li ol p pre span strong table td tr ul".split())  # noqa: SIM905 - one line

STATES = (
    (1, "new", "new"),
    (2, "open", "open"),
    (3, "pending reminder", "pending reminder"),
    (4, "closed", "closed"),
    (5, "merged", "merged"),
    (7, "pending close", "pending action"),
)
GROUPS = {1: "Users", 2: "Remote help", 3: "Secret"}
PRIORITIES = {1: "1 low", 2: "2 normal", 3: "3 high"}
CUSTOM = frozenset({"asset", "remote_session"})
SETTABLE = CUSTOM | {"title", "state", "state_id", "group", "group_id", "priority", "priority_id", "owner", "owner_id"}
SETTABLE |= {"customer", "customer_id", "pending_time"}


class Refused(Exception):
    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status


@dataclass
class User:
    id: int
    login: str
    firstname: str
    lastname: str
    agent: bool = False
    active: bool = True

    def shown(self) -> dict[str, Any]:
        roles = ["Agent"] if self.agent else ["Customer"]
        names = {"firstname": self.firstname, "lastname": self.lastname}
        return {
            "id": self.id,
            "login": self.login,
            "email": self.login if "@" in self.login else "",
            **names,
            "roles": roles,
            "active": self.active,
        }


@dataclass
class Article:
    id: int
    ticket_id: int
    body: str
    type: str
    internal: bool
    by: User
    subject: str = ""
    to: str = ""
    message_id: str = ""
    preferences: dict[str, Any] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        attachments = [
            {"id": one["id"], "filename": one["filename"], "size": str(len(one["data"]))} for one in self.files
        ]
        return {
            "id": self.id,
            "ticket_id": self.ticket_id,
            "subject": self.subject,
            "body": self.body,
            "content_type": "text/html",
            "type": self.type,
            "internal": self.internal,
            "to": self.to or None,
            "message_id": self.message_id or None,
            "message_id_md5": hashlib.md5(self.message_id.encode()).hexdigest() if self.message_id else None,
            "preferences": self.preferences,
            "sender": "Agent" if self.by.agent else "Customer",
            "created_by": self.by.login,
            "created_by_id": self.by.id,
            "attachments": attachments,
        }


@dataclass
class Ticket:
    id: int
    number: str
    title: str
    customer_id: int
    state_id: int = 2
    group_id: int = 2
    priority_id: int = 2
    owner_id: int = 1
    custom: dict[str, Any] = field(default_factory=dict)
    pending_time: str | None = None
    tags: list[str] = field(default_factory=list)
    updated_at: datetime = START
    updated_by: int = 3


class Cleaner(HTMLParser):
    """Keeps few tags without attributes but links, quotes the rest, as Zammad's sanitizer does."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.kept = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in KEPT_TAGS:
            href = dict(attrs).get("href") if tag == "a" else None
            self.kept += f'<a href="{html.escape(href)}">' if href else f"<{tag}>"

    def handle_endtag(self, tag: str) -> None:
        if tag in KEPT_TAGS:
            self.kept += f"</{tag}>"

    def handle_data(self, data: str) -> None:
        self.kept += html.escape(data)
