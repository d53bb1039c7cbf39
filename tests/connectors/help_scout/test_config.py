"""Help Scout's keys in bridge.toml."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from connectors import registry
from connectors.contract import Capability, ConnectionConfig
from connectors.tickets.help_scout import KIND, HelpScout
from tests.contract.workshop import no_network, workshop

APP = {"client_id": "made-up", "client_secret": "made-up"}


@pytest.mark.parametrize("keys", [APP, {**APP, "email": "bridge@example.com", "mailbox_id": 85}])
def test_good_keys(keys: dict[str, object]) -> None:
    assert KIND.schema().load(keys) == keys


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"client_id": "x"}, "App Secret"),
        ({"client_secret": "x"}, "App ID"),
        ({**APP, "client_id": ""}, "empty"),
        ({**APP, "email": "bridge"}, "email"),
        ({**APP, "mailbox_id": 0}, "number of an inbox"),
        ({**APP, "password": "x"}, "Unknown"),
    ],
)
def test_every_other_way_is_explained(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        KIND.schema().load(keys)


def test_the_registry_knows_it() -> None:
    assert registry.kind("help_scout") is KIND
    assert KIND.secret_keys == {"client_secret"}


def built(**keys: object) -> HelpScout:
    config = ConnectionConfig("help-scout", "help_scout", "https://api.helpscout.net", (), {**APP, **keys})
    with workshop(config.base_url, no_network) as given:
        return HelpScout(config, given)


def test_our_own_writes_are_known_by_mail() -> None:
    assert built(email="Bridge@Example.com").own_actors == {"bridge@example.com"}
    assert built().own_actors == frozenset()


def test_without_an_inbox_no_ticket_can_be_made() -> None:
    making = {Capability.CREATE_TICKET, Capability.FIND_TICKET}
    assert built(mailbox_id=85).capabilities == KIND.capabilities
    assert built().capabilities == KIND.capabilities - making
    assert KIND.capabilities_of is not None
    assert KIND.capabilities_of(APP) == built().capabilities


def test_a_minute_holds_no_more_than_the_smallest_plan_allows() -> None:
    [rate] = KIND.rates["requests"]
    assert rate.burst + rate.per_second * 60 < 200
