"""The books of the pretend Identity Service 2: clients, consents, codes, tokens, and the keys that sign them.

Source: Rescue API Reference Guide, "Rescue Identity Service 2 API Quick Start".
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import count

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sandbox.clock import Clock
from sandbox.rescue.model import Code, Technician
from sandbox.settings import RescueSettings

ISSUER = "rescue-oauth"
KEY_LIFE, KEY_OVERLAP = timedelta(days=548), timedelta(days=183)


class Denied(Exception):
    """What the service refuses, by its OAuth error word."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(error)
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True)
class OAuthClient:
    id: str
    name: str
    secret: str
    """Empty for a public client, which must prove itself by PKCE."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a code that may be answered with one."""

    client: OAuthClient
    redirect_uri: str
    scope: str
    state: str
    challenge: str


@dataclass(frozen=True, slots=True)
class Issued:
    """A code, or a refresh token, that waits for its one use."""

    client_id: str
    technician: Technician
    redirect_uri: str = ""
    challenge: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyPair:
    id: str
    since: datetime
    until: datetime
    private: rsa.RSAPrivateKey = field(repr=False)

    @property
    def published(self) -> dict[str, str]:
        """As the service tells it: PKCS#1, and times with seven digits behind the second."""
        pem = self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode().strip()
        since, until = (f"{one:%Y-%m-%dT%H:%M:%S}.{one.microsecond:06d}7+00:00" for one in (self.since, self.until))
        return {"KeyId": self.id, "Public": pem, "ValidFrom": since, "ValidTo": until}


@cache
def _private_key(number: int) -> rsa.RSAPrivateKey:
    """Made once for the whole process: it takes its time, and nobody is harmed who knows it."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class IdentityService:
    """Not locked: whoever calls holds the account's lock."""

    def __init__(self, settings: RescueSettings, clock: Clock, owner: Technician) -> None:
        self._settings = settings
        self._clock = clock
        self._owner = owner
        self._consents: set[tuple[int, str]] = set()
        self._codes: dict[str, Issued] = {}
        self._tokens: dict[str, Issued] = {}
        self._refresh_tokens: dict[str, Issued] = {}
        self._key_numbers = count(1)
        self._keys: list[KeyPair] = []

    # keys

    @property
    def keys(self) -> list[KeyPair]:
        """Published keys, the newest one signs. The first time there is one that is about to end, too."""
        if not self._keys:
            now = self._clock.now()
            self._add_key(now - KEY_LIFE + KEY_OVERLAP / 2)
            self._add_key(now - KEY_OVERLAP / 2)
        return self._keys

    def rotate_keys(self) -> None:
        """A new key signs from now on; the others stay as long as they are valid."""
        now = self._clock.now()
        self._keys = [key for key in self.keys if key.until > now]
        self._add_key(now)

    def _add_key(self, since: datetime) -> None:
        number = next(self._key_numbers)
        self._keys.append(KeyPair(str(number), since, since + KEY_LIFE, _private_key(number)))

    # the way of a person

    def asked(self, values: Mapping[str, str]) -> Asked:
        """A request for a code. Raises KeyError where it must not even be sent back to where it came from."""
        client, redirect_uri = self._client(values["client_id"]), values["redirect_uri"]
        if redirect_uri not in self._settings.redirect_uris:
            raise KeyError("redirect_uri")
        return Asked(client, redirect_uri, values.get("scope", ""), values["state"], values.get("code_challenge", ""))

    def check(self, asked: Asked, values: Mapping[str, str]) -> None:
        """Raise Denied for what is sent back as an error."""
        if values.get("response_type") != "code":
            raise Denied("unsupported_response_type")
        if asked.scope != self._settings.scope:
            raise Denied("invalid_scope", "scope_not_found")
        if asked.challenge and values.get("code_challenge_method") != "S256":
            raise Denied("invalid_request", "code_challenge_method")
        if not (asked.challenge or asked.client.secret):
            raise Denied("invalid_request", "code_challenge")

    def consented(self, technician: Technician, client: OAuthClient) -> bool:
        return (technician.id, client.id) in self._consents

    def consent(self, technician: Technician, client: OAuthClient) -> None:
        self._consents.add((technician.id, client.id))

    def code(self, asked: Asked, technician: Technician) -> str:
        """A new authorization code. It holds signs that a query must escape."""
        code = b64encode(b"\xfb\xff" + secrets.token_bytes(62)).decode()
        until = self._clock.now() + timedelta(seconds=self._settings.code_seconds)
        self._codes[code] = Issued(asked.client.id, technician, asked.redirect_uri, asked.challenge, until)
        return code

    # tokens

    def tokens(self, form: Mapping[str, str]) -> dict[str, object]:
        """The token page's answer. Raises Denied."""
        grants = {
            "authorization_code": self._by_code,
            "client_credentials": self._by_credentials,
            "refresh_token": self._by_refresh,
        }
        grant = grants.get(form.get("grant_type", ""))
        if grant is None:
            raise Denied("unsupported_grant_type")
        return self._issue(grant(form))

    def technician(self, bearer: str) -> Technician:
        """Who has this access token. Raises the API's code."""
        issued = self._tokens.get(bearer)
        if issued is None or issued.until is None or issued.until <= self._clock.now():
            raise Code("NOTLOGGEDIN")
        return issued.technician

    def end_tokens(self) -> None:
        """No access token is taken any more; refresh tokens are."""
        self._tokens.clear()

    def end_authorizations(self) -> None:
        """What an administrator does who withdraws the client's access."""
        self._tokens.clear()
        self._refresh_tokens.clear()
        self._consents.clear()

    def _by_code(self, form: Mapping[str, str]) -> Issued:
        issued = self._codes.pop(form.get("code", ""), None)
        if issued is None or issued.until is None or issued.until <= self._clock.now():
            raise Denied("invalid_grant")
        names = self._settings
        if (form.get("client_id"), form.get(names.redirect_name)) != (issued.client_id, issued.redirect_uri):
            raise Denied("invalid_grant")
        self._check_secret(issued.client_id, form)
        if issued.challenge and not self._proves(form.get(names.verifier_name, ""), issued.challenge):
            raise Denied("invalid_grant")
        return issued

    def _by_credentials(self, form: Mapping[str, str]) -> Issued:
        if form.get("client_id") != self._settings.client_id:
            raise Denied("invalid_client")
        self._check_secret(form["client_id"], form)
        if form.get("scope") != self._settings.scope:
            raise Denied("invalid_scope")
        return Issued(form["client_id"], self._owner)

    def _by_refresh(self, form: Mapping[str, str]) -> Issued:
        issued = self._refresh_tokens.get(form.get("refresh_token", ""))
        if issued is None:
            raise Denied("invalid_grant")
        self._check_secret(issued.client_id, form)
        del self._refresh_tokens[form["refresh_token"]]
        return issued

    def _check_secret(self, client_id: str, form: Mapping[str, str]) -> None:
        expected = self._client(client_id).secret
        if not hmac.compare_digest(form.get("client_secret", "").encode(), expected.encode()):
            raise Denied("invalid_client")

    def _proves(self, verifier: str, challenge: str) -> bool:
        digest = hashlib.sha256(verifier.encode()).digest()
        hexadecimal = self._settings.pkce_challenge == "hex"
        expected = digest.hex() if hexadecimal else urlsafe_b64encode(digest).decode().rstrip("=")
        return hmac.compare_digest(challenge.encode(), expected.encode())

    def _client(self, client_id: str) -> OAuthClient:
        """Raises KeyError for an unknown one."""
        settings = self._settings
        confidential = OAuthClient(settings.client_id, "Company client", settings.client_secret)
        public = OAuthClient(settings.public_client_id, "Public client", "")
        return {one.id: one for one in (confidential, public)}[client_id]

    def _issue(self, issued: Issued) -> dict[str, object]:
        life = self._settings.token_seconds
        until = self._clock.now() + timedelta(seconds=life)
        access = self._signed(issued, until)
        refresh = b64encode(secrets.token_bytes(64)).decode()
        self._tokens[access] = Issued(issued.client_id, issued.technician, until=until)
        self._refresh_tokens[refresh] = Issued(issued.client_id, issued.technician)
        answer = {"access_token": access, "refresh_token": refresh, "expires_in": life, "token_type": "Bearer"}
        return {**answer, "scope": self._settings.scope}

    def _signed(self, issued: Issued, until: datetime) -> str:
        """The key's id is a claim, and no header says it."""
        key, person = self.keys[-1], issued.technician
        claims = {
            "user_id": str(person.id - 1),
            "company_id": self._settings.company_id,
            "scope": self._settings.scope,
            "role": "MasterAdministrator",
            "is_account_holder": "True",
            "email": person.email,
            "tech_id": str(person.id),
            "name": person.name,
            "kid": key.id,
            "client_id": issued.client_id,
            "exp": int(until.timestamp()),
            "iss": ISSUER,
            # Two tokens of one second are two tokens.
            "jti": secrets.token_hex(8),
        }
        return jwt.encode(claims, key.private, algorithm="RS256")
