"""Cases of a Salesforce organization, as far as a session on a ticket needs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from bridge.errors import AccessDenied, NotFound, Rejected, TicketClosed, TicketMerged, Unavailable
from bridge.model import NewTicket, Note, NoteRef, Person, Ticket, Visibility
from connectors.bodies import as_text
from connectors.contract import Vault
from connectors.http import Transport
from connectors.tickets.salesforce import ids, mapping, soql
from connectors.tickets.salesforce.api import SalesforceApi
from connectors.tickets.salesforce.files import attach
from connectors.unable import Unable

# FIELDS() leaves out what this user or organization does not have, such as MasterRecordId without case merge.
STANDARD = "FIELDS(STANDARD)"
EVERYTHING = f"FIELDS(ALL), {mapping.NAMES}"
MAX_MERGES = 10
SUBJECT_LENGTH = 255
NAME_LENGTH = 80
USER_COLUMNS = "Name, Email, Id, Username, FederationIdentifier"
WORKS_HERE = ("IsActive = true", soql.equals("UserType", "Standard"))


class SalesforceClient(Unable):
    """Reads and writes cases as one user. Safe to share between threads."""

    def __init__(self, transport: Transport, vault: Vault, keys: Mapping[str, Any]) -> None:
        self._api = SalesforceApi(transport, vault, keys)
        self._notes = mapping.PLACES[keys["notes"]]
        self.limits = self._notes.limits
        self._reopen_status = str(keys.get("reopen_status", ""))
        self._organization_id = str(keys.get("organization_id", ""))
        self._user_id = str(keys.get("user_id", ""))

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        return mapping.ticket(self._followed(ticket_id, EVERYTHING), self._api.base_url)

    def find_note(self, ticket_id: str, mark: str) -> NoteRef | None:
        case_id = ids.full_id(ticket_id, ids.CASE) or _case_id(self._row(ticket_id))
        for row in self._api.query(self._notes.query(case_id)):
            if mapping.carries(row.get(self._notes.body), mark):
                return NoteRef(as_text(row.get("Id")))
        return None

    def add_note(self, ticket_id: str, note: Note) -> NoteRef:
        """Add a case comment or a post of the feed, after its files. A closed case takes them too."""
        case_id = _case_id(self._writable(ticket_id))
        body, attachments = mapping.written(note, self.limits)
        for attachment in attachments:
            attach(self._api, case_id, attachment, note.mark, mapping.audience(note.visibility))
        return NoteRef(self._api.create(self._notes.made, self._notes.fields(case_id, body, note.visibility)))

    def update_fields(self, ticket_id: str, fields: Mapping[str, object]) -> None:
        """Set fields by their API name. Salesforce refuses what it does not take, and sets all or nothing."""
        if fields:
            body = mapping.changes(fields)
            self._api.update("Case", _case_id(self._writable(ticket_id)), body)

    def create_ticket(self, new: NewTicket) -> str:
        """Make a case with the text as its first comment, internal. The contact is found by e-mail."""
        note = Note(new.mark, new.document, Visibility.INTERNAL)
        # The text cannot be attached to a case that is not there yet: what is too long is cut, visibly.
        body, _ = mapping.written(note, replace(mapping.COMMENT.limits, attachment_bytes=0))
        fields = {"Subject": new.subject[:SUBJECT_LENGTH], "Comments": body, **self._customer(new)}
        if new.follows:
            with suppress(NotFound):  # a case in the recycle bin can be nobody's parent
                fields["ParentId"] = _case_id(self._followed(new.follows))
        return self._api.create("Case", fields)

    def find_ticket(self, mark: str) -> str | None:
        """The case whose first comment has the mark, among those that we made lately."""
        for row in self._api.query(mapping.opened_query(self._user_id or self._api.who()[1])):
            if mapping.carries(row.get("CommentBody"), mark):
                return _case_id({"Id": row.get("ParentId")})
        return None

    def reopen(self, ticket_id: str) -> None:
        """Give a closed case its status for reopened ones. Raises TicketClosed when that leaves it closed."""
        row = self._writable(ticket_id)
        if row.get("IsClosed") is not True:
            return
        case_id = _case_id(row)
        self._api.update("Case", case_id, {"Status": self._reopen_status or self._first_status()})
        if self._row(case_id).get("IsClosed") is True:
            raise TicketClosed("the case stays closed: reopen_status must be an open status", code="reopen_status")

    def tickets_since(self, moment: datetime, tags: Sequence[str]) -> Iterator[str]:
        """Ids of cases touched since then. None carries a tag: Salesforce has none on cases."""
        if tags:
            return
        touched = soql.select("Id", "Case", soql.since("SystemModstamp", moment), order="SystemModstamp")
        for row in self._api.query(touched):
            yield _case_id(row)

    def people(self) -> Iterator[Person]:
        """Active users of the organization itself, not of its portals; the SSO id is the Federation ID."""
        for row in self._api.query(soql.select(USER_COLUMNS, "User", *WORKS_HERE, order="Id")):
            name, email, identity, username, other = (as_text(row.get(column)) for column in USER_COLUMNS.split(", "))
            yield Person(name, email, identity, username=username, sso_id=other)

    def probe(self) -> str:
        """Who we are there. Raises AccessDenied when that is not what `organization_id` and `user_id` say."""
        organization, user = self._api.who()
        if self._organization_id not in ("", organization):
            raise AccessDenied(f"these credentials open organization {organization}", code="organization_id")
        if self._user_id not in ("", user):
            raise AccessDenied(f"these credentials are of user_id {user}: echoes would not be known", code="user_id")
        rows = self._api.query(soql.select("Username", "User", soql.equals("Id", user)))
        username = next((as_text(row.get("Username")) for row in rows), "")
        used = f", {self._api.usage} calls used in 24 hours" if self._api.usage else ""
        return f"signed in to Salesforce as {username}, user_id {user}, organization_id {organization}{used}"

    def _row(self, ticket_id: str, columns: str = STANDARD) -> Mapping[str, Any]:
        """The case, even one in the recycle bin: it may have been merged. Raises NotFound when there is none."""
        rows = list(self._api.query(mapping.case_query(ticket_id, columns), deleted=True))
        if len(rows) != 1:
            raise NotFound(f"{len(rows)} cases in Salesforce have that id or number", code="case")
        return rows[0]

    def _writable(self, ticket_id: str) -> Mapping[str, Any]:
        """A case that lives. Raises TicketMerged or NotFound."""
        row = self._row(ticket_id)
        master = _master(row)
        if master:
            into = _case_id(self._followed(master))
            raise TicketMerged("the case was merged into another one", into=into, code="merged")
        return _living(row)

    def _followed(self, ticket_id: str, columns: str = STANDARD) -> Mapping[str, Any]:
        """The case, or the one that it lives on in after a merge. Raises NotFound."""
        for _ in range(MAX_MERGES):
            row = self._row(ticket_id, columns)
            master = _master(row)
            if not master:
                return _living(row)
            ticket_id = master
        raise NotFound("the case was merged around in a circle", code="merged")

    def _customer(self, new: NewTicket) -> dict[str, object]:
        """The contact with that e-mail address if it is one only, else the name and the address themselves."""
        email = new.requester.email
        if not email:
            return {}
        contacts = list(self._api.query(soql.select("Id", "Contact", soql.equals("Email", email), limit=2)))
        if len(contacts) == 1:
            return {"ContactId": as_text(contacts[0].get("Id"))}
        return {"SuppliedEmail": email, "SuppliedName": new.requester.name[:NAME_LENGTH]}

    def _first_status(self) -> str:
        """The organization's usual status of a new case."""
        rows = self._api.query(soql.select("ApiName, IsDefault, IsClosed", "CaseStatus", order="SortOrder"))
        open_ones = [row for row in rows if row.get("IsClosed") is False]
        for row in sorted(open_ones, key=lambda row: row.get("IsDefault") is not True):
            return as_text(row.get("ApiName"))
        raise Rejected("this organization tells no open status: set reopen_status", code="reopen_status")


def _case_id(row: Mapping[str, Any]) -> str:
    found = ids.full_id(as_text(row.get("Id")), ids.CASE)
    if not found:
        raise Unavailable("Salesforce answered a case without an id", code="id")
    return found


def _master(row: Mapping[str, Any]) -> str:
    """The id of the case that this one was merged into; empty for one that was not."""
    return ids.full_id(as_text(row.get("MasterRecordId")), ids.CASE)


def _living(row: Mapping[str, Any]) -> Mapping[str, Any]:
    if row.get("IsDeleted") is True:
        raise NotFound("the case is deleted", code="IsDeleted")
    return row
