"""Help Scout under the contract of ticket systems, against a fake one over real HTTP."""

from __future__ import annotations

from datetime import datetime

import pytest

from bridge.errors import TicketMerged
from bridge.model import Delivery
from connectors.signatures import HELP_SCOUT, sign
from tests.connectors.help_scout.desk import HelpScoutDesk
from tests.contract.captured import captured
from tests.contract.desk import Desk
from tests.contract.tickets import GARBAGE, MARK, MOMENT, TicketContract, note

UNKNOWN = captured("help_scout/unknown-event")


class TestHelpScoutContract(TicketContract):
    secret = "made-up-help-scout-secret-key"
    new_secret = "made-up-help-scout-key-of-tomorrow"
    good_body = captured("help_scout/tags").body
    other_body = captured("help_scout/created").body
    unknown_event_body = UNKNOWN.body
    stranger_bodies = (*GARBAGE, captured("help_scout/stranger").body)
    too_old = None

    def signed(self, body: bytes, secret: str, moment: datetime, delivery_id: str = "one") -> Delivery:
        event = UNKNOWN.headers["x-helpscout-event"] if body == UNKNOWN.body else "convo.tags"
        proof = sign(HELP_SCOUT, secret, body, moment=moment)
        headers = {"content-type": "application/json", "x-helpscout-event": event, **proof}
        return Delivery("help-scout", "POST", "https://bridge.example.com/hooks/help-scout", headers, {}, body, MOMENT)

    @pytest.fixture
    def desk(self, desk: HelpScoutDesk) -> Desk:
        return desk


def test_a_merged_conversation_names_the_one_that_it_lives_on_in(desk: HelpScoutDesk) -> None:
    connector = desk.connector()
    written = connector.add_note(desk.ticket_id, note())
    into = desk.merge_ticket()
    with pytest.raises(TicketMerged) as merged:
        connector.add_note(desk.ticket_id, note())
    assert merged.value.into == into
    assert connector.find_note(into, MARK) == connector.find_note(desk.ticket_id, MARK) == written
    assert connector.fetch_ticket(desk.ticket_id).id == into
