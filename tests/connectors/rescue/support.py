"""What the tests of Rescue share: its captured posts, and the connector in front of a handler."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import httpx

from bridge.model import Delivery
from connectors.contract import ConnectionConfig
from connectors.http import no_hold, no_throttle
from connectors.platforms.rescue import KIND, Rescue
from connectors.platforms.rescue.schema import KeysSchema
from tests.contract.captured import captured
from tests.contract.workshop import MemoryVault, workshop

BASE_URL = "https://rescue.example.com"
AUTHCODE = "made-up-authcode-0123456789"
PASSWORD = "made-up-password"


def post(name: str) -> Delivery:
    return captured(f"rescue/{name}")


class Api:
    """Answers each call from a script, and remembers what was asked."""

    def __init__(self, **answers: Any) -> None:
        """For each call a text, a response, a failure to raise, or a list of them to be used up."""
        self.answers = answers
        self.asked: list[tuple[str, dict[str, str], httpx.Request]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """A call by SOAP is known by its operation."""
        call = request.url.path.rsplit("/", 1)[-1].removesuffix(".aspx")
        if action := request.headers.get("soapaction"):
            call = action.strip('"').rsplit("/", 1)[-1]
        self.asked.append((call, dict(parse_qsl(request.content.decode(), keep_blank_values=True)), request))
        answer = self.answers.get(call, httpx.Response(404))
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, httpx.TransportError):
            raise answer
        response = httpx.Response(200, text=answer) if isinstance(answer, str) else answer
        assert isinstance(response, httpx.Response)
        return response

    @property
    def calls(self) -> list[str]:
        return [call for call, _, _ in self.asked]

    def form(self, number: int = -1) -> dict[str, str]:
        return self.asked[number][1]


@contextmanager
def rescue(
    api: Api,
    vault: MemoryVault | None = None,
    *,
    throttle: Callable[[str], float] = no_throttle,
    hold: Callable[[str, float], None] = no_hold,
    **keys: object,
) -> Iterator[Rescue]:
    """The connector with these keys of bridge.toml (an authcode when none are given)."""
    config = ConnectionConfig(
        "rescue", "rescue", BASE_URL, ("made-up-hook-secret",), KeysSchema().load(keys or {"authcode": AUTHCODE})
    )
    with workshop(BASE_URL, api, vault) as given:
        built = KIND.build(config, replace(given, transport=replace(given.transport, throttle=throttle, hold=hold)))
        assert isinstance(built, Rescue)
        yield built
