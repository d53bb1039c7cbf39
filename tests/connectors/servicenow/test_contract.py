"""ServiceNow under the contract of ticket systems, against a strict fake over real HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bridge.model import Delivery
from connectors.signatures import SERVICENOW_SCRIPT, sign
from tests.connectors.servicenow.desk import ServiceNowDesk
from tests.contract.captured import captured
from tests.contract.desk import Desk
from tests.contract.tickets import GARBAGE, MOMENT, TicketContract


class TestServiceNowContract(TicketContract):
    secret = "made-up-servicenow-hook-secret"
    new_secret = "made-up-servicenow-hook-secret-of-tomorrow"
    good_body = captured("servicenow/updated").body
    other_body = good_body
    unknown_event_body = captured("servicenow/ping").body
    stranger_bodies = (*GARBAGE, captured("servicenow/stranger").body)
    too_old = timedelta(hours=1, seconds=1)

    def signed(self, body: bytes, secret: str, moment: datetime, delivery_id: str = "one") -> Delivery:
        proof = sign(SERVICENOW_SCRIPT, secret, body, moment=moment, delivery_id=delivery_id)
        headers = {"content-type": "application/json; charset=UTF-8", **proof}
        url = "https://bridge.example.com/hooks/servicenow"
        return Delivery("servicenow", "POST", url, headers, {}, body, MOMENT)

    @pytest.fixture
    def desk(self, desk: ServiceNowDesk) -> Desk:
        return desk
