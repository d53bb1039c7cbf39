"""What the tests of BeyondTrust share: the connector in front of a handler, and what an appliance answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

import httpx

from connectors.contract import ConnectionConfig
from connectors.platforms.beyondtrust import KIND, BeyondTrust
from connectors.platforms.beyondtrust.schema import KeysSchema
from tests.contract.workshop import Handler, MemoryVault, workshop

BASE_URL = "https://support.example.com"
CURRENT = {"client_id": "made-up-client", "client_secret": "made-up-client-secret"}
OLD = {"api": "2008", "username": "deskbridge", "password": "made-up-password"}
TOKEN = "made-up-access-token"
LSID = "c69a8e10bea9428f816cfababe9815fe"

NAMESPACE = "https://www.beyondtrust.com/namespaces/API/command"
KEY = f"""<?xml version="1.0" encoding="UTF-8"?>
<session_key xmlns="{NAMESPACE}">
  <type>support</type><ttl>3600</ttl><expires>1772451000</expires><queue available="1">team</queue>
  <queue_id>1</queue_id><external_key>42</external_key><short_key>1234567</short_key>
  <key_url>https://support.example.com/?ak=0123456789abcdef</key_url>
  <mail_subject>Support</mail_subject><mail_body>Join</mail_body>
</session_key>


"""


def said(root: str, inside: str = "") -> httpx.Response:
    """A document of the command API."""
    return httpx.Response(200, text=f'<?xml version="1.0"?>\n<{root} xmlns="{NAMESPACE}">{inside}</{root}>\n\n')


def form(request: httpx.Request) -> dict[str, str]:
    return dict(parse_qsl(request.content.decode(), keep_blank_values=True))


def with_token(handler: Handler) -> Handler:
    """An appliance whose token page works, and whose other pages are the handler's."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/oauth2/token":
            return handler(request)
        return httpx.Response(200, json={"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600})

    return answer


class Appliance:
    """Answers each action, or report, from a script, and remembers what was asked."""

    def __init__(self, **answers: Any) -> None:
        """For each action or report a response, a function of the request's form, or a list to be used up."""
        self.answers = answers
        self.asked: list[tuple[str, dict[str, str], httpx.Request]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        fields = form(request)
        what = fields.get("action") or fields.get("generate_report") or request.url.path
        self.asked.append((what, fields, request))
        answer = self.answers.get(what, httpx.Response(404))
        if isinstance(answer, list):
            answer = answer.pop(0)
        if callable(answer):
            answer = answer(fields)
        assert isinstance(answer, httpx.Response)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def calls(self) -> list[str]:
        return [what for what, _, _ in self.asked]

    def fields(self, number: int = -1) -> dict[str, str]:
        return self.asked[number][1]


@contextmanager
def beyondtrust(handler: Handler, *, vault: MemoryVault | None = None, **keys: Any) -> Iterator[BeyondTrust]:
    """The connector with these keys of bridge.toml beside an OAuth client (or beside a user name, for 2008)."""
    sign_in = OLD if keys.get("api") == "2008" else CURRENT
    loaded = KeysSchema().load({**sign_in, **keys})
    config = ConnectionConfig("appliance", "beyondtrust", BASE_URL, ("made-up-hook-secret",), loaded)
    with workshop(BASE_URL, with_token(handler), vault) as given:
        built = KIND.build(config, given)
        assert isinstance(built, BeyondTrust)
        yield built
