"""Zendesk under the contract of ticket systems, against the sandbox's strict help desk over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest

from bridge.model import Delivery
from connectors.signatures import ZENDESK, sign
from sandbox.serve import Sandbox
from tests.connectors.zendesk.desk import ZendeskDesk
from tests.contract.captured import captured
from tests.contract.desk import Desk
from tests.contract.tickets import GARBAGE, MOMENT, TicketContract


class TestZendeskContract(TicketContract):
    secret = "made-up-zendesk-signing-secret"
    new_secret = "made-up-zendesk-signing-secret-of-tomorrow"
    good_body = captured("zendesk/template").body
    other_body = good_body
    unknown_event_body = captured("zendesk/unknown-event").body
    stranger_bodies = (*GARBAGE, captured("zendesk/stranger").body)
    people_per_page = "connectors.tickets.zendesk.people.PER_PAGE"
    too_old = timedelta(hours=1, seconds=1)

    def signed(self, body: bytes, secret: str, moment: datetime, delivery_id: str = "one") -> Delivery:
        headers = {
            "content-type": "application/json; charset=utf-8",
            "x-zendesk-webhook-invocation-id": delivery_id,
            **sign(ZENDESK, secret, body, moment=moment),
        }
        url = "https://bridge.example.com/hooks/zendesk"
        return Delivery("zendesk", "POST", url, headers, {}, body, MOMENT)

    @pytest.fixture
    def desk(self, sandbox: Sandbox, client: httpx.Client) -> Iterator[Desk]:
        yield ZendeskDesk(sandbox, client)
        sandbox.faults.clear()
