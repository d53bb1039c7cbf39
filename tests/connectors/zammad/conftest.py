"""A fake Zammad of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.connectors.zammad.desk import ZammadDesk, opened


@pytest.fixture
def desk(client: httpx.Client) -> Iterator[ZammadDesk]:
    with opened(client) as found:
        yield found
