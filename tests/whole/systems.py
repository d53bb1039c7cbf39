"""Every ticket system that has a fake of its own, to be joined with the whole bridge: kind to a desk, opened."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.connectors.dynamics import desk as dynamics
from tests.connectors.freshdesk import desk as freshdesk
from tests.connectors.freshdesk.desk import FreshdeskDesk, FreshserviceDesk
from tests.connectors.help_scout import desk as help_scout
from tests.connectors.hubspot import desk as hubspot
from tests.connectors.jira import desk as jira
from tests.connectors.salesforce.desk import SalesforceDesk, serving
from tests.connectors.servicenow import desk as servicenow
from tests.connectors.zammad import desk as zammad
from tests.contract.desk import ServedDesk

Opening = Callable[[httpx.Client], AbstractContextManager[ServedDesk]]


def later() -> datetime:
    """A moment at which nothing that a test does lies in the future."""
    return datetime.now(UTC) + timedelta(hours=1)


OPENINGS: Mapping[str, Opening] = {
    "dynamics": dynamics.opened,
    "freshdesk": lambda client: freshdesk.opened(FreshdeskDesk, client, begins=later()),
    "freshservice": lambda client: freshdesk.opened(FreshserviceDesk, client, begins=later()),
    "help_scout": help_scout.opened,
    "hubspot": hubspot.opened,
    "jira": jira.opened,
    "salesforce": lambda client: serving(SalesforceDesk, client),
    "servicenow": servicenow.opened,
    "zammad": zammad.opened,
}


def as_toml(value: Any) -> str:
    """A value as TOML writes it in one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(name)} = {as_toml(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
