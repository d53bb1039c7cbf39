"""Request Tracker's REST 2.0, as far as a session on a ticket needs it.

https://docs.bestpractical.com/rt/5.0.3/RT/REST2.html; what it leaves open was measured against RT 5.0.3. Answers
are never judged by their words: RT says them in its user's language, and says errors with 200 too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bridge.document import Document, Facts, Paragraph
from bridge.errors import AccessDenied, ConnectorError, NotFound, Rejected, TicketClosed, TicketMerged
from bridge.markup import Markup, to_html
from bridge.model import Attachment, NewTicket, Note, NoteRef, Person, Ticket, TimeSpent, Visibility
from bridge.render import Rendered, TextLimits, render
from connectors.answers import members, object_in, told
from connectors.http import Reply, Transport
from connectors.ids import checked_number
from connectors.tickets.request_tracker import mapping
from connectors.tickets.request_tracker.people import people
from connectors.unable import Unable

# RT takes megabytes, but its pages leave out a text of more than 25 KiB (MaxInlineBody), and where it is told to drop
# or cut large files it begins at 10 MiB (MaxAttachmentSize).
LIMITS = TextLimits(length=25_000, unit="bytes", markup=Markup.HTML, attachment_bytes=10 * 1024 * 1024)

API = "REST/2.0"
PER_PAGE = 100
"""The most that RT lists at once. So many of the tickets that we made last are looked at for a mark, too."""


class RequestTrackerClient(Unable):
    """Reads and writes tickets as one user. Safe to share between threads."""

    limits = LIMITS

    def __init__(self, transport: Transport, keys: Mapping[str, Any]) -> None:
        headers = {"Authorization": f"token {keys['api_token']}", "Accept": "application/json"}
        self._http = transport.with_reader(read_error).with_headers(headers)
        self._user = mapping.user_of(keys["api_token"])
        self._queue = keys.get("queue", "")
        self._tags_field = keys.get("tags_field", "")
        self._agents_group = str(keys.get("agents_group", ""))
        self._solved = frozenset(keys["solved_statuses"])
        self._open = keys["open_status"]

    # reading

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        """The ticket, with people by name and address. Raises NotFound also for a deleted one."""
        found = self._searched(checked_number(ticket_id, "Request Tracker", 18))
        if found is None:
            # Deleted, merged, unknown or not for us: a search does not say which.
            shown = self._shown(ticket_id)
            found = self._searched(str(shown["id"])) or shown
        return mapping.ticket(found, self._http.base_url, self._solved, self._tags_field)

    def find_note(self, ticket_id: str, mark: str) -> NoteRef | None:
        # First whether there is such a ticket: asked for the texts of none, RT searches those of all tickets.
        shown = self._shown(ticket_id)
        return self._marked(str(shown["id"]), mark)

    def find_time(self, ticket_id: str, mark: str) -> NoteRef | None:
        return self.find_note(ticket_id, mark)

    def find_ticket(self, mark: str) -> str | None:
        """The newest of our own tickets that begins with the mark."""
        if not self._queue:
            return super().find_ticket(mark)
        for row in self._tickets(f"Creator = '{self._user}'", newest_first=True):
            if self._marked(str(row["id"]), mark):
                return str(row["id"])
        return None

    def tickets_since(self, moment: datetime, tags: Sequence[str]) -> Iterator[str]:
        """Ids of tickets touched since then that carry one of the tags, each once, smallest first.

        Raises Rejected when tags are asked for and no custom field holds them.
        """
        if tags and not self._tags_field:
            raise Rejected("Request Tracker has no tags: tags_field names the custom field that holds them")
        last = 0
        while True:
            query = mapping.touched_query(moment, datetime.now(UTC), self._tags_field, tags, last)
            rows = self._tickets(query)
            for row in rows:
                last = max(last, int(row["id"]))
                yield str(row["id"])
            if not rows:
                return

    def people(self) -> Iterator[Person]:
        """The members of the connection's group of agents."""
        return people(self._read, self._agents_group) if self._agents_group else super().people()

    def probe(self) -> str:
        """Who we are there. Raises AccessDenied for a user who is no member of staff."""
        version = told(self._read("GET", "rt"), "Version")
        if not self._user:
            raise AccessDenied("this is no token of Request Tracker: they look like 1-14-…", code="token")
        user = object_in(self._read("GET", f"user/{self._user}"))
        if str(user.get("Privileged")) != "1":
            raise AccessDenied("Request Tracker knows us as a customer: a privileged user is needed", code="privileged")
        return f"signed in to Request Tracker {version.partition('+')[0]} as {user.get('Name')}"

    # writing

    def add_note(self, ticket_id: str, note: Note) -> NoteRef:
        """Comment, which customers do not see, or correspond, which is mailed to them.

        Raises TicketMerged for a merged ticket, whose other one would take the note without a word.
        """
        self._still_there(ticket_id)
        note = _without_empty_files(note)
        made = rendered(note)
        way = "correspond" if note.visibility is Visibility.PUBLIC else "comment"
        return self._say(ticket_id, way, note.mark, made.body, made.attachments)

    def add_time(self, ticket_id: str, spent: TimeSpent) -> NoteRef:
        """A comment of its own with the time. It counts as worked by our user; its text names the agent."""
        self._still_there(ticket_id)
        rows = [("Agent", spent.agent.label), ("Began", f"{spent.began_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC")]
        text = to_html((Paragraph(spent.text), Facts(tuple((label, value) for label, value in rows if value))))
        return self._say(ticket_id, "comment", spent.mark, text, minutes=spent.minutes)

    def update_fields(self, ticket_id: str, fields: Mapping[str, object]) -> None:
        """Set core and custom fields. Raises Rejected for one that RT does not know or did not take."""
        if not fields:
            return
        before = self._still_there(ticket_id)
        body = mapping.field_changes(fields, before)
        reply = self._write("PUT", f"ticket/{ticket_id}", json=body)
        # Read back as a search tells it: there, a queue has its name.
        after = self._searched(ticket_id) or self._shown(ticket_id)
        refused = mapping.fields_refused(fields, before, after)
        if refused:
            raise Rejected(f"{reply.where}: not taken: {', '.join(refused)}", code="not-taken")

    def reopen(self, ticket_id: str) -> None:
        """Give the ticket its open status again; a deleted one too, where our user may."""
        self._write("PUT", f"ticket/{checked_number(ticket_id, 'Request Tracker', 18)}", json={"Status": self._open})
        if self._told(ticket_id).get("Status") != self._open:
            raise TicketClosed(f"ticket {ticket_id} cannot get the status {self._open}", code="status")

    def create_ticket(self, new: NewTicket) -> str:
        """Make a ticket that says its subject, and the text as a comment of its own: the first text is mailed out."""
        if not self._queue:
            return super().create_ticket(new)
        subject = " ".join(new.subject.split())
        body = {
            "Queue": self._queue,
            "Subject": subject,
            "Content": mapping.mark_line(new.mark) + to_html((Paragraph(subject),)),
            "ContentType": "text/html",
        }
        if new.requester.email:
            body["Requestor"] = new.requester.email
        if new.follows:
            body["RefersTo"] = checked_number(new.follows, "Request Tracker", 18)
        made = told(self._write("POST", "ticket", json=body), "id")
        self._say(made, "comment", f"{new.mark}:text", to_html((*new.document, *self._dropped(made, new))))
        return made

    def _dropped(self, ticket_id: str, new: NewTicket) -> Document:
        """What RT left out without a word, told on the ticket: an address that it cannot use."""
        if not new.requester.email or self._shown(ticket_id).get("Requestor"):
            return ()
        return (Paragraph(f"Request Tracker did not take {new.requester.email} as its requestor."),)

    # the wire

    def _searched(self, ticket_id: str) -> Mapping[str, Any] | None:
        params = {"query": f"id = {ticket_id}", **mapping.SEARCH_FIELDS}
        rows = members(self._read("GET", "tickets", params=params), "items")
        return rows[0] if rows else None

    def _tickets(self, query: str, *, newest_first: bool = False) -> list[Mapping[str, Any]]:
        order = "DESC" if newest_first else "ASC"
        params: dict[str, str | int] = {"query": query, "orderby": "id", "order": order, "per_page": PER_PAGE}
        return members(self._read("GET", "tickets", params=params), "items")

    def _told(self, ticket_id: str) -> Mapping[str, Any]:
        """The ticket as RT tells it; of a merged one, that which it lives on in."""
        reply = self._read("GET", f"ticket/{checked_number(ticket_id, 'Request Tracker', 18)}")
        told(reply, "id")
        return object_in(reply)

    def _shown(self, ticket_id: str) -> Mapping[str, Any]:
        """The same, for who expects it to live. Raises NotFound for a deleted one, which RT would still write on."""
        shown = self._told(ticket_id)
        if shown.get("Status") == mapping.DELETED:
            raise NotFound(f"ticket {ticket_id} is deleted", code=mapping.DELETED)
        return shown

    def _still_there(self, ticket_id: str) -> Mapping[str, Any]:
        """The ticket under its own id."""
        shown = self._shown(ticket_id)
        living = str(shown["id"])
        if living != ticket_id.lstrip("0"):
            raise TicketMerged(f"ticket {ticket_id} was merged into {living}", into=living, code="merged")
        return shown

    def _marked(self, ticket_id: str, mark: str) -> NoteRef | None:
        """The transaction of ours whose text begins with the mark: quoted in an answer, it stands further down."""
        wanted = [{"field": "Content", "operator": "STARTSWITH", "value": mapping.mark_line(mark)}]
        if self._user:
            wanted.append({"field": "Creator", "operator": "=", "value": self._user})
        path = f"ticket/{ticket_id}/attachments"
        rows = members(self._read("POST", path, params={"fields": "TransactionId"}, json=wanted), "items")
        return NoteRef(str(rows[0]["TransactionId"])) if rows else None

    def _say(
        self,
        ticket_id: str,
        way: str,
        mark: str,
        text: str,
        attachments: Sequence[Attachment] = (),
        minutes: int = 0,
    ) -> NoteRef:
        message = {"Content": mapping.mark_line(mark) + text, "ContentType": "text/html", "TimeTaken": minutes}
        path = f"ticket/{ticket_id}/{way}"
        if attachments:
            files = [mapping.file_part(attachment) for attachment in attachments]
            reply = self._write("POST", path, data={"JSON": json.dumps(message)}, files=files)
        else:
            reply = self._write("POST", path, json=message)
        # The body is a line in the user's language, not always UTF-8; the address of the transaction is what counts.
        found = re.search(r"/transaction/([0-9]+)$", reply.headers.get("location", ""))
        if reply.status != 201 or not found:
            raise reply.unclear("answered without the transaction")
        return NoteRef(found[1])

    def _read(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
    ) -> Reply:
        return self._http.read(method, f"{API}/{path}", params=params, json=json)

    def _write(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        data: Mapping[str, str] | None = None,
        files: Sequence[tuple[str, tuple[str, bytes, str]]] | None = None,
    ) -> Reply:
        return self._http.write(method, f"{API}/{path}", json=json, data=data, files=files)


def read_error(reply: Reply) -> ConnectorError | None:
    """What RT says beyond the status: one ticket that our user may not touch is no reason to stop all others."""
    if reply.status == 403:
        return Rejected(f"{reply.where} was answered 403: our user may not", code="403")
    return None


def rendered(note: Note) -> Rendered:
    """The note within the limits, its lines made to wrap: that takes more room the more lines there are."""
    limits = LIMITS.less(mapping.mark_line(note.mark))
    room = limits
    while True:
        made = render(note, room)
        body = mapping.wrapped(made.body)
        if limits.fits(body):
            return Rendered(body, made.attachments)
        # As much less as it is too long, and a little less each time.
        length = limits.size(made.body) * limits.length // limits.size(body) - 1
        room = replace(room, length=length)


def _without_empty_files(note: Note) -> Note:
    """RT refuses the whole note when a file in it is empty: what is empty is named instead."""
    empty = [file.filename for file in note.attachments if not file.content]
    if not empty:
        return note
    words = Paragraph(f"Not attached, because it is empty: {', '.join(empty)}")
    kept = tuple(file for file in note.attachments if file.content)
    return replace(note, document=(*note.document, words), attachments=kept)
