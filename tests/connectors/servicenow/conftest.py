"""One served fake for all of ServiceNow's tests, an empty instance for each."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from connectors.tickets.servicenow import ServiceNow
from tests.connectors.servicenow.desk import ServiceNowDesk, opened


@pytest.fixture
def desk(client: httpx.Client) -> Iterator[ServiceNowDesk]:
    with opened(client) as found:
        yield found


@pytest.fixture
def connector(desk: ServiceNowDesk) -> ServiceNow:
    return desk.connected(desk.keys())
