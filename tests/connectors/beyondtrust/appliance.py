"""A stand-in for the appliance at the other end of the transport, and the client in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

import httpx

from connectors.contract import ConnectionConfig, Workshop
from connectors.http import no_hold
from connectors.platforms.beyondtrust.commands import Commands
from connectors.platforms.beyondtrust.schema import KeysSchema
from connectors.platforms.beyondtrust.wire.api import Api
from tests.contract.workshop import MemoryVault, workshop

BASE_URL = "https://support.example.com"
CLIENT_ID = "made-up-client-id"
CLIENT_SECRET = "made-up-client-secret"
PASSWORD = "made-up-password"
CURRENT: Mapping[str, Any] = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
OLD: Mapping[str, Any] = {"api": "2008", "username": "bridge", "password": PASSWORD}
LSID = "0123456789abcdef0123456789abcdef"

COMMAND_XML = "http://www.bomgar.com/namespaces/API/command"
REPORTING_XML = "https://www.beyondtrust.com/namespaces/API/reporting"

REFUSED_TOKEN: Mapping[str, str] = {
    "error": "access_denied",
    "message": "The resource owner or authorization server denied the request.",
}


def xml(body: str, namespace: str = COMMAND_XML) -> str:
    """The document, its root in a namespace; blank lines follow it, as they do on the wire."""
    head, found, rest = body.partition(">")
    empty = head.endswith("/")
    root = f'{head.removesuffix("/")} xmlns="{namespace}"{"/" if empty else ""}{found}{rest}'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n\n'


@dataclass
class Appliance:
    """Answers by script, gives tokens out, and remembers what it was asked.

    `answers` holds for each command, report or path a text (an XML body), a response, a failure to raise, or a
    list of them to be used up. Tokens are `token-1`, `token-2`, …; only those in `valid` are taken.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    life: object = 3600
    token_type: str = "Bearer"
    asked: list[tuple[str, dict[str, str], httpx.Request]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    valid: set[str] = field(default_factory=set)
    refusal: Callable[[], httpx.Response] = field(default=lambda: httpx.Response(200, json=dict(REFUSED_TOKEN)))
    """How a token is refused: the guide shows the JSON and names no status."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth2/token":
            return self.give_token(request)
        form = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        what = form.get("action") or form.get("generate_report") or request.url.path
        self.asked.append((what, form, request))
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token and token not in self.valid:
            return self.refusal()
        return self.answer(what)

    def answer(self, what: str) -> httpx.Response:
        answer = self.answers.get(what, httpx.Response(404, text="Document Not Found"))
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, httpx.TransportError):
            raise answer
        if isinstance(answer, str):
            return httpx.Response(200, text=xml(answer), headers={"content-type": "text/xml"})
        assert isinstance(answer, httpx.Response)
        return answer

    def give_token(self, request: httpx.Request) -> httpx.Response:
        if "/oauth2/token" in self.answers:
            return self.answer("/oauth2/token")
        assert request.content == b"grant_type=client_credentials"
        token = f"token-{len(self.tokens) + 1}"
        self.tokens.append(token)
        self.valid = {token}
        return httpx.Response(200, json={"access_token": token, "token_type": self.token_type, "expires_in": self.life})

    @property
    def calls(self) -> list[str]:
        return [what for what, _, _ in self.asked]

    def form(self, number: int = -1) -> dict[str, str]:
        return self.asked[number][1]

    def request(self, number: int = -1) -> httpx.Request:
        return self.asked[number][2]


@contextmanager
def bench(
    appliance: Callable[[httpx.Request], httpx.Response],
    vault: MemoryVault | None = None,
    *,
    hold: Callable[[str, float], None] = no_hold,
    **keys: Any,
) -> Iterator[tuple[ConnectionConfig, Workshop]]:
    """What a connector is built from: these keys of bridge.toml (OAuth when none are given), and a workshop."""
    config = ConnectionConfig(
        "appliance", "beyondtrust", BASE_URL, ("made-up-hook-secret",), KeysSchema().load(keys or dict(CURRENT))
    )
    with workshop(BASE_URL, appliance, vault) as given:
        yield config, replace(given, transport=replace(given.transport, hold=hold))


@contextmanager
def api(
    appliance: Callable[[httpx.Request], httpx.Response], vault: MemoryVault | None = None, **keys: Any
) -> Iterator[Api]:
    with bench(appliance, vault, **keys) as (config, given):
        yield Api(config, given)


@contextmanager
def commands(
    appliance: Callable[[httpx.Request], httpx.Response], vault: MemoryVault | None = None, **keys: Any
) -> Iterator[Commands]:
    with api(appliance, vault, **keys) as built:
        yield Commands(built)
