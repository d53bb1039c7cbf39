"""What Help Scout's webhooks say: the event in a header, the conversation as the body.

https://developer.helpscout.com/webhooks/
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.errors import MalformedPayload
from bridge.model import Delivery, TicketEvent, TicketEventKind
from connectors.bodies import as_moment, as_text, digest_key, load_json
from connectors.tickets.help_scout import mapping

CHANGED = TicketEventKind.CHANGED

EVENTS = {
    "convo.agent.reply.created": CHANGED,
    "convo.assigned": CHANGED,
    "convo.created": CHANGED,
    "convo.custom-fields": CHANGED,
    "convo.customer.reply.created": CHANGED,
    "convo.deleted": TicketEventKind.CLOSED,
    "convo.merged": TicketEventKind.MERGED,
    "convo.moved": CHANGED,
    "convo.note.created": CHANGED,
    "convo.status": CHANGED,
    "convo.tags": CHANGED,
}
"""Events that can matter to a session. All others are ignored."""
DONE = frozenset({"closed", "spam"})
NEW_THREAD = frozenset({"convo.agent.reply.created", "convo.customer.reply.created", "convo.note.created"})
"""Events whose actor is who wrote the newest thread. For no other does Help Scout say who acted."""
EVENT_HEADER = "x-helpscout-event"
EXPECTED = "expected a conversation of Help Scout as JSON, and the event's name in X-HelpScout-Event"


def delivery_key(delivery: Delivery) -> str:
    """A digest of the event and the body: Help Scout gives no id."""
    return digest_key(delivery, delivery.headers.get(EVENT_HEADER, ""))


def parse(delivery: Delivery) -> Sequence[TicketEvent]:
    """The event, none for a note of our own. Raises MalformedPayload for what is no conversation."""
    name = delivery.headers.get(EVENT_HEADER, "").strip()
    body = load_json(delivery.body)
    if not name or not isinstance(body, dict):
        raise MalformedPayload(EXPECTED)
    if name not in EVENTS:
        return []
    number = as_text(body.get("id"))
    if not re.fullmatch(mapping.TICKET_ID, number):
        raise MalformedPayload(EXPECTED)
    newest = _newest(body) if name in NEW_THREAD else {}
    if mapping.is_ours(newest):
        return []
    return [
        TicketEvent(
            kind=_kind(name, body),
            ticket_id=number,
            name=name,
            actor=mapping.person(body.get("createdBy") if name == "convo.created" else newest.get("createdBy")).email,
            occurred_at=as_moment(newest.get("createdAt")) or as_moment(body.get("userUpdatedAt")),
        )
    ]


def _kind(name: str, body: Mapping[str, Any]) -> TicketEventKind:
    done = name == "convo.status" and as_text(body.get("status")) in DONE
    return TicketEventKind.CLOSED if done else EVENTS[name]


def _newest(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The newest of the threads in the body, in whatever order they stand; empty for none."""
    inside = body.get("_embedded")
    threads = mapping.rows(inside, "threads") if isinstance(inside, dict) else []
    return max(threads, key=lambda one: int(_digits(one)), default={})


def _digits(thread: Mapping[str, Any]) -> str:
    number = as_text(thread.get("id"))
    return number if re.fullmatch(mapping.TICKET_ID, number) else "0"
