"""Who may look: the administrator, by bearer token in the API, by a signed cookie in the console."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections import deque
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Request, session
from werkzeug.wrappers import Response

from web.services import Services

SIGNED_IN_SECONDS = 12 * 3600.0
MAX_FAILURES = 10
WINDOW_SECONDS = 60.0

# Nothing inline, nothing from elsewhere, no script at all: what people typed can only ever be text.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def guard(response: Response) -> Response:
    """Add the headers that every page and answer for administrators has."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    # Flask's own defaults for static files would win over setdefault.
    response.headers["Cache-Control"] = HEADERS["Cache-Control"]
    return response


def same(given: str, right: str) -> bool:
    """Whether both texts are equal, in a time that tells nothing, not even the length. Nothing equals nothing."""
    one, other = (hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in (given, right))
    return hmac.compare_digest(one, other) and bool(right)


def bearer(request: Request) -> str:
    """The token of the Authorization header; empty when there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class Limiter:
    """Counts failures of this process: after MAX_FAILURES within WINDOW_SECONDS nobody may try."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: deque[float] = deque()
        self._lock = threading.Lock()

    def wait(self) -> float:
        """Seconds until the next try is allowed; 0 for now."""
        with self._lock:
            now = self._clock()
            while self._failures and self._failures[0] <= now - WINDOW_SECONDS:
                self._failures.popleft()
            full = len(self._failures) >= MAX_FAILURES
            return max(1.0, self._failures[0] + WINDOW_SECONDS - now) if full else 0.0

    def failed(self) -> None:
        with self._lock:
            self._failures.append(self._clock())


def sign_in(found: Services) -> None:
    """Start a session of the console. What stood in the cookie before is dropped, so that none can be planted."""
    session.clear()
    session.permanent = True
    session["at"] = found.house.clock()
    session["seal"] = _seal(found, found.house.settings.secret_keys[0])


def signed_in(found: Services) -> bool:
    """Whether the cookie's session is an administrator's, not too old, and made with today's token."""
    at, seal = session.get("at"), session.get("seal")
    if not isinstance(at, float) or not isinstance(seal, str):
        return False
    fresh = 0 <= found.house.clock() - at < SIGNED_IN_SECONDS
    return fresh and any(same(seal, _seal(found, key)) for key in found.house.settings.secret_keys)


def _seal(found: Services, key: str) -> str:
    """Ties a session to the administrator token without holding it: a new token ends all sessions."""
    text = b"deskbridge console\0" + found.house.settings.admin_token.encode()
    return hmac.new(key.encode(), text, hashlib.sha256).hexdigest()


def csrf_token() -> str:
    """The token that this session's forms carry."""
    if not isinstance(session.get("csrf"), str):
        session["csrf"] = secrets.token_urlsafe(24)
    return str(session["csrf"])


def right_csrf(given: str) -> bool:
    return same(given, str(session.get("csrf") or ""))


def local_target(target: str) -> str:
    """The target if it is a path of ours, else the first page: a sign-in must not lead elsewhere."""
    parts = urlsplit(target)
    plain = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if plain and not parts.scheme and not parts.netloc else "/"
