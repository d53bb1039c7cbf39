"""One fake Help Scout for all of its tests, a conversation of its own for each."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from connectors.http import new_client
from tests.connectors.help_scout.desk import HelpScoutDesk
from tests.connectors.help_scout.fake import FakeHelpScout
from tests.contract.served import Served, served


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[FakeHelpScout, Served]]:
    fake = FakeHelpScout()
    with served(fake.app) as at:
        yield fake, at


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with new_client() as opened:
        yield opened


@pytest.fixture
def desk(running: tuple[FakeHelpScout, Served], client: httpx.Client) -> Iterator[HelpScoutDesk]:
    fake, at = running
    at.faults.clear()
    at.faults.seen.clear()
    fake.forget()
    yield HelpScoutDesk(at.url, at.faults, client, fake)
    at.faults.clear()
