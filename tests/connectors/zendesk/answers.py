"""A client against single answers, for what the sandbox cannot play."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from connectors.tickets.zendesk.client import ZendeskClient
from tests.contract.workshop import Handler, workshop

KEYS = {"email": "bridge@example.com", "api_token": "made-up"}


@contextmanager
def answering(handler: Handler) -> Iterator[ZendeskClient]:
    with workshop("https://acme.zendesk.com", handler) as given:
        yield ZendeskClient(given.transport, KEYS)


def always(status: int, body: object) -> Handler:
    return lambda request: httpx.Response(status, json=body)
