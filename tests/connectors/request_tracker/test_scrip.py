"""The Scrip of docs/request-tracker.md, run by the real Request Tracker: what it sends, when, and who believes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bridge.errors import BadSignature
from bridge.model import Delivery, TicketEvent, TicketEventKind
from tests.connectors.request_tracker.desk import FIELD, RequestTrackerDesk
from tests.contract.desk import Webhook
from tests.contract.tickets import note
from tests.realrt.server import HOOK_SECRET

CHANGED = TicketEventKind.CHANGED


def received(webhook: Webhook) -> Delivery:
    url = "https://bridge.example.com/hooks/rt"
    return Delivery("rt", "POST", url, webhook.headers, {}, webhook.body, datetime.now(UTC))


def told(desk: RequestTrackerDesk, count: int, ticket_id: str = "") -> TicketEvent:
    """The event of the last of so many deliveries, verified and understood by the connector."""
    connector = desk.connector(HOOK_SECRET)
    delivery = received(desk.catcher.about(ticket_id or desk.ticket_id, count)[-1])
    assert delivery.media_type in connector.media_types
    connector.verify(delivery)
    [event] = connector.parse(delivery)
    assert isinstance(event, TicketEvent)
    return event


def test_a_new_ticket_is_told(desk: RequestTrackerDesk) -> None:
    agent = desk.tracker.ids["agent"]
    assert told(desk, 1) == TicketEvent(CHANGED, desk.ticket_id, "ticket.created", agent)


def test_a_field_that_is_set_is_told_once_and_signed(desk: RequestTrackerDesk) -> None:
    [webhook] = desk.ask("")
    delivery = received(webhook)
    connector = desk.connector(HOOK_SECRET)
    connector.verify(delivery)
    with pytest.raises(BadSignature):
        connector.verify(replace(delivery, body=delivery.body.replace(b"updated", b"created")))
    with pytest.raises(BadSignature):
        desk.connector("whsec_bm90LXRoZS1zZWNyZXQ=").verify(delivery)
    assert told(desk, 2).name == "ticket.updated"
    assert connector.delivery_key(delivery).startswith(f"rt-{desk.ticket_id}-")


def test_several_changes_at_once_are_one_delivery(desk: RequestTrackerDesk) -> None:
    desk.change(Subject="Printer on fire", Priority=9, CustomFields={FIELD: "requested", "Asset": "LX-7"})
    desk.change(Subject="Printer out")
    keys = {webhook.headers["webhook-id"] for webhook in desk.catcher.about(desk.ticket_id, 3)}
    assert len(keys) == 3
    assert len(desk.catcher.about(desk.ticket_id)) == 3


def test_a_ticket_that_is_done_is_told_as_closed(desk: RequestTrackerDesk) -> None:
    desk.close_ticket()
    event = told(desk, 2)
    assert (event.kind, event.name) == (TicketEventKind.CLOSED, "ticket.closed")


def test_a_merge_says_where_the_ticket_lives_on(desk: RequestTrackerDesk) -> None:
    into = desk.merge_ticket()
    event = told(desk, 2)
    assert (event.kind, event.ticket_id, event.merged_into) == (TicketEventKind.MERGED, desk.ticket_id, into)


def test_what_we_write_is_told_to_nobody(desk: RequestTrackerDesk) -> None:
    connector = desk.connector()
    connector.add_note(desk.ticket_id, note())
    connector.update_fields(desk.ticket_id, {FIELD: "done", "Subject": "Printer helped"})
    desk.change(Subject="Printer stuck again")
    assert told(desk, 2).actor == desk.tracker.ids["agent"]
    assert len(desk.catcher.about(desk.ticket_id)) == 2


def test_our_own_number_is_known_as_ours(desk: RequestTrackerDesk) -> None:
    """For Scrips that do not leave us out."""
    assert desk.connector().own_actors == {desk.tracker.ids["deskbridge"]}


def test_comments_and_letters_of_others_are_not_told(desk: RequestTrackerDesk) -> None:
    body = {"Content": "I am on it.", "ContentType": "text/plain"}
    desk.done(desk.agent.post(f"REST/2.0/ticket/{desk.ticket_id}/comment", json=body))
    desk.change(Subject="Printer stuck again")
    assert told(desk, 2).name == "ticket.updated"
    assert len(desk.catcher.about(desk.ticket_id)) == 2


def test_a_receiver_that_fails_leaves_the_change_and_a_line_in_the_log(desk: RequestTrackerDesk) -> None:
    desk.catcher.status = 503
    try:
        desk.change(CustomFields={FIELD: "requested"})
        desk.catcher.about(desk.ticket_id, 2)
    finally:
        desk.catcher.status = 200
    assert desk.value_of(FIELD) == "requested"
    assert f"Deskbridge: ticket {desk.ticket_id} was answered 503" in desk.tracker.log
