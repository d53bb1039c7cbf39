"""Requests that hold several messages, answers in the vendor's own form, tests of our address."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from bridge.errors import MalformedPayload
from bridge.model import Delivery
from connectors import registry
from connectors.contract import ConnectionConfig
from store import inbox
from store.inbox import DeliveryState
from tests.web.conftest import MakeDesk
from tests.web.desk import HOOK_SECRET, Desk

ACK = ("text/xml; charset=utf-8", b"<Ack>true</Ack>")
URL = f"/hooks/desk?key={HOOK_SECRET}"
EVENT = {"kind": "ticket.changed", "ticket_id": "7", "name": "ticket.updated"}


def split(delivery: Delivery) -> Sequence[Delivery]:
    """One delivery for each event of the list."""
    try:
        events = json.loads(delivery.body)
    except ValueError:
        raise MalformedPayload("expected a list of events") from None
    return [replace(delivery, body=json.dumps([event]).encode()) for event in events]


def welcome(config: ConnectionConfig, delivery: Delivery) -> Mapping[str, str] | None:
    token = delivery.query.get("challenge")
    return {"answer": f"{config.name}:{token}"} if token else None


@pytest.fixture
def with_kind(make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Desk]]:
    def made(**changes: Any) -> Desk:
        module = sys.modules[registry.MODULES["fakedesk"]]
        monkeypatch.setattr(module, "KIND", replace(registry.kind("fakedesk"), **changes))
        registry.kind.cache_clear()
        return make_desk()

    yield made
    registry.kind.cache_clear()


def post(desk: Desk, events: object) -> Any:
    return desk.app.test_client().post(URL, json=events)


def states(desk: Desk) -> list[DeliveryState]:
    with desk.services.house.database.read() as connection:
        found = [inbox.get(connection, number) for number in range(1, 10)]
    return [one.state for one in found if one]


def test_each_message_is_a_delivery_of_its_own(with_kind: Callable[..., Desk]) -> None:
    desk = with_kind(split=split)
    answer = post(desk, [EVENT, {**EVENT, "ticket_id": "8"}])
    assert answer.status_code == 200
    assert answer.json == {"delivery": "1", "deliveries": ["1", "2"]}
    with desk.services.house.database.read() as connection:
        stored = [inbox.get(connection, number) for number in (1, 2)]
    assert len({one.correlation for one in stored if one}) == 2


def test_messages_that_come_again_in_another_group_are_doubles(with_kind: Callable[..., Desk]) -> None:
    desk = with_kind(split=split)
    first = post(desk, [EVENT, {**EVENT, "ticket_id": "8"}]).json["deliveries"]
    again = post(desk, [{**EVENT, "ticket_id": "8"}, {**EVENT, "ticket_id": "9"}]).json["deliveries"]
    assert again[0] == first[1]
    assert again[1] not in first
    assert len(states(desk)) == 3


def test_the_same_message_twice_in_one_request_is_one(with_kind: Callable[..., Desk]) -> None:
    desk = with_kind(split=split)
    assert post(desk, [EVENT, EVENT]).json["deliveries"] == ["1", "1"]


def test_one_bad_message_refuses_none_of_the_others(with_kind: Callable[..., Desk]) -> None:
    def one_is_bad(delivery: Delivery) -> Sequence[Delivery]:
        return [*split(delivery), replace(delivery, body=b"nonsense")]

    desk = with_kind(split=one_is_bad)
    assert post(desk, [EVENT]).status_code == 200
    assert states(desk) == [DeliveryState.NEW, DeliveryState.REFUSED]


def test_what_cannot_be_split_is_refused_and_kept(with_kind: Callable[..., Desk]) -> None:
    desk = with_kind(split=split)
    answer = desk.app.test_client().post(URL, data=b"nonsense", content_type="application/json")
    assert (answer.status_code, states(desk)) == (400, [DeliveryState.REFUSED])
    assert "expected a list of events" in answer.text


def test_a_split_that_breaks_loses_nothing(with_kind: Callable[..., Desk]) -> None:
    def broken(delivery: Delivery) -> Sequence[Delivery]:
        raise RuntimeError("a mistake of ours")

    desk = with_kind(split=broken)
    assert post(desk, [EVENT]).status_code == 200
    assert states(desk) == [DeliveryState.NEW]


def test_nothing_inside_is_one_delivery_without_events(with_kind: Callable[..., Desk]) -> None:
    desk = with_kind(split=split)
    assert post(desk, []).json == {"delivery": "1"}


def test_the_vendor_gets_the_answer_that_it_understands(with_kind: Callable[..., Desk]) -> None:
    desk = with_kind(acknowledgement=ACK)
    answer = post(desk, [EVENT])
    assert (answer.status_code, answer.content_type, answer.data) == (200, *ACK)
    assert post(desk, [EVENT]).data == ACK[1], "a double too"
    assert desk.app.test_client().post("/hooks/desk?key=wrong", json=[]).data != ACK[1]


def test_a_test_of_our_address_is_answered_without_a_secret_and_stored_nowhere(
    with_kind: Callable[..., Desk],
) -> None:
    desk = with_kind(greeting=welcome)
    answer = desk.app.test_client().get("/hooks/desk?challenge=abc")
    assert (answer.status_code, answer.json) == (200, {"answer": "desk:abc"})
    assert states(desk) == []
    assert desk.app.test_client().get("/hooks/desk").status_code == 401
