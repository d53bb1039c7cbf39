"""What our Scrip sends: one small body for each batch of changes of a ticket, signed as Standard Webhooks say.

RT has no webhooks of its own. The Scrip to paste stands in docs/request-tracker.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bridge.errors import MalformedPayload
from bridge.model import Delivery, TicketEvent
from connectors.bodies import PastedTemplate, load_json, told_key

ID_HEADER = "webhook-id"

TEMPLATE = PastedTemplate(
    r"[0-9]{1,18}",
    'expected the body of the Scrip in docs/request-tracker.md: {"event": "ticket.updated", "ticket_id": "35",'
    ' "actor": "14"}',
)
"""`event` is `ticket.created`, `ticket.updated`, `ticket.closed` or `ticket.merged` (then with `merged_into`)."""

_OTHER_RECORDS = re.compile(r"(?!ticket\.)[a-z]+\.[a-z_]+")
"""Events of what is no ticket: a Scrip of an admin's own may tell of articles, assets or users."""


def delivery_key(delivery: Delivery) -> str:
    """The id that is signed, made of the ticket and its newest transaction."""
    return told_key(delivery, ID_HEADER)


def parse(delivery: Delivery) -> Sequence[TicketEvent]:
    """The event in the body. Raises MalformedPayload for what our Scrip would not send."""
    body = load_json(delivery.body)
    if body is None:
        return TEMPLATE.repaired(delivery.body)
    if TEMPLATE.fits(body):
        return [TEMPLATE.event(body)]
    told = body.get("event") if isinstance(body, dict) else None
    if isinstance(told, str) and _OTHER_RECORDS.fullmatch(told):
        return []
    raise MalformedPayload(TEMPLATE.expected)
