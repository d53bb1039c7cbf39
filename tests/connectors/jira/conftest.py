"""A pretend Jira site for each test, with an issue of its own."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from connectors.http import new_client
from tests.connectors.jira.desk import JiraDesk
from tests.connectors.jira.fake import app
from tests.connectors.jira.site import Site
from tests.contract.served import served


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with new_client() as opened:
        yield opened


@pytest.fixture
def desk(client: httpx.Client) -> Iterator[JiraDesk]:
    site = Site()
    with served(app(site)) as vendor:
        yield JiraDesk(vendor.url, vendor.faults, client, site)
