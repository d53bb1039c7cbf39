"""Session keys: seven digits that a customer types, and the limits of what can be sent along with them.

Source: Remote Support 23.2 API guide, chapter generate_session_key.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from sandbox.beyondtrust.state.directory import Directory
from sandbox.beyondtrust.state.model import (
    ALL_FIELDS_BYTES,
    EXTERNAL_KEY,
    FIELD_CHARACTERS,
    ApiError,
    NotAllowed,
    SessionKey,
)
from sandbox.clock import Clock
from sandbox.settings import ApplianceSettings

HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?")


class KeyDesk(Directory):
    """Makes keys and says which of them still open anything."""

    def __init__(self, settings: ApplianceSettings, clock: Clock | None = None) -> None:
        super().__init__(settings, clock)
        self.keys: dict[str, SessionKey] = {}

    def request_key(
        self,
        queue_id: str = "general",
        attributes: Mapping[str, str] | None = None,
        ttl: int | None = None,
        priority: int = 2,
        skills: Sequence[str] = (),
        url_hostname: str = "",
    ) -> SessionKey:
        """A new key. Raises ApiError for what the API refuses."""
        with self.lock:
            queue = self.queue(queue_id)
            given = self.checked_attributes(attributes or {})
            self.check_urgency(priority, skills)
            if url_hostname and not HOST.fullmatch(url_hostname):
                raise ApiError("Invalid URL hostname.")
            if ttl is not None and ttl < 1:
                raise ApiError("Invalid TTL.")
            seconds = min(ttl or self.settings.key_ttl, self.settings.key_ttl)
            key = SessionKey(
                self._free_key(),
                secrets.token_hex(16),
                queue,
                given,
                seconds,
                self.clock.now() + timedelta(seconds=seconds),
                priority,
                tuple(skills),
                url_hostname,
            )
            self.keys[key.short_key] = key
            return key

    def usable_key(self, key: str) -> SessionKey:
        """The key if a customer can still join with it; `key` is the seven digits or what stands in the link."""
        with self.lock:
            asked = key.strip()
            found = self.keys.get(asked) or next((one for one in self.keys.values() if one.access == asked), None)
            if found is None or found.used or found.expires_at <= self.clock.now():
                raise NotAllowed("This session key is not valid, or no longer.")
            return found

    def key_url(self, key: SessionKey) -> str:
        """Where a customer goes with it. Only looking at it uses nothing up."""
        base = urlsplit(self.base_url or f"https://{self.settings.hostname}")
        return f"{base.scheme}://{key.url_hostname or base.netloc}/?ak={key.access}"

    def checked_attributes(
        self, attributes: Mapping[str, str], others: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Custom fields within their limits: known ones, 1,024 characters each, 10 KB with the `others`."""
        for name, value in attributes.items():
            if name != EXTERNAL_KEY and name not in self.settings.custom_fields:
                raise ApiError("There is no such custom field.")
            if len(value) > FIELD_CHARACTERS:
                raise ApiError(f"The maximum length of a custom field is {FIELD_CHARACTERS} characters.")
        together = {**(others or {}), **attributes}
        if sum(len(name.encode()) + len(value.encode()) for name, value in together.items()) > ALL_FIELDS_BYTES:
            raise ApiError("The maximum total size of all custom fields is 10KB.")
        return dict(attributes)

    def check_urgency(self, priority: int, skills: Sequence[str]) -> None:
        if priority not in (1, 2, 3):
            raise ApiError("Invalid session priority.")
        if not self.settings.skills.issuperset(skills):
            raise ApiError("There is no such skill.")

    def _free_key(self) -> str:
        if self.settings.next_keys:
            return self.settings.next_keys.pop(0)
        while (short := f"{secrets.randbelow(10_000_000):07}") in self.keys:
            pass
        return short
