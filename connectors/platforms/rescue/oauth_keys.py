"""Whether an access token was really signed by Rescue's Identity Service.

The service publishes its RSA keys; they live a year and more, overlap by half a year, and should be asked for at
least monthly. They are kept in the vault, which nobody can change who has only the database.
(API reference: Rescue Identity Service 2, How to Get Public Keys.)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from bridge.errors import AccessDenied, ConnectorError
from connectors.contract import Vault
from connectors.http import Reply, Transport
from connectors.oauth import refuses

KEYS_PATH = "/id-srv-api/api/oauth/keys"
ISSUER = "rescue-oauth"
KEPT_SECONDS = 30 * 86_400.0
AGAIN_SECONDS = 60.0
"""So soon after the last time nobody asks again, whatever key a token names."""
LEEWAY = timedelta(minutes=1)
"""Between the service's clock and ours."""
SMALLEST_KEY = 2048
UNVERIFIED = "unverified"
"""The code of the AccessDenied that refuses a token."""

WHY: Sequence[tuple[type[jwt.InvalidTokenError], str]] = (
    (jwt.ExpiredSignatureError, "has run out already: is this machine's clock right?"),
    (jwt.ImmatureSignatureError, "is not valid yet: is this machine's clock right?"),
    (jwt.InvalidIssuerError, f"is not issued by {ISSUER}"),
    (jwt.MissingRequiredClaimError, "does not say who issued it and when it ends"),
    (jwt.InvalidTokenError, "is not signed by the key that it names"),
)
"""What is wrong with a token, the first that fits."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One published key and when it is valid."""

    pem: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The published keys as all workers of a connection share them."""

    transport: Transport
    vault: Vault

    def claims(self, token: str) -> Mapping[str, Any]:
        """What the token says. Raises AccessDenied unless one of the published keys signed it and it is valid now."""
        name = named_key(token)
        key = self._kept().get(name) or self._asked_again().get(name)
        if key is None:
            raise refused("names a key that is not published")
        return verified(token, key, datetime.now(UTC))

    @property
    def _name(self) -> str:
        return f"keys:{hashlib.sha256(self.transport.base_url.encode()).hexdigest()[:16]}"

    def _kept(self) -> Mapping[str, PublicKey]:
        kept = self.vault.get(self._name)
        return keys_in(json.loads(kept)) if kept else self._ask()

    def _asked_again(self) -> Mapping[str, PublicKey]:
        """The keys of now; none when they were asked for a moment ago."""
        return {} if self.vault.get(f"{self._name}:asked") else self._ask()

    def _ask(self) -> Mapping[str, PublicKey]:
        reply = self.transport.with_reader(_no_keys).read("GET", KEYS_PATH)
        self.vault.put(f"{self._name}:asked", "yes", seconds=AGAIN_SECONDS)
        told = reply.json()
        try:
            found = keys_in(told)
        except (ValueError, TypeError, KeyError):
            raise reply.unclear("was answered without keys", code="unreadable") from None
        self.vault.put(self._name, json.dumps(told), seconds=KEPT_SECONDS)
        return found


def keys_in(told: Any) -> Mapping[str, PublicKey]:
    """The keys of an answer `{"Result", "Data": [{KeyId, Public, ValidFrom, ValidTo}]}` by their ids.

    Raises ValueError, TypeError or KeyError for any other shape.
    """
    if told["Result"] != "Success":
        raise ValueError("no success")
    return {str(one["KeyId"]): _key(one) for one in told["Data"]}


def _key(told: Mapping[str, Any]) -> PublicKey:
    since, until = (datetime.fromisoformat(told[name]) for name in ("ValidFrom", "ValidTo"))
    return PublicKey(str(told["Public"]), _utc(since), _utc(until))


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def named_key(token: str) -> str:
    """The id of the key that is said to have signed it: a claim in what Rescue sends, a header in the standard.

    Raises AccessDenied for no such token, and when the two say different things.
    """
    try:
        header = jwt.get_unverified_header(token)
        payload = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        raise refused("is no signed token") from None
    named = {str(part["kid"]) for part in (header, payload) if part.get("kid")}
    if len(named) != 1:
        raise refused("names two keys" if named else "names no key")
    return named.pop()


def verified(token: str, key: PublicKey, now: datetime) -> Mapping[str, Any]:
    """The token's claims. Raises AccessDenied unless the key is valid and signed it, and it has not run out."""
    if not key.since - LEEWAY <= now <= key.until + LEEWAY:
        raise refused("is signed by a key that is not valid now")
    try:
        return jwt.decode(
            token,
            _rsa(key.pem),
            algorithms=["RS256"],
            issuer=ISSUER,
            leeway=LEEWAY,
            options={"require": ["exp", "iss"], "verify_aud": False},
        )
    except jwt.InvalidTokenError as wrong:
        raise refused(next(words for kind, words in WHY if isinstance(wrong, kind))) from None


def _rsa(pem: str) -> RSAPublicKey:
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise refused("names a key that nobody can read") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < SMALLEST_KEY:
        raise refused(f"names a key that is no RSA key of {SMALLEST_KEY} bits")
    return key


def refused(why: str) -> AccessDenied:
    """The refusal of a token: somebody who can look at the key service must act."""
    return AccessDenied(f"the access token {why} (keys: {KEYS_PATH}); it is not used", code=UNVERIFIED)


def _no_keys(reply: Reply) -> ConnectorError | None:
    if not refuses(reply):
        return None
    return AccessDenied(f"{reply.where} gives no keys ({reply.status}), so no token can be trusted", code=UNVERIFIED)
