"""How often the help desk may be asked, and what was asked already.

Sources: developer.zendesk.com/api-reference/introduction/rate-limits; .../ticketing/introduction (idempotency).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import RLock

from sandbox.clock import Clock
from sandbox.helpdesk.model import Json, Refused
from sandbox.settings import HelpdeskSettings

MINUTE = timedelta(minutes=1)
KEY_LIFE = timedelta(hours=2)
"""How long an Idempotency-Key is known."""


class Limits:
    """Counts requests to the API and updates of each ticket; keeps answers by their Idempotency-Key."""

    def __init__(self, settings: HelpdeskSettings, clock: Clock, lock: RLock) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = lock
        self._requests: deque[datetime] = deque()
        self._updates: dict[tuple[int, int], deque[datetime]] = {}
        self._answers: dict[str, tuple[datetime, str, Json]] = {}

    def count_request(self) -> None:
        """One more request to the API, or 429."""
        limit = self._settings.requests_per_minute
        with self._lock:
            wait = self._over(self._requests, limit, MINUTE) if limit else 0
        if wait:
            raise Refused.too_many("Number of allowed API requests per minute exceeded", wait)

    def requests_left(self) -> int:
        """How many requests the API still takes in this minute."""
        since = self._clock.now() - MINUTE
        with self._lock:
            counted = sum(moment > since for moment in self._requests)
        return max(self._settings.requests_per_minute - counted, 0)

    def count_update(self, ticket_id: int, user_id: int) -> None:
        """One more update of this ticket by this user, or 429."""
        span = timedelta(seconds=self._settings.updates_window)
        with self._lock:
            times = self._updates.setdefault((ticket_id, user_id), deque())
            wait = self._over(times, self._settings.updates_per_ticket, span)
        if wait:
            raise Refused.too_many("Too many updates of this ticket by this user", wait)

    def once(self, key: str, digest: str, make: Callable[[], Json]) -> tuple[Json, bool]:
        """The answer under this Idempotency-Key and whether it was there; 400 if the request differs."""
        with self._lock:
            now = self._clock.now()
            kept = self._answers.get(key)
            if kept is None or kept[0] + KEY_LIFE <= now:
                self._answers[key] = (now, digest, make())
                return self._answers[key][2], False
            _, known, answer = kept
        if known != digest:
            raise Refused(400, "IdempotentRequestError", "The parameters of the two requests differ")
        return answer, True

    def _over(self, times: deque[datetime], limit: int, span: timedelta) -> int:
        """Count one, or say after how many seconds there is room for one."""
        now = self._clock.now()
        while times and times[0] <= now - span:
            times.popleft()
        if len(times) >= limit:
            return int((times[0] + span - now).total_seconds()) + 1
        times.append(now)
        return 0
