"""Zendesk's two kinds of bodies, as captured requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bridge.errors import MalformedPayload
from bridge.model import TicketEvent, TicketEventKind
from connectors.bodies import BROKEN
from connectors.signatures import ZENDESK
from connectors.tickets.zendesk.webhook import EVENTS, delivery_key, parse
from tests.contract.captured import FIXTURES, captured

SECRET = "made-up-zendesk-signing-secret"
NAMES = sorted(path.stem for path in (FIXTURES / "zendesk").glob("*.http"))
CHANGED, CLOSED, MERGED = TicketEventKind.CHANGED, TicketEventKind.CLOSED, TicketEventKind.MERGED


def only(name: str) -> TicketEvent:
    [event] = parse(captured(f"zendesk/{name}"))
    return event


@pytest.mark.parametrize("name", NAMES)
def test_every_captured_request_is_signed(name: str) -> None:
    ZENDESK.verify(captured(f"zendesk/{name}"), [SECRET])


def test_a_template_names_the_ticket_and_who_changed_it() -> None:
    assert only("template") == TicketEvent(CHANGED, "35436", "ticket.updated", "Agent@Example.com")


def test_a_template_may_ask_outright() -> None:
    assert only("template-with-delivery").kind is TicketEventKind.REQUESTED


def test_a_quote_in_a_placeholder_leaves_only_the_ticket_id() -> None:
    assert only("template-broken") == TicketEvent(CHANGED, "35436", f"ticket.updated {BROKEN}")


def test_a_line_break_in_a_placeholder_does_no_harm() -> None:
    assert only("template-line-break").actor == "agent@example.com"


@pytest.mark.parametrize("name", ["template-forged", "template-forged-broken"])
def test_a_placeholder_cannot_name_another_ticket(name: str) -> None:
    with pytest.raises(MalformedPayload, match="no single ticket_id"):
        parse(captured(f"zendesk/{name}"))


def test_a_template_without_its_placeholders_says_what_was_expected() -> None:
    with pytest.raises(MalformedPayload, match=r"not one of this system.*\{\{ticket.id\}\}"):
        parse(captured("zendesk/template-not-filled"))


@pytest.mark.parametrize(
    ("name", "word", "kind"),
    [
        ("tags-changed", "ticket.tags_changed", CHANGED),
        ("status-changed", "ticket.status_changed", CHANGED),
        ("comment-added", "ticket.comment_added", CHANGED),
        ("custom-field-changed", "ticket.custom_field_changed", CHANGED),
        ("soft-deleted", "ticket.soft_deleted", CLOSED),
        ("merged", "ticket.merged", MERGED),
    ],
)
def test_an_event_has_our_kind_and_the_vendors_word(name: str, word: str, kind: TicketEventKind) -> None:
    event = only(name)
    assert (event.kind, event.name, event.ticket_id) == (kind, word, "35436")


def test_an_event_says_who_and_when() -> None:
    event = only("tags-changed")
    assert event.actor == "8447388090494"
    assert event.occurred_at == datetime(2026, 3, 2, 10, 29, 58, 465719, UTC)


def test_a_merge_says_where_the_ticket_lives_on() -> None:
    assert only("merged").merged_into == "35400"


@pytest.mark.parametrize("name", ["unknown-event", "other-subject"])
def test_zendesks_other_events_are_ignored(name: str) -> None:
    assert parse(captured(f"zendesk/{name}")) == []


@pytest.mark.parametrize("name", ["stranger", "event-without-ticket"])
def test_a_strangers_shape_is_refused(name: str) -> None:
    with pytest.raises(MalformedPayload, match="expected"):
        parse(captured(f"zendesk/{name}"))


def test_every_event_of_the_table_is_understood() -> None:
    sample = captured("zendesk/tags-changed")
    for word, kind in EVENTS.items():
        [event] = parse(replace(sample, body=sample.body.replace(b"ticket.tags_changed", word.encode())))
        assert event.kind is kind


def test_the_key_is_zendesks_invocation_id() -> None:
    delivery = captured("zendesk/template")
    assert delivery_key(delivery) == delivery.headers["x-zendesk-webhook-invocation-id"]


def test_without_an_invocation_id_the_key_is_the_templates() -> None:
    assert delivery_key(captured("zendesk/template-with-delivery")) == "35436-2026-03-02T10:30:00Z"


def test_without_any_id_two_moments_are_two_deliveries() -> None:
    def at(stamp: str) -> str:
        return delivery_key(
            replace(captured("zendesk/template"), headers={"x-zendesk-webhook-signature-timestamp": stamp})
        )

    assert at("2026-03-02T10:30:00Z") == at("2026-03-02T10:30:00Z")
    assert at("2026-03-02T10:30:00Z") != at("2026-03-02T10:31:00Z")


def test_a_delivery_within_the_hour_is_still_believed() -> None:
    delivery = captured("zendesk/template")
    ZENDESK.verify(replace(delivery, received_at=delivery.received_at + timedelta(minutes=59)), [SECRET])
