"""HubSpot under the contract of ticket systems, against a fake one over real HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bridge.errors import TicketMerged
from bridge.model import Delivery
from connectors.signatures import HUBSPOT_V3, sign
from tests.connectors.hubspot.desk import HubSpotDesk
from tests.contract.captured import captured
from tests.contract.desk import Desk
from tests.contract.tickets import GARBAGE, MARK, MOMENT, TicketContract, note

URL = "https://bridge.example.com/hooks/hubspot"


class TestHubSpotContract(TicketContract):
    secret = "made-up-hubspot-client-secret"
    new_secret = "made-up-hubspot-client-secret-of-tomorrow"
    good_body = captured("hubspot/created").body
    other_body = captured("hubspot/property-changed").body
    unknown_event_body = captured("hubspot/unknown-event").body
    stranger_bodies = (*GARBAGE, captured("hubspot/stranger").body, b'["x"]', b"[[]]", b'[{"subscriptionType": 7}]')
    people_per_page = "connectors.tickets.hubspot.people.PER_PAGE"
    too_old = timedelta(minutes=5, seconds=1)

    def signed(self, body: bytes, secret: str, moment: datetime, delivery_id: str = "one") -> Delivery:
        proof = sign(HUBSPOT_V3, secret, body, moment=moment, url=URL)
        return Delivery("hubspot", "POST", URL, {"content-type": "application/json", **proof}, {}, body, MOMENT)

    @pytest.fixture
    def desk(self, desk: HubSpotDesk) -> Desk:
        return desk


def test_a_merged_ticket_names_the_one_that_it_lives_on_in(desk: HubSpotDesk) -> None:
    connector = desk.connector()
    written = connector.add_note(desk.ticket_id, note())
    into = desk.merge_ticket()
    with pytest.raises(TicketMerged) as merged:
        connector.add_note(desk.ticket_id, note())
    assert merged.value.into == into
    assert connector.find_note(into, MARK) == written
    assert connector.fetch_ticket(desk.ticket_id).id == into
