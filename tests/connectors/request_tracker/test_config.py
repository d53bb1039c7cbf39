"""Request Tracker's keys in bridge.toml."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from connectors import registry
from connectors.contract import Capability, ConnectionConfig
from connectors.tickets.request_tracker import KIND, RequestTracker
from tests.contract.workshop import no_network, workshop

TOKEN = "1-14-0123456789abcdef0123456789abcdef"


def built(keys: dict[str, object]) -> RequestTracker:
    config = ConnectionConfig("rt", "request_tracker", "https://rt.example.com", (), KIND.schema().load(keys))
    with workshop(config.base_url, no_network) as given:
        return RequestTracker(config, given)


def test_a_token_is_enough() -> None:
    assert KIND.schema().load({"api_token": TOKEN}) == {
        "api_token": TOKEN,
        "solved_statuses": ["resolved", "rejected"],
        "open_status": "open",
    }


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "required"),
        ({"api_token": ""}, "empty"),
        ({"api_token": TOKEN, "queue": ""}, "empty"),
        ({"api_token": TOKEN, "solved_statuses": "resolved"}, "list"),
        ({"api_token": TOKEN, "password": "x"}, "Unknown"),
    ],
)
def test_every_other_way_is_explained(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        KIND.schema().load(keys)


def test_the_registry_knows_it() -> None:
    assert registry.kind("request_tracker") is KIND
    assert KIND.secret_keys == {"api_token"}


def test_our_own_writes_are_known_by_the_number_in_the_token() -> None:
    assert built({"api_token": TOKEN}).own_actors == {"14"}
    assert built({"api_token": "made-up"}).own_actors == frozenset()


def test_tickets_are_made_only_where_a_queue_is_named() -> None:
    making = {Capability.CREATE_TICKET, Capability.FIND_TICKET}
    assert not making & built({"api_token": TOKEN}).capabilities
    assert making <= built({"api_token": TOKEN, "queue": "Helpdesk"}).capabilities
    assert KIND.capabilities_of is not None
    assert KIND.capabilities_of({"api_token": TOKEN}) == built({"api_token": TOKEN}).capabilities
