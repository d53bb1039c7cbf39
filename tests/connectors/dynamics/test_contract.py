"""Dynamics 365 under the contract of ticket systems, against a strict fake over real HTTP."""

from __future__ import annotations

from datetime import datetime

import pytest

from bridge.errors import BadSignature
from bridge.model import Delivery
from connectors.contract import TicketSystem
from tests.connectors.dynamics.desk import DynamicsDesk
from tests.contract.captured import captured
from tests.contract.desk import Desk
from tests.contract.tickets import GARBAGE, MOMENT, TicketContract


class TestDynamicsContract(TicketContract):
    secret = "made-up-dynamics-hook-secret"
    new_secret = "made-up-dynamics-hook-secret-of-tomorrow"
    good_body = captured("dynamics/case-updated").body
    other_body = captured("dynamics/case-created").body
    unknown_event_body = captured("dynamics/unknown-event").body
    stranger_bodies = (*GARBAGE, captured("dynamics/stranger").body)
    too_old = None

    def signed(self, body: bytes, secret: str, moment: datetime, delivery_id: str = "one") -> Delivery:
        headers = {"content-type": "application/json", "x-deskbridge-key": secret}
        return Delivery("dynamics", "POST", "https://bridge.example.com/hooks/dynamics", headers, {}, body, MOMENT)

    @pytest.fixture
    def desk(self, desk: DynamicsDesk) -> Desk:
        return desk

    def test_a_changed_body_is_refused(self, connector: TicketSystem) -> None:
        pytest.skip("Dataverse signs nothing: whoever knows the secret is believed")

    def test_the_secret_may_stand_in_the_query(self, connector: TicketSystem) -> None:
        bare = self.signed(self.good_body, "", MOMENT)
        with pytest.raises(BadSignature):
            connector.verify(bare)
        connector.verify(Delivery("dynamics", "POST", bare.url, bare.headers, {"key": self.secret}, bare.body, MOMENT))
