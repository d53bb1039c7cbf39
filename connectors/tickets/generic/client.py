"""An unknown help desk's tickets, read and written by the calls that the operator wrote down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.errors import AccessDenied, NotFound, Rejected, TicketClosed, TicketMerged
from bridge.markup import Markup
from bridge.model import Attachment, NewTicket, Note, NoteRef, Person, Ticket, TicketStatus, TimeSpent, Visibility
from bridge.render import TextLimits
from connectors.bodies import field_text, iso
from connectors.contract import Capability, Workshop
from connectors.tickets.generic import mapping
from connectors.tickets.generic.caller import Call, Caller, checked
from connectors.tickets.generic.templates import fill, used_by
from connectors.tickets.generic.texts import Writer, digest, mark_in, shown
from connectors.unable import Unable

DEFAULT_LENGTH = 32_000
DEFAULT_ATTACHMENT = 5_000_000
DEFAULT_LINE = 255

BY_CALL = {
    "fetch_ticket": Capability.FETCH_TICKET,
    "find_note": Capability.FIND_NOTE,
    "update_fields": Capability.UPDATE_FIELDS,
    "add_tags": Capability.ADD_TAGS,
    "attach": Capability.ATTACH,
    "add_public_note": Capability.PUBLIC_NOTES,
    "add_time": Capability.ADD_TIME,
    "find_time": Capability.FIND_TIME,
    "create_ticket": Capability.CREATE_TICKET,
    "find_ticket": Capability.FIND_TICKET,
    "reopen": Capability.REOPEN,
    "tickets_since": Capability.TICKETS_SINCE,
    "people": Capability.PEOPLE,
}
SAYS_WHO_READS = frozenset({"visibility", "internal", "public"})
"""Without one of these in `add_note`, notes go where that call puts them, and no route may ask for public ones."""
INTERNAL = {True: ("true", "1"), False: ("false", "0", "")}
"""What may stand where a list of notes says that one is internal."""
OWN_PLACE = frozenset({"mark", "digest", "shown"})
"""With one of these a call has a place of its own for the mark."""


class GenericClient(Unable):
    """Reads and writes tickets by templates. Safe to share between threads."""

    def __init__(self, workshop: Workshop, keys: Mapping[str, Any]) -> None:
        self._http = Caller(workshop.transport, workshop.vault, keys)
        self._calls: Mapping[str, Call] = keys["calls"]
        self._statuses: Mapping[str, str] = keys.get("statuses") or {}
        self._pattern: str | None = keys.get("ticket_id_pattern")
        self._check_first: bool = keys.get("check_first", False)
        self.capabilities = capabilities(keys)
        attaches = Capability.ATTACH in self.capabilities
        self.limits = TextLimits(
            length=keys.get("max_length") or DEFAULT_LENGTH,
            unit=keys.get("unit") or "characters",
            markup=Markup(keys.get("markup") or Markup.PLAIN),
            attachment_bytes=(keys.get("max_attachment_bytes") or DEFAULT_ATTACHMENT) if attaches else 0,
        )
        self._writer = Writer(self.limits, keys.get("break_up") or (), keys.get("escape") or "")

    # tickets

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        """The ticket. Raises NotFound where no call can ask for it and only a webhook's body tells of it."""
        call = self._calls.get("fetch_ticket")
        if call is None:
            raise NotFound("this connection has no fetch_ticket call: tickets are known by webhook only")
        reply = self._http.read(call, {"ticket_id": checked(ticket_id, self._pattern)})
        body, paths = reply.json(), call["fields"]
        merged_into = mapping.text_at(body, paths.get("merged_into"))
        return mapping.ticket(merged_into or ticket_id, body, paths, self._statuses)

    def update_fields(self, ticket_id: str, fields: Mapping[str, object]) -> None:
        """Set fields. With `read_back`, raises Rejected for one that is not known, or has another value afterwards."""
        if not fields:
            return
        call = self._call("update_fields")
        if call.get("read_back"):
            strange = fields.keys() - self._calls["fetch_ticket"]["fields"].get("custom", {}).keys()
            if strange:
                raise Rejected(f"fetch_ticket.fields.custom has no {min(strange)}", code="field")
        each = call.get("each")
        told: object = dict(fields)
        if each:
            told = [fill(each, {"name": name, "value": value}) for name, value in fields.items()]
        self._write_on(call, ticket_id, {"fields": told})
        if call.get("read_back"):
            now = self.fetch_ticket(ticket_id).fields
            for name, value in fields.items():
                if now[name] != mapping.field(value) and now[name] != field_text(value):
                    raise Rejected(f"the system took the change but did not set {name}", code="ignored")

    def add_tags(self, ticket_id: str, tags: Sequence[str]) -> None:
        if tags:
            self._write_on(self._call("add_tags"), ticket_id, {"tags": list(tags)})

    def create_ticket(self, new: NewTicket) -> str:
        call = self._call("create_ticket")
        body = self._writer.body(Note(new.mark, new.document), own_place=bool(OWN_PLACE & used_by(call)))
        values = {
            "subject": self._writer.harmless(" ".join(new.subject.split()))[: call.get("max_length") or DEFAULT_LINE],
            "body": body.body,
            "requester_name": new.requester.name,
            "requester_email": new.requester.email,
            "follows": new.follows,
            **_marks(new.mark),
        }
        reply = self._http.write(call, values)
        made = mapping.text_at(reply.json(), call["ticket_id"])
        if not made:
            raise reply.unclear(f"answered without the ticket's id at {call['ticket_id']!r}")
        return made

    def find_ticket(self, mark: str) -> str | None:
        return self._find(self._call("find_ticket"), mark, {})

    def reopen(self, ticket_id: str) -> None:
        self._write_on(self._call("reopen"), ticket_id, {}, though_closed=True)

    def tickets_since(self, moment: datetime, tags: Sequence[str]) -> Iterator[str]:
        call = self._call("tickets_since")
        wanted = frozenset(tags)
        for page in self._http.pages(call, {"since": iso(moment)}):
            for item in page:
                if not wanted or wanted & mapping.tags_at(item, call["tags"]):
                    yield mapping.text_at(item, call["id"])

    def people(self) -> Iterator[Person]:
        call = self._call("people")
        for page in self._http.pages(call, {}):
            for item in page:
                if "active" not in call or mapping.text_at(item, call["active"]) in INTERNAL[True]:
                    yield mapping.person(item, call)

    # notes

    def find_note(self, ticket_id: str, mark: str) -> NoteRef | None:
        return self._find_on("find_note", ticket_id, mark)

    def add_note(self, ticket_id: str, note: Note) -> NoteRef:
        """Add a note; its id is the mark where the answer names none."""
        public = note.visibility is Visibility.PUBLIC
        if public and Capability.PUBLIC_NOTES not in self.capabilities:
            raise Rejected("the add_note call cannot say that a note is public", code="visibility")
        if note.attachments and Capability.ATTACH not in self.capabilities:
            raise Rejected("this connection cannot attach files", code="attachments")
        call = self._calls["add_public_note" if public and "add_public_note" in self._calls else "add_note"]
        rendered = self._writer.body(note, own_place=bool(OWN_PLACE & used_by(call)))
        readers = {"visibility": note.visibility.value, "internal": not public, "public": public}
        self._look(ticket_id)
        # Files go before the note, whose mark says that all is done.
        uploads = [] if "files" in call else self._attach(ticket_id, rendered.attachments, readers)
        values = {
            "ticket_id": ticket_id,
            "body": rendered.body,
            "uploads": uploads,
            **readers,
            **_marks(note.mark),
        }
        reply = self._http.write(call, values, rendered.attachments if "files" in call else ())
        named = mapping.text_at(reply.json(), call["note_id"]) if "note_id" in call else ""
        if call.get("read_back"):
            named = self._read_back(ticket_id, note)
        return NoteRef(named or note.mark)

    def _read_back(self, ticket_id: str, note: Note) -> str:
        """The note's id. For systems that say yes and then leave out the note, or that it is internal."""
        look = self._calls["find_note"]
        written = self._item(look, note.mark, {"ticket_id": ticket_id})
        if written is None:
            raise Rejected("the system took the note but does not show it", code="ignored")
        internal = note.visibility is not Visibility.PUBLIC
        if "internal" in look and mapping.text_at(written, look["internal"]) not in INTERNAL[internal]:
            # The next note would be shown to the wrong people, too: so this stops the connection.
            raise AccessDenied("our user may not say who reads a note: it has another visibility", code="visibility")
        return mapping.text_at(written, look.get("id"))

    def _attach(self, ticket_id: str, files: Sequence[Attachment], readers: Mapping[str, object]) -> list[object]:
        """Send each file by a call of its own; what the note names them by."""
        if not files:
            return []
        call = self._call("attach")
        there = self._files_there(ticket_id)
        uploads = []
        for file in files:
            about = {"ticket_id": ticket_id, "file_name": file.filename, "media_type": file.media_type, **readers}
            made = there.get((file.filename, str(len(file.content)))) or there.get((file.filename, ""))
            if made is None:
                reply = self._http.write(call, about, (file,))
                made = mapping.text_at(reply.json(), call["upload"]) if "upload" in call else ""
            if "upload" in call:
                uploads.append(fill(call.get("each", "{upload}"), {**about, "upload": made}))
        return uploads

    def _files_there(self, ticket_id: str) -> dict[tuple[str, str], str]:
        """Files of the ticket: the id by name and size in bytes, the size empty where it is not told."""
        if "find_file" not in self._calls:
            return {}
        look = self._calls["find_file"]
        return {
            (mapping.text_at(item, look["text"]), mapping.text_at(item, look.get("size"))): mapping.text_at(
                item, look.get("id")
            )
            for page in self._http.pages(look, {"ticket_id": ticket_id})
            for item in page
        }

    # time

    def find_time(self, ticket_id: str, mark: str) -> NoteRef | None:
        return self._find_on("find_time", ticket_id, mark)

    def add_time(self, ticket_id: str, spent: TimeSpent) -> NoteRef:
        call = self._call("add_time")
        limits = TextLimits(call.get("max_length") or DEFAULT_LINE, markup=Markup(call.get("markup") or Markup.PLAIN))
        began = spent.began_at.astimezone(UTC)
        values = {
            "minutes": spent.minutes,
            "hours": round(spent.minutes / 60, 2),
            "seconds": spent.minutes * 60,
            "date": began.strftime("%Y-%m-%d"),
            "began_at": iso(began),
            "ended_at": iso(began + timedelta(minutes=spent.minutes)),
            "text": self._writer.line(spent.mark, spent.text, limits, own_place=bool(OWN_PLACE & used_by(call))),
            "agent_name": spent.agent.name,
            "agent_email": spent.agent.email,
            **_marks(spent.mark),
        }
        reply = self._write_on(call, ticket_id, values)
        named = mapping.text_at(reply.json(), call["time_id"]) if "time_id" in call else ""
        return NoteRef(named or spent.mark)

    def probe(self) -> str:
        call = self._calls.get("probe")
        if call is None:
            return "no probe call is configured: nothing was asked"
        return f"the probe call was answered {self._http.read(call, {}).status}"

    # what they have in common

    def _call(self, name: str) -> Call:
        if name not in self._calls:
            raise Rejected(f"this connection has no {name} call", code="calls")
        return self._calls[name]

    def _look(self, ticket_id: str, *, though_closed: bool = False) -> None:
        """Look at the ticket before a write, for systems whose answers do not say what is wrong with it."""
        checked(ticket_id, self._pattern)
        if not self._check_first:
            return
        ticket = self.fetch_ticket(ticket_id)
        if ticket.id != ticket_id:
            raise TicketMerged("the ticket was merged into another one", into=ticket.id, code="merged")
        if ticket.status is TicketStatus.CLOSED and not though_closed:
            raise TicketClosed("the ticket is closed", code="closed")

    def _write_on(
        self, call: Call, ticket_id: str, values: Mapping[str, object], *, though_closed: bool = False
    ) -> Any:
        self._look(ticket_id, though_closed=though_closed)
        return self._http.write(call, {"ticket_id": ticket_id, **values})

    def _find_on(self, name: str, ticket_id: str, mark: str) -> NoteRef | None:
        call = self._call(name)
        found = self._find(call, mark, {"ticket_id": checked(ticket_id, self._pattern)})
        return None if found is None else NoteRef(found)

    def _find(self, call: Call, mark: str, values: Mapping[str, object]) -> str | None:
        """The id of what carries the mark, or the mark itself where the items have no ids."""
        found = self._item(call, mark, values)
        return None if found is None else mapping.text_at(found, call.get("id")) or mark

    def _item(self, call: Call, mark: str, values: Mapping[str, object]) -> Any | None:
        """The first item of a list that carries the mark."""
        items = (item for page in self._http.pages(call, {**values, **_marks(mark)}) for item in page)
        return next((item for item in items if mark_in(mapping.text_at(item, call["text"]), mark)), None)


def _marks(mark: str) -> dict[str, object]:
    return {"mark": mark, "digest": digest(mark), "shown": shown(mark)}


def capabilities(keys: Mapping[str, Any]) -> frozenset[Capability]:
    """What the keys of a connection make possible."""
    calls: Mapping[str, Call] = keys["calls"]
    told_by = calls["fetch_ticket"]["fields"] if "fetch_ticket" in calls else keys.get("fields")
    ticket_paths: Mapping[str, Any] = told_by or {}
    found = {capability for name, capability in BY_CALL.items() if name in calls}
    if SAYS_WHO_READS & used_by(calls["add_note"]):
        found.add(Capability.PUBLIC_NOTES)
    if "files" in calls["add_note"]:
        found.add(Capability.ATTACH)
    if "tags" in ticket_paths:
        found.add(Capability.TAGS)
    return frozenset(found)
