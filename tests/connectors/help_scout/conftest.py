"""A fake Help Scout of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.connectors.help_scout.desk import HelpScoutDesk, opened


@pytest.fixture
def desk(client: httpx.Client) -> Iterator[HelpScoutDesk]:
    with opened(client) as found:
        yield found
