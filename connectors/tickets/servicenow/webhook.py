"""What ServiceNow sends: the body that our business rule, or an administrator's own flow, writes."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.errors import MalformedPayload
from bridge.model import Delivery, TicketEvent
from connectors.bodies import PastedTemplate, load_json, told_key
from connectors.signatures import SERVICENOW_SCRIPT, verify_shared_secret

TICKET_ID = r"[0-9a-f]{32}|[A-Za-z][A-Za-z_]{0,19}[0-9]{1,20}"
"""A record's sys_id, or its number."""

PING = "ping"
"""The word of an administrator's trial, which asks for nothing."""

TEMPLATE = PastedTemplate(
    TICKET_ID,
    'expected the body of the business rule, {"event": "ticket.updated", "ticket_id": "<sys_id or number>", '
    '"delivery": "<another one each time>", "actor": "<user name>"}',
)


def verify(delivery: Delivery, secrets: Sequence[str]) -> None:
    """Raise BadSignature unless the business rule's signature fits or, where there is none, the secret is shown."""
    if SERVICENOW_SCRIPT.signature_header in delivery.headers:
        SERVICENOW_SCRIPT.verify(delivery, secrets)
    else:
        verify_shared_secret(delivery, secrets)


def delivery_key(delivery: Delivery) -> str:
    """The business rule's id, else the body's `delivery`, else a digest."""
    moment = delivery.headers.get(SERVICENOW_SCRIPT.timestamp_header, "")
    return told_key(delivery, SERVICENOW_SCRIPT.id_header, moment)


def parse(delivery: Delivery) -> Sequence[TicketEvent]:
    """The event in the body. Raises MalformedPayload for any other shape."""
    body = load_json(delivery.body)
    if body is None:
        return TEMPLATE.repaired(delivery.body)
    if isinstance(body, dict) and body.get("event") == PING:
        return []
    if not TEMPLATE.fits(body):
        raise MalformedPayload(TEMPLATE.expected)
    return [TEMPLATE.event(body)]
