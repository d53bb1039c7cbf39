"""Help Scout's Mailbox API 2.0, as far as a session on a conversation needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from bridge.errors import AccessDenied, NotFound, Rejected, TicketMerged
from bridge.markup import Markup
from bridge.model import NewTicket, Note, NoteRef, Person, Ticket, Visibility
from bridge.render import TextLimits, render
from connectors import marks
from connectors.answers import object_in, told
from connectors.bodies import as_text, iso
from connectors.contract import Vault
from connectors.http import Transport
from connectors.ids import checked_number
from connectors.tickets.help_scout import fields as custom
from connectors.tickets.help_scout import mapping
from connectors.tickets.help_scout.mapping import Row
from connectors.tickets.help_scout.wire import Wire
from connectors.unable import Unable

# No length is documented; 64 KB is what the smallest text column of such a system holds. A request may have 10 MB,
# its files as Base64.
LIMITS = TextLimits(length=64_000, unit="bytes", markup=Markup.HTML, attachment_bytes=7_000_000)

MAX_MERGES = 10
NEWEST_PAGES = 5
"""So many pages of new conversations are looked through for ours; older ones are asked for by their tag."""
# By when they were made: a conversation that changes meanwhile stays in its place.
IN_ORDER: Mapping[str, str | int] = {"status": "all", "sortField": "createdAt", "sortOrder": "desc"}


class HelpScoutClient(Unable):
    """Reads and writes conversations as one user. Safe to share between threads."""

    limits = LIMITS

    def __init__(self, transport: Transport, vault: Vault, keys: Mapping[str, Any]) -> None:
        self._wire = Wire(transport, vault, keys)
        self._mailbox: int = keys.get("mailbox_id", 0)

    # reading

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        return mapping.ticket(self._living(ticket_id))

    def find_note(self, ticket_id: str, mark: str) -> NoteRef | None:
        """The note or reply with this mark. Those of a merged conversation stand in the one that it lives on in."""
        number = as_text(self._living(ticket_id)["id"])
        for threads in self._wire.pages(f"conversations/{number}/threads", "threads"):
            if found := mapping.marked(threads, mark):
                return NoteRef(found)
        return None

    def find_ticket(self, mark: str) -> str | None:
        """The conversation with this mark's tag: among the newest of the inbox, else by the tag itself."""
        if not self._mailbox:
            return super().find_ticket(mark)
        tag, here = mapping.mark_tag(mark), {**IN_ORDER, "mailbox": self._mailbox}
        newest = islice(self._wire.pages("conversations", "conversations", here), NEWEST_PAGES)
        found = [row for rows in newest for row in rows if tag in mapping.tags(row)]
        found = found or [row for row in self._listed(tag=tag) if tag in mapping.tags(row)]
        return as_text(found[0]["id"]) if found else None

    def tickets_since(self, moment: datetime, tags: Sequence[str]) -> Iterator[str]:
        """Ids of conversations touched since then that carry one of the tags, each once. Asked tag by tag."""
        if any("," in tag for tag in tags):
            raise Rejected("a tag to look for must hold no comma: Help Scout takes several apart by it", code="tag")
        known: set[str] = set()
        for asked in [{"tag": tag} for tag in tags] or [{}]:
            for row in self._listed(modifiedSince=iso(moment), **asked):
                number = as_text(row.get("id"))
                if number not in known:
                    known.add(number)
                    yield number

    def people(self) -> Iterator[Person]:
        for rows in self._wire.pages("users", "users"):
            yield from (mapping.user(row) for row in rows if row.get("type") != mapping.TEAM)

    def probe(self) -> str:
        """Who we are there. Raises AccessDenied where the app may not use the API."""
        try:
            reply = self._wire.get("users/me")
        except Rejected as refused:
            raise AccessDenied("the app may not use the API of this account", code=refused.code) from refused
        return f"signed in to Help Scout as {told(reply, 'email')}"

    # writing

    def add_note(self, ticket_id: str, note: Note) -> NoteRef:
        """Add a note; a public one is a reply, which Help Scout mails to the customer."""
        conversation = self._conversation(ticket_id)
        line = marks.html_line(note.mark)
        rendered = render(note, self.limits.less(line))
        thread = mapping.thread(rendered.body + line, rendered.attachments)
        if note.visibility is Visibility.PUBLIC:
            answer = mapping.reply(thread, conversation)
            return NoteRef(self._wire.make(f"conversations/{ticket_id}/reply", answer))
        return NoteRef(self._wire.make(f"conversations/{ticket_id}/notes", thread))

    def update_fields(self, ticket_id: str, fields: Mapping[str, object]) -> None:
        """Set values. Raises Rejected for one that Help Scout does not have, before anything is written."""
        if not fields:
            return
        conversation, path = self._conversation(ticket_id), f"conversations/{ticket_id}"
        patches = [custom.patch(name, value) for name, value in fields.items() if name in custom.OWN]
        changes = {name: value for name, value in fields.items() if name not in custom.OWN}
        after = self._fields_after(conversation, changes) if changes else None
        for patch in patches:
            self._wire.write("PATCH", path, patch)
        if after is not None:
            self._wire.write("PUT", f"{path}/fields", {"fields": after})

    def add_tags(self, ticket_id: str, tags: Sequence[str]) -> None:
        """Add tags to those that are there: an update replaces them all, and nothing guards the moment between."""
        there = mapping.tags(self._conversation(ticket_id)) if tags else []
        known = {tag.casefold() for tag in there}
        missing = [tag for tag in dict.fromkeys(tags) if tag.casefold() not in known]
        if missing:
            self._wire.write("PUT", f"conversations/{ticket_id}/tags", {"tags": [*there, *missing]})

    def create_ticket(self, new: NewTicket) -> str:
        """Make a conversation in the connection's inbox, with one note that only users see."""
        if not self._mailbox:
            return super().create_ticket(new)
        line = marks.html_line(new.mark)
        rendered = render(Note(new.mark, new.document), self.limits.less(line))
        first = mapping.thread(rendered.body + line, rendered.attachments)
        return self._wire.make("conversations", mapping.new_conversation(new, first, self._mailbox))

    def reopen(self, ticket_id: str) -> None:
        """Make a closed conversation active; nothing for one that is not closed."""
        if as_text(self._conversation(ticket_id).get("status")) not in mapping.OPEN:
            self._wire.write("PATCH", f"conversations/{ticket_id}", custom.patch("status", "active"))

    # parts

    def _conversation(self, ticket_id: str) -> Row:
        """The conversation. Raises TicketMerged, which only this call tells: all others answer 404 then."""
        reply = self._wire.get(f"conversations/{checked_number(ticket_id, 'Help Scout', 18)}")
        told(reply, "id")
        found = object_in(reply)
        if found.get("state") == mapping.DELETED:
            raise NotFound("the conversation is deleted", code=mapping.DELETED)
        return found

    def _living(self, ticket_id: str) -> Row:
        """The conversation, or the one that it lives on in."""
        for _ in range(MAX_MERGES):
            try:
                return self._conversation(ticket_id)
            except TicketMerged as merged:
                ticket_id = merged.into
        raise NotFound("the conversation was merged in a circle", code="merged")

    def _fields_after(self, conversation: Row, changes: Mapping[str, object]) -> list[dict[str, Any]]:
        path = f"mailboxes/{as_text(conversation.get('mailboxId'))}/fields"
        known = [row for rows in self._wire.pages(path, "fields") for row in rows]
        return custom.merged(mapping.rows(conversation, "customFields"), changes, known)

    def _listed(self, **asked: str | int) -> Iterator[Row]:
        for rows in self._wire.pages("conversations", "conversations", {**IN_ORDER, **asked}):
            yield from rows
