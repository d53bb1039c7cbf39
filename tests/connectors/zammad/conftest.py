"""One fake Zammad for all of its tests, a ticket of its own for each."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from connectors.http import new_client
from tests.connectors.zammad.desk import ZammadDesk
from tests.connectors.zammad.fake import FakeZammad
from tests.contract.served import Served, served


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[FakeZammad, Served]]:
    fake = FakeZammad()
    with served(fake.app) as at:
        yield fake, at


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with new_client() as opened:
        yield opened


@pytest.fixture
def desk(running: tuple[FakeZammad, Served], client: httpx.Client) -> Iterator[ZammadDesk]:
    fake, at = running
    at.faults.clear()
    at.faults.seen.clear()
    fake.forget()
    yield ZammadDesk(at.url, at.faults, client, fake)
    at.faults.clear()
