"""The reference that travels through a platform and names the ticket: verifiable, 64 characters at most.

Form: `DB1:<connection>:<ticket>:<number>:<mac>`. The connection is the first 6 characters of its name's digest,
so that a ticket's id of 36 characters still fits; the number counts the invitations of the ticket; the mac is
9 bytes of an HMAC-SHA256 over what stands before it. Whoever starts a channel session can fill a platform's
tracking field, so nothing without a right mac is believed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

PREFIX = "DB1"
MAX_LENGTH = 64
_MAC_BYTES = 9
_TAG_CHARACTERS = 6


@dataclass(frozen=True, slots=True)
class Reference:
    connection: str
    ticket_id: str
    number: int


def write(reference: Reference, key: str) -> str:
    """The reference as text. Raises ValueError when the ticket's id is too long for it."""
    ticket_id = quote(reference.ticket_id, safe="")
    head = f"{PREFIX}:{_tag(reference.connection)}:{ticket_id}:{reference.number}"
    text = f"{head}:{_mac(head, key)}"
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a reference to this ticket needs {len(text)} characters, {MAX_LENGTH} are possible")
    return text


def read(text: str, keys: Sequence[str], connections: Iterable[str]) -> Reference | None:
    """What the text names, or None unless one of the keys signed it for one of the connections."""
    head, _, mac = text.strip().rpartition(":")
    if not any(hmac.compare_digest(mac.encode("utf-8", "replace"), _mac(head, key).encode()) for key in keys):
        return None
    _prefix, tag, ticket_id, number = head.split(":")
    found = next((name for name in connections if _tag(name) == tag), None)
    return None if found is None else Reference(found, unquote(ticket_id), int(number))


def _tag(connection: str) -> str:
    return _base64(hashlib.sha256(connection.encode()).digest())[:_TAG_CHARACTERS]


def _mac(head: str, key: str) -> str:
    digest = hmac.new(key.encode(), b"deskbridge reference\0" + head.encode("utf-8", "replace"), hashlib.sha256)
    return _base64(digest.digest()[:_MAC_BYTES])


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()
