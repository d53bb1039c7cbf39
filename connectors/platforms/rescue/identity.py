"""Rescue's Identity Service 2: access tokens by client credentials, by a person's authorization, by a refresh token.

Every token's signature is checked before it is used. A refresh token lives in the vault, sealed, without an end; it
is used up by its use, so whoever calls `access` holds the vault's lock on the sign-in.
(API reference: Rescue Identity Service 2 API Quick Start.)
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from bridge.errors import AccessDenied, NotAuthorized
from connectors.contract import ConnectionConfig, Workshop
from connectors.oauth import token_error, token_in
from connectors.platforms.rescue.oauth_keys import KeyRing

CODE_PATH = "/id-srv-api/api/oauth/code"
TOKEN_PATH = "/id-srv-api/api/oauth/token"  # noqa: S105  # a path, no password
CLIENT_CREDENTIALS = "client_credentials"
AUTHORIZATION_CODE = "authorization_code"
AUTHORIZE = "authorize"
"""The code of what only a person can mend, by authorizing."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the token page gave."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    """Empty when none came."""
    seconds: float
    """How long the access token may be kept."""


class Identity:
    """The service as one connection uses it."""

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        self._config = config
        self._keys = config.keys
        self._vault = workshop.vault
        self._transport = workshop.transport.with_reader(token_error)
        self._ring = KeyRing(workshop.transport, workshop.vault)

    def access(self) -> tuple[str, float]:
        """A verified access token by the connection's grant, and the seconds to keep it. Raises AccessDenied."""
        tokens = self._by_credentials() if self._keys["grant"] == CLIENT_CREDENTIALS else self._by_refresh()
        self._ring.claims(tokens.access)
        return tokens.access, tokens.seconds

    def code_address(self, state: str, challenge: str) -> str:
        """Where a person who is signed in at Rescue authorizes this client: a page for a browser."""
        asked = {
            "response_type": "code",
            "client_id": self._keys["client_id"],
            "scope": self._keys["scope"],
            "state": state,
            "redirect_uri": self._keys["redirect_uri"],
            "code_challenge_method": "S256",
            "code_challenge": challenge,
        }
        return f"{self._config.base_url.rstrip('/')}{CODE_PATH}?{urlencode(asked)}"

    def authorized(self, code: str, verifier: str) -> tuple[Tokens, Mapping[str, Any]]:
        """The tokens for an authorization code, the refresh token kept, and what the verified access token claims."""
        address = self._keys["redirect_uri"]
        tokens = self._tokens(
            grant_type=AUTHORIZATION_CODE,
            code=code,
            client_id=self._keys["client_id"],
            # The reference's text says redirect_url, its examples redirect_uri.
            redirect_uri=address,
            redirect_url=address,
            # The reference's example says client_verifier, the standard (RFC 7636) code_verifier.
            client_verifier=verifier,
            code_verifier=verifier,
        )
        claims = self._ring.claims(tokens.access)
        if not tokens.refresh:
            raise NotAuthorized("Rescue gave no refresh token, so the authorization would not last", code=AUTHORIZE)
        self._vault.put(self.refresh_name, tokens.refresh)
        return tokens, claims

    @property
    def refresh_name(self) -> str:
        """Of the refresh token in the vault: another one for another client."""
        who = "\0".join((self._config.base_url, self._keys["client_id"], self._keys["scope"]))
        return f"refresh:{hashlib.sha256(who.encode()).hexdigest()[:16]}"

    def _by_credentials(self) -> Tokens:
        return self._tokens(grant_type=CLIENT_CREDENTIALS, client_id=self._keys["client_id"], scope=self._keys["scope"])

    def _by_refresh(self) -> Tokens:
        held = self._vault.get(self.refresh_name)
        if not held:
            raise NotAuthorized(f"nobody has authorized this client: {self._advice}", code=AUTHORIZE)
        try:
            tokens = self._refreshed(held)
        except AccessDenied as denied:
            # Somebody may have authorized again meanwhile, or renewed it when we had lost the lock.
            newer = self._vault.get(self.refresh_name)
            if not newer or newer == held:
                message = f"{str(denied).rstrip('.')}; the authorization does not hold: {self._advice}"
                raise NotAuthorized(message, code=AUTHORIZE) from None
            tokens = self._refreshed(newer)
        return tokens

    def _refreshed(self, held: str) -> Tokens:
        tokens = self._tokens(grant_type="refresh_token", refresh_token=held)
        # Kept before anything else is done: the old one is used up. Where none came, the old one is sealed anew.
        self._vault.put(self.refresh_name, tokens.refresh or held)
        return tokens

    @property
    def _advice(self) -> str:
        return f"run `deskbridge rescue --connection {self._config.name} authorize`"

    def _tokens(self, **form: str) -> Tokens:
        secret = {"client_secret": self._keys["client_secret"]} if self._keys["client_secret"] else {}
        # Whether it was done is told by the next try: an authorization code or a refresh token works only once.
        reply = self._transport.read("POST", TOKEN_PATH, data={**form, **secret})
        access, seconds = token_in(reply)
        refresh = reply.json().get("refresh_token")
        return Tokens(access, refresh if isinstance(refresh, str) else "", seconds)
