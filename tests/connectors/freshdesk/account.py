"""One account of the fake: its tickets, people and agents, and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
BODY_BYTES = 65_535
CUSTOM = {"freshdesk": {"cf_remote": "", "cf_asset": "PC-0042"}, "freshservice": {"remote": "", "asset": "PC-0042"}}
NUMBERS = frozenset({"status", "priority", "source", "urgency", "impact", "group_id", "responder_id"})
TEXTS = frozenset({"subject", "type", "due_by", "fr_due_by", "category", "sub_category", "resolution_notes"})
TIME_FIELDS = frozenset({"agent_id", "billable", "executed_at", "note", "task_id", "time_spent", "timer_running"})
CREATES = frozenset({"description", "email", "name", "requester_id", "workspace_id", "subject", "tags"}) | NUMBERS


class Refused(Exception):
    def __init__(self, status: int, code: str = "", field: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.field, self.headers = status, code, field, dict(headers or {})


@dataclass
class Account:
    """One help desk with one ticket, its requester, and two agents; the API key belongs to the first."""

    product: str
    page_size: int = 100
    """The most that a page really has, whatever was asked for."""
    archive_feature: bool = True
    archived_redirect: bool = False
    may_see_agents: bool = True
    begins: datetime = NOW
    """When the first change is made; each one after it a second later."""
    filters_agents: bool = True
    tells_me: bool = True
    closed_is_locked: bool = False
    calls_left: int | None = None
    makes_all_public: bool = False
    keeps_tags: bool = True
    ignores_fields: bool = False
    tickets: dict[int, dict[str, Any]] = field(default_factory=dict)
    archived: dict[int, dict[str, Any]] = field(default_factory=dict)
    indexed: dict[int, list[str]] = field(default_factory=dict)
    """The tags that a search knows of each ticket; it lags until `reindex`."""
    agents: dict[int, tuple[str, str]] = field(
        default_factory=lambda: {7: ("Bridge", "bridge@acme.example"), 8: ("Alex Agent", "agent@example.com")}
    )
    former: dict[int, tuple[str, str]] = field(default_factory=lambda: {9: ("Former Agent", "former@example.com")})
    """Agents who were deactivated."""
    people: dict[int, tuple[str, str]] = field(default_factory=lambda: {501: ("Chris", "customer@example.com")})
    seconds: int = 0
    last_id: int = 1_000

    @property
    def wrapped(self) -> bool:
        return self.product == "freshservice"

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def now(self) -> str:
        """The moment, a second later each time."""
        self.seconds += 1
        return (self.begins + timedelta(seconds=self.seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def open_ticket(self, subject: str, *tags: str, **more: Any) -> dict[str, Any]:
        number, moment = self.next_id(), self.now()
        self.tickets[number] = {
            "id": number,
            "subject": subject,
            "description": "<div>It does not print.</div>",
            "status": 2,
            "priority": 1,
            "source": 2,
            "type": "Incident",
            "tags": list(tags),
            "custom_fields": dict(CUSTOM[self.product]),
            "requester_id": 501,
            "responder_id": 8,
            "group_id": None,
            "deleted": False,
            "spam": False,
            "created_at": moment,
            "updated_at": moment,
            "conversations": [],
            "time_entries": [],
            **more,
        }
        return self.tickets[number]

    def archive(self, number: int) -> None:
        self.archived[number] = self.tickets.pop(number)

    def reindex(self) -> None:
        self.indexed = {number: list(ticket["tags"]) for number, ticket in self.tickets.items()}

    # what it refuses

    def found(self, number: int, *, to_change: bool = True, opens: bool = False) -> dict[str, Any]:
        """The ticket, unless it is gone, or may not be changed."""
        if number in self.archived and self.archived_redirect:
            raise Refused(301, headers={"Location": f"/api/v2/tickets/archived/{number}"})
        if number not in self.tickets:
            raise Refused(404)
        ticket = self.tickets[number]
        if to_change and (ticket["deleted"] or ticket["spam"]):
            raise Refused(405)
        if to_change and self.closed_is_locked and ticket["status"] == 5 and not opens:
            raise Refused(403, "access_denied")
        return ticket

    def old(self, number: int) -> dict[str, Any]:
        """The archived ticket."""
        if not self.archive_feature:
            raise Refused(403, "require_feature")
        if number not in self.archived or self.wrapped:
            raise Refused(404)
        return self.archived[number]

    def change(self, ticket: dict[str, Any], body: Mapping[str, Any]) -> None:
        """Set what the body says: tags replace each other, custom fields are added to those there."""
        for name in NUMBERS & set(body):
            if not isinstance(body[name], int) or isinstance(body[name], bool):
                raise Refused(400, "datatype_mismatch", name)
        if body.get("status", 2) not in (2, 3, 4, 5, 6):
            raise Refused(400, "invalid_value", "status")
        if any(len(tag) > 32 or "," in tag for tag in body.get("tags", ())):
            raise Refused(400, "invalid_value", "tags")
        for name in body.get("custom_fields", ()):
            if name not in ticket["custom_fields"]:
                raise Refused(400, "invalid_field", name)
        custom = {**ticket["custom_fields"], **body.get("custom_fields", {})}
        tags = body.get("tags", ticket["tags"]) if self.keeps_tags else ticket["tags"]
        ticket.update({**body, "custom_fields": custom, "tags": list(tags), "updated_at": self.now()})

    def requester(self, body: Mapping[str, Any]) -> int:
        """Whose ticket it will be; an unknown address becomes a contact."""
        if body.get("requester_id"):
            return int(body["requester_id"])
        if not body.get("email"):
            raise Refused(400, "missing_field", "email")
        known = [number for number, (_, email) in self.people.items() if email == body["email"]]
        number = known[0] if known else self.next_id()
        self.people[number] = (body.get("name", ""), body["email"])
        return number

    def check_files(self, ticket: Mapping[str, Any], files: list[tuple[str, bytes, str]]) -> None:
        """All files of a ticket together have a limit."""
        before = sum(len(content) for told in ticket["conversations"] for _, content, _ in told["files"])
        if before + sum(len(content) for _, content, _ in files) > (15 if self.wrapped else 20) * 1024 * 1024:
            raise Refused(400, "invalid_size", "attachments")

    def check_time(self, body: Mapping[str, Any]) -> None:
        """A time entry's rules; Freshservice wants to know whose it is."""
        for name in body:
            if name not in TIME_FIELDS:
                raise Refused(400, "invalid_field", name)
        if not re.fullmatch(r"[0-9]{2,}:[0-5][0-9]", str(body.get("time_spent"))):
            raise Refused(400, "invalid_value", "time_spent")
        if body.get("executed_at", "") > self.begins.strftime("%Y-%m-%dT%H:%M:%SZ"):
            raise Refused(400, "invalid_value", "executed_at")
        if self.wrapped and "agent_id" not in body:
            raise Refused(400, "missing_field", "agent_id")
        if body.get("agent_id", 7) not in self.agents:
            raise Refused(400, "invalid_value", "agent_id")
