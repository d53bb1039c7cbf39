"""The reference that travels through a platform and names the ticket: verifiable, 64 characters at most.

Form: `DB1:<connection>:<ticket>:<number>:<mac>`. The number counts the invitations of the ticket; the mac is
the first 12 bytes of an HMAC-SHA256 over what stands before it, in URL-safe base64. Whoever starts a channel
session can fill a platform's tracking field, so nothing without a right mac is believed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

PREFIX = "DB1"
MAX_LENGTH = 64
_MAC_BYTES = 12


@dataclass(frozen=True, slots=True)
class Reference:
    connection: str
    ticket_id: str
    number: int


def write(reference: Reference, key: str) -> str:
    """The reference as text. Raises ValueError when the ticket's id is too long for it."""
    head = ":".join((PREFIX, reference.connection, quote(reference.ticket_id, safe=""), str(reference.number)))
    text = f"{head}:{_mac(head, key)}"
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a reference to this ticket needs {len(text)} characters, {MAX_LENGTH} are possible")
    return text


def read(text: str, keys: Sequence[str]) -> Reference | None:
    """What the text names, or None unless one of the keys signed it."""
    head, _, mac = text.strip().rpartition(":")
    if not any(hmac.compare_digest(mac.encode(), _mac(head, key).encode()) for key in keys):
        return None
    prefix, connection, ticket_id, number = head.split(":")
    return Reference(connection, unquote(ticket_id), int(number)) if prefix == PREFIX else None


def _mac(head: str, key: str) -> str:
    digest = hmac.new(key.encode(), b"deskbridge reference\0" + head.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:_MAC_BYTES]).decode()
