"""What an unknown help desk's webhook says, read by the operator's paths and table of event words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.errors import MalformedPayload
from bridge.model import Delivery, TicketEvent, TicketEventKind
from connectors.bodies import digest_key, load_json
from connectors.tickets.generic import mapping

KINDS = {
    "requested": TicketEventKind.REQUESTED,
    "changed": TicketEventKind.CHANGED,
    "closed": TicketEventKind.CLOSED,
    "merged": TicketEventKind.MERGED,
}

DEFAULT_PATHS: Mapping[str, Any] = {
    "ticket_id": "ticket_id",
    "event": "event",
    "delivery": "delivery",
    "actor": "actor",
}
"""Where our own template keeps things; taken when the operator gives no paths at all."""

DEFAULT_EVENTS: Mapping[str, str] = {
    "ticket.session_requested": "requested",
    "ticket.created": "changed",
    "ticket.updated": "changed",
    "ticket.changed": "changed",
    "ticket.closed": "closed",
    "ticket.merged": "merged",
}


class Reader:
    """Reads bodies with one connection's paths and words."""

    def __init__(self, keys: Mapping[str, Any], *, with_ticket: bool) -> None:
        self._paths: Mapping[str, Any] = keys.get("fields") or DEFAULT_PATHS
        self._events: Mapping[str, str] = keys.get("events") or DEFAULT_EVENTS
        self._statuses: Mapping[str, str] = keys.get("statuses") or {}
        self._pattern: str = keys.get("ticket_id_pattern") or r"(?s:.+)"
        self._with_ticket = with_ticket

    def delivery_key(self, delivery: Delivery, id_header: str, moment_header: str) -> str:
        """The delivery's id in its header or where the path says, else a digest of its moment and its body."""
        told = delivery.headers.get(id_header, "")
        if not told:
            told = mapping.text_at(load_json(delivery.body), self._paths.get("delivery"))
        if told:
            return told
        return digest_key(delivery, delivery.headers.get(moment_header, ""))

    def parse(self, delivery: Delivery) -> Sequence[TicketEvent]:
        """The event in the body; none for a word that the table does not have.

        Raises MalformedPayload for a body without the event or the ticket id where the paths say.
        """
        body = load_json(delivery.body)
        if not isinstance(body, dict | list):
            raise MalformedPayload("expected JSON")
        word = self._word(body)
        if word and word not in self._events:
            return []
        ticket_id = mapping.text_at(body, self._paths["ticket_id"])
        if not re.fullmatch(self._pattern, ticket_id):
            raise MalformedPayload(f"expected the ticket's id at {self._paths['ticket_id']!r}")
        return [self._event(word, ticket_id, body)]

    def _word(self, body: Any) -> str:
        """The vendor's word for the event; empty when no path leads to one."""
        path = self._paths.get("event")
        if path is None:
            return ""
        word = mapping.text_at(body, path)
        if not word:
            raise MalformedPayload(f"expected the event's name at {path!r}")
        return word

    def _event(self, word: str, ticket_id: str, body: Any) -> TicketEvent:
        ticket = mapping.ticket(ticket_id, body, self._paths, self._statuses) if self._with_ticket else None
        return TicketEvent(
            kind=KINDS[self._events[word]] if word else TicketEventKind.CHANGED,
            ticket_id=ticket_id,
            name=word or "ticket.updated",
            actor=mapping.text_at(body, self._paths.get("actor")),
            occurred_at=mapping.moment_at(body, self._paths.get("occurred_at")),
            ticket=ticket,
            merged_into=mapping.text_at(body, self._paths.get("merged_into")),
        )
