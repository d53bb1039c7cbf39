"""The pretend CRM: its page, its wire, its signed webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from bridge.errors import AccessDenied, NotFound, Rejected
from bridge.model import CrmEventKind, CrmRecord, Delivery
from connectors import registry
from connectors.contract import ConnectionConfig, Workshop
from connectors.http import Transport, new_client
from connectors.tickets.hubspot import HubSpot
from sandbox.driver import CrmUser, Refusal
from sandbox.serve import Sandbox
from tests.contract.workshop import MemoryVault
from tests.sandbox.receiver import Receiver

EMAIL = "customer@example.com"
SECRET = "made-up-client-secret"


@pytest.fixture
def person(sandbox: Sandbox) -> Iterator[CrmUser]:
    with CrmUser(sandbox.crm_url) as found:
        yield found


@pytest.fixture
def contact(person: CrmUser) -> int:
    return person.add_contact(EMAIL, "Customer", "One", 3)


@pytest.fixture
def hubspot(sandbox: Sandbox) -> Iterator[HubSpot]:
    """Our own connector, spoken to over HTTP."""
    with new_client() as client:
        yield built(sandbox, client, sandbox.settings.crm.access_token)


def built(sandbox: Sandbox, client: httpx.Client, token: str) -> HubSpot:
    kind = registry.kind("hubspot")
    keys = kind.schema().load({"access_token": token, "app_id": 4711})
    config = ConnectionConfig("crm", "hubspot", sandbox.crm_url, (SECRET,), keys)
    made = kind.build(config, Workshop(Transport("crm", sandbox.crm_url, client=client), MemoryVault()))
    assert isinstance(made, HubSpot)
    return made


def test_our_connector_reads_finds_and_changes_a_contact(hubspot: HubSpot, contact: int, person: CrmUser) -> None:
    record = hubspot.fetch_record(CrmRecord.CONTACT, str(contact), ("computers", "remote_access"))
    assert (record.email, record.name, record.fields["computers"]) == (EMAIL, "Customer One", "3")
    [found] = hubspot.find_records(CrmRecord.CONTACT, EMAIL.upper(), ())
    assert found.id == str(contact)
    hubspot.update_record(CrmRecord.CONTACT, record.id, {"remote_access_status": "invited", "remotepc_used": 2})
    assert person.property(contact, "remote_access_status") == "invited"
    assert person.property(contact, "remotepc_used") == "2"
    assert "4711" in hubspot.probe()


def test_it_refuses_what_hubspot_refuses(sandbox: Sandbox, hubspot: HubSpot, contact: int, person: CrmUser) -> None:
    with pytest.raises(NotFound):
        hubspot.fetch_record(CrmRecord.CONTACT, "1", ())
    with pytest.raises(Rejected):
        hubspot.update_record(CrmRecord.CONTACT, str(contact), {"no_such": "x"})
    with new_client() as client, pytest.raises(AccessDenied):
        built(sandbox, client, "not-the-token").fetch_record(CrmRecord.CONTACT, str(contact), ())
    with pytest.raises(Refusal):
        person.add_contact(EMAIL, "Customer", "Two", 1)


def test_a_contact_is_searched_by_its_address(sandbox: Sandbox, contact: int) -> None:
    headers = {"Authorization": f"Bearer {sandbox.settings.crm.access_token}"}
    rule = {"propertyName": "email", "operator": "EQ", "value": EMAIL}
    url = f"{sandbox.crm_url}/crm/v3/objects/contacts/search"
    told = httpx.post(url, json={"filterGroups": [{"filters": [rule]}]}, headers=headers, trust_env=False).json()
    assert [one["id"] for one in told["results"]] == [str(contact)]
    wrong = {"filterGroups": [{"filters": [{**rule, "operator": "LIKE"}]}]}
    assert httpx.post(url, json=wrong, headers=headers, trust_env=False).status_code == 400


def test_the_button_is_told_by_a_signed_webhook(
    sandbox: Sandbox, receiver: Receiver, hubspot: HubSpot, contact: int, person: CrmUser
) -> None:
    sandbox.connect(crm_hook=f"{receiver.url}/hooks/crm", crm_secret=SECRET)
    person.ask_for_remote_access(contact)
    hubspot.update_record(CrmRecord.CONTACT, str(contact), {"remote_access_status": "invited", "remotepc_used": 1})
    assert sandbox.drain()
    deliveries = [
        Delivery(
            connection="crm",
            method="POST",
            url=f"{receiver.url}/hooks/crm",
            headers={name.lower(): value for name, value in one.headers.items()},
            query={},
            body=one.body,
            received_at=datetime.now(UTC),
        )
        for one in receiver.received
    ]
    for delivery in deliveries:
        hubspot.verify(delivery)
    asked, echo = [hubspot.parse(delivery)[0] for delivery in deliveries]
    assert (asked.kind, asked.actor) == (CrmEventKind.CHANGED, "userId:31")
    # what nobody subscribed to is not told, and our own change names our app
    assert echo.actor in hubspot.own_actors
    assert "remotepc_used" not in str(echo)
