"""Signing in at the appliance: one access token that all workers share, or a user name and password.

An account has at most 30 valid tokens, and the 31st ends the oldest; so a token is obtained once, under a
lock, and kept in the vault a little less long than the appliance says (guide, Create a Token). Regenerating
the client secret ends all of them at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.errors import AccessDenied, ConnectorError
from connectors.contract import ConnectionConfig, Workshop
from connectors.http import Reply, Transport
from connectors.oauth import SharedToken, refuses, token_in, token_name
from connectors.platforms.beyondtrust.wire.dialect import DIALECTS, TOKEN_PATH
from connectors.platforms.beyondtrust.wire.errors import ACCESS_DENIED, json_error

CLOSE = {"Connection": "close"}
"""The guide asks for it after each call."""


@dataclass(frozen=True, slots=True)
class Pass:
    """A sign-in as a request carries it: form fields or headers, never in the URL."""

    value: str = field(repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class PasswordSignIn:
    """The old dialect: the user's name and password go with every request. Nothing can be renewed."""

    username: str
    password: str = field(repr=False)
    renewable: bool = False

    def current(self) -> Pass:
        return Pass(self.password, form={"username": self.username, "password": self.password})

    def renew(self, refused: str) -> Pass:
        raise AccessDenied("the user name and password are refused", code=ACCESS_DENIED)


@dataclass(frozen=True, slots=True)
class TokenSignIn:
    """OAuth client credentials: a bearer token that all workers share through the vault."""

    token: SharedToken
    renewable: bool = True

    def current(self) -> Pass:
        """The token to use now; obtained when there is none, or none that lives long enough."""
        return _bearer(self.token.current())

    def renew(self, refused: str) -> Pass:
        """Another token than the refused one, obtained by one worker for all. Raises AccessDenied."""
        return _bearer(self.token.renew(refused))


def _obtain(transport: Transport, client_id: str, client_secret: str) -> tuple[str, float]:
    # Asking twice makes a second token and harms nothing: so a read, which may be repeated.
    reply = transport.with_reader(_token_error).read(
        "POST",
        TOKEN_PATH,
        auth=(client_id, client_secret),
        data={"grant_type": "client_credentials"},
        headers=CLOSE,
    )
    return token_in(reply)


SignIn = TokenSignIn | PasswordSignIn


def sign_in(config: ConnectionConfig, workshop: Workshop) -> SignIn:
    """The way in that the connection's `api` names."""
    keys = config.keys
    if not DIALECTS[keys["api"]].bearer:
        return PasswordSignIn(keys["username"], keys["password"])
    client_id, client_secret = keys["client_id"], keys["client_secret"]
    name = token_name(config.base_url, client_id)
    return TokenSignIn(SharedToken(workshop.vault, name, lambda: _obtain(workshop.transport, client_id, client_secret)))


def _bearer(token: str) -> Pass:
    return Pass(token, headers={"Authorization": f"Bearer {token}"})


def _token_error(reply: Reply) -> ConnectorError | None:
    """Whatever the token page refuses, an operator must put right: client, secret or address."""
    word = json_error(reply.content)
    if word is None and not refuses(reply):
        return None
    if reply.status >= 500 or reply.status == 429:
        return None
    code = word or str(reply.status)
    return AccessDenied(f"{reply.where}: no access token is given ({code})", code=code)
