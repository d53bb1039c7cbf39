"""Bodies of both products' webhooks, as captured requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.errors import MalformedPayload
from bridge.model import TicketEvent, TicketEventKind
from connectors.bodies import BROKEN
from connectors.signatures import verify_shared_secret
from connectors.tickets.freshdesk.dialects import FRESHDESK, FRESHSERVICE
from connectors.tickets.freshdesk.webhook import delivery_key, parse
from tests.contract.captured import FIXTURES, captured

DIALECTS = {dialect.kind: dialect for dialect in (FRESHDESK, FRESHSERVICE)}
NAMES = sorted(f"{kind}/{path.stem}" for kind in DIALECTS for path in (FIXTURES / kind).glob("*.http"))
CHANGED, CLOSED = TicketEventKind.CHANGED, TicketEventKind.CLOSED
REQUESTED, MERGED = TicketEventKind.REQUESTED, TicketEventKind.MERGED


def read(name: str) -> list[TicketEvent]:
    return list(parse(captured(name), DIALECTS[name.partition("/")[0]]))


@pytest.mark.parametrize("name", NAMES)
def test_every_captured_request_carries_the_secret(name: str) -> None:
    verify_shared_secret(captured(name), [f"made-up-{name.partition('/')[0]}-hook-secret"])


@pytest.mark.parametrize("kind", DIALECTS)
@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("template", TicketEvent(CHANGED, "1001", "ticket.updated")),
        ("template-with-delivery", TicketEvent(REQUESTED, "1001", "ticket.session_requested", "Agent@Example.com")),
        ("template-number", TicketEvent(CLOSED, "1001", "ticket.closed")),
        ("template-broken", TicketEvent(CHANGED, "1001", f"ticket.updated {BROKEN}")),
        ("simple", TicketEvent(CHANGED, "1001", "ticket.updated")),
    ],
)
def test_an_event_of_either_product(kind: str, name: str, event: TicketEvent) -> None:
    assert read(f"{kind}/{name}") == [event]


@pytest.mark.parametrize(("name", "number"), [("prefixed", "1001"), ("service-request", "1002")])
def test_freshservice_names_a_ticket_by_its_type(name: str, number: str) -> None:
    assert read(f"freshservice/template-{name}")[0].ticket_id == number


def test_a_prefix_in_a_broken_body_is_understood_too() -> None:
    body = b'{"ticket_id": "#INC-1001", "subject": "a "b" c"}'
    assert parse(replace(captured("freshservice/template"), body=body), FRESHSERVICE)[0].ticket_id == "1001"


def test_a_change_of_freshservice_is_no_ticket() -> None:
    with pytest.raises(MalformedPayload, match="expected the template"):
        read("freshservice/template-change")


def test_freshdesk_has_no_prefixes() -> None:
    with pytest.raises(MalformedPayload, match="not one of this system"):
        parse(captured("freshservice/template-prefixed"), FRESHDESK)


def test_a_rule_may_say_where_a_ticket_went() -> None:
    assert read("freshdesk/template-merged") == [TicketEvent(MERGED, "1001", "ticket.merged", merged_into="990")]


@pytest.mark.parametrize("kind", DIALECTS)
def test_ticked_fields_without_a_ticket_are_ignored(kind: str) -> None:
    assert read(f"{kind}/unknown-event") == []


@pytest.mark.parametrize("kind", DIALECTS)
@pytest.mark.parametrize("name", ["template-forged", "template-not-filled", "stranger"])
def test_other_bodies_are_refused_with_the_template(kind: str, name: str) -> None:
    with pytest.raises(MalformedPayload, match="expected the template") as refused:
        read(f"{kind}/{name}")
    assert DIALECTS[kind].placeholder in str(refused.value)


def test_a_named_delivery_is_the_same_when_it_is_sent_again() -> None:
    first = captured("freshdesk/template-with-delivery")
    again = replace(first, received_at=first.received_at + timedelta(minutes=95))
    assert delivery_key(first) == delivery_key(again)


def test_one_moment_of_two_rules_is_two_deliveries() -> None:
    first = captured("freshdesk/template-with-delivery")
    other = replace(first, body=first.body.replace(b"session_requested", b"closed"))
    assert delivery_key(first) != delivery_key(other)


@pytest.mark.parametrize("body", [b'{"ticket_id": "7"}', b'{"ticket_id": "7", "delivery": ""}', b"nonsense"])
def test_without_a_name_two_requests_are_two_deliveries(body: bytes) -> None:
    """Two changes of one ticket say the same, and the second must not be lost."""
    first = replace(captured("freshdesk/template"), body=body)
    second = replace(first, received_at=first.received_at + timedelta(seconds=2))
    assert delivery_key(first) != delivery_key(second)


def test_a_delivery_is_named_in_simple_encoding_too() -> None:
    first = replace(captured("freshdesk/simple"), body=b'{"freshdesk_webhook": {"ticket_id": 7, "delivery": "d1"}}')
    assert delivery_key(first) == delivery_key(replace(first, received_at=first.received_at + timedelta(hours=1)))
