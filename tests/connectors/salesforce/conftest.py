"""A fake organization of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.connectors.salesforce.desk import SalesforceDesk, serving


@pytest.fixture
def desk(client: httpx.Client) -> Iterator[SalesforceDesk]:
    with serving(SalesforceDesk, client) as opened:
        yield opened
