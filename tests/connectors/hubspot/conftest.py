"""One fake HubSpot for all of its tests, a ticket of its own for each."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from connectors.http import new_client
from tests.connectors.hubspot.desk import HubSpotDesk
from tests.connectors.hubspot.fake import FakeHubSpot
from tests.contract.served import Served, served


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[FakeHubSpot, Served]]:
    fake = FakeHubSpot()
    with served(fake.app) as at:
        yield fake, at


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with new_client() as opened:
        yield opened


@pytest.fixture
def desk(running: tuple[FakeHubSpot, Served], client: httpx.Client) -> Iterator[HubSpotDesk]:
    fake, at = running
    at.faults.clear()
    at.faults.seen.clear()
    fake.forget()
    yield HubSpotDesk(at.url, at.faults, client, fake)
    at.faults.clear()
