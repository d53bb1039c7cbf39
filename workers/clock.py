"""The clock: rings again for what is due and unclaimed, lets invitations expire, and works itself when nobody hears."""

from __future__ import annotations

import secrets
import signal
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType

import structlog

from bridge import decide
from config import sentry
from store import health, inbox, records
from store.database import DatabaseAway
from store.journal import Subject
from workers import people
from workers.apply import apply
from workers.bell import Bell
from workers.drain import Drain, first_due
from workers.house import House
from workers.poll import posts
from workers.reconcile import reconcile
from workers.sync import sync_due
from workers.turns import interruptible

log = structlog.get_logger(__name__)

TICK_SECONDS = 1.0
OVERDUE_SECONDS = 2.0
"""Work that is due for so long although it was rung for: nobody seems to listen, so the clock does it."""
THREADS = 4
RECONCILE_SECONDS = 300.0
OVERLAP_SECONDS = 900.0
"""Search indexes of ticket systems lag behind by minutes."""
FIRST_PAUSE_SECONDS = 30.0
PEOPLE_SECONDS = 600.0
"""How often is looked whether somebody's people are to be listed anew."""
SYNC_SECONDS = 300.0
"""How often is looked whether a sync is due, or goes on after it was interrupted."""
FIRST_LOOK_SECONDS = 86400.0
"""After a start: as far back as the bridge may have been down."""


class Clock:
    """One process's clock. Two of them at once do no harm: everything they do is claimed or idempotent."""

    def __init__(self, house: House, bell: Bell) -> None:
        self._house = house
        self._bell = bell
        self._stopping = threading.Event()
        threads = THREADS if house.settings.redis_url else house.settings.worker_concurrency
        self._drain = Drain(house, "clock", threads=threads, idle_seconds=3600.0)

    def run(self) -> None:
        """Tick until `stop`."""
        work: dict[str, Callable[[], object]] = {
            "drain": self._drain.run,
            "reconcile": self._reconcile,
            "people": partial(self._now_and_then, PEOPLE_SECONDS, self._list_people),
            "sync": partial(self._now_and_then, SYNC_SECONDS, partial(sync_due, self._house, self._stopping.is_set)),
            **{post.name: partial(post.run, self._stopping) for post in posts(self._house)},
        }
        threads = [threading.Thread(target=self._soon_over, args=(do,), name=name) for name, do in work.items()]
        for thread in threads:
            thread.start()
        log.info("clock started", redis=bool(self._house.settings.redis_url))
        try:
            while not self._stopping.wait(TICK_SECONDS):
                try:
                    self.tick()
                except DatabaseAway as error:
                    log.error("database away", reason=type(error).__name__)
        finally:
            self._stopping.set()
            self._drain.stop()
            for thread in threads:
                thread.join()
        log.info("clock stopped")

    def stop(self) -> None:
        self._stopping.set()

    def tick(self) -> None:
        """One look at the store."""
        house = self._house
        now = house.clock()
        with house.database.read() as connection:
            due = first_due(connection)
            listening = health.alive(connection, now).get("worker", 0)
        overdue = -1.0 if due is None else now - due
        if overdue >= 0:
            heard = self._bell.ring() and listening
            if not heard or overdue > OVERDUE_SECONDS:
                self._drain.wake()
        self._expire(now)

    def _reconcile(self) -> None:
        """Ask the systems now and then for what no webhook told."""
        since = self._house.clock() - FIRST_LOOK_SECONDS
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.wait(pause):
            pause = RECONCILE_SECONDS
            started = self._house.clock()
            try:
                found = reconcile(self._house, since)
            except DatabaseAway as error:
                log.error("database away", reason=type(error).__name__)
                continue
            if not found.unasked:
                since = started - OVERLAP_SECONDS

    def _soon_over(self, do: Callable[[], object]) -> None:
        """A thread's work, in which nobody waits for a turn any more once the clock stops."""
        with interruptible(self._stopping.is_set):
            do()

    def _now_and_then(self, every: float, look: Callable[[], object]) -> None:
        """Look soon after the start, and so often afterwards, for what a night's work is due or was interrupted."""
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.wait(pause):
            pause = every
            try:
                look()
            except DatabaseAway as error:
                log.error("database away", reason=type(error).__name__)
            except Exception as error:  # noqa: BLE001 - the thread's boundary: whatever it was, the next look may work
                sentry.unexpected(log, error)

    def _list_people(self) -> None:
        house = self._house
        people.refresh_due(house.database, house.bridge, house.systems, house.clock, self._stopping.is_set)

    def _expire(self, now: float) -> None:
        with self._house.database.read() as connection:
            if not records.any_expired(connection, now):
                return
        rules = self._house.rules("expired")
        with self._house.database.write() as connection:
            # After everything that was decided so far: the invitation's own note stands before this one.
            rank = inbox.newest(connection)
            for invitation in records.expire_invitations(connection, now):
                decision = decide.invitation_expired(invitation, rules.named(invitation.route))
                about = Subject(ticket=invitation.ticket)
                apply(connection, decision, about, rank=rank, correlation=secrets.token_hex(6), now=now)


def run_clock(house: House) -> None:
    """Run the clock until SIGTERM or SIGINT."""
    bell = Bell(house.settings.redis_url)
    clock = Clock(house, bell)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        clock.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    clock.run()
    bell.close()
