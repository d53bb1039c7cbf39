"""Zendesk's keys in bridge.toml."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from connectors import registry
from connectors.contract import ConnectionConfig
from connectors.tickets.zendesk import KIND, Zendesk
from tests.contract.workshop import no_network, workshop

TOKEN = {"email": "bridge@example.com", "api_token": "made-up"}


@pytest.mark.parametrize(
    "keys", [TOKEN, {"oauth_token": "made-up"}, {"oauth_token": "made-up", "email": "bridge@example.com"}]
)
def test_one_way_in(keys: dict[str, object]) -> None:
    assert KIND.schema().load(keys) == keys


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "email and api_token, or oauth_token"),
        ({"email": "bridge@example.com"}, "email and api_token, or oauth_token"),
        ({"api_token": "made-up"}, "needs the email"),
        ({**TOKEN, "oauth_token": "made-up"}, "not both"),
        ({"oauth_token": ""}, "empty"),
        ({**TOKEN, "email": "bridge"}, "email"),
        ({**TOKEN, "subdomain": "acme"}, "Unknown"),
    ],
)
def test_every_other_way_is_explained(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        KIND.schema().load(keys)


def test_the_registry_knows_it() -> None:
    assert registry.kind("zendesk") is KIND
    assert KIND.secret_keys == {"api_token", "oauth_token"}


def test_our_own_writes_are_known_by_mail_and_by_number() -> None:
    config = ConnectionConfig(
        "zendesk",
        "zendesk",
        "https://acme.zendesk.com",
        (),
        {"email": "Bridge@Acme.com", "api_token": "x", "user_id": 7},
    )
    with workshop(config.base_url, no_network) as given:
        assert Zendesk(config, given).own_actors == {"bridge@acme.com", "7"}
