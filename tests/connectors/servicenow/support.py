"""What tests of ServiceNow's API share: connections, and single answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from connectors.contract import ConnectionConfig
from connectors.tickets.servicenow import KIND, ServiceNow
from tests.connectors.servicenow import fake
from tests.contract.workshop import Handler, workshop

KEYS = {"username": "deskbridge.api", "password": "made-up"}
OAUTH = {"client_id": fake.CLIENT_ID, "client_secret": fake.CLIENT_SECRET}
BASIC = {"username": fake.USERNAME, "password": fake.PASSWORD}
SYS_ID = "9d385017c611228701d22104cc95c371"


@contextmanager
def answering(handler: Handler, keys: dict[str, object] | None = None) -> Iterator[ServiceNow]:
    url = "https://acme.service-now.com"
    config = ConnectionConfig("servicenow", "servicenow", url, (), KIND.schema().load(keys or KEYS))
    with workshop(url, handler) as given:
        yield ServiceNow(config, given)


def always(status: int, body: object, **headers: str) -> Handler:
    return lambda request: httpx.Response(status, json=body, headers=headers)
