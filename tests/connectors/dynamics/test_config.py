"""Dynamics 365's keys in bridge.toml."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from connectors import registry
from connectors.contract import ConnectionConfig
from connectors.tickets.dynamics import KIND, Dynamics
from tests.contract.workshop import no_network, workshop

KEYS = {"tenant_id": "acme.onmicrosoft.com", "client_id": "one", "client_secret": "made-up"}
USER = "AAAAAAAA-1111-4111-8111-111111111111"


def test_the_least_there_must_be() -> None:
    assert KIND.schema().load(KEYS) == {**KEYS, "api_version": "9.2"}


def test_a_token_page_of_another_cloud_needs_no_tenant() -> None:
    keys = {"client_id": "one", "client_secret": "made-up", "token_url": "https://login.microsoftonline.us/x/token"}
    assert KIND.schema().load(keys)["token_url"].startswith("https://login.microsoftonline.us")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tenant_id": None}, "tenant_id, or the whole token_url"),
        ({"client_id": None}, "client_id"),
        ({"client_secret": ""}, "empty"),
        ({"tenant_id": "https://login.microsoftonline.com/x"}, "no URL"),
        ({"tenant_id": "../x"}, "no URL"),
        ({"token_url": "somewhere"}, "URL"),
        ({"api_version": "v9.2"}, "such as"),
        ({"user_id": "Deskbridge"}, "systemuserid"),
        ({"organisation": "acme"}, "Unknown"),
    ],
)
def test_every_other_way_is_explained(changes: dict[str, object], said: str) -> None:
    keys = {name: value for name, value in {**KEYS, **changes}.items() if value is not None}
    with pytest.raises(ValidationError, match=said):
        KIND.schema().load(keys)


def test_the_registry_knows_it() -> None:
    assert registry.kind("dynamics") is KIND
    assert KIND.secret_keys == {"client_secret"}


def test_the_vendors_rate_is_kept() -> None:
    [rate] = KIND.rates["requests"]
    assert rate.burst + 300 * rate.per_second <= 6_000


def test_our_own_writes_are_known_by_our_user() -> None:
    keys = KIND.schema().load({**KEYS, "user_id": USER})
    config = ConnectionConfig("dynamics", "dynamics", "https://acme.crm.dynamics.com", (), keys)
    with workshop(config.base_url, no_network) as given:
        assert Dynamics(config, given).own_actors == {USER.lower()}
