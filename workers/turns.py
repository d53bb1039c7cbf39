"""Turns of rate limits, kept over all workers: who must wait, who comes back later."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from connectors import registry
from connectors.contract import ConnectionConfig, Rate
from store import health
from store.database import Database

# Set by whoever waits for a turn of a rate limit instead of coming back later: a poll, a command line.
_patient: ContextVar[bool] = ContextVar("patient")
# Set by a thread that must end soon when it is told to: asked while somebody patient waits.
_stopping: ContextVar[Callable[[], bool]] = ContextVar("stopping")
PATIENCE_SECONDS = 120.0
# Set while one piece of work is done: the connections and buckets of which it has had a turn.
_under_way: ContextVar[set[tuple[str, str]]] = ContextVar("under_way")
UNDER_WAY_SECONDS = 15.0


class Turns:
    """The turns of one connection, kept over all workers: the kind's own rates, and the key `<bucket>_per_second`."""

    def __init__(self, config: ConnectionConfig, database: Database, clock: Callable[[], float]) -> None:
        self._config = config
        self._rates = registry.kind(config.kind).rates
        self._database = database
        self._clock = clock

    def throttle(self, bucket: str) -> float:
        """Take a turn. Seconds to wait, 0 for go; somebody patient waits here instead.

        So does work that has had a turn already: sent away between its calls it would begin with the first one
        again, take the next turn for that, and never come to its end.
        """
        turns = _under_way.get(set())
        mine = (self._config.name, bucket)
        wait = self._take(bucket)
        deadline = time.monotonic() + _patience(mine in turns)
        stopping = _stopping.get(_never)
        while wait > 0 and time.monotonic() < deadline and not stopping():
            time.sleep(min(wait, 1.0))
            wait = self._take(bucket)
        if wait <= 0:
            turns.add(mine)
        return wait

    def hold(self, bucket: str, seconds: float) -> None:
        """No turn of the bucket for so long, not even one of a burst."""
        ahead = [(rate.burst - 1) / rate.per_second for name, rate in self._all(bucket) if name == bucket]
        with self._database.write() as connection:
            health.hold(connection, self._config.name, bucket, self._clock() + seconds + sum(ahead))

    def _take(self, bucket: str) -> float:
        rates = self._all(bucket)
        if not rates:
            return 0.0
        with self._database.write() as connection:
            for name, rate in rates:
                wait = health.take(
                    connection, self._config.name, name, rate.per_second, self._clock(), burst=rate.burst
                )
                if wait > 0:
                    return wait
        return 0.0

    def _all(self, bucket: str) -> list[tuple[str, Rate]]:
        """The bucket's rates, each with its row; the first row is the one that `hold` closes."""
        asked = self._config.keys.get(f"{bucket}_per_second")
        found = [(bucket, Rate(float(asked)))] if asked else []
        for number, rate in enumerate(self._rates.get(bucket, ())):
            found.append((f"{bucket}.{number}" if number or asked else bucket, rate))
        return found


def _patience(begun: bool) -> float:
    """For how many seconds somebody waits for a turn."""
    if _patient.get(False):
        return PATIENCE_SECONDS
    return UNDER_WAY_SECONDS if begun else 0.0


@contextmanager
def patiently() -> Iterator[None]:
    """Wait for a turn of a rate limit instead of being sent away."""
    token = _patient.set(True)
    try:
        yield
    finally:
        _patient.reset(token)


@contextmanager
def interruptible(stopping: Callable[[], bool]) -> Iterator[None]:
    """Whoever waits patiently in here waits no longer than until `stopping` says so."""
    token = _stopping.set(stopping)
    try:
        yield
    finally:
        _stopping.reset(token)


def _never() -> bool:
    return False


@contextmanager
def one_piece_of_work() -> Iterator[None]:
    """What goes out from here on belongs together: once it has had a turn of a rate limit, it waits for the others."""
    token = _under_way.set(set())
    try:
        yield
    finally:
        _under_way.reset(token)
