"""What the Scrip sends, as captured requests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.errors import BadSignature, MalformedPayload
from bridge.model import TicketEvent, TicketEventKind
from connectors.bodies import BROKEN
from connectors.signatures import STANDARD_WEBHOOKS
from connectors.tickets.request_tracker.webhook import delivery_key, parse
from tests.contract.captured import FIXTURES, captured

SECRET = "whsec_bWFkZS11cC1zZWNyZXQtb2YtcmVxdWVzdC10cmFja2Vy"
NAMES = sorted(path.stem for path in (FIXTURES / "request_tracker").glob("*.http"))


def only(name: str) -> TicketEvent:
    [event] = parse(captured(f"request_tracker/{name}"))
    return event


@pytest.mark.parametrize("name", NAMES)
def test_every_captured_request_is_signed(name: str) -> None:
    STANDARD_WEBHOOKS.verify(captured(f"request_tracker/{name}"), [SECRET])


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("updated", TicketEvent(TicketEventKind.CHANGED, "35", "ticket.updated", "29")),
        ("created", TicketEvent(TicketEventKind.CHANGED, "36", "ticket.created", "33")),
        ("closed", TicketEvent(TicketEventKind.CLOSED, "35", "ticket.closed", "29")),
        ("merged", TicketEvent(TicketEventKind.MERGED, "35", "ticket.merged", "29", merged_into="36")),
    ],
)
def test_an_event_names_the_ticket_and_who_changed_it(name: str, event: TicketEvent) -> None:
    assert only(name) == event


def test_a_broken_body_leaves_only_the_tickets_id() -> None:
    assert only("broken") == TicketEvent(TicketEventKind.CHANGED, "35", f"ticket.updated {BROKEN}")


def test_events_of_what_is_no_ticket_are_ignored() -> None:
    assert parse(captured("request_tracker/unknown-event")) == []


@pytest.mark.parametrize("body", [b'{"event": "ticket.updated"}', b'{"event": "asset"}', b'{"event": 7}'])
def test_an_event_without_its_ticket_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedPayload, match=r"docs/request-tracker\.md"):
        parse(replace(captured("request_tracker/updated"), body=body))


def test_the_key_is_the_id_that_is_signed() -> None:
    assert delivery_key(captured("request_tracker/updated")) == "rt-35-211"


def test_another_id_is_another_signature() -> None:
    delivery = captured("request_tracker/updated")
    changed = replace(delivery, headers={**delivery.headers, "webhook-id": "rt-35-212"})
    with pytest.raises(BadSignature):
        STANDARD_WEBHOOKS.verify(changed, [SECRET])
