"""The appliance's users as people, as far as its own description goes."""

from __future__ import annotations

import httpx
import pytest

from bridge.errors import AccessDenied, Rejected
from bridge.model import Person
from connectors.platforms.beyondtrust import KIND
from connectors.platforms.beyondtrust.configuration.people import people, person
from connectors.platforms.beyondtrust.schema import KeysSchema
from tests.connectors.beyondtrust.support import beyondtrust
from tests.connectors.beyondtrust.test_config_api import Appliance, config_api
from tests.contract.workshop import no_network

OLD = {"api": "2008", "username": "u", "password": "made-up"}


def test_a_user_is_a_person() -> None:
    told = {"id": 7, "username": "t1", "public_display_name": "T", "private_display_name": "Technician 1"}
    assert person({**told, "email_address": "t1@example.com", "external_id": "S-1"}) == Person(
        "Technician 1", "t1@example.com", "7", username="t1", sso_id="S-1"
    )
    assert person({"id": 8, "username": "t2@example.com", "public_display_name": "T2"}) == Person(
        "T2", "t2@example.com", "8", username="t2@example.com"
    )


def test_an_appliance_that_describes_no_users() -> None:
    with config_api(Appliance()) as api, pytest.raises(Rejected, match="describes no users"):
        list(people(api))


def test_an_old_appliance_lists_nobody_and_is_not_asked() -> None:
    assert KIND.capabilities_of is not None
    assert "people" not in KIND.capabilities_of(KeysSchema().load(OLD))
    assert "people" in KIND.capabilities
    with beyondtrust(no_network, api="2008") as platform, pytest.raises(Rejected):
        list(platform.people())


def test_an_account_without_the_right_is_told() -> None:
    refused = httpx.Response(403, json={"message": "no"})
    appliance = Appliance()

    def answer(request: httpx.Request) -> httpx.Response:
        return refused if request.url.path.startswith("/api/config") else appliance(request)

    with config_api(answer) as api, pytest.raises(AccessDenied):
        list(people(api))
