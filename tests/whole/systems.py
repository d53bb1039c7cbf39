"""Every ticket system that has a fake of its own, to be joined with the whole bridge: kind to a desk, opened."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.connectors.dynamics.desk import DynamicsDesk
from tests.connectors.dynamics.fake import FakeDataverse
from tests.connectors.freshdesk.account import Account
from tests.connectors.freshdesk.desk import FreshdeskDesk, FreshserviceDesk
from tests.connectors.freshdesk.fake import fake as fresh_app
from tests.connectors.help_scout.desk import HelpScoutDesk
from tests.connectors.help_scout.fake import FakeHelpScout
from tests.connectors.hubspot.desk import HubSpotDesk
from tests.connectors.hubspot.fake import FakeHubSpot
from tests.connectors.jira.desk import JiraDesk
from tests.connectors.jira.fake import app as jira_app
from tests.connectors.jira.site import Site
from tests.connectors.salesforce.desk import SalesforceDesk, serving
from tests.connectors.servicenow.desk import ServiceNowDesk
from tests.connectors.servicenow.fake import fake as new_instance
from tests.connectors.servicenow.fake_api import app_of
from tests.connectors.zammad.desk import ZammadDesk
from tests.connectors.zammad.fake import FakeZammad
from tests.contract.desk import ServedDesk
from tests.contract.served import served

Opening = Callable[[httpx.Client], AbstractContextManager[ServedDesk]]


@contextmanager
def dynamics(client: httpx.Client) -> Iterator[ServedDesk]:
    fake = FakeDataverse()
    with served(fake.app) as running:
        yield DynamicsDesk(fake, running.url, running.faults, client)


@contextmanager
def freshdesk(client: httpx.Client) -> Iterator[ServedDesk]:
    account = Account("freshdesk", begins=datetime.now(UTC) + timedelta(hours=1))
    with served(fresh_app(account)) as running:
        yield FreshdeskDesk(account, running.url, running.faults, client)


@contextmanager
def freshservice(client: httpx.Client) -> Iterator[ServedDesk]:
    account = Account("freshservice", begins=datetime.now(UTC) + timedelta(hours=1))
    with served(fresh_app(account)) as running:
        yield FreshserviceDesk(account, running.url, running.faults, client)


@contextmanager
def help_scout(client: httpx.Client) -> Iterator[ServedDesk]:
    fake = FakeHelpScout()
    with served(fake.app) as running:
        yield HelpScoutDesk(running.url, running.faults, client, fake)


@contextmanager
def hubspot(client: httpx.Client) -> Iterator[ServedDesk]:
    fake = FakeHubSpot()
    with served(fake.app) as running:
        yield HubSpotDesk(running.url, running.faults, client, fake)


@contextmanager
def jira(client: httpx.Client) -> Iterator[ServedDesk]:
    site = Site()
    with served(jira_app(site)) as running:
        yield JiraDesk(running.url, running.faults, client, site)


def salesforce(client: httpx.Client) -> AbstractContextManager[ServedDesk]:
    return serving(SalesforceDesk, client)


@contextmanager
def servicenow(client: httpx.Client) -> Iterator[ServedDesk]:
    state = new_instance()
    with served(app_of(state)) as running:
        yield ServiceNowDesk(state, running.url, running.faults, client)


@contextmanager
def zammad(client: httpx.Client) -> Iterator[ServedDesk]:
    fake = FakeZammad()
    with served(fake.app) as running:
        yield ZammadDesk(running.url, running.faults, client, fake)


OPENINGS: Mapping[str, Opening] = {
    "dynamics": dynamics,
    "freshdesk": freshdesk,
    "freshservice": freshservice,
    "help_scout": help_scout,
    "hubspot": hubspot,
    "jira": jira,
    "salesforce": salesforce,
    "servicenow": servicenow,
    "zammad": zammad,
}


def as_toml(value: Any) -> str:
    """A value as TOML writes it in one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(name)} = {as_toml(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
