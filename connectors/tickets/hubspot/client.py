"""HubSpot's CRM API, as far as a session on a ticket needs it.

https://developers.hubspot.com/docs/api-reference/crm-tickets-v3/guide
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Unpack
from urllib.parse import quote

from bridge.errors import AccessDenied, NotFound, Rejected, TicketMerged
from bridge.markup import Markup
from bridge.model import Attachment, NewTicket, Note, NoteRef, Person, Ticket, Visibility
from bridge.render import TextLimits, render
from connectors import marks
from connectors.answers import members, object_in, told
from connectors.bodies import as_text
from connectors.http import Parts, Reply, Transport
from connectors.ids import checked_number
from connectors.tickets.hubspot import mapping
from connectors.tickets.hubspot.errors import DAILY_PAUSE, MISSING_SCOPES, ROLLING_PAUSE, read_error
from connectors.tickets.hubspot.people import following, people
from connectors.tickets.hubspot.stages import Stages
from connectors.unable import Unable

# 65,536 characters; HubSpot counts in Java, where an emoji is two.
LIMITS = TextLimits(length=65_536, unit="utf16", markup=Markup.HTML, attachment_bytes=20_000_000)
CONTENT = TextLimits(length=65_536, unit="utf16")
"""Of a ticket's description, which is plain text."""

SCOPES = frozenset(
    {"tickets", "crm.objects.contacts.read", "crm.objects.contacts.write", "crm.objects.owners.read", "files"}
)
TICKETS = "crm/v3/objects/tickets"
NOTES_PER_PAGE = 500
NOTES_PER_BATCH = 100
MAX_NOTES = 10_000
MAX_SEARCHED = 10_000


class _Page(NamedTuple):
    """A page of a search."""

    rows: list[Mapping[str, Any]]
    more: bool


class HubSpotClient(Unable):
    """Reads and writes tickets as one app. Safe to share between threads."""

    limits = LIMITS

    def __init__(self, transport: Transport, keys: Mapping[str, Any]) -> None:
        self._token: str = keys["access_token"]
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        self._http = transport.with_reader(read_error).with_headers(headers)
        self._properties = ",".join(dict.fromkeys([*mapping.USUAL, *keys.get("properties", ())]))
        self._mark_property: str = keys.get("mark_property", "")
        self._pipeline: str = keys.get("pipeline", "")
        self._pipeline_stage: str = keys.get("pipeline_stage", "")
        self._reopen_stage: str = keys.get("reopen_stage", "")
        self._stages = Stages(lambda: members(self._read("GET", "crm/v3/pipelines/tickets"), "results"))

    # reading

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        """The ticket. HubSpot answers for a merged one with the one that it lives on in."""
        ticket = self._ticket(ticket_id, properties=self._properties, associations="contacts")
        known = mapping.properties(ticket)
        stage = self._stages.stage(as_text(known.get("hs_pipeline_stage")))
        return mapping.ticket(
            ticket,
            stage,
            self._contact(mapping.first_contact(ticket)),
            self._owner(as_text(known.get("hubspot_owner_id"))),
        )

    def find_note(self, ticket_id: str, mark: str) -> NoteRef | None:
        """The note with this mark, among those associated with the ticket: HubSpot's search would lag behind."""
        for numbers in self._note_ids(checked_number(ticket_id, "HubSpot")):
            asked = {"properties": ["hs_note_body"], "inputs": [{"id": number} for number in numbers]}
            reply = self._read("POST", "crm/v3/objects/notes/batch/read", json=asked)
            found = mapping.marked(members(reply, "results"), mark)
            if found:
                return NoteRef(found)
        return None

    def find_ticket(self, mark: str) -> str | None:
        """Asked by the property with unique values, which HubSpot looks up without its search."""
        if not self._mark_property:
            return super().find_ticket(mark)
        path = f"{TICKETS}/{mapping.short_mark(mark)}"
        try:
            return told(self._read("GET", path, params={"idProperty": self._mark_property}), "id")
        except NotFound:
            return None

    def tickets_since(self, moment: datetime, tags: Sequence[str]) -> Iterator[str]:
        """Ids of tickets that changed since then, by HubSpot's search, whose index lags. None carries a tag."""
        told_ids: set[str] = set()
        while not tags:
            page = _Page([], more=False)
            for page in self._pages_since(moment):
                numbers = dict.fromkeys(as_text(row.get("id")) for row in page.rows)
                yield from (number for number in numbers if number not in told_ids)
                told_ids.update(numbers)
            if not page.more:
                return
            # A search ends after its first 10,000: the next one begins where it ended.
            moment = _later(moment, page.rows)

    # writing

    def add_note(self, ticket_id: str, note: Note) -> NoteRef:
        """Add a note with private files. Raises Rejected for a public one: HubSpot's notes never are."""
        if note.visibility is Visibility.PUBLIC:
            raise Rejected("a note in HubSpot is never public", code="visibility")
        self._living(ticket_id)
        line = marks.html_line(note.mark)
        rendered = render(note, self.limits.less(line))
        files = [self._upload(attachment) for attachment in rendered.attachments]
        asked = mapping.note(rendered.body + line, ticket_id, files, datetime.now(UTC))
        return NoteRef(told(self._write("POST", "crm/v3/objects/notes", json=asked), "id"))

    def update_fields(self, ticket_id: str, fields: Mapping[str, object]) -> None:
        """Set properties. Raises Rejected for one that HubSpot does not have, or whose value it refuses."""
        if not fields:
            return
        self._living(ticket_id)
        self._set(ticket_id, fields)

    def create_ticket(self, new: NewTicket) -> str:
        """Make a ticket for the contact with the requester's address, if HubSpot knows one."""
        if not self._mark_property:
            return super().create_ticket(new)
        rendered = render(Note(new.mark, new.document), CONTENT)
        properties = {
            "subject": new.subject,
            "content": rendered.body,
            "hs_pipeline_stage": self._pipeline_stage,
            self._mark_property: mapping.short_mark(new.mark),
            **({"hs_pipeline": self._pipeline} if self._pipeline else {}),
        }
        contact = self._contact_with(new.requester.email)
        related = [mapping.association(contact, mapping.TICKET_TO_CONTACT)] if contact else []
        asked = {"properties": properties, "associations": related}
        made = told(self._write("POST", TICKETS, json=asked), "id")
        self._link(made, new.follows)
        return made

    def reopen(self, ticket_id: str) -> None:
        """Put a closed ticket into the connection's `reopen_stage`, else into the first open one of its pipeline."""
        known = mapping.properties(self._living(ticket_id))
        if not self._stages.stage(as_text(known.get("hs_pipeline_stage"))).closed:
            return
        pipeline = as_text(known.get("hs_pipeline"))
        wanted = self._stages.stage(self._reopen_stage) if self._reopen_stage else None
        stage = wanted.id if wanted and wanted.pipeline == pipeline else self._stages.first_open(pipeline)
        if not stage:
            raise Rejected("the ticket's pipeline has no open stage", code="no-stage")
        self._set(ticket_id, {"hs_pipeline_stage": stage})

    def people(self) -> Iterator[Person]:
        return people(self._read)

    def probe(self) -> str:
        """Who we are there. Raises AccessDenied where the app lacks a scope."""
        reply = self._read("POST", "oauth/v2/private-apps/get/access-token-info", json={"tokenKey": self._token})
        known = object_in(reply)
        missing = SCOPES.difference(str(scope) for scope in known.get("scopes") or ())
        if missing:
            raise AccessDenied(f"the app in HubSpot lacks the scopes {', '.join(sorted(missing))}", code=MISSING_SCOPES)
        return f"signed in to the HubSpot account {told(reply, 'hubId')}, app_id {told(reply, 'appId')}"

    # parts

    def _ticket(self, ticket_id: str, **params: str) -> Mapping[str, Any]:
        reply = self._read("GET", f"{TICKETS}/{checked_number(ticket_id, 'HubSpot')}", params=params)
        told(reply, "id")
        return object_in(reply)

    def _living(self, ticket_id: str) -> Mapping[str, Any]:
        """The ticket with its stage. Raises TicketMerged where another one is answered for it."""
        ticket = self._ticket(ticket_id, properties="hs_pipeline,hs_pipeline_stage")
        into = as_text(ticket["id"])
        if into != ticket_id:
            raise TicketMerged(f"ticket {ticket_id} was merged into {into}", into=into, code="merged")
        return ticket

    def _set(self, ticket_id: str, properties: Mapping[str, object]) -> None:
        self._write("PATCH", f"{TICKETS}/{ticket_id}", json={"properties": dict(properties)})

    def _note_ids(self, ticket_id: str) -> Iterator[list[str]]:
        """The ids of the ticket's notes, as many at once as can be read at once."""
        params: dict[str, str | int] = {"limit": NOTES_PER_PAGE}
        path = f"crm/v4/objects/tickets/{ticket_id}/associations/notes"
        for _ in range(MAX_NOTES // NOTES_PER_PAGE):
            reply = self._read("GET", path, params=params)
            numbers = [as_text(row.get("toObjectId")) for row in members(reply, "results")]
            for start in range(0, len(numbers), NOTES_PER_BATCH):
                yield numbers[start : start + NOTES_PER_BATCH]
            after = following(reply)
            if not after:
                return
            params["after"] = after
        raise Rejected(f"ticket {ticket_id} has too many notes to look for our mark", code="notes")

    def _pages_since(self, moment: datetime) -> Iterator[_Page]:
        """The pages of one search, as far as HubSpot goes."""
        after = ""
        for _ in range(MAX_SEARCHED // mapping.TICKETS_PER_PAGE):
            asked = mapping.touched_since(moment, after)
            reply = self._read("POST", f"{TICKETS}/search", bucket="search", json=asked)
            after = following(reply)
            yield _Page(members(reply, "results"), more=bool(after))
            if not after:
                return

    def _upload(self, attachment: Attachment) -> str:
        """The id of the file, kept where only who is signed in can open it. Raises Rejected if HubSpot shows it."""
        reply = self._write(
            "POST",
            "files/v3/files",
            data=mapping.file_form(attachment.filename),
            files=[("file", (attachment.filename, attachment.content, attachment.media_type))],
        )
        number = told(reply, "id")
        if reply.json().get("access") != mapping.PRIVATE:
            raise Rejected(f"{reply.where}: HubSpot did not keep the file private", code="access")
        return number

    def _contact(self, number: str) -> Person:
        params = {"properties": "email,firstname,lastname"}
        return self._person(number, f"crm/v3/objects/contacts/{number}", params, mapping.contact)

    def _owner(self, number: str) -> Person:
        return self._person(number, f"crm/v3/owners/{number}", {}, mapping.owner)

    def _person(
        self, number: str, path: str, params: Mapping[str, str], read: Callable[[Mapping[str, Any]], Person]
    ) -> Person:
        """A contact or owner, with no more than the id where we may not see it or it is gone."""
        if not number.isdecimal():
            return Person()
        try:
            return read(object_in(self._read("GET", path, params=params)))
        except (NotFound, Rejected):
            return Person(id=number)
        except AccessDenied as denied:
            if denied.code != MISSING_SCOPES:
                raise
            return Person(id=number)

    def _contact_with(self, email: str) -> str:
        """The id of the contact with this address; empty for none."""
        if not re.fullmatch(r"[^@\s/]+@[^@\s/]+", email):
            return ""
        try:
            path = f"crm/v3/objects/contacts/{quote(email, safe='@')}"
            return told(self._read("GET", path, params={"idProperty": "email"}), "id")
        except NotFound:
            return ""

    def _link(self, made: str, follows: str) -> None:
        """Associate the new ticket with the one that it follows. Without that link it is a ticket all the same."""
        if re.fullmatch(mapping.TICKET_ID, follows):
            try:
                self._write("PUT", f"crm/v4/objects/tickets/{made}/associations/default/tickets/{follows}")
            except (NotFound, Rejected):
                return

    def _read(self, method: str, path: str, *, bucket: str = "requests", **parts: Unpack[Parts]) -> Reply:
        return self._heeded(self._http.read(method, path, bucket=bucket, **parts))

    def _write(self, method: str, path: str, **parts: Unpack[Parts]) -> Reply:
        return self._heeded(self._http.write(method, path, **parts))

    def _heeded(self, reply: Reply) -> Reply:
        """Keep all workers back when the last request that the account grants for now was this one."""
        if reply.headers.get("x-hubspot-ratelimit-daily-remaining") == "0":
            self._http.hold("requests", DAILY_PAUSE)
        elif reply.headers.get("x-hubspot-ratelimit-remaining") == "0":
            told_milliseconds = reply.headers.get("x-hubspot-ratelimit-interval-milliseconds", "")
            wait = int(told_milliseconds) / 1000 if re.fullmatch(r"[0-9]{1,8}", told_milliseconds) else ROLLING_PAUSE
            self._http.hold("requests", wait)
        return reply


def _later(moment: datetime, rows: list[Mapping[str, Any]]) -> datetime:
    """When the last ticket told changed. Raises Rejected when that would lead around in a circle."""
    last = mapping.changed_at(rows[-1]) if rows else None
    if last is None or last <= moment:
        raise Rejected("more tickets changed at once than a search in HubSpot lists", code="search")
    return last
