"""The people of the connected systems: listed now and then, kept in the store, held in memory for decisions."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import structlog

from bridge.errors import BridgeError
from bridge.model import Person
from bridge.people import Directory, People
from config import sentry
from config.bridge_toml import Bridge
from connectors.contract import Capability, SupportPlatform, TicketSystem
from store import people as kept
from store.database import Database, DatabaseAway
from workers.turns import patiently

log = structlog.get_logger(__name__)

NIGHT_SECONDS = 2 * 3600.0
"""Into the day, in UTC, at which the lists of the day before are old."""
DAY_SECONDS = 86400.0
AGAIN_SECONDS = 3600.0
"""After a list that failed."""
FRESH_SECONDS = 30.0
"""How long a process may not notice that somebody else listed people."""

Listing = Mapping[str, SupportPlatform | TicketSystem]


def listing(systems: Listing) -> Listing:
    """Those of the connections that list their people."""
    return {name: one for name, one in systems.items() if Capability.PEOPLE in one.capabilities}


@dataclass(frozen=True, slots=True)
class Refreshed:
    name: str
    count: int = 0
    trouble: str = ""
    """Why its people could not be listed; those known before are kept."""


def refresh(database: Database, systems: Listing, clock: Callable[[], float]) -> Iterable[Refreshed]:
    """List the people of these systems, one after the other, and keep them. One that fails keeps whom it had."""
    for name, system in listing(systems).items():
        found = _listed(name, system)
        with database.write() as connection:
            if isinstance(found, str):
                kept.failed(connection, name, found, clock())
                done = Refreshed(name, trouble=found)
            else:
                done = Refreshed(name, kept.save(connection, name, found, clock()))
        if done.trouble:
            log.warning("people could not be listed", connection=name, reason=done.trouble)
        else:
            log.info("people listed", connection=name, people=done.count)
        yield done


def _listed(name: str, system: SupportPlatform | TicketSystem) -> list[Person] | str:
    """Who works there, or why nobody can be listed."""
    try:
        with patiently():
            found = list(system.people())
    except DatabaseAway:
        raise
    except BridgeError as error:
        return f"{type(error).__name__}: {error}"
    except Exception as error:  # noqa: BLE001 - one system whose answer nobody foresaw must not hide the others
        sentry.unexpected(log, error, connection=name)
        return f"unexpected {type(error).__name__}: the log says more"
    # A missing right is often told as an empty list; nobody at all works nowhere.
    return found or "nobody was listed: may our account see who works there?"


def refresh_due(
    database: Database, bridge: Bridge, systems: Listing, clock: Callable[[], float], stopping: Callable[[], bool]
) -> None:
    """List whose people are to be listed anew, until `stopping` says so."""
    forget_others(database, bridge)
    for _ in refresh(database, due(database, systems, clock()), clock):
        if stopping():
            return


def due(database: Database, systems: Listing, now: float) -> Listing:
    """Those whose list is of before the last night, and was not tried in vain just now."""
    night = (now - NIGHT_SECONDS) // DAY_SECONDS * DAY_SECONDS + NIGHT_SECONDS
    with database.read() as connection:
        lists = kept.lists(connection)

    def is_due(one: kept.Listed | None) -> bool:
        if one is None:
            return True
        old = one.listed_at is None or one.listed_at < night
        return old and (not one.trouble or one.tried_at < now - AGAIN_SECONDS)

    return {name: system for name, system in listing(systems).items() if is_due(lists.get(name))}


def forget_others(database: Database, bridge: Bridge) -> None:
    """Forget the people of connections that are no longer in the configuration."""
    with database.write() as connection:
        kept.keep_only(connection, bridge.connections)


class Held:
    """The people as one process holds them for its decisions: read again when somebody listed them anew."""

    def __init__(self, database: Database, bridge: Bridge) -> None:
        self._database = database
        self._bridge = bridge
        self._lock = threading.Lock()
        self._looked_at = -FRESH_SECONDS
        self._stamp: object = None
        self._people = bridge.people

    def people(self, *, fresh: bool = False) -> People:
        """The table and all lists, at most FRESH_SECONDS old. Others wait for nobody who reads them anew."""
        if self._lock.acquire(blocking=fresh):
            try:
                if fresh or time.monotonic() - self._looked_at >= FRESH_SECONDS:
                    self._look()
            finally:
                self._lock.release()
        return self._people

    def _look(self) -> None:
        with self._database.read() as connection:
            stamp = {name: one.listed_at for name, one in kept.lists(connection).items()}
            if stamp != self._stamp:
                found = kept.members(connection)
                told = {name: Directory(found[name]) for name in found if name in self._bridge.connections}
                self._people = People(self._bridge.people.agents, told)
                self._stamp = stamp
        self._looked_at = time.monotonic()
