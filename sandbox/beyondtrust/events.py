"""The outbound queue: one event at a time, and none before the one at its head was answered with exactly 200.

The guide leaves outbound events out; their fields are what receivers of real ones read.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Condition, Thread
from urllib.parse import urlencode

import httpx

from sandbox.beyondtrust.api.answers import unix
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import Happening

FORM = "application/x-www-form-urlencoded"
REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send an event. `status` 0 means that no answer came, and `error` says why."""

    body: bytes
    number: int
    """From 1, for each event."""
    at: float
    """When the answer was there or was given up, on the monotonic clock."""
    status: int
    error: str = ""

    @property
    def taken(self) -> bool:
        return self.status == 200


@dataclass(slots=True)
class _Waiting:
    body: bytes
    content_type: str
    tries: int = 0
    refused_at: float | None = None


class OutboundQueue:
    """The queue with its thread. `close` ends both; what was not yet sent is lost, as it would be."""

    def __init__(self, state: ApplianceState) -> None:
        self.attempts: deque[Attempt] = deque(maxlen=REMEMBERED)
        self.dropped = 0
        """Events that were given up."""
        self._state = state
        self._events: deque[_Waiting] = deque()
        self._closing = False
        self._changed = Condition()
        state.on_event.append(self._take)
        self._thread = Thread(target=self._run, name="appliance-events", daemon=True)
        self._thread.start()

    def submit_raw(self, body: bytes | str, content_type: str = FORM) -> None:
        """Queue anything at all: an event twice, one that nobody knows, or rubbish."""
        with self._changed:
            if not self._closing:
                raw = body.encode() if isinstance(body, str) else body
                self._events.append(_Waiting(raw, content_type))
                self._changed.notify_all()

    def drain(self, timeout: float = 10.0) -> bool:
        """Wait until every event was taken or given up; False if that took longer than `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._events, timeout)

    def __len__(self) -> int:
        with self._changed:
            return len(self._events)

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._events.clear()
            self._changed.notify_all()
        self._thread.join(timeout=15)

    def _take(self, happening: Happening) -> None:
        settings = self._state.settings
        if happening.name and settings.hook_url and happening.name not in settings.muted_events:
            self.submit_raw(urlencode(fields(self._state, happening)))

    def _run(self) -> None:
        # trust_env off: the events of a loopback sandbox never go through somebody's proxy.
        with httpx.Client(trust_env=False, follow_redirects=False) as client:
            while (event := self._head()) is not None:
                self._finish(event, self._attempt(client, event))

    def _head(self) -> _Waiting | None:
        with self._changed:
            self._changed.wait_for(lambda: self._events or self._closing)
            return None if self._closing else self._events[0]

    def _attempt(self, client: httpx.Client, event: _Waiting) -> Attempt:
        settings = self._state.settings
        event.tries += 1
        headers = {"Content-Type": event.content_type, "Connection": "close"}
        status, error = 0, ""
        try:
            answer = client.post(
                settings.hook_url, content=event.body, headers=headers, timeout=settings.event_timeout_seconds
            )
            status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            error = type(failure).__name__
        return Attempt(event.body, event.tries, time.monotonic(), status, error)

    def _finish(self, event: _Waiting, attempt: Attempt) -> None:
        self.attempts.append(attempt)
        settings = self._state.settings
        with self._changed:
            if self._closing:
                return
            if event.refused_at is None:
                event.refused_at = attempt.at
            given_up = attempt.at - event.refused_at >= settings.event_give_up_seconds
            if attempt.taken or given_up:
                self.dropped += not attempt.taken
                self._events.popleft()
                self._changed.notify_all()
            else:
                self._changed.wait_for(lambda: self._closing, settings.event_retry_seconds)


def fields(state: ApplianceState, happening: Happening) -> dict[str, str]:
    """Names and values of an event, in the vendor's order as far as it is known."""
    values = {
        "event": happening.name,
        "version": state.settings.event_version,
        "timestamp": unix(happening.at),
        "appliance_id": state.settings.appliance_id,
    }
    if happening.session is not None:
        session = happening.session
        values |= {"lsid": session.lsid, "external_key": session.external_key}
        values |= {"conference_name": session.customer_name, "conference_id": str(session.lseq)}
    return values | _who(happening)


def _who(happening: Happening) -> dict[str, str]:
    if happening.member is not None:
        rep = happening.member.rep
        said = {"type": "representative", "user_id": str(rep.id), "username": rep.username}
        return said | {"display_name": rep.private_name}
    if happening.queue:
        return {"type": "queue", "name": happening.queue}
    if happening.by is not None:
        return {"type": happening.by.kind, "display_name": happening.by.name, "name": happening.by.name}
    return {}


def refusals(attempts: Iterator[Attempt] | deque[Attempt]) -> list[float]:
    """For how many seconds the queue stood still each time: from a first refusal to the next event taken."""
    since: float | None = None
    found: list[float] = []
    for attempt in attempts:
        if attempt.taken:
            if since is not None:
                found.append(attempt.at - since)
            since = None
        elif since is None:
            since = attempt.at
    return found
