"""Single answers of Freshdesk, for what the fake cannot play."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from connectors.tickets.freshdesk.client import FreshClient
from connectors.tickets.freshdesk.dialects import FRESHDESK
from tests.contract.workshop import Handler, workshop

KEYS = {"api_key": "made-up"}


@contextmanager
def answering(handler: Handler) -> Iterator[FreshClient]:
    with workshop("https://acme.freshdesk.com", handler) as given:
        yield FreshClient(given.transport, KEYS, FRESHDESK)


def always(status: int, body: object) -> Handler:
    return lambda request: httpx.Response(status, json=body)
