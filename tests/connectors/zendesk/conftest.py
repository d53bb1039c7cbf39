"""One sandbox for all of Zendesk's tests, a ticket of its own for each."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from sandbox.serve import Sandbox
from sandbox.settings import HelpdeskSettings, SandboxSettings
from tests.connectors.zendesk.desk import ZendeskDesk


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SandboxSettings(HelpdeskSettings(requests_per_minute=0))) as running:
        yield running


@pytest.fixture
def desk(sandbox: Sandbox, client: httpx.Client) -> Iterator[ZendeskDesk]:
    sandbox.faults.clear()
    sandbox.faults.helpdesk.seen.clear()
    yield ZendeskDesk(sandbox, client)
    sandbox.faults.clear()
