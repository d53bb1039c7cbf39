"""What Zendesk's webhooks say: the body of a trigger, pasted as our template, and the fixed one of an event.

Ticket events: https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bridge.errors import MalformedPayload
from bridge.model import Delivery, TicketEvent, TicketEventKind
from connectors.bodies import PastedTemplate, as_moment, as_text, load_json, told_key

CHANGED = TicketEventKind.CHANGED
CLOSED = TicketEventKind.CLOSED
MERGED = TicketEventKind.MERGED

EVENT_PREFIX = "zen:event-type:"

EVENTS = {
    "ticket.agent_assignment_changed": CHANGED,
    "ticket.brand_changed": CHANGED,
    "ticket.comment_added": CHANGED,
    "ticket.created": CHANGED,
    "ticket.custom_field_changed": CHANGED,
    "ticket.custom_status_changed": CHANGED,
    "ticket.description_changed": CHANGED,
    "ticket.form_changed": CHANGED,
    "ticket.group_assignment_changed": CHANGED,
    "ticket.marked_as_spam": CLOSED,
    "ticket.merged": MERGED,
    "ticket.organization_changed": CHANGED,
    "ticket.permanently_deleted": CLOSED,
    "ticket.priority_changed": CHANGED,
    "ticket.requester_changed": CHANGED,
    "ticket.soft_deleted": CLOSED,
    "ticket.status_changed": CHANGED,
    "ticket.subject_changed": CHANGED,
    "ticket.tags_changed": CHANGED,
    "ticket.type_changed": CHANGED,
    "ticket.undeleted": CHANGED,
}
"""Events of a subscription that can matter to a session. All others are ignored."""

TEMPLATE = PastedTemplate(
    r"[0-9]{1,20}",
    'expected the template {"event": "ticket.updated", "ticket_id": "{{ticket.id}}", '
    '"actor": "{{current_user.email}}"} or a Zendesk ticket event',
)


def delivery_key(delivery: Delivery) -> str:
    """Zendesk's invocation id, else the template's `delivery`, else a digest of when and what was signed.

    The moment is part of the digest because our template says the same of two changes of one ticket.
    """
    moment = delivery.headers.get("x-zendesk-webhook-signature-timestamp", "")
    return told_key(delivery, "x-zendesk-webhook-invocation-id", moment)


def parse(delivery: Delivery) -> Sequence[TicketEvent]:
    """The event in the body. Raises MalformedPayload for what is neither of the two shapes."""
    body = load_json(delivery.body)
    if body is None:
        return TEMPLATE.repaired(delivery.body)
    if TEMPLATE.fits(body):
        return [TEMPLATE.event(body)]
    kind = body.get("type") if isinstance(body, dict) else None
    if isinstance(kind, str) and kind.startswith(EVENT_PREFIX):
        return _from_event(kind.removeprefix(EVENT_PREFIX), body)
    raise MalformedPayload(TEMPLATE.expected)


def _from_event(word: str, body: dict[str, Any]) -> list[TicketEvent]:
    if word not in EVENTS:
        return []
    detail = body.get("detail")
    if not isinstance(detail, dict):
        raise MalformedPayload("expected the ticket in `detail` of a Zendesk ticket event")
    event = TicketEvent(
        kind=EVENTS[word],
        ticket_id=TEMPLATE.checked(detail.get("id")),
        name=word,
        actor=as_text(detail.get("actor_id")),
        occurred_at=as_moment(body.get("time")),
        merged_into=_merged_into(body.get("event")) if EVENTS[word] is MERGED else "",
    )
    return [event]


def _merged_into(event: object) -> str:
    """The id of the ticket that lives on. Its name in the event is unverified: the likely ones are read."""
    if not isinstance(event, dict):
        return ""
    target = event.get("target_ticket")
    nested = target.get("id") if isinstance(target, dict) else None
    candidates = (event.get("target_ticket_id"), nested, event.get("target_id"), event.get("merged_into"))
    return next((number for number in map(_number, candidates) if number), "")


def _number(value: object) -> str:
    text = as_text(value)
    return text if re.fullmatch(TEMPLATE.ticket_id, text) else ""
