"""What Zendesk's webhooks say: the body of a trigger, pasted as our template, and the fixed one of an event.

Ticket events: https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bridge.errors import MalformedPayload
from bridge.model import Delivery, TicketEvent, TicketEventKind

CHANGED = TicketEventKind.CHANGED
CLOSED = TicketEventKind.CLOSED
MERGED = TicketEventKind.MERGED
REQUESTED = TicketEventKind.REQUESTED

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

TEMPLATE_EVENTS = {
    "ticket.closed": CLOSED,
    "ticket.merged": MERGED,
    "ticket.session_requested": REQUESTED,
}
"""Words in a trigger's body that say more than that the ticket changed. Any other word is the admin's own."""

BROKEN_TEMPLATE = "ticket.updated (broken template)"
"""The name of an event whose body was no JSON: only its ticket id is believed."""

EXPECTED = (
    'expected the template {"event": "ticket.updated", "ticket_id": "{{ticket.id}}", '
    '"actor": "{{current_user.email}}"} or a Zendesk ticket event'
)

_TICKET_ID = re.compile(r'"ticket_id"\s*:\s*"?([0-9]{1,20})(?=["\s,}])')
_NUMBER = re.compile(r"[0-9]{1,20}")


def delivery_key(delivery: Delivery) -> str:
    """Zendesk's invocation id, else the template's `delivery`, else a digest of when and what was signed.

    The moment is part of the digest because our template says the same of two changes of one ticket.
    """
    told = delivery.headers.get("x-zendesk-webhook-invocation-id", "")
    if not told:
        body = _load(delivery.body)
        told = _text(body.get("delivery")) if isinstance(body, dict) else ""
    if told:
        return told
    moment = delivery.headers.get("x-zendesk-webhook-signature-timestamp", "")
    return hashlib.sha256(moment.encode() + b"\n" + delivery.body).hexdigest()


def parse(delivery: Delivery) -> Sequence[TicketEvent]:
    """The event in the body. Raises MalformedPayload for what is neither of the two shapes."""
    body = _load(delivery.body)
    if body is None:
        return [_from_broken_template(delivery.body)]
    if not isinstance(body, dict):
        raise MalformedPayload(EXPECTED)
    if "ticket_id" in body:
        return [_from_template(body)]
    kind = body.get("type")
    if isinstance(kind, str) and kind.startswith(EVENT_PREFIX):
        return _from_event(kind.removeprefix(EVENT_PREFIX), body)
    raise MalformedPayload(EXPECTED)


def _from_template(body: dict[str, Any]) -> TicketEvent:
    name = _text(body.get("event")) or "ticket.updated"
    return TicketEvent(
        kind=TEMPLATE_EVENTS.get(name, CHANGED),
        ticket_id=_ticket_id(body["ticket_id"]),
        name=name,
        actor=_text(body.get("actor")),
        merged_into=_number(body.get("merged_into")),
    )


def _from_broken_template(raw: bytes) -> TicketEvent:
    """A quote in a placeholder breaks the JSON and can forge parts of it: believe one plain id or none."""
    found = set(_TICKET_ID.findall(raw.decode("utf-8", "replace")))
    if len(found) != 1:
        raise MalformedPayload(f"not JSON, and no single ticket_id in it: {EXPECTED}")
    return TicketEvent(kind=CHANGED, ticket_id=found.pop(), name=BROKEN_TEMPLATE)


def _from_event(word: str, body: dict[str, Any]) -> list[TicketEvent]:
    if word not in EVENTS:
        return []
    detail = body.get("detail")
    if not isinstance(detail, dict):
        raise MalformedPayload("expected the ticket in `detail` of a Zendesk ticket event")
    event = TicketEvent(
        kind=EVENTS[word],
        ticket_id=_ticket_id(detail.get("id")),
        name=word,
        actor=_text(detail.get("actor_id")),
        occurred_at=_moment(body.get("time")),
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


def _load(raw: bytes) -> Any | None:
    """The JSON, None when it is none. So is a name said twice: a placeholder could overrule the template."""
    try:
        return json.loads(raw.decode("utf-8-sig"), strict=False, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError):
        return None


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name twice in one object")
    return members


def _ticket_id(value: object) -> str:
    number = _number(value)
    if not number:
        raise MalformedPayload(f"the ticket id is not a number: {EXPECTED}")
    return number


def _number(value: object) -> str:
    text = _text(value)
    return text if _NUMBER.fullmatch(text) else ""


def _text(value: object) -> str:
    """Text and whole numbers as text; anything else is nothing."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _moment(value: object) -> datetime | None:
    """An ISO 8601 moment in UTC; None when it is not one."""
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
