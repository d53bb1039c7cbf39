"""Signing in at the appliance: one access token that all workers share, or a user name and password.

An account has at most 30 valid tokens, and the 31st ends the oldest; so a token is obtained once, under a
lock, and kept in the vault a little less long than the appliance says (guide, Create a Token). Regenerating
the client secret ends all of them at once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.errors import AccessDenied, ConnectorError
from connectors.contract import ConnectionConfig, Vault, Workshop
from connectors.http import Reply, Transport
from connectors.platforms.beyondtrust.wire.dialect import DIALECTS, TOKEN_PATH
from connectors.platforms.beyondtrust.wire.errors import ACCESS_DENIED, json_error

MARGIN_SECONDS = 60.0
"""A token is renewed so long before it runs out, or after half of its life when that is later."""
UNTOLD_SECONDS = 600.0
"""How long a token is kept whose life was not told. The appliance tells it: 3600 in the guide, 1799 in captures."""
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

    transport: Transport = field(repr=False)
    vault: Vault = field(repr=False)
    name: str
    """Of the token in the vault."""
    client_id: str
    client_secret: str = field(repr=False)
    renewable: bool = True

    def current(self) -> Pass:
        """The token to use now; obtained when there is none, or none that lives long enough."""
        token = self.vault.get(self.name)
        return _bearer(token) if token else self.renew("")

    def renew(self, refused: str) -> Pass:
        """Another token than the refused one, obtained by one worker for all. Raises AccessDenied."""
        if refused:
            self.vault.forget(self.name, refused)
        with self.vault.lock(self.name):
            token = self.vault.get(self.name)
            if not token:
                token, seconds = self._obtain()
                self.vault.put(self.name, token, seconds=seconds)
        return _bearer(token)

    def _obtain(self) -> tuple[str, float]:
        # Asking twice makes a second token and harms nothing: so a read, which may be repeated.
        reply = self.transport.with_reader(_token_error).read(
            "POST",
            TOKEN_PATH,
            auth=(self.client_id, self.client_secret),
            data={"grant_type": "client_credentials"},
            headers=CLOSE,
        )
        return _token(reply)


SignIn = TokenSignIn | PasswordSignIn


def sign_in(config: ConnectionConfig, workshop: Workshop) -> SignIn:
    """The way in that the connection's `api` names."""
    keys = config.keys
    if not DIALECTS[keys["api"]].bearer:
        return PasswordSignIn(keys["username"], keys["password"])
    name = _vault_name(config.base_url, keys["client_id"])
    return TokenSignIn(workshop.transport, workshop.vault, name, keys["client_id"], keys["client_secret"])


def _vault_name(base_url: str, client_id: str) -> str:
    """Another one when the operator changes the appliance or the account."""
    who = f"{base_url}\0{client_id}".encode()
    return f"token:{hashlib.sha256(who).hexdigest()[:16]}"


def _bearer(token: str) -> Pass:
    return Pass(token, headers={"Authorization": f"Bearer {token}"})


def _token_error(reply: Reply) -> ConnectorError | None:
    """Whatever the token page refuses, an operator must put right: client, secret or address."""
    word = json_error(reply.content)
    if word is None and (not 400 <= reply.status < 500 or reply.status in (408, 425, 429)):
        return None
    if reply.status >= 500 or reply.status == 429:
        return None
    code = word or str(reply.status)
    return AccessDenied(f"{reply.where}: no access token is given ({code})", code=code)


def _token(reply: Reply) -> tuple[str, float]:
    """The token and the seconds to keep it. Raises Unavailable for anything but a bearer token."""
    said = reply.json()
    told = said if isinstance(said, dict) else {}
    token, kind = told.get("access_token"), str(told.get("token_type", "bearer"))
    if not isinstance(token, str) or not re.fullmatch(r"[!-~]+", token) or kind.casefold() != "bearer":
        raise reply.unclear("was answered without an access token", code="unreadable")
    return token, _keep(told.get("expires_in"))


def _keep(life: object) -> float:
    """How long a token of that life is kept; the life may come as a number or as its digits."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", str(life)):
        return UNTOLD_SECONDS
    seconds = float(str(life))
    return max(seconds - MARGIN_SECONDS, seconds / 2)
