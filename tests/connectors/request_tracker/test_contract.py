"""Request Tracker under the contract of ticket systems, against the real server."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bridge.model import Delivery
from connectors.signatures import STANDARD_WEBHOOKS, sign
from tests.connectors.request_tracker.desk import RequestTrackerDesk
from tests.contract.captured import captured
from tests.contract.desk import Desk
from tests.contract.tickets import GARBAGE, MOMENT, TicketContract


class TestRequestTrackerContract(TicketContract):
    secret = "whsec_bWFkZS11cC1zZWNyZXQtb2YtcmVxdWVzdC10cmFja2Vy"
    new_secret = "whsec_bWFkZS11cC1zZWNyZXQtb2YtdG9tb3Jyb3c="
    good_body = captured("request_tracker/updated").body
    other_body = good_body
    unknown_event_body = captured("request_tracker/unknown-event").body
    stranger_bodies = (*GARBAGE, captured("request_tracker/stranger").body)
    too_old = timedelta(minutes=5, seconds=1)

    def signed(self, body: bytes, secret: str, moment: datetime, delivery_id: str = "rt-35-211") -> Delivery:
        headers = {
            "content-type": "application/json",
            **sign(STANDARD_WEBHOOKS, secret, body, moment=moment, delivery_id=delivery_id),
        }
        return Delivery("rt", "POST", "https://bridge.example.com/hooks/rt", headers, {}, body, MOMENT)

    @pytest.fixture
    def desk(self, desk: RequestTrackerDesk) -> Desk:
        return desk
