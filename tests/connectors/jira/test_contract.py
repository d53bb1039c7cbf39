"""Jira under the contract of ticket systems, against a strict fake over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest

from bridge.model import Delivery
from connectors.signatures import JIRA, sign
from tests.connectors.jira.desk import JiraDesk
from tests.connectors.jira.fake import app
from tests.connectors.jira.site import Site
from tests.contract.captured import captured
from tests.contract.desk import Desk
from tests.contract.served import served
from tests.contract.tickets import GARBAGE, MOMENT, TicketContract


class TestJiraContract(TicketContract):
    secret = "made-up-jira-webhook-secret"
    new_secret = "made-up-jira-webhook-secret-of-tomorrow"
    good_body = captured("jira/issue-updated").body
    other_body = good_body
    unknown_event_body = captured("jira/unknown-event").body
    stranger_bodies = (*GARBAGE, captured("jira/stranger").body)
    too_old = None

    def signed(self, body: bytes, secret: str, moment: datetime, delivery_id: str = "one") -> Delivery:
        headers = {
            "content-type": "application/json; charset=UTF-8",
            "x-atlassian-webhook-identifier": delivery_id,
            **sign(JIRA, secret, body, moment=moment),
        }
        return Delivery("jira", "POST", "https://bridge.example.com/hooks/jira", headers, {}, body, MOMENT)

    @pytest.fixture
    def desk(self, client: httpx.Client) -> Iterator[Desk]:
        site = Site()
        with served(app(site)) as vendor:
            yield JiraDesk(vendor.url, vendor.faults, client, site)
