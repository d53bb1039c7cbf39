"""Keys and access tokens as Rescue's Identity Service makes them, for tests that need wrong ones, too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HOUR = timedelta(hours=1)


@cache
def private_key(name: str, size: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=size)


def pem(name: str, size: int = 2048) -> str:
    """PKCS#1, as the service publishes it."""
    public = private_key(name, size).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode().strip()


def published(*names: str, since: timedelta = -HOUR, until: timedelta = HOUR, size: int = 2048) -> dict[str, Any]:
    """The answer of the key service; the name of a key is its id."""
    now = datetime.now(UTC)
    times = {"ValidFrom": f"{(now + since).isoformat()}", "ValidTo": f"{(now + until).isoformat()}"}
    return {"Result": "Success", "Data": [{"KeyId": name, "Public": pem(name, size), **times} for name in names]}


def keys(*names: str, **how: Any) -> httpx.Response:
    return httpx.Response(200, json=published(*names, **how))


def access_token(key: str = "1", *, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """Signed by that key. A claim that is None is left out."""
    told = {
        "user_id": "25093442",
        "name": "Technician 1",
        "email": "technician@example.com",
        "kid": key,
        "exp": int((datetime.now(UTC) + HOUR).timestamp()),
        "iss": "rescue-oauth",
        **claims,
    }
    kept = {name: value for name, value in told.items() if value is not None}
    return jwt.encode(kept, private_key(key, 2048), algorithm="RS256", headers=header)


def token_answer(access: str, seconds: float = 3600, **more: object) -> httpx.Response:
    """The answer of the token page."""
    answer = {"access_token": access, "expires_in": seconds, "token_type": "Bearer", "scope": "Rescue;API", **more}
    return httpx.Response(200, json=answer)
