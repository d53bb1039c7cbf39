"""What the tests of all connectors share."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from connectors.http import new_client


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """The client as a process of the bridge has it."""
    with new_client() as opened:
        yield opened
