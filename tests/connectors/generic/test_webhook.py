"""Unknown help desks' bodies, read by an operator's paths and words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.errors import BadSignature, MalformedPayload
from bridge.model import Delivery, TicketEvent, TicketEventKind, TicketStatus
from connectors.signatures import HUB_SIGNATURE_256, sign
from connectors.tickets.generic import Generic
from tests.connectors.generic.desk import GenericDesk, connection
from tests.contract.captured import RECEIVED, captured

SECRET = "whsec_bWFkZS11cC1zaWduaW5nLXNlY3JldC0x"


def minimal(desk: GenericDesk, **keys: Any) -> Generic:
    """A connection with nothing but what is required, and these keys."""
    text = '[calls.add_note]\npath = "/notes"\njson = { text = "{body}" }'
    return desk.build(connection(text, **keys), SECRET)


def only(connector: Generic, name: str) -> TicketEvent:
    [event] = connector.parse(captured(f"generic/{name}"))
    return event


@pytest.mark.parametrize("name", ["standard-webhooks", "merged", "unknown-event", "stranger", "template"])
def test_captured_requests_are_signed(desk: GenericDesk, name: str) -> None:
    desk.connector(SECRET).verify(captured(f"generic/{name}"))


def test_an_event_by_the_operators_paths(desk: GenericDesk) -> None:
    assert only(desk.connector(), "standard-webhooks") == TicketEvent(
        kind=TicketEventKind.CHANGED,
        ticket_id="4711",
        name="request.labelled",
        actor="Agent@Example.com",
        occurred_at=datetime(2026, 3, 2, 10, 29, 58, tzinfo=UTC),
    )


def test_a_pointer_reaches_what_dots_cannot(desk: GenericDesk) -> None:
    event = only(desk.connector(), "merged")
    assert (event.kind, event.merged_into) == (TicketEventKind.MERGED, "4700")


def test_without_paths_our_own_template_is_understood(desk: GenericDesk) -> None:
    event = only(minimal(desk), "template")
    assert event.kind is TicketEventKind.REQUESTED
    assert (event.ticket_id, event.actor) == ("4711", "agent@example.com")


def test_without_a_path_to_the_event_every_delivery_is_a_change(desk: GenericDesk) -> None:
    event = only(minimal(desk, fields={"ticket_id": "request.number"}), "unknown-event")
    assert (event.kind, event.name) == (TicketEventKind.CHANGED, "ticket.updated")


def test_a_ticket_comes_with_the_event_where_it_cannot_be_asked_for(desk: GenericDesk) -> None:
    paths = {
        "ticket_id": "request.number",
        "subject": "request.title",
        "status": "request.state",
        "tags": "request.label_names",
        "requester_name": "request.from.name",
        "requester_email": "/request/from/mail",
        "custom": {"Asset": "request.extra.Asset tag", "Floors": "request.extra.Floors"},
    }
    ticket = only(minimal(desk, fields=paths, statuses={"waiting": "solved"}), "standard-webhooks").ticket
    assert ticket is not None
    assert ticket.subject == "Drucker „klemmt“ <b>"
    assert (ticket.status, ticket.vendor_status) == (TicketStatus.SOLVED, "waiting")
    assert ticket.tags == {"printer", "remote-support"}
    assert (ticket.requester.name, ticket.requester.email) == ("Chris Customer", "chris@example.com")
    assert ticket.fields == {"Asset": "PC-0042", "Floors": "1, 2"}


def test_a_ticket_that_can_be_asked_for_is_not_taken_from_the_body(desk: GenericDesk) -> None:
    assert only(desk.connector(), "standard-webhooks").ticket is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"kind": "request.opened"}', "request.number"),
        (b'{"kind": "request.opened", "request": {"number": null}}', "request.number"),
        (b'{"kind": "request.opened", "request": {"number": {}}}', "request.number"),
        (b'{"request": {"number": 7}}', "'kind'"),
        (b'{"kind": "request.opened", "request": {"number": 7}, "kind": "request.help-wanted"}', "JSON"),
    ],
)
def test_a_body_without_what_the_paths_name(desk: GenericDesk, body: bytes, expected: str) -> None:
    delivery = replace(captured("generic/standard-webhooks"), body=body)
    with pytest.raises(MalformedPayload, match=f"expected.*{expected}"):
        desk.connector().parse(delivery)


def test_the_signed_id_is_the_key(desk: GenericDesk) -> None:
    assert desk.connector().delivery_key(captured("generic/standard-webhooks")) == "msg_2mXk8Jq4"


def test_an_id_in_the_body_is_the_key_where_no_header_has_one(desk: GenericDesk) -> None:
    connector = minimal(desk, verify={"scheme": "shared_secret"})
    assert connector.delivery_key(captured("generic/shared-secret")) == "d-2"


def test_an_id_in_a_header_of_the_operators_choice(desk: GenericDesk) -> None:
    delivery = captured("generic/shared-secret")
    delivery = replace(delivery, headers={**delivery.headers, "x-request-id": "r-9"})
    connector = minimal(desk, verify={"scheme": "shared_secret"}, delivery_header="X-Request-Id")
    assert connector.delivery_key(delivery) == "r-9"


def hub_signed(body: bytes, secret: str) -> Delivery:
    headers = sign(HUB_SIGNATURE_256, secret, body, moment=RECEIVED)
    return replace(captured("generic/template"), headers=headers, body=body)


@pytest.mark.parametrize(
    "verify",
    [{"scheme": "hub_signature_256"}, {"signature_header": "X-Hub-Signature-256", "prefix": "sha256="}],
)
def test_another_scheme_by_name_or_by_its_parts(desk: GenericDesk, verify: dict[str, Any]) -> None:
    connector = minimal(desk, verify=verify)
    connector.verify(hub_signed(b"{}", SECRET))
    with pytest.raises(BadSignature):
        connector.verify(hub_signed(b"{}", "another"))


def test_a_shared_secret(desk: GenericDesk) -> None:
    connector = desk.build(connection(verify={"scheme": "shared_secret"}), "made-up-hook-secret")
    connector.verify(captured("generic/shared-secret"))
