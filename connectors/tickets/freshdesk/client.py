"""Freshdesk's and Freshservice's API, as far as a session on a ticket needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from bridge.document import Document, Link, Paragraph
from bridge.errors import AccessDenied, ConnectorError, NotFound, Rejected, TicketClosed
from bridge.markup import Markup, to_html
from bridge.model import NewTicket, Note, NoteRef, Person, Ticket, TimeSpent, Visibility
from bridge.render import TextLimits, render
from connectors import marks
from connectors.bodies import field_text
from connectors.http import Transport
from connectors.tickets.freshdesk import mapping
from connectors.tickets.freshdesk.agents import Agents
from connectors.tickets.freshdesk.dialects import Dialect
from connectors.tickets.freshdesk.listing import Listing
from connectors.tickets.freshdesk.wire import Row, Wire

# No length is documented. 64 KB is what the smallest text column of such a system holds; a little less.
NOTE_BYTES = 64_000

LOCKED = frozenset({"403", "405", "409", "access_denied", "incompatible_field", "inconsistent_state"})
"""How a ticket may refuse a change that others would take."""


class FreshClient:
    """Reads and writes tickets as one agent. Safe to share between threads."""

    def __init__(self, transport: Transport, keys: Mapping[str, Any], dialect: Dialect) -> None:
        self._dialect = dialect
        self._wire = Wire(transport, dialect, keys["api_key"])
        self._agents = Agents(self._wire, keys.get("user_id"))
        self._workspace: int | None = keys.get("workspace_id")
        self._listing = Listing(self._wire, self._workspace)
        self._public_by_reply = keys.get("public_as", "reply") == "reply"
        self._done = mapping.DONE | frozenset(keys.get("solved_statuses") or ())
        self.limits = TextLimits(
            length=NOTE_BYTES, unit="bytes", markup=Markup.HTML, attachment_bytes=dialect.attachment_bytes
        )

    # -- reading -----------------------------------------------------------------------------------------------

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        """The ticket. Raises NotFound also for one in the trash and for spam, which take no changes."""
        told, archived = self._shown(mapping.checked(ticket_id, self._dialect), include=self._dialect.include)
        if told.get("deleted") or told.get("spam"):
            raise NotFound(f"the {self._dialect.title} ticket is deleted or spam", code="deleted")
        return mapping.ticket(
            told,
            self._dialect,
            self._wire.base_url,
            assignee=self._agents.named(field_text(told.get("responder_id"))),
            done=self._done,
            archived=archived,
        )

    def find_note(self, ticket_id: str, mark: str) -> NoteRef | None:
        """The note or reply with this mark. Raises Rejected for a ticket with too many to be sure."""
        number = mapping.checked(ticket_id, self._dialect)
        try:
            return self._note_under(f"tickets/{number}", mark)
        except (NotFound, TicketClosed):
            if not self._dialect.archives:
                raise
            return self._note_under(f"tickets/archived/{number}", mark)

    def find_time(self, ticket_id: str, mark: str) -> NoteRef | None:
        number = mapping.checked(ticket_id, self._dialect)
        with self._on(number):
            for rows in self._wire.pages(f"tickets/{number}/time_entries", "time_entries"):
                for row in rows:
                    if marks.in_text(field_text(row.get("note")), mark):
                        return NoteRef(str(row["id"]))
        return None

    def find_ticket(self, mark: str) -> str | None:
        """The ticket with this mark: among the newest, which are listed at once, else by a search, which lags."""
        return self._listing.made_with(mark)

    def tickets_since(self, moment: datetime, tags: Sequence[str]) -> Iterator[str]:
        """Ids of tickets touched since then that carry one of the tags, each once."""
        return self._listing.touched_since(moment, tags)

    def people(self) -> Iterator[Person]:
        return self._agents.all()

    def probe(self) -> str:
        """Who we are there. Raises AccessDenied where nobody of that name lives."""
        title = self._dialect.title
        try:
            me = self._agents.me()
            return f"signed in to {title} as agent {me.email or me.name}, user_id {me.id}"
        except NotFound:
            pass
        try:
            self._wire.get("tickets", per_page=1)
        except NotFound:
            raise AccessDenied(f"there is no {title} at this base_url", code="404") from None
        return f"signed in to {title}, which does not say as whom"

    # -- writing -----------------------------------------------------------------------------------------------

    def add_note(self, ticket_id: str, note: Note) -> NoteRef:
        """Add a private note; a public one is a reply, which mails the customer, or a note in the portal."""
        number = mapping.checked(ticket_id, self._dialect)
        last = marks.html_line(note.mark)
        rendered = render(note, self.limits.less(last))
        public = note.visibility is Visibility.PUBLIC
        body: dict[str, Any] = {"body": rendered.body + last}
        if not (public and self._public_by_reply):
            body["private"] = not public
        path = f"tickets/{number}/{'notes' if 'private' in body else 'reply'}"
        with self._on(number):
            reply = self._wire.post(path, body, rendered.attachments)
        told = self._wire.one(reply, "conversation")
        if not public and told.get("private") is False:
            raise Rejected(f"{reply.where}: the note was made public against our word", code="visibility")
        return NoteRef(str(told["id"]))

    def update_fields(self, ticket_id: str, fields: Mapping[str, object]) -> None:
        """Set system and custom fields. Raises Rejected for a field that was refused or ignored."""
        number = mapping.checked(ticket_id, self._dialect)
        if not fields:
            return
        body = mapping.field_changes(fields, self._dialect)
        with self._on(number):
            reply = self._wire.put(f"tickets/{number}", body)
        unset = mapping.fields_unset(body, self._wire.one(reply, "ticket"))
        if unset:
            raise Rejected(f"{reply.where}: {', '.join(unset)} was not set", code="unset-field")

    def add_tags(self, ticket_id: str, tags: Sequence[str]) -> None:
        """Add tags to those that are there: an update replaces them all, and nothing guards the moment between."""
        number = mapping.checked(ticket_id, self._dialect)
        there = mapping.tags(self._shown(number, include=self._dialect.include)[0]) if tags else frozenset()
        wanted = there | set(tags)
        if wanted == there:
            return
        with self._on(number):
            reply = self._wire.put(f"tickets/{number}", {"tags": sorted(wanted)})
        if not wanted <= mapping.tags(self._wire.one(reply, "ticket")):
            raise Rejected(f"{reply.where}: not all tags were set", code="tags")

    def add_time(self, ticket_id: str, spent: TimeSpent) -> NoteRef:
        """Enter time for the agent with that address; else for ourselves, with the agent's name in the note."""
        number = mapping.checked(ticket_id, self._dialect)
        agent_id, by = self._agents.id_of(spent.agent.email), ""
        if agent_id is None:
            by = spent.agent.label
            agent_id = self._agents.own_id() if self._dialect.time_needs_agent else None
        entry = mapping.time_entry(spent, agent_id, by=by)
        with self._on(number):
            reply = self._wire.post(
                f"tickets/{number}/time_entries", {"time_entry": entry} if self._dialect.wrapped else entry
            )
        return NoteRef(str(self._wire.one(reply, "time_entry")["id"]))

    def create_ticket(self, new: NewTicket) -> str:
        """Make a ticket of which the customer sees the subject only; its text is a private note."""
        subject = mapping.subject(new.subject)
        description: Document = (Paragraph(subject),)
        if not self._dialect.lists_tags:
            description = (*description, Paragraph(marks.line(new.mark)))
        body = {
            "subject": subject,
            "description": to_html(description),
            "status": mapping.OPEN,
            "priority": mapping.LOW,
            "source": mapping.PORTAL,
            "tags": [mapping.mark_tag(new.mark)],
            **self._requester(new),
            **({"workspace_id": self._workspace} if self._workspace else {}),
        }
        number = str(self._wire.one(self._wire.post("tickets", body), "ticket")["id"])
        self.add_note(number, Note(new.mark, (*new.document, *self._link_to(new.follows))))
        return number

    def reopen(self, ticket_id: str) -> None:
        """Set the ticket to open. Raises TicketClosed for one that stays as it is, such as an archived one."""
        number = mapping.checked(ticket_id, self._dialect)
        with self._on(number):
            reply = self._wire.put(f"tickets/{number}", {"status": mapping.OPEN})
        if self._wire.one(reply, "ticket").get("status") != mapping.OPEN:
            raise TicketClosed(f"{reply.where}: the ticket stays closed", code="closed")

    # -- parts -------------------------------------------------------------------------------------------------

    def _note_under(self, path: str, mark: str) -> NoteRef | None:
        for rows in self._wire.pages(f"{path}/conversations", "conversations"):
            found = mapping.find_note(rows, mark)
            if found is not None:
                return found
        return None

    def _shown(self, number: str, **params: str) -> tuple[Row, bool]:
        """The ticket, and whether it is one of the archived."""
        try:
            return self._wire.one(self._wire.get(f"tickets/{number}", **params), "ticket"), False
        except (NotFound, TicketClosed) as missing:
            if not self._dialect.archives:
                raise
            try:
                return self._wire.one(self._wire.get(f"tickets/archived/{number}"), "ticket"), True
            except (NotFound, Rejected):
                # No such ticket there either, or an account that archives nothing.
                raise missing from None

    @contextmanager
    def _on(self, number: str) -> Iterator[None]:
        """What a ticket's refusal means: an archived one, or a closed one that is locked, is told as closed."""
        try:
            yield
        except (NotFound, Rejected) as error:
            if isinstance(error, NotFound) or error.code in LOCKED:
                self._tell_if_closed(number, error)
            raise

    def _tell_if_closed(self, number: str, refused: ConnectorError) -> None:
        try:
            told, archived = self._shown(number)
        except TicketClosed:
            raise
        except ConnectorError:
            return  # the refusal itself says more
        gone = told.get("deleted") or told.get("spam")
        if archived or (told.get("status") == mapping.CLOSED and not gone):
            raise TicketClosed(f"the {self._dialect.title} ticket is closed", code=refused.code) from refused

    def _requester(self, new: NewTicket) -> dict[str, Any]:
        """Whose ticket it is: the customer by address or number, else our own agent."""
        if new.requester.email:
            name = {"name": new.requester.name} if new.requester.name else {}
            return {"email": new.requester.email, **name}
        number = int(new.requester.id) if new.requester.id.isdecimal() else self._agents.own_id()
        if number is None:
            raise Rejected("a new ticket needs a requester: set user_id for this connection", code="requester")
        return {"requester_id": number}

    def _link_to(self, ticket_id: str) -> Document:
        """A link to the ticket that is continued. As a parent it would have to be open, and could not be closed."""
        if not ticket_id:
            return ()
        number = mapping.checked(ticket_id, self._dialect)
        return (Link(f"Ticket {number}", mapping.ticket_url(self._wire.base_url, number)),)
