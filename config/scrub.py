"""Masks secrets in whatever is about to be shown: registered values anywhere, telling names, telling patterns."""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Iterable, Mapping, Set
from datetime import date
from functools import lru_cache
from threading import Lock
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"
MIN_LENGTH = 6
"""Shorter values are no secrets, and would mask half of every line."""
MAX_DEPTH = 12

# fmt: off
SECRET_KEYS = frozenset(
    {
        "access_token", "api_key", "api_token", "apikey", "auth", "authcode", "authorization", "bearer",
        "client_secret", "cookie", "hook_secret", "oauth_token", "passwd", "password", "pin", "pincode",
        "private_key", "proxy_authorization", "pwd", "refresh_token", "secret", "secret_key", "session_key",
        "set_cookie", "signature", "sso_password", "token", "x_api_key", "x_deskbridge_key",
    }
)
# fmt: on
"""Names whose values are never shown, in lower case with `_` for `-`."""

_NAMES = "|".join(sorted(SECRET_KEYS | {"key", "code", "x-deskbridge-key", "api-key"}))
_VALUE = r"[^\s&#\"'<>,;)\]}]+"
_PATTERNS = (
    # ?key=…&code=… in a URL or a form; `\b` keeps external_key and status_code out.
    (re.compile(rf"\b({_NAMES})=(?!\*\*\*){_VALUE}", re.IGNORECASE), rf"\1={MASK}"),
    (re.compile(rf"\b(basic|bearer)[ \t]+[A-Za-z0-9+/=._~-]{{{MIN_LENGTH},}}", re.IGNORECASE), rf"\1 {MASK}"),
    # "Code=123456" is masked above; Rescue also answers "OK PINCODE:123456".
    (re.compile(r"\b(pin[ _-]?code)([\"']?\s*:\s*[\"']?)\d+", re.IGNORECASE), rf"\1\2{MASK}"),
    (re.compile(r"(://)[^/\s@\"']+@"), rf"\1{MASK}@"),
)
# None of the patterns can match a text without one of these: most of what is logged has none.
_TELLING = re.compile("=|://|pin|basic|bearer", re.IGNORECASE)


class _Registry:
    """The secrets that this process knows."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._values: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def add(self, values: Iterable[str]) -> None:
        with self._lock:
            self._set(self._values | {form for value in values for form in _forms(value)})

    def clear(self) -> None:
        with self._lock:
            self._set(frozenset())

    def _set(self, values: frozenset[str]) -> None:
        # The longest first: a secret may hold another one.
        words = [re.escape(value) for value in sorted(values, key=len, reverse=True)]
        self._values, self._pattern = values, re.compile("|".join(words)) if words else None
        _scrub_key.cache_clear()

    def mask(self, text: str) -> str:
        pattern = self._pattern
        return pattern.sub(MASK, text) if pattern else text


_registry = _Registry()


def register_secrets(values: Iterable[str]) -> None:
    """Mask these values from now on, also percent-encoded, in JSON and in markup. Those under 6 characters are not."""
    _registry.add(values)


def forget_secrets() -> None:
    """For tests: no value is registered any more."""
    _registry.clear()


def _forms(value: str) -> set[str]:
    """The value as it stands and as it is written in a URL, in JSON, in markup and in a Python repr."""
    value = value.strip()
    if len(value) < MIN_LENGTH:
        return set()
    return {
        value,
        quote(value, safe=""),
        quote_plus(value),
        json.dumps(value)[1:-1],
        html.escape(value),
        repr(value)[1:-1],
    }


def scrub_text(text: str) -> str:
    """The text with registered secrets and what looks like one masked."""
    text = _registry.mask(text)
    if not _TELLING.search(text):
        return text
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def scrub(value: object, *, depth: int = MAX_DEPTH) -> Any:
    """The value in JSON's own types, secrets masked at any depth. What JSON does not have becomes its text."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return scrub_text(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case bytes():
            return scrub_text(value.decode("utf-8", "backslashreplace"))
        case date():
            return value.isoformat()
    if depth == 0:
        return scrub_text(str(value))
    match value:
        case Mapping():
            return {_scrub_key(str(key)): _scrub_item(key, item, depth) for key, item in value.items()}
        case list() | tuple() | Set():
            return [scrub(item, depth=depth - 1) for item in value]
    return scrub_text(str(value))


@lru_cache(maxsize=1024)
def _scrub_key(key: str) -> str:
    """Names repeat from line to line."""
    return scrub_text(key)


def _scrub_item(key: object, item: object, depth: int) -> Any:
    if item is not None and str(key).lower().replace("-", "_") in SECRET_KEYS:
        return MASK
    return scrub(item, depth=depth - 1)
