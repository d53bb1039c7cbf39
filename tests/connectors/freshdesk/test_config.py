"""The keys of both kinds in bridge.toml."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from connectors import registry
from connectors.contract import ConnectionConfig, Kind
from connectors.tickets.freshdesk import FRESHDESK, FRESHSERVICE, Fresh
from tests.connectors.freshdesk.desk import FreshdeskDesk
from tests.contract.captured import captured
from tests.contract.workshop import no_network, workshop

KEY = {"api_key": "made-up"}
BOTH = [FRESHDESK, FRESHSERVICE]


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"agent_email": "bridge@example.com", "user_id": 7},
        {"public_as": "note"},
        {"public_as": "reply", "solved_statuses": [6, 7]},
    ],
)
def test_good_keys(kind: Kind, more: dict[str, object]) -> None:
    assert kind.schema().load({**KEY, **more}) == {**KEY, **more}


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "api_key"),
        ({"api_key": ""}, "empty"),
        ({**KEY, "agent_email": "bridge"}, "agent_email"),
        ({**KEY, "user_id": "7"}, "user_id"),
        ({**KEY, "public_as": "mail"}, "the customer gets mail"),
        ({**KEY, "solved_statuses": ["done"]}, "solved_statuses"),
        ({**KEY, "domain": "acme"}, "Unknown"),
    ],
)
def test_bad_keys_are_explained(kind: Kind, keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        kind.schema().load(keys)


def test_workspaces_are_freshservices() -> None:
    assert FRESHSERVICE.schema().load({**KEY, "workspace_id": 0})
    with pytest.raises(ValidationError, match="workspace_id"):
        FRESHDESK.schema().load({**KEY, "workspace_id": 3})


@pytest.mark.parametrize("kind", BOTH)
def test_the_registry_knows_both(kind: Kind) -> None:
    assert registry.kind(kind.name) is kind
    assert kind.secret_keys == {"api_key"}


@pytest.mark.parametrize("kind", BOTH)
def test_our_own_writes_are_known_by_mail_and_by_number(kind: Kind) -> None:
    keys = {"api_key": "x", "agent_email": "Bridge@Acme.com", "user_id": 7}
    config = ConnectionConfig("desk", kind.name, "https://acme.example", (), keys)
    with workshop(config.base_url, no_network) as given:
        connector = kind.build(config, given)
    assert isinstance(connector, Fresh)
    assert connector.own_actors == {"bridge@acme.com", "7"}


def test_a_rule_that_names_the_actor_lets_the_echo_be_dropped(either: FreshdeskDesk) -> None:
    connector = either.with_keys({**either.keys(), "agent_email": "agent@example.com"})
    [event] = connector.parse(captured(f"{either.kind}/template-with-delivery"))
    assert event.actor.lower() in connector.own_actors


@pytest.mark.parametrize("size", ["attachment_bytes", "length"])
def test_limits_stay_below_the_vendors(either: FreshdeskDesk, size: str) -> None:
    most = {"attachment_bytes": {"freshdesk": 20, "freshservice": 15}[either.kind] * 1024 * 1024, "length": 65_535}
    assert 0 < getattr(either.connector().limits, size) <= most[size]
