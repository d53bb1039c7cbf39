"""Tickets of one ServiceNow table: read, written, and read back, since refusals by access control are silent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

from bridge.errors import ConnectorError, NotFound, Rejected, TicketClosed, Unavailable, UnknownOutcome
from bridge.markup import Markup
from bridge.model import Attachment, NewTicket, Note, NoteRef, Person, Ticket, TicketStatus, TimeSpent
from bridge.render import TextLimits
from connectors import marks
from connectors.contract import ConnectionConfig, Workshop
from connectors.tickets.servicenow import mapping
from connectors.tickets.servicenow.mapping import JOURNAL, Record, shown, value
from connectors.tickets.servicenow.people import people
from connectors.tickets.servicenow.tables import Tables
from connectors.unable import Unable

ATTACHMENT_BYTES = 50_000_000
"""Far below the vendor's own default, 1,024 MB."""
TIMES = "task_time_worked"
LABELS = "label_entry"
USERS = "sys_user"
FARTHEST_ZONE = timedelta(hours=14)
"""A query takes times in the user's time zone, answers tell UTC: so it asks for more, and the answers decide."""
STANDING = ("sys_id", "state", "active")


class ServiceNowClient(Unable):
    """Reads and writes tickets as one user. Safe to share between threads."""

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        keys = config.keys
        self._tables = Tables(config, workshop)
        self._table: str = keys["table"]
        self._states = mapping.States(self._table, keys.get("closed_states"), keys.get("solved_states"))
        self._attaches: bool = keys["attachments"]
        self._labels: bool = keys["labels"]
        self._agent_role: str = keys["agent_role"]
        self._reopen_state: str = keys.get("reopen_state", "")
        self.limits = TextLimits(
            length=keys["max_length"],
            unit="utf16",
            markup=Markup(keys["markup"]),
            attachment_bytes=ATTACHMENT_BYTES if self._attaches else 0,
        )

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        """The ticket by its sys_id or number; its id is always the sys_id."""
        record = self._tables.get(self._table, self._sys_id(ticket_id))
        sys_id = value(record, "sys_id")
        if not mapping.SYS_ID.fullmatch(sys_id):
            raise Unavailable(f"{self._table} was answered without a sys_id", code="unreadable")
        tags = self._labels_of([sys_id]).get(sys_id, set()) if self._labels else set()
        people = self._people(mapping.people_of(record))
        status = self._states.status(record)
        return mapping.ticket(record, self._table, self._tables.base_url, status, people, tags)

    def find_note(self, ticket_id: str, mark: str) -> NoteRef | None:
        """The journal that holds the mark. Raises Rejected when this user may not read work notes."""
        fields = tuple(JOURNAL.values())
        record = self._tables.get(self._table, self._sys_id(ticket_id), ("sys_id", *fields))
        if fields[0] not in record:
            raise Rejected(f"{self._table}: this user may not read {fields[0]}", code="unreadable")
        found = next((name for name in fields if marks.in_text(shown(record, name), mark)), None)
        return _note_ref(found, mark) if found else None

    def add_note(self, ticket_id: str, note: Note) -> NoteRef:
        """Attach the files, add the entry, and see that it stands there. Raises TicketClosed or Rejected if not."""
        rendered = mapping.entry(note, self.limits)
        if rendered.attachments and not self._attaches:
            raise Rejected("attachments are switched off: the caller might read them", code="attachments")
        sys_id, field = self._sys_id(ticket_id), JOURNAL[note.visibility]
        self._attach(sys_id, rendered.attachments)
        self._update(sys_id, {field: rendered.body})
        record = self._read_back(sys_id, (field,))
        if not marks.in_text(shown(record, field), note.mark):
            raise self._ignored(record, [field])
        return _note_ref(field, note.mark)

    def update_fields(self, ticket_id: str, fields: Mapping[str, object]) -> None:
        """Set fields by their API name. Raises Rejected that names those that were ignored."""
        changes = mapping.field_changes(fields)
        if not changes:
            return
        sys_id = self._sys_id(ticket_id)
        self._update(sys_id, changes)
        record = self._read_back(sys_id, tuple(changes))
        if missed := mapping.fields_missed(changes, record):
            raise self._ignored(record, missed)

    def find_time(self, ticket_id: str, mark: str) -> NoteRef | None:
        sys_id = self._sys_id(ticket_id)
        for page in self._tables.rows(TIMES, f"task={sys_id}", ("sys_id", "task", "comments")):
            for row in page:
                if value(row, "task") == sys_id and marks.in_text(value(row, "comments"), mark):
                    return NoteRef(value(row, "sys_id"))
        return None

    def add_time(self, ticket_id: str, spent: TimeSpent) -> NoteRef:
        """Add a row to the ticket's time worked, for the agent where ServiceNow knows their address."""
        sys_id = self._sys_id(ticket_id)
        self._tables.get(self._table, sys_id, STANDING)  # a row could be made for a task that is not there
        row = mapping.time_entry(sys_id, self._user(spent.agent.email), spent)
        made = self._tables.insert(TIMES, row)
        if missed := mapping.time_missed(row, made, spent.mark):
            raise Rejected(f"{TIMES}: {', '.join(missed)} was ignored: this user may not write it", code="ignored")
        return NoteRef(value(made, "sys_id"))

    def find_ticket(self, mark: str) -> str | None:
        wanted = marks.digest(mark)
        for row in self._tables.first(self._table, f"correlation_id={wanted}", ("sys_id", "correlation_id")):
            if value(row, "correlation_id") == wanted:
                return value(row, "sys_id")
        return None

    def create_ticket(self, new: NewTicket) -> str:
        """Make a ticket with its text as a work note. Raises Rejected when it would not be found again."""
        requester = mapping.REQUESTER_FIELD.get(self._table, mapping.REQUESTERS[0])
        values = {
            "short_description": new.subject,
            "work_notes": mapping.text_of(new.mark, new.document, self.limits),
            "correlation_id": marks.digest(new.mark),
            "correlation_display": "Deskbridge",
            requester: self._user(new.requester.email),
            "parent": self._sys_id(new.follows) if new.follows else "",
        }
        made = self._tables.insert(self._table, {name: content for name, content in values.items() if content})
        sys_id = value(made, "sys_id")
        record = self._read_back(sys_id, ("correlation_id", "work_notes"))
        if value(record, "correlation_id") != values["correlation_id"]:
            raise self._ignored(record, ["correlation_id"])
        if not marks.in_text(shown(record, "work_notes"), new.mark):
            raise self._ignored(record, ["work_notes"])
        return sys_id

    def reopen(self, ticket_id: str) -> None:
        """Set the state that the connection names for it. Raises TicketClosed where that was ignored or refused."""
        if not self._reopen_state:
            return super().reopen(ticket_id)
        sys_id = self._sys_id(ticket_id)
        self._update(sys_id, {"state": self._reopen_state})
        if value(self._read_back(sys_id, ()), "state") != self._reopen_state:
            raise TicketClosed(f"{self._table}: the ticket cannot be opened again by this user", code="state")
        return None

    def tickets_since(self, moment: datetime, tags: Sequence[str]) -> Iterator[str]:
        """Ids of tickets that were touched since then and have one of the labels, or were given it since then."""
        if tags and not self._labels:
            super().tickets_since(moment, tags)
        told: set[str] = set()
        for page in self._tables.rows(self._table, _since("sys_updated_on", moment), ("sys_id", "sys_updated_on")):
            touched = [value(row, "sys_id") for row in page if _is_since(row, "sys_updated_on", moment)]
            labelled = self._labels_of(touched) if tags else {}
            for sys_id in touched:
                if sys_id not in told and (not tags or labelled.get(sys_id, set()) & set(tags)):
                    told.add(sys_id)
                    yield sys_id
        for sys_id in self._labelled_since(moment, set(tags)):
            if sys_id not in told:
                told.add(sys_id)
                yield sys_id

    def people(self) -> Iterator[Person]:
        """Active users with the role of agents."""
        return people(self._tables, self._agent_role)

    def probe(self) -> str:
        """Who we are there, and that this user may read tickets, journals and, if they are wanted, labels."""
        me = self._tables.first(USERS, "sys_id=javascript:gs.getUserID()", ("sys_id", "user_name", "name"))
        who = f"as {value(me[0], 'name')}, username {value(me[0], 'user_name')}" if len(me) == 1 else "as a user"
        found = self._tables.first(self._table, "ORDERBYDESCsys_created_on", ("sys_id", "number"), most=1)
        if found:
            self.find_note(value(found[0], "sys_id"), "probe")
            if self._labels:
                self._labels_of([value(found[0], "sys_id")])
        seen = "tickets can be read" if found else "no ticket can be seen"
        return f"signed in to ServiceNow {who}; {seen} in {self._table}"

    # what several of these need

    def _sys_id(self, ticket_id: str) -> str:
        """The sys_id of a ticket: representatives type its number by hand. Raises NotFound."""
        if mapping.SYS_ID.fullmatch(ticket_id):
            return ticket_id
        if not mapping.NUMBER.fullmatch(ticket_id):
            raise NotFound("a ServiceNow ticket is named by its sys_id or its number", code="ticket-id")
        number = ticket_id.upper()
        rows = self._tables.first(self._table, f"number={number}", ("sys_id", "number"))
        found = [value(row, "sys_id") for row in rows if value(row, "number").upper() == number]
        if len(found) > 1:
            raise Rejected(f"{self._table} has several tickets of one number", code="ambiguous")
        if not found or not mapping.SYS_ID.fullmatch(found[0]):
            raise NotFound(f"{self._table} has no ticket of that number", code="ticket-id")
        return found[0]

    def _update(self, sys_id: str, changes: Mapping[str, str]) -> None:
        try:
            self._tables.update(self._table, sys_id, changes)
        except Rejected as refused:
            if refused.code == "403" and self._states.status(self._standing(sys_id)) is TicketStatus.CLOSED:
                raise TicketClosed(f"{self._table}: the ticket is closed", code="closed") from None
            raise

    def _standing(self, sys_id: str) -> Record:
        return self._tables.get(self._table, sys_id, STANDING)

    def _read_back(self, sys_id: str, fields: Sequence[str]) -> Record:
        """These fields after a write. Whatever goes wrong now, the write may have been done."""
        with _after_write():
            return self._tables.get(self._table, sys_id, tuple(dict.fromkeys((*STANDING, *fields))))

    def _ignored(self, record: Record, fields: Sequence[str]) -> Rejected:
        """The error for what was answered with success and not done."""
        if self._states.status(record) is TicketStatus.CLOSED:
            return TicketClosed(f"{self._table}: the ticket is closed", code="closed")
        named = ", ".join(fields)
        return Rejected(f"{self._table}: {named} was ignored: this user may not write or read it", code="ignored")

    def _attach(self, sys_id: str, files: Sequence[Attachment]) -> None:
        """Attach what is not there yet under this name and size, so that a second try adds nothing."""
        there = self._tables.attachments(self._table, sys_id) if files else set()
        for file in files:
            if (file.filename, str(len(file.content))) not in there:
                self._tables.attach(self._table, sys_id, file)

    def _people(self, ids: Sequence[str]) -> dict[str, Person]:
        """What this user may know of them; nothing where `sys_user` is closed to it."""
        if not ids:
            return {}
        fields = ("sys_id", "name", "email", "user_name")
        with suppress(Rejected):
            rows = self._tables.first(USERS, f"sys_idIN{','.join(ids)}", fields, most=len(ids))
            return {value(row, "sys_id"): mapping.person(row) for row in rows}
        return {}

    def _user(self, email: str) -> str:
        """The sys_id of the one active user with that address; empty for none, or several."""
        if not mapping.EMAIL.fullmatch(email):
            return ""
        rows = self._tables.first(USERS, f"email={email}^active=true", ("sys_id", "email"))
        found = [value(row, "sys_id") for row in rows if value(row, "email").casefold() == email.casefold()]
        return found[0] if len(found) == 1 else ""

    def _labels_of(self, ids: Sequence[str]) -> dict[str, set[str]]:
        """Names of labels by sys_id of the record."""
        found: dict[str, set[str]] = {}
        for start in range(0, len(ids), 100):
            for row in self._entries(f"table_keyIN{','.join(ids[start : start + 100])}"):
                found.setdefault(value(row, "table_key"), set()).add(_label(row))
        return found

    def _labelled_since(self, moment: datetime, tags: set[str]) -> Iterator[str]:
        if tags:
            for row in self._entries(_since("sys_created_on", moment)):
                if _label(row) in tags and _is_since(row, "sys_created_on", moment):
                    yield value(row, "table_key")

    def _entries(self, query: str) -> Iterator[Record]:
        fields = ("sys_id", "sys_created_on", "table", "table_key", "label.name")
        try:
            for page in self._tables.rows(LABELS, f"table={self._table}^{query}", fields):
                yield from (row for row in page if value(row, "table") == self._table)
        except Rejected as refused:
            if refused.code != "403":
                raise
            message = f"this user may not read {LABELS}: let it, or set labels = false for this connection"
            raise Rejected(message, code="labels") from None


@contextmanager
def _after_write() -> Iterator[None]:
    try:
        yield
    except ConnectorError as error:
        wait = error.retry_after if isinstance(error, Unavailable) else None
        raise UnknownOutcome(f"written, but not seen yet: {error}", code=error.code, retry_after=wait) from None


def _note_ref(field: str, mark: str) -> NoteRef:
    """Journal entries have no id that this user could read."""
    return NoteRef(f"{field}:{marks.shown(mark)}")


def _label(row: Record) -> str:
    return shown(row, "label.name") or value(row, "label.name")


def _since(field: str, moment: datetime) -> str:
    return f"{field}>={(moment.astimezone(UTC) - FARTHEST_ZONE).strftime(mapping.STAMP)}"


def _is_since(row: Record, field: str, moment: datetime) -> bool:
    stamp = mapping.moment(row, field)
    return stamp is not None and stamp >= moment.replace(microsecond=0)
