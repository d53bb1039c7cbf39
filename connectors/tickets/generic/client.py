"""Calls to an unknown help desk's API, as the operator wrote them down."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bridge.document import Paragraph
from bridge.errors import ConnectorError, NotFound, Rejected, TicketClosed
from bridge.markup import Markup, to_html, to_text
from bridge.model import Note, NoteRef, Ticket, Visibility
from bridge.render import TextLimits, render
from connectors.contract import Capability
from connectors.http import Parts, Reply, Transport
from connectors.tickets.generic import mapping
from connectors.unable import Unable

DEFAULT_LENGTH = 32_000
MAX_PAGES = 50

BY_CALL = {
    "fetch_ticket": Capability.FETCH_TICKET,
    "find_note": Capability.FIND_NOTE,
    "update_fields": Capability.UPDATE_FIELDS,
    "add_tags": Capability.ADD_TAGS,
}
SAYS_WHO_READS = frozenset({"visibility", "internal", "public"})
"""Without one of these in `add_note`, notes go where that call puts them, and no route may ask for public ones."""


class GenericClient(Unable):
    """Reads and writes tickets by templates. Safe to share between threads."""

    def __init__(self, transport: Transport, keys: Mapping[str, Any]) -> None:
        self._closed_statuses = frozenset(keys.get("closed_statuses") or ())
        self._http = transport.with_reader(self._read_error)
        self._calls: Mapping[str, Mapping[str, Any]] = keys["calls"]
        self._headers: Mapping[str, str] = {"Accept": "application/json", **(keys.get("headers") or {})}
        self._statuses: Mapping[str, str] = keys.get("statuses") or {}
        self.limits = TextLimits(
            length=keys.get("max_length") or DEFAULT_LENGTH, markup=Markup(keys.get("markup") or Markup.PLAIN)
        )
        self.capabilities = capabilities(self._calls)

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        """The ticket. Raises NotFound where no call can ask for it and only a webhook's body tells of it."""
        call = self._calls.get("fetch_ticket")
        if call is None:
            raise NotFound("this connection has no fetch_ticket call: tickets are known by webhook only")
        reply = self._read(call, {"ticket_id": ticket_id})
        return mapping.ticket(ticket_id, reply.json(), call["fields"], self._statuses)

    def find_note(self, ticket_id: str, mark: str) -> NoteRef | None:
        call = self._call("find_note")
        whole = re.compile(rf"(?<![\w-]){re.escape(mark)}(?![\w-])")
        for page in self._pages(call, {"ticket_id": ticket_id, "mark": mark}):
            for item in page:
                if whole.search(mapping.text_at(item, call["text"])):
                    return NoteRef(mapping.text_at(item, call.get("id")) or mark)
        return None

    def add_note(self, ticket_id: str, note: Note) -> NoteRef:
        """Add a note; its id is the mark where the answer names none."""
        call = self._calls["add_note"]
        public = note.visibility is Visibility.PUBLIC
        if public and Capability.PUBLIC_NOTES not in self.capabilities:
            raise Rejected("the add_note call cannot say that a note is public", code="visibility")
        if note.attachments:
            raise Rejected("this connection cannot attach files", code="attachments")
        values = {
            "ticket_id": ticket_id,
            "body": self._body(note, call),
            "visibility": note.visibility.value,
            "internal": not public,
            "public": public,
            "mark": note.mark,
        }
        reply = self._write(call, values)
        named = mapping.text_at(reply.json(), call["note_id"]) if "note_id" in call else ""
        return NoteRef(named or note.mark)

    def update_fields(self, ticket_id: str, fields: Mapping[str, object]) -> None:
        if fields:
            self._write(self._call("update_fields"), {"ticket_id": ticket_id, "fields": dict(fields)})

    def add_tags(self, ticket_id: str, tags: Sequence[str]) -> None:
        if tags:
            self._write(self._call("add_tags"), {"ticket_id": ticket_id, "tags": list(tags)})

    def probe(self) -> str:
        call = self._calls.get("probe")
        if call is None:
            return "no probe call is configured: nothing was asked"
        return f"the probe call was answered {self._read(call, {}).status}"

    def _body(self, note: Note, call: Mapping[str, Any]) -> str:
        """The note's text, with its mark as the last line unless the call has its own place for it."""
        if "mark" in mapping.placeholders(call.get("json")):
            return render(note, self.limits).body
        html = self.limits.markup is Markup.HTML
        line = (Paragraph(f"Deskbridge reference {note.mark}"),)
        last = to_html(line) if html else f"\n\n{to_text(line)}"
        return render(note, replace(self.limits, length=self.limits.length - len(last))).body + last

    def _pages(self, call: Mapping[str, Any], values: Mapping[str, object]) -> Iterator[list[Any]]:
        path, parts = self._request(call, values)
        for _ in range(MAX_PAGES):
            reply = self._http.read(call["method"], path, **parts)
            body = reply.json()
            items = mapping.lookup(body, call["items"])
            if not isinstance(items, list):
                raise reply.unclear(f"answered without a list at {call['items']!r}")
            yield items
            # A link as the system wrote it: the transport refuses one that leads to another host.
            path = mapping.text_at(body, call.get("next"))
            if not path:
                return
        raise Rejected("the ticket has too many notes to look for our mark", code="pages")

    def _call(self, name: str) -> Mapping[str, Any]:
        if name not in self._calls:
            raise Rejected(f"this connection has no {name} call", code="calls")
        return self._calls[name]

    def _read(self, call: Mapping[str, Any], values: Mapping[str, object]) -> Reply:
        path, parts = self._request(call, values)
        return self._http.read(call["method"], path, **parts)

    def _write(self, call: Mapping[str, Any], values: Mapping[str, object]) -> Reply:
        path, parts = self._request(call, values)
        return self._http.write(call["method"], path, **parts)

    def _request(self, call: Mapping[str, Any], values: Mapping[str, object]) -> tuple[str, Parts]:
        parts: Parts = {"headers": {**self._headers, **(call.get("headers") or {})}}
        if "json" in call:
            parts["json"] = mapping.fill(call["json"], values)
        return mapping.fill_path(call["path"], values), parts

    def _read_error(self, reply: Reply) -> ConnectorError | None:
        if reply.sent and reply.status in self._closed_statuses:
            return TicketClosed(f"{reply.where}: the ticket is closed", code=str(reply.status))
        return None


def capabilities(calls: Mapping[str, Mapping[str, Any]]) -> frozenset[Capability]:
    """What these calls make possible."""
    found = {capability for name, capability in BY_CALL.items() if name in calls}
    if SAYS_WHO_READS & mapping.placeholders([calls["add_note"].get("json"), calls["add_note"]["path"]]):
        found.add(Capability.PUBLIC_NOTES)
    return frozenset(found)
