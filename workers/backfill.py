"""Bringing past sessions: a platform is asked window after window, and an interrupted run goes on where it was.

What is found becomes a command, as in polling; what is known already becomes nothing. So a window that was asked for
twice, or by two people at once, does no harm.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import structlog

from bridge.errors import Rejected
from connectors.contract import Capability
from store import backfills, records
from store.backfills import Progress
from workers.house import House
from workers.poll import look, windows

log = structlog.get_logger(__name__)

BY = "backfill"


def begin(house: House, name: str, since: float, until: float, *, restart: bool = False) -> Progress:
    """The connection's unfinished backfill, if there is one to go on with; else a new one.

    Raises Rejected when the platform cannot list its sessions.
    """
    if name not in house.platforms_that_can(Capability.SESSIONS_SINCE):
        raise Rejected(f"{name} cannot be asked for its past sessions", code="unsupported")
    with house.database.write() as connection:
        last = backfills.find(connection, name)
        if last is not None and not last.finished and not restart:
            return last
        known = records.count_sessions(connection, name).known
        progress = Progress(name, since, until, done_until=since, known_before=known)
        backfills.save(connection, progress)
    return progress


def backfill(house: House, progress: Progress) -> Iterator[Progress]:
    """Ask for what is left, the oldest first. Yields how far it got after each window; raises a ConnectorError."""
    name = progress.connection
    for since, until in windows(house, name, progress.done_until, progress.until):
        found = look(house, name, since, until, BY)
        progress = progress.after(
            until,
            listed=found.listed,
            brought=found.brought,
            surveys=found.surveys,
            troubles=1 if found.trouble else 0,
        )
        with house.database.write() as connection:
            backfills.save(connection, progress)
        log.info("past sessions asked for", connection=name, until=_day(until), brought=found.brought)
        yield progress


def counted(house: House, name: str) -> records.Counted:
    """How many sessions of the platform the bridge knows by now, and where they are."""
    with house.database.read() as connection:
        return records.count_sessions(connection, name)


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
