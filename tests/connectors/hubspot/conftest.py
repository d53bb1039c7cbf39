"""A fake HubSpot of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.connectors.hubspot.desk import HubSpotDesk, opened


@pytest.fixture
def desk(client: httpx.Client) -> Iterator[HubSpotDesk]:
    with opened(client) as found:
        yield found
