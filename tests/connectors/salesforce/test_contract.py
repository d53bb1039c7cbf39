"""Salesforce under the contract of ticket systems: case comments, and posts of the feed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest

from bridge.model import Delivery
from tests.connectors.salesforce.desk import SalesforceDesk, serving
from tests.contract.captured import captured
from tests.contract.desk import Desk, Shown
from tests.contract.tickets import GARBAGE, MOMENT, TicketContract

URL = "https://bridge.example.com/hooks/salesforce"


class TestSalesforceContract(TicketContract):
    secret = "made-up-salesforce-hook-secret"
    new_secret = "made-up-salesforce-hook-secret-of-tomorrow"
    good_body = captured("salesforce/case").body
    other_body = captured("salesforce/case-named").body
    unknown_event_body = captured("salesforce/unknown-object").body
    stranger_bodies = (*GARBAGE, captured("salesforce/stranger").body, captured("salesforce/broken").body)
    too_old = None

    def signed(self, body: bytes, secret: str, moment: datetime, delivery_id: str = "one") -> Delivery:
        headers = {"content-type": "text/xml; charset=utf-8", "soapaction": '""'}
        return Delivery("salesforce", "POST", f"{URL}?key={secret}", headers, {"key": secret}, body, MOMENT)

    def test_a_changed_body_is_refused(self) -> None:  # type: ignore[override]  # skipped: one argument less
        pytest.skip("a shared secret does not cover the body")

    @pytest.fixture
    def desk(self, client: httpx.Client) -> Iterator[Desk]:
        with serving(SalesforceDesk, client) as opened:
            yield opened


class FeedDesk(SalesforceDesk):
    note_write = ("POST", "*/sobjects/FeedItem")

    def keys(self) -> dict[str, object]:
        return {**super().keys(), "notes": "feed"}

    def notes(self) -> list[Shown]:
        return self.posts()


class TestSalesforceFeedContract(TestSalesforceContract):
    @pytest.fixture
    def desk(self, client: httpx.Client) -> Iterator[Desk]:
        with serving(FeedDesk, client) as opened:
            yield opened
