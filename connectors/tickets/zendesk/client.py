"""Zendesk's Ticketing API, as far as a session on a ticket needs it.

https://developer.zendesk.com/api-reference/ticketing/introduction/
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from bridge.errors import (
    AccessDenied,
    ChangedMeanwhile,
    ConnectorError,
    NotFound,
    Rejected,
    TicketClosed,
)
from bridge.markup import Markup
from bridge.model import Attachment, Note, NoteRef, Ticket
from bridge.render import TextLimits, render
from connectors.answers import member, members
from connectors.http import Reply, Transport, retry_after
from connectors.tickets.zendesk import mapping
from connectors.unable import Unable

# A comment may have 64 KB; whether that counts characters or bytes is not said, so bytes and a little less.
LIMITS = TextLimits(length=64_000, unit="bytes", markup=Markup.HTML, attachment_bytes=50_000_000)

AUDITS_PER_PAGE = 100
MAX_AUDIT_PAGES = 50
TICKETS_PER_PAGE = 100
MAX_SEARCH_PAGES = 10
"""A search gives its first 1,000 results only; further pages are refused."""
CONFLICT_PAUSE = 1.0
"""Seconds until the mark is looked for after somebody else's update came first."""
MAX_KEPT = 1_000


class _Before(NamedTuple):
    """A ticket as it was before we looked for a mark."""

    stamp: str
    """Its `updated_at`, as Zendesk wrote it."""
    closed: bool


class ZendeskClient(Unable):
    """Reads and writes tickets as one agent. Safe to share between threads."""

    limits = LIMITS

    def __init__(self, transport: Transport, keys: Mapping[str, Any]) -> None:
        self._http = transport.with_reader(read_error)
        self._headers = {"Authorization": authorization(keys), "Accept": "application/json"}
        self._before: dict[tuple[str, str], _Before] = {}

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        return mapping.ticket(self._ticket(ticket_id, include="users"), self._http.base_url)

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

        Raises ChangedMeanwhile for such a conflict, TicketClosed for a closed ticket.
        """
        before = self._before.pop((ticket_id, note.mark), None) or self._show(ticket_id)
        if before.closed:
            raise TicketClosed(f"ticket {ticket_id} is closed", code="closed")
        rendered = render(note, self.limits)
        uploads = [self._upload(attachment) for attachment in rendered.attachments]
        body = mapping.note_update(note, rendered.body, uploads, before.stamp)
        reply = self._write("PUT", f"api/v2/tickets/{ticket_id}.json", json=body)
        audit = member(reply, "audit")
        if "id" not in audit:
            raise reply.unclear("answered without the audit's id")
        return NoteRef(str(audit["id"]))

    def update_fields(self, ticket_id: str, fields: Mapping[str, object]) -> None:
        """Set system and custom fields. Raises Rejected for a field that Zendesk refused or ignored."""
        if not fields:
            return
        body = {"ticket": mapping.field_changes(fields)}
        reply = self._write("PUT", f"api/v2/tickets/{_checked(ticket_id)}.json", json=body)
        missing = mapping.fields_missing(fields, member(reply, "ticket"))
        if missing:
            raise Rejected(f"{reply.where}: there is no field {', '.join(missing)}", code="unknown-field")

    def add_tags(self, ticket_id: str, tags: Sequence[str]) -> None:
        """Add tags, keeping those that are there."""
        if tags:
            self._write("PUT", f"api/v2/tickets/{_checked(ticket_id)}/tags.json", json={"tags": list(tags)})

    def tickets_since(self, moment: datetime, tags: Sequence[str]) -> Iterator[str]:
        """Ids of tickets touched since then that carry one of the tags, each once."""
        told: set[str] = set()
        for tag in tags or ("",):
            for ticket_id in self._tickets_with(moment, tag):
                if ticket_id not in told:
                    told.add(ticket_id)
                    yield ticket_id

    def probe(self) -> str:
        """Who we are there. Raises AccessDenied for somebody who may not write on tickets."""
        user = member(self._read("GET", "api/v2/users/me.json"), "user")
        role = mapping.as_text(user.get("role"))
        # Zendesk answers even nobody here, as an end user without an id.
        if role not in ("agent", "admin") or not user.get("id"):
            raise AccessDenied(f"Zendesk knows us as {role or 'nobody'}: an agent is needed", code="role")
        return f"signed in to Zendesk as {role} {mapping.as_text(user.get('email'))}, user_id {user['id']}"

    def _ticket(self, ticket_id: str, **params: str) -> Mapping[str, Any]:
        """The answer with the ticket in it. Raises NotFound also for a ticket that is deleted but still told."""
        reply = self._read("GET", f"api/v2/tickets/{_checked(ticket_id)}.json", params=params)
        ticket = member(reply, "ticket")
        if ticket.get("status") == mapping.DELETED:
            raise NotFound(f"{reply.where}: the ticket is deleted", code=mapping.DELETED)
        if "id" not in ticket:
            raise reply.unclear("answered a ticket without an id")
        answer: Mapping[str, Any] = reply.json()
        return answer

    def _show(self, ticket_id: str) -> _Before:
        ticket = self._ticket(ticket_id)["ticket"]
        return _Before(str(ticket.get("updated_at")), ticket.get("status") == "closed")

    def _audits(self, ticket_id: str) -> Iterator[list[Mapping[str, Any]]]:
        """Every page of audits. No order is documented for cursors, so nothing less than all is enough."""
        params: dict[str, str | int] = {"page[size]": AUDITS_PER_PAGE}
        for _ in range(MAX_AUDIT_PAGES):
            reply = self._read("GET", f"api/v2/tickets/{ticket_id}/audits.json", params=params)
            yield members(reply, "audits")
            # An archived ticket's audits come at once, without `meta`.
            meta = reply.json().get("meta") or {}
            if not meta.get("has_more"):
                return
            params["page[after]"] = str(meta.get("after_cursor"))
        raise Rejected(f"ticket {ticket_id} has too many audits to look for our mark", code="audits")

    def _upload(self, attachment: Attachment) -> str:
        reply = self._write(
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
        reply = self._read("GET", "api/v2/search.json", params=params)
        return members(reply, "results"), bool(reply.json().get("next_page"))

    def _read(self, method: str, path: str, *, params: Mapping[str, str | int] | None = None) -> Reply:
        return self._http.read(method, path, params=params, headers=self._headers)

    def _write(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        content: bytes | None = None,
    ) -> Reply:
        both = {**self._headers, **(headers or {})}
        return self._http.write(method, path, params=params, headers=both, json=json, content=content)


def authorization(keys: Mapping[str, Any]) -> str:
    """The Authorization header of an API token (Basic, `email/token`) or an OAuth token (Bearer)."""
    if "oauth_token" in keys:
        return f"Bearer {keys['oauth_token']}"
    pair = f"{keys['email']}/token:{keys['api_token']}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def read_error(reply: Reply) -> ConnectorError | None:
    """What Zendesk says beyond the status. Only its short error code is repeated, never its descriptions."""
    if reply.status == 409 and reply.sent:
        return ChangedMeanwhile(
            f"{reply.where}: the ticket changed meanwhile",
            code="UpdateConflict",
            retry_after=retry_after(reply) or CONFLICT_PAUSE,
        )
    if reply.status == 403:
        # One ticket that this agent may not touch is no reason to stop all others; a refused token is a 401.
        return Rejected(f"{reply.where} was answered 403: this agent may not", code="Forbidden")
    if reply.status in (400, 422):
        return _refusal(reply)
    return None


def _refusal(reply: Reply) -> ConnectorError:
    answer = reply.json_or_none()
    body: Mapping[str, Any] = answer if isinstance(answer, dict) else {}
    details = body.get("details")
    about_status = details.get("status") if isinstance(details, dict) else None
    if reply.sent and "closed" in str(about_status).lower():
        return TicketClosed(f"{reply.where}: the ticket is closed", code="closed")
    said = body.get("error")
    code = said if isinstance(said, str) and re.fullmatch(r"[A-Za-z_]{1,40}", said) else str(reply.status)
    return Rejected(f"{reply.where} was refused: {code}", code=code)


def _checked(ticket_id: str) -> str:
    """The id, if Zendesk could have given it: representatives type ticket numbers by hand."""
    if re.fullmatch(r"[0-9]{1,20}", ticket_id):
        return ticket_id
    raise NotFound("a Zendesk ticket id is a number", code="ticket-id")


def _next_start(moment: datetime, rows: list[Mapping[str, Any]]) -> datetime:
    """The stamp of the last ticket told. Raises Rejected when it would lead around in a circle."""
    try:
        last = datetime.fromisoformat(str(rows[-1].get("updated_at")))
    except (IndexError, ValueError):
        last = moment
    if last.tzinfo is None or last <= moment:
        raise Rejected("more tickets changed at once than a Zendesk search lists", code="search")
    return last
