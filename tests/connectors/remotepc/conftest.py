"""A pretend RemotePC of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.connectors.remotepc.desk import RemotePcDesk, opened


@pytest.fixture
def desk(client: httpx.Client) -> Iterator[RemotePcDesk]:
    with opened(client) as found:
        yield found
