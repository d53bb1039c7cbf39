"""Desks of both products, a new one for each test."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.connectors.freshdesk.desk import FreshdeskDesk, FreshserviceDesk, opened


@pytest.fixture
def freshdesk(client: httpx.Client) -> Iterator[FreshdeskDesk]:
    with opened(FreshdeskDesk, client) as found:
        yield found


@pytest.fixture
def freshservice(client: httpx.Client) -> Iterator[FreshserviceDesk]:
    with opened(FreshserviceDesk, client) as found:
        yield found


@pytest.fixture(params=["freshdesk", "freshservice"])
def either(request: pytest.FixtureRequest) -> FreshdeskDesk:
    """Each of the two in turn, for what they share."""
    desk = request.getfixturevalue(request.param)
    assert isinstance(desk, FreshdeskDesk)
    return desk
