"""One real Request Tracker for all of the connector's tests, a ticket of its own for each."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.connectors.request_tracker.desk import RequestTrackerDesk
from tests.contract.served import Served, served
from tests.needs import lacking
from tests.realrt.catcher import Catcher
from tests.realrt.proxy import Proxy
from tests.realrt.server import RequestTracker, missing


@pytest.fixture(scope="package")
def catcher() -> Iterator[tuple[Catcher, str]]:
    """Where RT's Scrip posts to, and its address."""
    caught = Catcher()
    with served(caught) as door:
        yield caught, door.url


@pytest.fixture(scope="package")
def tracker(tmp_path_factory: pytest.TempPathFactory, catcher: tuple[Catcher, str]) -> Iterator[RequestTracker]:
    if reason := missing():
        lacking(reason)
    _, url = catcher
    with RequestTracker(tmp_path_factory.mktemp("rt")) as running:
        running.start(f"{url}/hooks/rt")
        yield running


@pytest.fixture(scope="package")
def door(tracker: RequestTracker) -> Iterator[Served]:
    proxy = Proxy(tracker.url)
    with served(proxy) as opened:
        yield opened
    proxy.close()


@pytest.fixture
def desk(
    door: Served, client: httpx.Client, tracker: RequestTracker, catcher: tuple[Catcher, str]
) -> Iterator[RequestTrackerDesk]:
    door.faults.clear()
    found = RequestTrackerDesk(door.url, door.faults, client, tracker, catcher[0])
    door.faults.seen.clear()
    yield found
    found.close()
    door.faults.clear()
