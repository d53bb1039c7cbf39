"""A fresh fake organisation for each test, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from connectors.contract import TicketSystem
from connectors.http import new_client
from tests.connectors.dynamics.desk import DynamicsDesk
from tests.connectors.dynamics.fake import FakeDataverse
from tests.contract.served import served


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with new_client() as opened:
        yield opened


@pytest.fixture
def desk(client: httpx.Client) -> Iterator[DynamicsDesk]:
    fake = FakeDataverse()
    with served(fake.app) as running:
        yield DynamicsDesk(fake, running.url, running.faults, client)


@pytest.fixture
def connector(desk: DynamicsDesk) -> TicketSystem:
    return desk.connector()
