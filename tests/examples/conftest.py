"""A fresh vendor for each test."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from connectors.http import new_client
from tests.contract.served import served
from tests.examples.django_helpdesk import READY, HelpdeskDesk, desk_at, running
from tests.examples.glpi import Glpi, GlpiDesk
from tests.examples.redmine import Redmine, RedmineDesk
from tests.needs import lacking


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with new_client() as opened:
        yield opened


@pytest.fixture
def glpi_desk(client: httpx.Client) -> Iterator[GlpiDesk]:
    glpi = Glpi()
    with served(glpi.app) as vendor:
        yield GlpiDesk(vendor.url, vendor.faults, client).standing_on(glpi)


@pytest.fixture
def redmine_desk(client: httpx.Client) -> Iterator[RedmineDesk]:
    redmine = Redmine()
    with served(redmine.app) as vendor:
        yield RedmineDesk(vendor.url, vendor.faults, client).standing_on(redmine)


@pytest.fixture(scope="session")
def helpdesk_address() -> Iterator[str]:
    """One real django-helpdesk for all tests; each opens a ticket of its own in it."""
    if not READY.exists():
        lacking("django-helpdesk is not installed: run scripts/need-django-helpdesk")
    with running() as address:
        yield address


@pytest.fixture
def helpdesk_desk(helpdesk_address: str, client: httpx.Client) -> Iterator[HelpdeskDesk]:
    with desk_at(helpdesk_address, client) as desk:
        yield desk
