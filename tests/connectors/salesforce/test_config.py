"""Salesforce's keys in bridge.toml."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from connectors import registry
from connectors.tickets.salesforce import KIND
from connectors.tickets.salesforce.webhook import split
from tests.connectors.salesforce.desk import SalesforceDesk
from tests.connectors.salesforce.fake import long_id

JWT = {"client_id": "made-up", "username": "bridge@acme.com", "private_key": "made-up"}
USER = "0055g00000AgEnT"
REFRESH = {"client_id": "made-up", "client_secret": "made-up", "refresh_token": "made-up"}


@pytest.mark.parametrize("keys", [JWT, REFRESH])
def test_two_ways_in(keys: dict[str, object]) -> None:
    loaded = KIND.schema().load(keys)
    assert loaded["login_url"] == "https://login.salesforce.com"
    assert (loaded["notes"], loaded["api_version"]) == ("comment", "v62.0")


def test_ids_are_kept_in_their_long_form() -> None:
    loaded = KIND.schema().load({**JWT, "organization_id": "00D300000000bs7", "user_id": long_id(USER).lower()})
    assert loaded["organization_id"] == "00D300000000bs7EAA"
    assert loaded["user_id"] == long_id(USER)


@pytest.mark.parametrize(
    "url", ["https://test.salesforce.com/", "https://acme.my.salesforce.com", "http://127.0.0.1:80"]
)
def test_the_login_page_may_be_another(url: str) -> None:
    assert KIND.schema().load({**JWT, "login_url": url})["login_url"] == url.rstrip("/")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "consumer key"),
        ({"client_id": "made-up"}, "username and private_key, or"),
        ({**JWT, **REFRESH}, "not both"),
        ({"client_id": "made-up", "username": "bridge@acme.com"}, "Is missing beside username"),
        ({"client_id": "made-up", "client_secret": "x"}, "Is missing beside client_secret"),
        ({**JWT, "private_key": ""}, "empty"),
        ({**JWT, "organization_id": "0055g00000AgEnT"}, "begin with 00D"),
        ({**JWT, "user_id": "bridge@acme.com"}, "begin with 005"),
        ({**JWT, "user_id": 5}, "begin with 005"),
        ({**JWT, "login_url": "http://login.salesforce.com"}, "https://login"),
        ({**JWT, "login_url": "https://login.salesforce.com/services"}, "https://login"),
        ({**JWT, "notes": "post"}, "case comments"),
        ({**JWT, "api_version": "62"}, "v62.0"),
        ({**JWT, "instance": "na1"}, "Unknown"),
    ],
)
def test_every_other_way_is_explained(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        KIND.schema().load(keys)


def test_the_registry_knows_it() -> None:
    assert registry.kind("salesforce") is KIND
    assert KIND.split is split
    assert KIND.secret_keys == {"private_key", "client_secret", "refresh_token"}


def test_our_own_writes_are_known_by_the_users_id(desk: SalesforceDesk) -> None:
    assert desk.built().own_actors == {desk.org.us.lower()}
    keys = {name: value for name, value in desk.keys().items() if name != "user_id"}
    assert desk.with_keys(keys).own_actors == frozenset()
