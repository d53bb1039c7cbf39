"""What the webhook of an automation rule (Freshdesk) or a workflow (Freshservice) says. Pure.

Its body is the admin's: our template, or the fields that the admin ticked, which come as `freshdesk_webhook`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bridge.errors import MalformedPayload
from bridge.model import Delivery, TicketEvent
from connectors.bodies import PastedTemplate, as_text, digest_key, load_json
from connectors.tickets.freshdesk.dialects import Dialect
from connectors.tickets.freshdesk.mapping import plain_number

SIMPLE = "freshdesk_webhook"
"""Holds the ticked fields of a webhook with simple encoding, in both products."""


def template(dialect: Dialect) -> PastedTemplate:
    return PastedTemplate(
        dialect.ticket_id,
        f'expected the template {{"event": "ticket.updated", "ticket_id": "{dialect.placeholder}"}}'
        f" of a {dialect.title} webhook",
    )


def delivery_key(delivery: Delivery) -> str:
    """A digest of the body where the template names the delivery; else each request is one of its own.

    Neither product gives an id, and our template says the same of two changes of one ticket: to take the second for
    the first again would lose a request, while to read a ticket twice does no harm.
    """
    body = _inside(load_json(delivery.body))
    named = isinstance(body, dict) and as_text(body.get("delivery"))
    return digest_key(delivery) if named else digest_key(delivery, delivery.received_at.isoformat())


def parse(delivery: Delivery, dialect: Dialect) -> Sequence[TicketEvent]:
    """The event in the body; none for ticked fields without a ticket. Raises MalformedPayload for any other shape."""
    pasted = template(dialect)
    body = load_json(delivery.body)
    if body is None:
        return [_with_plain_numbers(event) for event in pasted.repaired(delivery.body)]
    told = _inside(body)
    if pasted.fits(told):
        return [_with_plain_numbers(pasted.event(told))]
    if told is not body:
        return []
    raise MalformedPayload(pasted.expected)


def _inside(body: Any) -> Any:
    """What a webhook with simple encoding wraps; any other body as it is."""
    inner = body.get(SIMPLE) if isinstance(body, dict) else None
    return inner if isinstance(inner, dict) else body


def _with_plain_numbers(event: TicketEvent) -> TicketEvent:
    return replace(event, ticket_id=plain_number(event.ticket_id), merged_into=plain_number(event.merged_into))
