"""HubSpot's arrays of events, as requests like those that it sends."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bridge.errors import BadSignature, MalformedPayload
from bridge.model import CrmEvent, CrmEventKind, CrmRecord, Delivery, TicketEvent, TicketEventKind
from connectors.signatures import HUBSPOT_V3
from connectors.tickets.hubspot.webhook import RECORD_EVENTS, TICKETS, delivery_key, parse, split
from tests.connectors.hubspot.desk import told
from tests.contract.captured import FIXTURES, captured

SECRET = "made-up-hubspot-client-secret"
NAMES = sorted(path.stem for path in (FIXTURES / "hubspot").glob("*.http"))
WHEN = datetime(2026, 3, 2, 10, 29, 58, 465000, UTC)
TICKET = "5000000007"


def request(name: str) -> Delivery:
    return captured(f"hubspot/{name}")


def holding(*events: object) -> Delivery:
    return replace(request("created"), body=json.dumps(events).encode())


@pytest.mark.parametrize("name", NAMES)
def test_every_captured_request_is_signed(name: str) -> None:
    HUBSPOT_V3.verify(request(name), [SECRET])


def test_the_address_and_the_method_are_signed_too() -> None:
    for changed in (
        replace(request("created"), url="https://elsewhere.example.com/hooks/hubspot"),
        replace(request("created"), method="PUT"),
    ):
        with pytest.raises(BadSignature):
            HUBSPOT_V3.verify(changed, [SECRET])


def test_a_request_of_more_than_five_minutes_ago_is_refused() -> None:
    old = replace(request("created"), received_at=request("created").received_at + timedelta(seconds=301))
    with pytest.raises(BadSignature):
        HUBSPOT_V3.verify(old, [SECRET])


@pytest.mark.parametrize(
    ("name", "word", "kind"),
    [
        ("created", "ticket.creation", TicketEventKind.CHANGED),
        ("property-changed", "ticket.propertyChange", TicketEventKind.CHANGED),
        ("deleted", "ticket.deletion", TicketEventKind.CLOSED),
    ],
)
def test_an_event_of_a_ticket_says_what_who_and_when(name: str, word: str, kind: TicketEventKind) -> None:
    assert list(parse(request(name))) == [TicketEvent(kind, TICKET, word, "userId:31", WHEN)]


def test_a_merge_names_both_tickets_that_live_on_in_a_new_one() -> None:
    merged = [event for event in parse(request("merged")) if isinstance(event, TicketEvent)]
    assert [(one.kind, one.ticket_id, one.merged_into) for one in merged] == [
        (TicketEventKind.MERGED, TICKET, "5000000099"),
        (TicketEventKind.MERGED, "5000000008", "5000000099"),
    ]


def test_a_merge_into_the_primary_ticket_leaves_that_one_alone() -> None:
    [event] = parse(holding(told("ticket.merge", "7", primaryObjectId=7, mergedObjectIds=[8])))
    assert isinstance(event, TicketEvent)
    assert (event.ticket_id, event.merged_into) == ("8", "7")


def test_contacts_and_companies_are_events_of_their_own() -> None:
    found = [event for event in parse(request("people")) if isinstance(event, CrmEvent)]
    assert [(one.kind, one.record, one.record_id, one.name) for one in found] == [
        (CrmEventKind.CREATED, CrmRecord.CONTACT, "902", "contact.creation"),
        (CrmEventKind.DELETED, CrmRecord.CONTACT, "902", "contact.privacyDeletion"),
        (CrmEventKind.DELETED, CrmRecord.ACCOUNT, "77", "company.deletion"),
        (CrmEventKind.DELETED, CrmRecord.CONTACT, "902", "contact.merge"),
        (CrmEventKind.CHANGED, CrmRecord.CONTACT, "901", "contact.propertyChange"),
    ]
    assert found[0].occurred_at == WHEN
    assert found[0].actor == "userId:31"


def test_what_hubspot_calls_sensitive_is_not_kept() -> None:
    *_, changed = parse(request("people"))
    assert isinstance(changed, CrmEvent)
    assert changed.fields == {}


def test_a_changed_property_of_a_contact_is_told() -> None:
    event = list(parse(request("several")))[2]
    assert isinstance(event, CrmEvent)
    assert event.fields == {"email": "new@example.com"}


def test_newer_subscriptions_name_the_object_by_a_number() -> None:
    assert [event.name for event in parse(request("object-events"))] == [
        "ticket.propertyChange",
        "contact.creation",
        "company.deletion",
    ]


def test_our_own_change_is_known_by_the_app() -> None:
    assert [event.actor for event in parse(request("our-own-change"))] == ["4711"]


def test_hubspots_other_events_are_ignored() -> None:
    assert parse(request("unknown-event")) == []


def test_every_event_of_the_tables_is_understood() -> None:
    more = {"primaryObjectId": 7, "mergedObjectIds": [8]}
    for word, kind in TICKETS.items():
        [event] = parse(holding(told(f"ticket.{word}", "7", **more)))
        assert event.kind is kind
    for noun in ("contact", "company"):
        for word, record_kind in RECORD_EVENTS.items():
            [event] = parse(holding(told(f"{noun}.{word}", "7", **more)))
            assert event.kind is record_kind


@pytest.mark.parametrize("name", ["stranger", "broken", "without-ticket"])
def test_a_strangers_shape_is_refused(name: str) -> None:
    with pytest.raises(MalformedPayload, match="expected"):
        parse(request(name))


@pytest.mark.parametrize("more", [{}, {"primaryObjectId": 7, "mergedObjectIds": ["x"]}, {"newObjectId": "x"}])
def test_a_merge_without_its_ids_is_refused(more: dict[str, object]) -> None:
    with pytest.raises(MalformedPayload):
        parse(holding(told("ticket.merge", "7", **more)))


# -- several events in one request -----------------------------------------------------------------------------


def test_each_event_becomes_a_delivery_of_its_own() -> None:
    whole = request("several")
    parts = split(whole)
    assert [len(parse(part)) for part in parts] == [1, 1, 1, 1]
    assert [event for part in parts for event in parse(part)] == list(parse(whole))
    assert {part.headers["x-hubspot-request-timestamp"] for part in parts} == {"1772447400000"}
    assert len({delivery_key(part) for part in parts}) == 4


def test_an_event_sent_again_in_another_group_is_the_same_delivery() -> None:
    first = split(request("several"))[1]
    again = split(request("sent-again-in-another-group"))[0]
    assert first.body != again.body
    assert delivery_key(first) == delivery_key(again)


def test_events_that_hubspot_gives_one_id_are_two() -> None:
    """The documentation says that an event's id is not surely unique."""
    one, other = (
        holding(told("ticket.propertyChange", "7", propertyName=name, propertyValue="x"))
        for name in ("asset", "subject")
    )
    assert delivery_key(one) != delivery_key(other)


def test_one_bad_event_does_not_spoil_the_others() -> None:
    parts = split(holding(told("ticket.creation", "7"), "x"))
    assert len(parse(parts[0])) == 1
    with pytest.raises(MalformedPayload):
        parse(parts[1])
    assert delivery_key(parts[1])


@pytest.mark.parametrize("body", [b"[]", b"{}", b"", b"null", b"\xff", b'[{"a":1,"a":2}]'])
def test_what_is_no_array_is_refused_whole(body: bytes) -> None:
    with pytest.raises(MalformedPayload, match="expected"):
        split(replace(request("created"), body=body))
