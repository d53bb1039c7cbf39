"""Zendesk's Ticketing API, as far as a session on a ticket needs it.

https://developer.zendesk.com/api-reference/ticketing/introduction/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from bridge.errors import AccessDenied, NotFound, Rejected, TicketClosed, TicketMerged
from bridge.markup import Markup
from bridge.model import Attachment, NewTicket, Note, NoteRef, Person, Ticket
from bridge.render import TextLimits, render
from connectors.answers import member, members
from connectors.http import Reply, Transport
from connectors.ids import checked_number
from connectors.tickets.zendesk import mapping, merges
from connectors.tickets.zendesk.people import people
from connectors.tickets.zendesk.wire import authorization, read_error
from connectors.unable import Unable

# A comment may have 64 KB; whether that counts characters or bytes is not said, so bytes and a little less.
LIMITS = TextLimits(length=64_000, unit="bytes", markup=Markup.HTML, attachment_bytes=50_000_000)

AUDITS_PER_PAGE = 100
MAX_AUDIT_PAGES = 50
TICKETS_PER_PAGE = 100
MAX_SEARCH_PAGES = 10
"""A search gives its first 1,000 results only; further pages are refused."""
MAX_KEPT = 1_000
MERGES = 5
"""How many merges are followed from one ticket to the one that lives on."""


class _Before(NamedTuple):
    """A ticket as it was before we looked for a mark."""

    stamp: str
    """Its `updated_at`, as Zendesk wrote it."""
    closed: bool
    merged: bool
    """Closed because it lives on in another one."""


class ZendeskClient(Unable):
    """Reads and writes tickets as one agent. Safe to share between threads."""

    limits = LIMITS

    def __init__(self, transport: Transport, keys: Mapping[str, Any]) -> None:
        headers = {"Authorization": authorization(keys), "Accept": "application/json"}
        self._http = transport.with_reader(read_error).with_headers(headers)
        self._before: dict[tuple[str, str], _Before] = {}

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        """The ticket, or the one that it was merged into, as far as both tell that."""
        for _ in range(MERGES):
            answer = self._ticket(ticket_id, include="users")
            into = self._merged_into(ticket_id) if merges.was_merged(answer["ticket"]) else None
            if into is None:
                break
            ticket_id = into
        return mapping.ticket(answer, self._http.base_url)

    def find_note(self, ticket_id: str, mark: str) -> NoteRef | None:
        """The audit with this mark. Raises Rejected for a ticket with too many audits to be sure.

        The ticket's stamp is taken before the look and kept for `add_note`: whatever another worker writes
        between the two then meets Zendesk's conflict check instead of standing there twice.
        """
        before = self._show(ticket_id)
        for audits in self._audits(ticket_id):
            found = mapping.find_mark(audits, mark)
            if found is not None:
                return found
        if len(self._before) >= MAX_KEPT:
            self._before.clear()
        self._before[ticket_id, mark] = before
        return None

    def add_note(self, ticket_id: str, note: Note) -> NoteRef:
        """Add a comment, refused by Zendesk if the ticket changed since we looked.

        Raises ChangedMeanwhile for such a conflict, TicketClosed for a closed ticket, TicketMerged where that tells
        in which one it lives on.
        """
        before = self._before.pop((ticket_id, note.mark), None) or self._show(ticket_id)
        if before.closed:
            raise self._closed(ticket_id, before)
        rendered = render(note, self.limits)
        uploads = [self._upload(attachment) for attachment in rendered.attachments]
        body = mapping.note_update(note, rendered.body, uploads, before.stamp)
        reply = self._update(ticket_id, "", body)
        audit = member(reply, "audit")
        if "id" not in audit:
            raise reply.unclear("answered without the audit's id")
        return NoteRef(str(audit["id"]))

    def update_fields(self, ticket_id: str, fields: Mapping[str, object]) -> None:
        """Set system and custom fields. Raises Rejected for a field that Zendesk refused or ignored."""
        if not fields:
            return
        body = {"ticket": mapping.field_changes(fields)}
        reply = self._update(ticket_id, "", body)
        missing = mapping.fields_missing(fields, member(reply, "ticket"))
        if missing:
            raise Rejected(f"{reply.where}: there is no field {', '.join(missing)}", code="unknown-field")

    def add_tags(self, ticket_id: str, tags: Sequence[str]) -> None:
        """Add tags, keeping those that are there."""
        if tags:
            self._update(ticket_id, "/tags", {"tags": list(tags)})

    def find_ticket(self, mark: str) -> str | None:
        """The oldest ticket with the external id that stands for this mark."""
        params = {"external_id": mapping.external_id(mark)}
        found = members(self._http.read("GET", "api/v2/tickets.json", params=params), "tickets")
        numbers = sorted(int(row["id"]) for row in found if row.get("external_id") == params["external_id"])
        return str(numbers[0]) if numbers else None

    def create_ticket(self, new: NewTicket) -> str:
        """Make a ticket with an internal first comment; a follow-up where it continues a closed ticket.

        For two hours Zendesk makes one ticket only of an Idempotency-Key, so that nothing depends on how soon a
        list of tickets shows a new one.
        """
        followed = self._followed(new.follows)
        rendered = render(Note(new.mark, new.document), self.limits)
        uploads = [self._upload(attachment) for attachment in rendered.attachments]
        body = mapping.new_ticket(new, rendered.body, uploads, followed)
        headers = {"Idempotency-Key": mapping.external_id(new.mark)}
        reply = self._http.write("POST", "api/v2/tickets.json", json=body, headers=headers)
        ticket = member(reply, "ticket")
        if not isinstance(ticket.get("id"), int):
            raise reply.unclear("answered without the ticket's id")
        return str(ticket["id"])

    def tickets_since(self, moment: datetime, tags: Sequence[str]) -> Iterator[str]:
        """Ids of tickets touched since then that carry one of the tags, each once."""
        told: set[str] = set()
        for tag in tags or ("",):
            for ticket_id in self._tickets_with(moment, tag):
                if ticket_id not in told:
                    told.add(ticket_id)
                    yield ticket_id

    def people(self) -> Iterator[Person]:
        return people(self._http)

    def probe(self) -> str:
        """Who we are there. Raises AccessDenied for somebody who may not write on tickets."""
        user = member(self._http.read("GET", "api/v2/users/me.json"), "user")
        role = mapping.as_text(user.get("role"))
        # Zendesk answers even nobody here, as an end user without an id.
        if role not in ("agent", "admin") or not user.get("id"):
            raise AccessDenied(f"Zendesk knows us as {role or 'nobody'}: an agent is needed", code="role")
        return f"signed in to Zendesk as {role} {mapping.as_text(user.get('email'))}, user_id {user['id']}"

    def _ticket(self, ticket_id: str, **params: str) -> Mapping[str, Any]:
        """The answer with the ticket in it. Raises NotFound also for a ticket that is deleted but still told."""
        reply = self._http.read("GET", f"api/v2/tickets/{checked_number(ticket_id, 'Zendesk')}.json", params=params)
        ticket = member(reply, "ticket")
        if ticket.get("status") == mapping.DELETED:
            raise NotFound(f"{reply.where}: the ticket is deleted", code=mapping.DELETED)
        if "id" not in ticket:
            raise reply.unclear("answered a ticket without an id")
        answer: Mapping[str, Any] = reply.json()
        return answer

    def _show(self, ticket_id: str) -> _Before:
        ticket = self._ticket(ticket_id)["ticket"]
        return _Before(str(ticket.get("updated_at")), ticket.get("status") == "closed", merges.was_merged(ticket))

    def _update(self, ticket_id: str, part: str, body: Mapping[str, Any]) -> Reply:
        """Change a ticket. Raises TicketMerged for one that was closed by a merge, TicketClosed for another."""
        try:
            return self._http.write(
                "PUT", f"api/v2/tickets/{checked_number(ticket_id, 'Zendesk')}{part}.json", json=body
            )
        except TicketClosed:
            raise self._closed(ticket_id, self._show(ticket_id)) from None

    def _closed(self, ticket_id: str, before: _Before) -> Rejected:
        into = self._merged_into(ticket_id) if before.merged else None
        if into is None:
            return TicketClosed(f"ticket {ticket_id} is closed", code="closed")
        return TicketMerged(f"ticket {ticket_id} was merged into {into}", into=into, code="merged")

    def _merged_into(self, ticket_id: str) -> str | None:
        """The ticket that this one was merged into. Only one that names this one, too, is believed."""
        audits = [audit for page in self._audits(ticket_id) for audit in page]
        for candidate in merges.candidates(audits, ticket_id):
            try:
                if any(merges.names(page, ticket_id) for page in self._audits(candidate)):
                    return candidate
            except NotFound:
                continue
        return None

    def _followed(self, ticket_id: str) -> Mapping[str, Any]:
        """The ticket that a new one continues; nothing when it is gone."""
        if not ticket_id:
            return {}
        try:
            ticket: Mapping[str, Any] = self._ticket(ticket_id)["ticket"]
        except NotFound:
            return {}
        return ticket

    def _audits(self, ticket_id: str) -> Iterator[list[Mapping[str, Any]]]:
        """Every page of audits. No order is documented for cursors, so nothing less than all is enough."""
        params: dict[str, str | int] = {"page[size]": AUDITS_PER_PAGE}
        for _ in range(MAX_AUDIT_PAGES):
            reply = self._http.read("GET", f"api/v2/tickets/{ticket_id}/audits.json", params=params)
            yield members(reply, "audits")
            # An archived ticket's audits come at once, without `meta`.
            meta = reply.json().get("meta") or {}
            if not meta.get("has_more"):
                return
            params["page[after]"] = str(meta.get("after_cursor"))
        raise Rejected(f"ticket {ticket_id} has too many audits to look for our mark", code="audits")

    def _upload(self, attachment: Attachment) -> str:
        reply = self._http.write(
            "POST",
            "api/v2/uploads.json",
            params={"filename": attachment.filename},
            content=attachment.content,
            headers={"Content-Type": attachment.media_type},
        )
        token = member(reply, "upload").get("token")
        if not isinstance(token, str):
            raise reply.unclear("answered without the upload's token")
        return token

    def _tickets_with(self, moment: datetime, tag: str) -> Iterator[str]:
        """All tickets with this tag: where one search ends, the next starts at the last ticket's stamp."""
        page = 1
        while True:
            rows, more = self._search(mapping.search_query(moment, tag), page)
            yield from (str(row["id"]) for row in rows)
            if not more:
                return
            page += 1
            if page > MAX_SEARCH_PAGES:
                moment, page = _next_start(moment, rows), 1

    def _search(self, query: str, page: int) -> tuple[list[Mapping[str, Any]], bool]:
        """One page of a search, longest untouched first, and whether there are more."""
        params: dict[str, str | int] = {
            "query": query,
            "sort_by": "updated_at",
            "sort_order": "asc",
            "per_page": TICKETS_PER_PAGE,
            "page": page,
        }
        reply = self._http.read("GET", "api/v2/search.json", params=params)
        return members(reply, "results"), bool(reply.json().get("next_page"))


def _next_start(moment: datetime, rows: list[Mapping[str, Any]]) -> datetime:
    """The stamp of the last ticket told. Raises Rejected when it would lead around in a circle."""
    try:
        last = datetime.fromisoformat(str(rows[-1].get("updated_at")))
    except (IndexError, ValueError):
        last = moment
    if last.tzinfo is None or last <= moment:
        raise Rejected("more tickets changed at once than a Zendesk search lists", code="search")
    return last
