"""HubSpot's keys in bridge.toml."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from connectors import registry
from connectors.contract import Capability, ConnectionConfig
from connectors.tickets.hubspot import KIND, HubSpot
from tests.contract.workshop import no_network, workshop

TOKEN = {"access_token": "made-up"}
MAKING = {"mark_property": "deskbridge_mark", "pipeline": "0", "pipeline_stage": "1"}


@pytest.mark.parametrize(
    "keys",
    [
        TOKEN,
        {**TOKEN, **MAKING},
        {**TOKEN, "mark_property": "deskbridge_mark", "pipeline_stage": "1"},
        {**TOKEN, "app_id": 4711, "properties": ["remote_session"], "reopen_stage": "2"},
    ],
)
def test_good_keys(keys: dict[str, object]) -> None:
    assert KIND.schema().load(keys) == keys


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "access_token of a private app"),
        ({"access_token": ""}, "empty"),
        ({**TOKEN, "app_id": "4711"}, "integer"),
        ({**TOKEN, "properties": ["Remote session"]}, "internal name"),
        ({**TOKEN, "properties": ["a,b"]}, "internal name"),
        ({**TOKEN, "mark_property": "deskbridge_mark"}, "where the tickets are made"),
        ({**TOKEN, "pipeline_stage": "1"}, "unique values"),
        ({**TOKEN, "pipeline": "0"}, "unique values"),
        ({**TOKEN, "hapikey": "x"}, "Unknown"),
    ],
)
def test_every_other_way_is_explained(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        KIND.schema().load(keys)


def test_the_registry_knows_it() -> None:
    assert registry.kind("hubspot") is KIND
    assert KIND.secret_keys == {"access_token"}


def built(**keys: object) -> HubSpot:
    config = ConnectionConfig("hubspot", "hubspot", "https://api.hubapi.com", (), {**TOKEN, **keys})
    with workshop(config.base_url, no_network) as given:
        return HubSpot(config, given)


def test_our_own_writes_are_known_by_the_app() -> None:
    assert "4711" in built(app_id=4711).own_actors
    assert built().own_actors == frozenset()


def test_without_a_property_to_find_them_by_no_tickets_are_made() -> None:
    making = {Capability.CREATE_TICKET, Capability.FIND_TICKET}
    assert built(**MAKING).capabilities == KIND.capabilities
    assert built().capabilities == KIND.capabilities - making
    assert KIND.capabilities_of is not None
    assert KIND.capabilities_of(TOKEN) == built().capabilities


def test_the_least_that_hubspot_grants_is_kept() -> None:
    [rate] = KIND.rates["requests"]
    assert rate.burst + rate.per_second * 10 <= 100
