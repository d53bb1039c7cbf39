"""Desks of both products, a new one for each test."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from connectors.http import new_client
from tests.connectors.freshdesk.account import Account
from tests.connectors.freshdesk.desk import FreshdeskDesk, FreshserviceDesk
from tests.connectors.freshdesk.fake import fake
from tests.contract.served import served


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with new_client() as opened:
        yield opened


@pytest.fixture
def freshdesk(client: httpx.Client) -> Iterator[FreshdeskDesk]:
    account = Account("freshdesk")
    with served(fake(account)) as running:
        yield FreshdeskDesk(account, running.url, running.faults, client)


@pytest.fixture
def freshservice(client: httpx.Client) -> Iterator[FreshserviceDesk]:
    account = Account("freshservice")
    with served(fake(account)) as running:
        yield FreshserviceDesk(account, running.url, running.faults, client)


@pytest.fixture(params=["freshdesk", "freshservice"])
def either(request: pytest.FixtureRequest) -> FreshdeskDesk:
    """Each of the two in turn, for what they share."""
    desk = request.getfixturevalue(request.param)
    assert isinstance(desk, FreshdeskDesk)
    return desk
