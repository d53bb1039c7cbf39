"""What Zammad's webhooks say: the fixed body of a trigger, or our template in its place.

https://admin-docs.zammad.org/en/latest/manage/webhook.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.errors import MalformedPayload
from bridge.model import Delivery, TicketEvent, TicketEventKind
from connectors.bodies import PastedTemplate, as_moment, as_text, load_json, told_key
from connectors.tickets.zammad.mapping import MARK_KEY, TICKET_ID

EVENTS = {"closed": TicketEventKind.CLOSED, "merged": TicketEventKind.MERGED}
"""What a ticket's state says by its first name; an admin may have given it another one. Any other: it changed."""

TEMPLATE = PastedTemplate(
    TICKET_ID,
    "expected Zammad's own webhook body with a ticket and an article, or the template "
    '{"event": "ticket.updated", "ticket_id": "#{ticket.id}", "actor": "#{ticket.updated_by.email}"}',
)
UNNAMED = "ticket.updated"


def delivery_key(delivery: Delivery) -> str:
    """The id of Zammad's job, which stays when it sends again; else the template's `delivery`, else a digest."""
    return told_key(delivery, "x-zammad-delivery")


def parse(delivery: Delivery) -> Sequence[TicketEvent]:
    """The event in the body, none for a note of our own. Raises MalformedPayload for what is neither shape."""
    body = load_json(delivery.body)
    if body is None:
        return TEMPLATE.repaired(delivery.body)
    if TEMPLATE.fits(body):
        return [TEMPLATE.event(body)]
    ticket = body.get("ticket") if isinstance(body, dict) else None
    if not isinstance(ticket, dict) or "id" not in ticket:
        raise MalformedPayload(TEMPLATE.expected)
    article = body.get("article")
    return _from_ticket(ticket, article if isinstance(article, dict) else {}, _trigger(delivery))


def _from_ticket(ticket: Mapping[str, Any], article: Mapping[str, Any], name: str) -> list[TicketEvent]:
    preferences = article.get("preferences")
    if isinstance(preferences, dict) and MARK_KEY in preferences:
        return []
    return [
        TicketEvent(
            kind=EVENTS.get(as_text(ticket.get("state")).lower(), TicketEventKind.CHANGED),
            ticket_id=TEMPLATE.checked(ticket["id"]),
            name=name,
            actor=_actor(article.get("created_by")) or _actor(ticket.get("updated_by")),
            occurred_at=as_moment(ticket.get("updated_at")),
        )
    ]


def _actor(user: object) -> str:
    """The address of a user of the body; a new article says better than the ticket who acted."""
    return as_text(user.get("email")) if isinstance(user, dict) else as_text(user)


def _trigger(delivery: Delivery) -> str:
    """The trigger's name: an admin's own word, for `when = { event = "…" }`."""
    return re.sub(r"\s+", " ", delivery.headers.get("x-zammad-trigger", "")).strip()[:200] or UNNAMED
