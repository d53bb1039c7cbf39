"""The drain: claims what is due and works it off with a few threads, until somebody says stop.

It is woken by a doorbell (`workers.jobs`) or by its own clock; it never trusts either, only what the store says.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial

import structlog
from sqlalchemy import Connection

from bridge.effects import EffectState
from config import sentry
from store import health, inbox, ledger
from store.database import DatabaseAway
from store.inbox import DeliveryState, StoredDelivery
from store.ledger import LEASE_SECONDS, Claim
from workers.house import House, LeaseLost, lease_guard
from workers.perform import backoff, perform
from workers.understand import understand

log = structlog.get_logger(__name__)

RENEW_SECONDS = 2.0
BEAT_SECONDS = 10.0
STOP_SECONDS = 20.0
BLOCKED_SECONDS = 0.1
GATHER_SECONDS = 0.005
MAX_SURPRISES = 5
"""After so many unexpected errors a delivery or an effect is parked as poison."""


@dataclass
class _Held:
    """Leases of this process: effect id to its fence and when it was last surely ours (monotonic seconds)."""

    fences: dict[int, int] = field(default_factory=dict)
    sure_at: dict[int, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, claim: Claim, claimed_at: float) -> None:
        with self.lock:
            self.fences[claim.effect.id] = claim.effect.fence
            self.sure_at[claim.effect.id] = claimed_at

    def drop(self, effect_id: int) -> None:
        with self.lock:
            self.fences.pop(effect_id, None)
            self.sure_at.pop(effect_id, None)

    def check(self, effect_id: int) -> None:
        """Raise LeaseLost unless the lease surely holds a little longer."""
        with self.lock:
            sure_at = self.sure_at.get(effect_id)
        if sure_at is None or time.monotonic() - sure_at > LEASE_SECONDS - 2.0:
            raise LeaseLost("the lease ran out before the write")

    def snapshot(self) -> dict[int, int]:
        with self.lock:
            return dict(self.fences)

    def renewed(self, ids: set[int], asked: dict[int, int], at: float) -> None:
        with self.lock:
            for effect_id in asked:
                if effect_id in ids and effect_id in self.sure_at:
                    self.sure_at[effect_id] = at


class Drain:
    """One process's worker threads. `run` blocks until `stop` is called."""

    def __init__(self, house: House, role: str, *, threads: int, idle_seconds: float) -> None:
        self._house = house
        self._role = role
        self._threads = threads
        # A system that is slow or dead may hold half of the threads, never all of them.
        self._per_connection = max(1, threads // 2)
        self._idle_seconds = idle_seconds
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._held = _Held()
        self._busy: Counter[str] = Counter()
        self._busy_lock = threading.Lock()
        self._futures: set[Future[None]] = set()
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{role}"

    def wake(self) -> None:
        """There may be work."""
        self._wake.set()

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what is under way is done, or after STOP_SECONDS."""
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        keeper = threading.Thread(target=self._keep_leases, name="leases")
        keeper.start()
        pool = ThreadPoolExecutor(self._threads, thread_name_prefix="work")
        try:
            while not self._stopping.is_set():
                self._wake.clear()
                if not self._claim_some(pool):
                    self._wake.wait(self._idle())
                if self._busy:
                    # Under load one claim takes what several ends have made room for.
                    self._stopping.wait(GATHER_SECONDS)
        finally:
            wait(list(self._futures), timeout=STOP_SECONDS)
            pool.shutdown(wait=False, cancel_futures=True)
            self._stopping.set()
            keeper.join()

    # -- claiming ----------------------------------------------------------------------------------------------

    def _claim_some(self, pool: ThreadPoolExecutor) -> bool:
        """Claim what is due and hand it to the threads. True when there was something and room is left."""
        with self._busy_lock:
            busy = dict(self._busy)
        free = self._threads - sum(busy.values())
        if free <= 0:
            return False
        try:
            deliveries, claims = self._claim(free, busy)
        except DatabaseAway as error:
            log.error("database away", reason=type(error).__name__)
            self._stopping.wait(1.0)
            return False
        for delivery in deliveries:
            self._submit(pool, f"delivery {delivery.id}", partial(self._understand, delivery))
        for claim in claims:
            self._submit(pool, claim.effect.connection, partial(self._perform, claim))
        return bool(deliveries or claims)

    def _claim(self, free: int, busy: dict[str, int]) -> tuple[list[StoredDelivery], list[Claim]]:
        house = self._house
        now = house.clock()
        with house.database.read() as connection:
            delivery_due = inbox.oldest_due(connection)
            effect_due = ledger.next_due(connection)
        deliveries: list[StoredDelivery] = []
        claims: list[Claim] = []
        if delivery_due is not None and delivery_due <= now:
            with house.database.write() as connection:
                deliveries = inbox.claim(connection, now, free)
        if effect_due is not None and effect_due <= now and free > len(deliveries):
            claimed_at = time.monotonic()
            with house.database.write() as connection:
                room = free - len(deliveries)
                claims = ledger.claim(connection, now, room, busy=busy, most=self._per_connection)
            for claim in claims:
                self._held.add(claim, claimed_at)
        return deliveries, claims

    def _idle(self) -> float:
        """Seconds to wait for the bell: until the next row is due, at most the usual idle time."""
        try:
            with self._house.database.read() as connection:
                due = first_due(connection)
        except DatabaseAway:
            return 1.0
        if due is None:
            return self._idle_seconds
        # What is due and was not claimed waits for its lane or its connection: no spinning about it.
        ahead = due - self._house.clock()
        return min(ahead if ahead > 0 else BLOCKED_SECONDS, self._idle_seconds)

    def _submit(self, pool: ThreadPoolExecutor, what: str, work: Callable[[], None]) -> None:
        with self._busy_lock:
            self._busy[what] += 1
        future = pool.submit(work)
        self._futures.add(future)
        future.add_done_callback(lambda done: self._done(done, what))

    def _done(self, future: Future[None], what: str) -> None:
        self._futures.discard(future)
        with self._busy_lock:
            self._busy[what] -= 1
            if not self._busy[what]:
                del self._busy[what]
        self._wake.set()

    # -- the job boundary: whatever happens inside, the row learns it and the thread goes on ---------------------

    def _understand(self, stored: StoredDelivery) -> None:
        with structlog.contextvars.bound_contextvars(
            correlation=stored.correlation, connection=stored.delivery.connection, delivery=stored.id
        ):
            try:
                understand(self._house, stored)
            except LeaseLost:
                log.info("delivery taken over by another worker")
            except DatabaseAway as error:
                log.error("database away", reason=type(error).__name__)
            except Exception as error:  # noqa: BLE001 - the job boundary
                self._surprise(error, partial(self._postpone_delivery, stored, error))

    def _perform(self, claim: Claim) -> None:
        effect = claim.effect
        token = lease_guard.set(lambda: self._held.check(effect.id))
        with structlog.contextvars.bound_contextvars(
            correlation=effect.correlation, connection=effect.connection, effect=effect.id, kind=effect.kind
        ):
            try:
                perform(self._house, claim)
            except LeaseLost:
                log.warning("effect taken over by another worker")
            except DatabaseAway as error:
                log.error("database away", reason=type(error).__name__)
            except Exception as error:  # noqa: BLE001 - the job boundary
                self._surprise(error, partial(self._postpone_effect, claim, error))
            finally:
                lease_guard.reset(token)
                self._held.drop(effect.id)

    def _surprise(self, error: Exception, postpone: Callable[[], None]) -> None:
        """An error nobody foresaw is ours to mend: told to Sentry, and the row waits or is parked."""
        sentry.unexpected(log, error)
        try:
            postpone()
        except DatabaseAway:
            log.error("database away", reason="the lease will run out by itself")

    def _postpone_delivery(self, stored: StoredDelivery, error: Exception) -> None:
        now = self._house.clock()
        poison = stored.attempts >= MAX_SURPRISES
        state = DeliveryState.PARKED if poison else DeliveryState.NEW
        due_at = now + backoff(stored.attempts)
        with self._house.database.write() as connection:
            inbox.finish(connection, stored, state, now, _internal(error), due_at)

    def _postpone_effect(self, claim: Claim, error: Exception) -> None:
        now = self._house.clock()
        effect = claim.effect
        with self._house.database.write() as connection:
            if effect.attempts >= MAX_SURPRISES:
                ledger.finish(connection, effect, EffectState.PARKED, now, reason=_internal(error), act="operator")
            else:
                due_at = now + backoff(effect.attempts)
                ledger.postpone(connection, effect, due_at, reason=_internal(error), unsure=True)

    # -- leases ------------------------------------------------------------------------------------------------

    def _keep_leases(self) -> None:
        """Renew the leases of what is under way, and say now and then that this process is alive."""
        next_beat = 0.0
        while True:
            stopping = self._stopping.wait(RENEW_SECONDS if next_beat else 0.0)
            held = self._held.snapshot()
            if stopping and not held:
                break
            at = time.monotonic()
            if held or at >= next_beat:
                next_beat = self._renew(held, at, next_beat)
            if stopping:
                time.sleep(0.2)
        self._say_goodbye()

    def _renew(self, held: dict[int, int], at: float, next_beat: float) -> float:
        """One turn of the keeper. Returns when the next heartbeat is due (monotonic seconds)."""
        try:
            with self._house.database.write() as connection:
                self._held.renewed(ledger.renew(connection, held, self._house.clock()), held, at)
                if at >= next_beat:
                    health.beat(connection, self.holder, self._role, self._house.clock())
                    next_beat = at + BEAT_SECONDS
        except DatabaseAway as error:
            log.error("database away", reason=type(error).__name__)
        return next_beat or at

    def _say_goodbye(self) -> None:
        try:
            with self._house.database.write() as connection:
                health.gone(connection, self.holder)
        except DatabaseAway:
            log.warning("database away", reason="the heartbeat will run out by itself")


def first_due(connection: Connection) -> float | None:
    """When the first delivery or effect is due, in seconds since the epoch; None when there is nothing to do."""
    due = [moment for moment in (inbox.oldest_due(connection), ledger.next_due(connection)) if moment is not None]
    return min(due, default=None)


def _internal(error: Exception) -> str:
    # The type alone: a message could hold what people typed.
    return f"internal error: {type(error).__name__}"
