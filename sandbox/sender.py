"""Sends an app's webhooks from one background thread, with the vendor's own idea of retrying."""

from __future__ import annotations

import heapq
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Condition, Thread

import httpx

HELD_AT_MOST = 10_000
REMEMBERED = 2_000


@dataclass(frozen=True, slots=True)
class Hook:
    """One request to the outside, ready to be sent."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Policy:
    """What a vendor sends again. `redeliver` is a harness's wish, no vendor's habit: see `_wait`."""

    retry_statuses: frozenset[int] = frozenset()
    retries: int = 0
    retry_after_cap: float = 3.0
    redeliver: bool = False
    redeliver_retries: int = 60
    timeout: float = 10.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send a hook; `status` 0 means that no answer came, and `error` says why."""

    hook: Hook
    number: int
    status: int
    error: str


@dataclass(order=True, slots=True)
class _Due:
    at: float
    order: int
    number: int
    hook: Hook


class HookSender:
    """A bounded queue with its thread. `close` ends both; what was not yet sent is lost, as it would be."""

    def __init__(self, name: str, policy: Callable[[], Policy]) -> None:
        self.attempts: deque[Attempt] = deque(maxlen=REMEMBERED)
        self.dropped = 0
        self._policy = policy
        self._heap: list[_Due] = []
        self._order = 0
        self._sending = False
        self._closing = False
        self._changed = Condition()
        self._thread = Thread(target=self._run, name=f"{name}-hooks", daemon=True)
        self._thread.start()

    def submit(self, hook: Hook, after: float = 0.0) -> None:
        """Send it `after` seconds from now; over the bound it is dropped and counted."""
        self._push(hook, after, 1)

    def drain(self, timeout: float = 10.0) -> bool:
        """Wait until nothing is queued or on its way; False if that took longer than `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._heap and not self._sending, timeout)

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._heap.clear()
            self._changed.notify_all()
        self._thread.join(timeout=15)

    def _push(self, hook: Hook, after: float, number: int) -> None:
        with self._changed:
            if self._closing:
                return
            if len(self._heap) >= HELD_AT_MOST:
                self.dropped += 1
                return
            self._order += 1
            heapq.heappush(self._heap, _Due(time.monotonic() + after, self._order, number, hook))
            self._changed.notify_all()

    def _take(self) -> _Due | None:
        with self._changed:
            while not self._closing:
                wait = self._heap[0].at - time.monotonic() if self._heap else None
                if wait is not None and wait <= 0:
                    self._sending = True
                    return heapq.heappop(self._heap)
                self._changed.wait(wait)
            return None

    def _run(self) -> None:
        # trust_env off: the hooks of a loopback sandbox never go through somebody's proxy.
        with httpx.Client(trust_env=False, follow_redirects=False) as client:
            while (due := self._take()) is not None:
                attempt, wait = self._attempt(client, due)
                self.attempts.append(attempt)
                if wait is not None:
                    self._push(due.hook, wait, due.number + 1)
                with self._changed:
                    self._sending = False
                    self._changed.notify_all()

    def _attempt(self, client: httpx.Client, due: _Due) -> tuple[Attempt, float | None]:
        policy = self._policy()
        hook = due.hook
        try:
            answer = client.post(hook.url, content=hook.body, headers=dict(hook.headers), timeout=policy.timeout)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            attempt = Attempt(hook, due.number, 0, type(error).__name__)
            return attempt, _wait(policy, due.number, 0, "")
        attempt = Attempt(hook, due.number, answer.status_code, "")
        return attempt, _wait(policy, due.number, answer.status_code, answer.headers.get("retry-after", ""))


def _wait(policy: Policy, number: int, status: int, retry_after: str) -> float | None:
    """Seconds until the next try, or None: delivered, or lost for good."""
    if 200 <= status < 300:
        return None
    wait = min(float(retry_after) if retry_after.isdigit() else 0.2 * number, policy.retry_after_cap)
    if status in policy.retry_statuses and number <= policy.retries:
        return wait
    # A harness that kills the bridge needs every hook to arrive in the end, so that what is lost is ours.
    if policy.redeliver and (status == 0 or status >= 500) and number <= policy.redeliver_retries:
        return min(wait, 1.0)
    return None
