"""Zammad's keys in bridge.toml."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from connectors import registry
from connectors.contract import Capability, ConnectionConfig
from connectors.tickets.zammad import KIND, Zammad
from tests.contract.workshop import no_network, workshop

TOKEN = {"api_token": "made-up"}


@pytest.mark.parametrize(
    "keys",
    [TOKEN, {**TOKEN, "email": "bridge@example.com", "group": "x", "public_as": "email", "time_unit_minutes": 15.0}],
)
def test_good_keys(keys: dict[str, object]) -> None:
    assert KIND.schema().load(keys) == keys


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "api_token of an agent"),
        ({"api_token": ""}, "empty"),
        ({**TOKEN, "email": "bridge"}, "email"),
        ({**TOKEN, "group": ""}, "empty"),
        ({**TOKEN, "public_as": "phone"}, "portal"),
        ({**TOKEN, "time_unit_minutes": 0}, "how many minutes"),
        ({**TOKEN, "password": "x"}, "Unknown"),
    ],
)
def test_every_other_way_is_explained(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        KIND.schema().load(keys)


def test_the_registry_knows_it() -> None:
    assert registry.kind("zammad") is KIND
    assert KIND.secret_keys == {"api_token"}


def built(**keys: str) -> Zammad:
    config = ConnectionConfig("zammad", "zammad", "https://help.example.com", (), {**TOKEN, **keys})
    with workshop(config.base_url, no_network) as given:
        return Zammad(config, given)


def test_our_own_writes_are_known_by_mail() -> None:
    assert built(email="Bridge@Example.com").own_actors == {"bridge@example.com"}
    assert built().own_actors == frozenset()


def test_without_a_group_no_ticket_can_be_made() -> None:
    making = {Capability.CREATE_TICKET, Capability.FIND_TICKET}
    assert built(group="Remote help").capabilities == KIND.capabilities
    assert built().capabilities == KIND.capabilities - making
    assert KIND.capabilities_of is not None
    assert KIND.capabilities_of(TOKEN) == built().capabilities
