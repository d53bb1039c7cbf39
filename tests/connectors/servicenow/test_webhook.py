"""The business rule's request and an administrator's own, as captured requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.errors import BadSignature, MalformedPayload
from bridge.model import TicketEvent, TicketEventKind
from connectors.bodies import BROKEN
from connectors.tickets.servicenow.webhook import delivery_key, parse, verify
from tests.contract.captured import FIXTURES, captured

SECRET = "made-up-servicenow-hook-secret"
SYS_ID = "9d385017c611228701d22104cc95c371"
NAMES = sorted(path.stem for path in (FIXTURES / "servicenow").glob("*.http"))


def only(name: str) -> TicketEvent:
    [event] = parse(captured(f"servicenow/{name}"))
    assert isinstance(event, TicketEvent)
    return event


@pytest.mark.parametrize("name", NAMES)
def test_every_captured_request_is_proved(name: str) -> None:
    verify(captured(f"servicenow/{name}"), ["another-secret", SECRET])
    with pytest.raises(BadSignature):
        verify(captured(f"servicenow/{name}"), ["another-secret"])


@pytest.mark.parametrize(
    ("name", "kind", "word"),
    [
        ("updated", TicketEventKind.CHANGED, "ticket.updated"),
        ("created", TicketEventKind.CHANGED, "ticket.created"),
        ("closed", TicketEventKind.CLOSED, "ticket.closed"),
    ],
)
def test_the_business_rule_names_the_ticket(name: str, kind: TicketEventKind, word: str) -> None:
    event = only(name)
    assert (event.kind, event.name, event.ticket_id) == (kind, word, SYS_ID)


def test_it_says_who_changed_the_ticket() -> None:
    assert (only("updated").actor, only("created").actor) == ("alex.agent", "Müller.Anna")


def test_a_flow_may_name_the_number_and_ask_outright() -> None:
    event = only("requested-by-number")
    assert (event.kind, event.ticket_id) == (TicketEventKind.REQUESTED, "INC0010001")


def test_a_trial_asks_for_nothing() -> None:
    assert parse(captured("servicenow/ping")) == []


def test_a_quote_in_a_placeholder_leaves_only_the_number() -> None:
    event = only("template-broken")
    assert (event.ticket_id, event.name, event.actor) == ("INC0010001", f"ticket.updated {BROKEN}", "")


def test_a_placeholder_cannot_name_another_ticket() -> None:
    with pytest.raises(MalformedPayload, match="no single ticket_id"):
        parse(captured("servicenow/template-forged"))


@pytest.mark.parametrize("name", ["stranger", "template-not-filled"])
def test_another_shape_says_what_was_expected(name: str) -> None:
    with pytest.raises(MalformedPayload, match="expected the body of the business rule"):
        parse(captured(f"servicenow/{name}"))


@pytest.mark.parametrize("ticket_id", ["INC", "0010001", SYS_ID[:-1], SYS_ID + "0", SYS_ID.upper() + "g", "INC1^OR", 7])
def test_no_other_id_is_believed(ticket_id: object) -> None:
    body = f'{{"ticket_id": "{ticket_id}"}}'.encode()
    with pytest.raises(MalformedPayload):
        parse(replace(captured("servicenow/updated"), body=body))


def test_a_signature_that_does_not_fit_is_not_mended_by_a_shown_secret() -> None:
    delivery = captured("servicenow/updated")
    headers = {**delivery.headers, "x-deskbridge-key": SECRET}
    verify(replace(delivery, headers=headers), [SECRET])
    with pytest.raises(BadSignature):
        verify(replace(delivery, headers=headers, body=delivery.body + b" "), [SECRET])


@pytest.mark.parametrize("header", ["x-rsm-delivery", "x-rsm-timestamp"])
def test_id_and_moment_are_signed(header: str) -> None:
    delivery = captured("servicenow/updated")
    changed = {**delivery.headers, header: delivery.headers[header][:-1] + "9"}
    with pytest.raises(BadSignature):
        verify(replace(delivery, headers=changed), [SECRET])


def test_a_delivery_within_the_hour_is_still_believed() -> None:
    delivery = captured("servicenow/updated")
    verify(replace(delivery, received_at=delivery.received_at + timedelta(minutes=59)), [SECRET])


def test_the_key_is_the_signed_id_else_the_bodys_else_a_digest() -> None:
    delivery = captured("servicenow/updated")
    assert delivery_key(delivery) == delivery.headers["x-rsm-delivery"]
    assert delivery_key(replace(delivery, headers={})) == "5f2b1c7a87f03410e9e0b8c6cebb3501"
    assert len(delivery_key(captured("servicenow/requested-by-number"))) == 32
    assert len(delivery_key(captured("servicenow/template-broken"))) == 64
