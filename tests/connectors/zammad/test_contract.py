"""Zammad under the contract of ticket systems, against a fake one over real HTTP."""

from __future__ import annotations

from datetime import datetime

import pytest

from bridge.errors import TicketMerged
from bridge.model import Delivery
from connectors.signatures import ZAMMAD, sign
from tests.connectors.zammad.desk import ZammadDesk
from tests.contract.captured import captured
from tests.contract.desk import Desk
from tests.contract.tickets import GARBAGE, MARK, MOMENT, TicketContract, note


class TestZammadContract(TicketContract):
    secret = "made-up-zammad-signature-token"
    new_secret = "made-up-zammad-signature-token-of-tomorrow"
    good_body = captured("zammad/updated").body
    other_body = good_body
    unknown_event_body = captured("zammad/our-own-note").body
    stranger_bodies = (*GARBAGE, captured("zammad/stranger").body)
    people_per_page = "connectors.tickets.zammad.people.PER_PAGE"
    too_old = None

    def signed(self, body: bytes, secret: str, moment: datetime, delivery_id: str = "one") -> Delivery:
        headers = {
            "content-type": "application/json; charset=utf-8",
            "x-zammad-delivery": delivery_id,
            **sign(ZAMMAD, secret, body, moment=moment),
        }
        return Delivery("zammad", "POST", "https://bridge.example.com/hooks/zammad", headers, {}, body, MOMENT)

    @pytest.fixture
    def desk(self, desk: ZammadDesk) -> Desk:
        return desk


def test_a_merged_ticket_names_the_one_that_it_lives_on_in(desk: ZammadDesk) -> None:
    connector = desk.connector()
    written = connector.add_note(desk.ticket_id, note())
    into = desk.merge_ticket()
    with pytest.raises(TicketMerged) as merged:
        connector.add_note(desk.ticket_id, note())
    assert merged.value.into == into
    assert connector.find_note(into, MARK) == written
    assert connector.fetch_ticket(desk.ticket_id).id == into
