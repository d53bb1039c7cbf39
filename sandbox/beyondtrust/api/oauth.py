"""Who may call the API, how often, and how: tokens of client credentials, or the passwords of 2008.

Source: Remote Support 23.2 API guide, chapter "Authenticate to the Remote Support API".
"""

from __future__ import annotations

import hmac
import secrets
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Blueprint, Response, abort, jsonify, request

from sandbox.beyondtrust.state import ApplianceState

DENIED = {"error": "access_denied", "message": "The resource owner or authorization server denied the request."}
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
SIGN_IN = frozenset({"username", "password"})


class Gate:
    """Stands before every page of the API."""

    def __init__(self, state: ApplianceState) -> None:
        self._state = state
        self._tokens: dict[str, datetime] = {}
        self._asked: deque[datetime] = deque()

    def token(self, client_id: str, client_secret: str) -> str | None:
        """A new token; the oldest one goes when there are too many. None for wrong client credentials."""
        settings, now = self._state.settings, self._state.clock.now()
        if not (_same(client_id, settings.client_id) and _same(client_secret, settings.client_secret)):
            return None
        with self._state.lock:
            self._tokens = {one: until for one, until in self._tokens.items() if until > now}
            while len(self._tokens) >= settings.most_tokens:
                del self._tokens[next(iter(self._tokens))]
            token = secrets.token_urlsafe(30)
            self._tokens[token] = now + timedelta(seconds=settings.token_seconds)
            return token

    def revoke(self) -> None:
        """End every token, as regenerating the client secret does."""
        with self._state.lock:
            self._tokens.clear()

    def valid(self, token: str) -> bool:
        with self._state.lock:
            until = self._tokens.get(token)
            return not self._state.settings.old and until is not None and until > self._state.clock.now()

    @property
    def tokens(self) -> int:
        """How many are valid now."""
        with self._state.lock:
            return sum(1 for until in self._tokens.values() if until > self._state.clock.now())

    def refusal(self) -> Response | None:
        """The answer to a request that may not pass; None for one that may."""
        settings = self._state.settings
        if settings.old and not request.path.endswith(".ns") and not request.path.startswith("/check_health"):
            abort(404)
        if settings.strict_close and request.headers.get("Connection", "").lower() != "close":
            return Response("The connection must be closed after each call.\n", 400, mimetype="text/plain")
        if not self._known():
            refused = jsonify(DENIED)
            refused.status_code = settings.denied_status
            return refused
        if not settings.enabled:
            return Response("Document Not Found\n", 404, mimetype="text/html")
        if not self._one_more():
            return Response("Rate limit exceeded\n", 429, mimetype="text/plain")
        return None

    def counted(self, response: Response) -> Response:
        """The same with the rate limit in its headers."""
        most = self._state.settings.requests_per_hour
        if most:
            response.headers["X-RateLimit-Limit"] = str(most)
            response.headers["X-RateLimit-Remaining"] = str(max(0, most - len(self._asked)))
        return response

    def _known(self) -> bool:
        settings = self._state.settings
        if settings.old:
            given = (request.values.get("username", ""), request.values.get("password", ""))
            return _same(given[0], settings.username) and _same(given[1], settings.password)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self.valid(token.strip())

    def _one_more(self) -> bool:
        """Count this request; False if there are too many in this second or this hour."""
        settings, now = self._state.settings, self._state.clock.now()
        with self._state.lock:
            while self._asked and self._asked[0] <= now - HOUR:
                self._asked.popleft()
            lately = sum(1 for moment in self._asked if moment > now - SECOND)
            limits = ((settings.requests_per_second, lately), (settings.requests_per_hour, len(self._asked)))
            if any(most and asked >= most for most, asked in limits):
                return False
            self._asked.append(now)
            return True


def guarded(gate: Gate, blueprint: Blueprint) -> None:
    """Let nobody into this blueprint who does not pass the gate."""
    refuse: Callable[[], Response | None] = gate.refusal
    blueprint.before_request(refuse)
    blueprint.after_request(gate.counted)


def parameters() -> dict[str, str]:
    """What was asked, from the query or the form; the sign-in of 2008 left out. A name given twice is refused."""
    if request.mimetype == "multipart/form-data":
        abort(415)
    values = request.values
    if any(len(values.getlist(name)) > 1 for name in values):
        abort(400)
    return {name: value for name, value in values.items() if name not in SIGN_IN}


def blueprint(state: ApplianceState, gate: Gate) -> Blueprint:
    """The token endpoint."""
    oauth = Blueprint("oauth", __name__)

    @oauth.post("/oauth2/token")
    def token() -> tuple[Response, int]:
        if state.settings.old:
            abort(404)
        if request.form.get("grant_type") != "client_credentials":
            return jsonify({"error": "unsupported_grant_type"}), 400
        who = request.authorization
        if who is None or who.type != "basic":
            return jsonify({"error": "invalid_client"}), 401
        made = gate.token(who.username or "", who.password or "")
        if made is None:
            return jsonify({"error": "invalid_client"}), 401
        settings = state.settings
        answer = {"access_token": made, "token_type": settings.token_type, "expires_in": settings.token_seconds}
        return jsonify(answer), 200

    return oauth


def _same(given: str, expected: str) -> bool:
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())
