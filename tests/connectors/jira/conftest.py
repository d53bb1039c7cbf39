"""A pretend Jira site for each test, with an issue of its own."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.connectors.jira.desk import JiraDesk, opened


@pytest.fixture
def desk(client: httpx.Client) -> Iterator[JiraDesk]:
    with opened(client) as found:
        yield found
