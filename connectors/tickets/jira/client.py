"""Jira Cloud's REST API, as far as a session on a ticket needs it.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/ and, for what only service projects have,
https://developer.atlassian.com/cloud/jira/service-desk/rest/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.errors import AccessDenied, TicketClosed
from bridge.model import NewTicket, Note, NoteRef, Person, Ticket, TicketStatus, TimeSpent
from connectors.answers import object_in
from connectors.bodies import as_moment
from connectors.contract import Capability, chosen
from connectors.http import Transport
from connectors.tickets.jira import mapping
from connectors.tickets.jira.editing import Editing
from connectors.tickets.jira.notes import LIMITS, Notes, Worklogs
from connectors.tickets.jira.opening import Opening
from connectors.tickets.jira.people import people
from connectors.tickets.jira.wire import Wire
from connectors.unable import Unable

NEEDS = {Capability.CREATE_TICKET: "project", Capability.FIND_TICKET: "project"}
"""What needs a key of the connection."""
CAPABILITIES = frozenset(NEEDS) | {
    Capability.ADD_TAGS,
    Capability.ADD_TIME,
    Capability.ATTACH,
    Capability.FETCH_TICKET,
    Capability.FIND_NOTE,
    Capability.FIND_TIME,
    Capability.PEOPLE,
    Capability.PUBLIC_NOTES,
    Capability.REOPEN,
    Capability.TAGS,
    Capability.TICKETS_SINCE,
    Capability.UPDATE_FIELDS,
}

TOO_LONG = ("comment", "attachment", "worklog", "issuelinks", "subtasks")
"""Parts of an issue that are no fields of it, and may be long."""
GATEWAY = "//api.atlassian.com/"
"""Where OAuth and scoped tokens go; a site's own pages are elsewhere."""


class JiraClient(Unable):
    """Reads and writes issues as one account. Safe to share between threads."""

    def __init__(self, transport: Transport, keys: Mapping[str, Any]) -> None:
        self.limits = replace(LIMITS, attachment_bytes=keys.get("attachment_bytes") or LIMITS.attachment_bytes)
        self.capabilities = capabilities(keys)
        self._wire = Wire(transport, keys)
        self._notes = Notes(self._wire, self.limits)
        self._worklogs = Worklogs(self._wire)
        self._editing = Editing(self._wire, str(keys.get("reopen_transition") or ""))
        self._opening = Opening(self._wire, keys)
        self._closed = frozenset(str(name).casefold() for name in keys.get("closed_statuses") or ())
        own = "" if GATEWAY in transport.base_url else transport.base_url
        self._site_url = str(keys.get("site_url") or own)

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        """The issue as it is now; one that moved to another project has its new key."""
        wanted = ",".join(("*all", *(f"-{name}" for name in TOO_LONG)))
        reply = self._wire.read_issue(ticket_id, fields=wanted, expand="names")
        issue = object_in(reply)
        if not issue.get("key"):
            raise reply.unclear("answered an issue without a key")
        return mapping.ticket(issue, self._site_url, self._closed)

    def find_note(self, ticket_id: str, mark: str) -> NoteRef | None:
        return self._notes.find(ticket_id, mark)

    def add_note(self, ticket_id: str, note: Note) -> NoteRef:
        self._check_open(ticket_id)
        return self._notes.add(ticket_id, note)

    def update_fields(self, ticket_id: str, fields: Mapping[str, object]) -> None:
        if fields:
            self._editing.update(ticket_id, fields)

    def add_tags(self, ticket_id: str, tags: Sequence[str]) -> None:
        self._editing.add_labels(ticket_id, tags)

    def find_time(self, ticket_id: str, mark: str) -> NoteRef | None:
        return self._worklogs.find(ticket_id, mark)

    def add_time(self, ticket_id: str, spent: TimeSpent) -> NoteRef:
        self._check_open(ticket_id)
        return self._worklogs.add(ticket_id, spent)

    def find_ticket(self, mark: str) -> str | None:
        if Capability.FIND_TICKET not in self.capabilities:
            return super().find_ticket(mark)
        return self._opening.find(mark)

    def create_ticket(self, new: NewTicket) -> str:
        if Capability.CREATE_TICKET not in self.capabilities:
            return super().create_ticket(new)
        return self._opening.create(new)

    def reopen(self, ticket_id: str) -> None:
        self._editing.reopen(ticket_id)

    def tickets_since(self, moment: datetime, tags: Sequence[str]) -> Iterator[str]:
        """Keys of issues touched since then that carry one of the labels, each once."""
        minutes = max((datetime.now(UTC) - moment) // timedelta(minutes=1), 0) + 2
        told: set[str] = set()
        for issue in self._wire.found(mapping.search_query(minutes, tags), ["updated"]):
            touched = as_moment((issue.get("fields") or {}).get("updated"))
            key = str(issue["key"])
            if key not in told and (touched is None or touched >= moment):
                told.add(key)
                yield key

    def people(self) -> Iterator[Person]:
        """Everybody with an account of their own, agent or not; addresses only of those who do not hide them."""
        return people(self._wire)

    def probe(self) -> str:
        """Who we are there. Raises AccessDenied for a customer's account, which may not work on tickets."""
        user = self._wire.myself()
        if user.get("accountType") == "customer" or not user.get("accountId"):
            raise AccessDenied("Jira knows us as a customer: an agent is needed", code="account")
        who = mapping.person(user)
        return f"signed in to Jira as {who.email or who.name}, account_id {who.id}"

    def _check_open(self, ticket_id: str) -> None:
        """Raise TicketClosed for an issue in a status that the configuration calls closed."""
        if not self._closed:
            return
        reply = self._wire.read_issue(ticket_id, fields="status")
        status = (object_in(reply).get("fields") or {}).get("status") or {}
        if mapping.status_of(status, self._closed) is TicketStatus.CLOSED:
            raise TicketClosed(f"ticket {ticket_id} is closed", code="closed")


def capabilities(keys: Mapping[str, Any]) -> frozenset[Capability]:
    """What a connection with these keys can do."""
    return chosen(CAPABILITIES, NEEDS, keys)
