"""How secrets rest in the database: encrypted with keys derived from DESKBRIDGE_SECRET_KEY, tied to their place.

The first secret seals, all of them open, so that a secret is rotated by listing the new one before the old.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE = b"deskbridge vault 1"
"""Keeps these keys apart from whatever else is derived from the same secret: references, cookies."""


class Sealer:
    """Seals and opens texts (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """Raises ValueError when there is no secret."""
        self._fernet = MultiFernet([Fernet(_key(secret)) for secret in secrets])

    def seal(self, text: str, *place: str) -> str:
        """The text, to be opened at that place only: a row that was copied elsewhere is worth nothing there."""
        return self._fernet.encrypt(json.dumps([*place, text]).encode()).decode("ascii")

    def open(self, sealed: str, *place: str) -> str | None:
        """The text; None for what was not sealed with one of the secrets for that place."""
        try:
            *found, text = json.loads(self._fernet.decrypt(sealed.encode()))
        except (InvalidToken, ValueError):
            return None
        return text if tuple(found) == place else None


def _key(secret: str) -> bytes:
    """The secret has 32 characters at least (`config.settings`), so that deriving needs no salt and no work factor."""
    return urlsafe_b64encode(HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode()))
