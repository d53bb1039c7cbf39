"""Cases of Dynamics 365 Customer Service, as far as a session on a ticket needs them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from bridge.errors import NotFound, Rejected, TicketClosed, TicketMerged
from bridge.markup import Markup
from bridge.model import NewTicket, Note, NoteRef, Person, Ticket, TimeSpent
from bridge.render import TextLimits, render
from connectors.answers import members, object_in, told
from connectors.bodies import iso
from connectors.tickets.dynamics import mapping
from connectors.tickets.dynamics.defuse import defused
from connectors.tickets.dynamics.people import people
from connectors.tickets.dynamics.wire import ANNOTATED, Dataverse
from connectors.unable import Unable

LIMITS = TextLimits(
    length=100_000 - len(mapping.PUBLIC_PREFIX),
    unit="utf16",
    markup=Markup.HTML,
    # The organisation's limit is 5 MB unless it was raised, and counts the base64 text.
    attachment_bytes=5 * 1024 * 1024 // 4 * 3,
)
NOTES, TASKS, CASES = "annotations", "tasks", "incidents"
MERGES = 5
"""How many merges are followed from one case to the one that lives on."""


class DynamicsClient(Unable):
    """Reads and writes cases as one application user. Safe to share between threads."""

    limits = LIMITS

    def __init__(self, api: Dataverse) -> None:
        self._api = api

    # reading

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        case_id = self._case_id(ticket_id)
        for _ in range(MERGES):
            case = self._read(case_id, {"$expand": mapping.EXPAND})
            master = case.get("_masterid_value")
            if not case.get("merged") or not isinstance(master, str):
                return mapping.ticket(case, self._api.base_url)
            case_id = master
        raise Rejected("the case was merged more often than is followed", code="merges")

    def find_note(self, ticket_id: str, mark: str) -> NoteRef | None:
        """The note with this mark, also where a merge moved it to another case: its id is made of the mark."""
        note_id = mapping.record_id("note", mark)
        return NoteRef(note_id) if self._api.find(NOTES, note_id, "createdon") else None

    def find_time(self, ticket_id: str, mark: str) -> NoteRef | None:
        """The task with this mark. One that was made and not completed is completed: only then does it count."""
        task_id = mapping.record_id("time", mark)
        task = self._api.find(TASKS, task_id, "statecode")
        if task is None:
            return None
        if task.get("statecode") == mapping.ACTIVE:
            self._complete(task_id)
        return NoteRef(task_id)

    def find_ticket(self, mark: str) -> str | None:
        """The case whose text, written last, is there."""
        text = self._api.find(NOTES, mapping.record_id("note", _text_of(mark)), "_objectid_value")
        return str(text["_objectid_value"]).lower() if text and text.get("_objectid_value") else None

    def tickets_since(self, moment: datetime, tags: Sequence[str]) -> Iterator[str]:
        """Ids of cases changed since then. Cases have no tags: none has one that is asked for."""
        if tags:
            return
        query = {
            "$select": "incidentid",
            "$filter": f"modifiedon ge {iso(moment)}",
            "$orderby": "modifiedon asc,incidentid asc",
        }
        for row in self._api.rows(CASES, query):
            yield str(row["incidentid"]).lower()

    def people(self) -> Iterator[Person]:
        return people(self._api)

    def probe(self) -> str:
        """Who we are there. Raises AccessDenied for an application that is no user of the organisation."""
        reply = self._api.get("WhoAmI")
        return f"signed in to Dataverse as user_id {told(reply, 'UserId')} of {told(reply, 'OrganizationId')}"

    # writing

    def add_note(self, ticket_id: str, note: Note) -> NoteRef:
        """Add a note to the case's timeline. Its files come first, so that the note proves that all is there."""
        case = self._living(ticket_id)
        rendered = render(replace(note, document=defused(note.document)), self.limits)
        rows = mapping.note_rows(str(case["incidentid"]), note, rendered)
        with _refused_by(case):
            for note_id, row in rows:
                self._api.create(NOTES, note_id, row)
        return NoteRef(rows[-1][0])

    def update_fields(self, ticket_id: str, fields: Mapping[str, object]) -> None:
        """Set columns, and lookups by `<name>@odata.bind`. Raises Rejected for what was refused or ignored."""
        if not fields:
            return
        columns = mapping.columns(fields)
        before = self._living(ticket_id, *columns)
        with _refused_by(before):
            try:
                after = self._api.update(CASES, str(before["incidentid"]), fields, ",".join(["incidentid", *columns]))
            except NotFound as missing:
                # The case was there a moment ago: it is a lookup that leads nowhere.
                raise Rejected("a lookup names a record that does not exist", code=missing.code) from None
        ignored = list(mapping.not_set(fields, before, after))
        if ignored:
            raise Rejected(f"Dataverse ignored {', '.join(ignored)}", code="ignored-field")

    def add_time(self, ticket_id: str, spent: TimeSpent) -> NoteRef:
        """Enter the time as a completed task of the case."""
        case = self._living(ticket_id)
        task_id = mapping.record_id("time", spent.mark)
        with _refused_by(case):
            if not self._api.create(TASKS, task_id, mapping.task(str(case["incidentid"]), spent)):
                self.find_time(ticket_id, spent.mark)
            elif self._complete(task_id).get("actualdurationminutes") != spent.minutes:
                raise Rejected("Dataverse did not keep the task's duration", code="ignored-field")
        return NoteRef(task_id)

    def create_ticket(self, new: NewTicket) -> str:
        """Make a case of the requester, below the one that it follows, its text in an internal note."""
        followed = self._followed(new.follows)
        customer = self._contact(new.requester.email) or mapping.customer_of(followed)
        if customer is None:
            raise Rejected("a case needs a customer: there is no contact with the requester's e-mail", code="customer")
        case_id = mapping.record_id("case", new.mark)
        # There is one level only: a child's child becomes its sibling.
        parent = str(followed.get("_parentcaseid_value") or followed.get("incidentid") or "")
        try:
            self._api.create(CASES, case_id, mapping.new_case(new, customer, parent))
        except Rejected:
            # A case that may have no children, for what reason ever: its text still says what it continues.
            if not parent:
                raise
            self._api.create(CASES, case_id, mapping.new_case(new, customer, ""))
        self.add_note(case_id, Note(_text_of(new.mark), new.document))
        return case_id

    def reopen(self, ticket_id: str) -> None:
        """Make a resolved or canceled case active again. Raises TicketClosed where that is refused."""
        case = self._living(ticket_id)
        if case.get("statecode") == mapping.ACTIVE:
            return
        changes = {"statecode": mapping.ACTIVE, "statuscode": 1}
        with _refused_by(case):
            after = self._api.update(CASES, str(case["incidentid"]), changes, "statecode")
            if after.get("statecode") != mapping.ACTIVE:
                raise Rejected("the case is still not active", code="ignored-field")

    # parts

    def _case_id(self, ticket_id: str) -> str:
        """The case's own id; also of a case number, as people type it."""
        if re.fullmatch(mapping.GUID, ticket_id):
            return ticket_id.lower()
        if not re.fullmatch(mapping.CASE_NUMBER, ticket_id):
            raise NotFound("a case is named by its id or its case number", code="ticket-id")
        query = {"$select": "incidentid", "$filter": f"ticketnumber eq {mapping.quoted(ticket_id)}", "$top": "1"}
        reply = self._api.get(CASES, params=query)
        for row in members(reply, "value"):
            return str(row["incidentid"]).lower()
        raise NotFound(f"{reply.where}: there is no case with this number", code="ticket-id")

    def _case(self, ticket_id: str, *columns: str) -> Mapping[str, Any]:
        select = dict.fromkeys(["incidentid", "statecode", "merged", "_masterid_value", *columns])
        return self._read(self._case_id(ticket_id), {"$select": ",".join(select)})

    def _read(self, case_id: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        reply = self._api.get(f"{CASES}({case_id})", params=params, prefer=ANNOTATED)
        told(reply, "incidentid")
        return object_in(reply)

    def _living(self, ticket_id: str, *columns: str) -> Mapping[str, Any]:
        """The case's state and these columns. Raises TicketMerged for one that lives on in another case."""
        case = self._case(ticket_id, *columns)
        if case.get("merged"):
            master = case.get("_masterid_value")
            if not isinstance(master, str):
                raise TicketClosed("the case was merged, nobody knows into which", code="merged")
            raise TicketMerged("the case was merged into another one", into=master.lower(), code="merged")
        return case

    def _followed(self, ticket_id: str) -> Mapping[str, Any]:
        """What a new case takes from the one that it follows; nothing when that is gone."""
        if not ticket_id:
            return {}
        try:
            return self._case(ticket_id, "_customerid_value", "_parentcaseid_value")
        except NotFound:
            return {}

    def _contact(self, email: str) -> tuple[str, str] | None:
        """The oldest active contact with that address."""
        if not email:
            return None
        query = {
            "$select": "contactid",
            "$filter": f"emailaddress1 eq {mapping.quoted(email)} and statecode eq {mapping.ACTIVE}",
            "$orderby": "createdon asc",
            "$top": "1",
        }
        found = members(self._api.get("contacts", params=query), "value")
        return ("contact", str(found[0]["contactid"])) if found else None

    def _complete(self, task_id: str) -> Mapping[str, Any]:
        changes = {"statecode": mapping.COMPLETED, "statuscode": 5}
        return self._api.update(TASKS, task_id, changes, "statecode,actualdurationminutes")


def _text_of(mark: str) -> str:
    """The mark of the note that holds a new case's text."""
    return f"text:{mark}"


@contextmanager
def _refused_by(case: Mapping[str, Any]) -> Iterator[None]:
    """What an inactive case refuses is refused because it is closed: it can be reactivated."""
    try:
        yield
    except Rejected as refused:
        if case.get("statecode") == mapping.ACTIVE:
            raise
        raise TicketClosed("the case is resolved or canceled, and refused it", code=refused.code) from None
