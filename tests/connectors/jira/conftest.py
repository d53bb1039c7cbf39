"""One pretend Jira site for all tests of a module, an issue of its own for each."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from connectors.http import new_client
from tests.connectors.jira.desk import JiraDesk
from tests.connectors.jira.fake import app
from tests.connectors.jira.site import Site
from tests.contract.served import Served, served


@pytest.fixture(scope="module")
def site() -> Site:
    return Site()


@pytest.fixture(scope="module")
def vendor(site: Site) -> Iterator[Served]:
    with served(app(site)) as running:
        yield running


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with new_client() as opened:
        yield opened


@pytest.fixture
def desk(site: Site, vendor: Served, client: httpx.Client) -> Iterator[JiraDesk]:
    site.__init__()  # type: ignore[misc]  # as it was before anybody came, for the same app
    vendor.faults.clear()
    vendor.faults.seen.clear()
    yield JiraDesk(vendor.url, vendor.faults, client, site)
    vendor.faults.clear()
