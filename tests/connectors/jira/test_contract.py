"""Jira under the contract of ticket systems, against a strict fake over real HTTP."""

from __future__ import annotations

from datetime import datetime

import pytest

from bridge.model import Delivery
from connectors.signatures import JIRA, sign
from tests.connectors.jira.desk import JiraDesk
from tests.contract.captured import captured
from tests.contract.desk import Desk
from tests.contract.tickets import GARBAGE, MOMENT, TicketContract


class TestJiraContract(TicketContract):
    secret = "made-up-jira-webhook-secret"
    new_secret = "made-up-jira-webhook-secret-of-tomorrow"
    good_body = captured("jira/issue-updated").body
    other_body = good_body
    unknown_event_body = captured("jira/unknown-event").body
    stranger_bodies = (*GARBAGE, captured("jira/stranger").body)
    people_per_page = "connectors.tickets.jira.people.PER_PAGE"
    too_old = None

    def signed(self, body: bytes, secret: str, moment: datetime, delivery_id: str = "one") -> Delivery:
        headers = {
            "content-type": "application/json; charset=UTF-8",
            "x-atlassian-webhook-identifier": delivery_id,
            **sign(JIRA, secret, body, moment=moment),
        }
        return Delivery("jira", "POST", "https://bridge.example.com/hooks/jira", headers, {}, body, MOMENT)

    @pytest.fixture
    def desk(self, desk: JiraDesk) -> Desk:
        return desk
