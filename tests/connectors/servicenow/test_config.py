"""ServiceNow's keys in bridge.toml."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from connectors import registry
from connectors.contract import Capability, ConnectionConfig
from connectors.tickets.servicenow import CAPABILITIES, KIND, ServiceNow
from tests.contract.workshop import no_network, workshop

BASIC = {"username": "deskbridge.api", "password": "made-up"}
OAUTH = {"client_id": "made-up", "client_secret": "made-up"}


@pytest.mark.parametrize("keys", [BASIC, OAUTH, {**OAUTH, "username": "deskbridge.api"}])
def test_one_way_in(keys: dict[str, object]) -> None:
    loaded = KIND.schema().load(keys)
    assert keys.items() <= loaded.items()
    assert (loaded["table"], loaded["markup"], loaded["attachments"], loaded["labels"]) == (
        "incident",
        "code",
        False,
        True,
    )


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "username and password, or client_id"),
        ({"username": "x"}, "username and password, or client_id"),
        ({"client_id": "x"}, "username and password, or client_id"),
        ({"password": "x"}, "needs the username"),
        ({**BASIC, **OAUTH}, "not both"),
        ({**BASIC, "client_id": "x"}, "not both"),
        ({**BASIC, "password": ""}, "empty"),
        ({**BASIC, "table": "Incident"}, "table's name"),
        ({**BASIC, "table": "incident/../sys_user"}, "table's name"),
        ({**BASIC, "markup": "html"}, "code"),
        ({**BASIC, "max_length": 10}, "Must be from 1000"),
        ({**BASIC, "closed_states": ["7"], "solved_states": ["7"]}, "closed or solved"),
        ({**BASIC, "closed_states": ["7"], "reopen_state": "7"}, "not closed"),
        ({**BASIC, "agent_role": "itil^active=false"}, "role's name"),
        ({**BASIC, "instance": "acme"}, "Unknown"),
    ],
)
def test_every_other_way_is_explained(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        KIND.schema().load(keys)


def test_the_registry_knows_it() -> None:
    assert registry.kind("servicenow") is KIND
    assert KIND.secret_keys == {"password", "client_secret"}


def test_what_is_not_chosen_cannot_be_done() -> None:
    assert KIND.capabilities_of is not None
    plain = KIND.capabilities_of(KIND.schema().load(BASIC))
    assert CAPABILITIES - plain == {Capability.ATTACH, Capability.REOPEN}
    without = KIND.capabilities_of(KIND.schema().load({**BASIC, "labels": False}))
    assert plain - without == {Capability.TAGS, Capability.TICKETS_SINCE}


@pytest.mark.parametrize(
    ("keys", "actors"),
    [
        ({**BASIC, "email": "Bridge@Acme.com"}, {"deskbridge.api", "bridge@acme.com"}),
        (OAUTH, set()),
        ({**OAUTH, "username": "Deskbridge.API"}, {"deskbridge.api"}),
    ],
)
def test_our_own_writes_are_known_by_user_name_and_by_mail(keys: dict[str, object], actors: set[str]) -> None:
    url = "https://acme.service-now.com"
    config = ConnectionConfig("servicenow", "servicenow", url, (), KIND.schema().load(keys))
    with workshop(url, no_network) as given:
        assert ServiceNow(config, given).own_actors == actors
