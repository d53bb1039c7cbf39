"""A connector against single answers, for what the fake cannot play."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from connectors.contract import ConnectionConfig
from connectors.tickets.dynamics import KIND, Dynamics
from tests.contract.workshop import Handler, workshop

CASE = "7e0b3f52-1c2d-4a6e-9b1f-0a1b2c3d4e5f"


@contextmanager
def answering(handler: Handler) -> Iterator[Dynamics]:
    """A connector whose token page works and whose API answers so."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "login.microsoftonline.com":
            return httpx.Response(200, json={"access_token": "made-up", "expires_in": 3599})
        return handler(request)

    keys = KIND.schema().load({"tenant_id": "acme.example", "client_id": "one", "client_secret": "made-up"})
    config = ConnectionConfig("dynamics", "dynamics", "https://acme.crm.dynamics.com", (), keys)
    with workshop(config.base_url, answer) as given:
        yield Dynamics(config, given)


def always(status: int, body: object) -> Handler:
    return lambda request: httpx.Response(status, json=body)
