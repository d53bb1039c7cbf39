"""A fresh fake organisation for each test, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from connectors.contract import TicketSystem
from tests.connectors.dynamics.desk import DynamicsDesk, opened


@pytest.fixture
def desk(client: httpx.Client) -> Iterator[DynamicsDesk]:
    with opened(client) as found:
        yield found


@pytest.fixture
def connector(desk: DynamicsDesk) -> TicketSystem:
    return desk.connector()
