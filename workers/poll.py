"""Asking the platforms for their sessions, and watching them: what no event told is found and brought.

What is found becomes a command, so that its story is told like any delivery's; what is known already becomes
nothing. Two clocks at once do no harm: the same find leads to the same effects.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from math import ceil

import structlog

from bridge.errors import BridgeError, ConnectorError, Unreadable
from bridge.model import Session, SessionSummary
from config import sentry
from connectors.contract import Capability, SupportPlatform
from store import health, records
from store.database import DatabaseAway
from workers import commands
from workers.asking import blame, may_be_asked
from workers.house import House
from workers.perform import backoff
from workers.turns import patiently
from workers.understand import Command, CommandKind

log = structlog.get_logger(__name__)

BY_POLLING = "polling"
BY_WATCHING = "the live state"
OVERLAP_SECONDS = 900.0
"""Reports lag behind, and clocks differ: each look reaches so far behind the last one."""
DEEP_SECONDS = 86400.0
"""Now and then a look reaches back a day: a survey may come hours after its session."""
DEEP_EVERY_SECONDS = 3600.0
NIGHTLY_SECONDS = 7 * 86400.0
"""Once a day a look reaches back a week: whatever was lost meanwhile, by whomever, is found."""
NIGHTLY_EVERY_SECONDS = 86400.0
RECONNECT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look at a platform's sessions came to."""

    listed: int = 0
    """Different sessions that it told of."""
    brought: int = 0
    """Of these, those of which the bridge knew nothing, or not that much."""
    surveys: int = 0
    """Surveys of customers and technicians that are new, whenever their sessions were."""
    trouble: str = ""
    """What it told that nobody can make out."""


def poll(house: House, name: str, since: float) -> int:
    """Ask one platform for its sessions since then (seconds since the epoch). How many told something new.

    Raises a ConnectorError when it cannot be asked.
    """
    started = house.clock()
    with house.database.read() as connection:
        # What happened before the bridge was there is not ours to bring.
        known_since = health.known_since(connection, name) or started
    moment = max(since, known_since - OVERLAP_SECONDS)
    looks = [look(house, name, *window, BY_POLLING) for window in windows(house, name, moment, started)]
    found = sum(one.brought + one.surveys for one in looks)
    with house.database.write() as connection:
        health.polled(connection, name, started)
        health.succeeded(connection, name, started)
    if found:
        log.info("sessions found by polling", connection=name, sessions=found)
    return found


def windows(house: House, name: str, since: float, until: float) -> list[tuple[float, float]]:
    """The times that the platform is asked for one after the other, the oldest first."""
    window = house.platforms[name].listing_window
    if window is None or until <= since:
        return [(since, until)]
    span = window.total_seconds()
    # What little is left over at the end goes with the last window.
    count = max(1, ceil((until - since) / span - 0.01))
    starts = [since + number * span for number in range(count)]
    return [*pairwise(starts), (starts[-1], until)]


def look(house: House, name: str, since: float, until: float, by: str) -> Looked:
    """Ask for the sessions of one window and have worked off what is new. Raises a ConnectorError."""
    listed, brought, surveys, trouble = set(), set(), 0, ""
    begin, end = (datetime.fromtimestamp(moment, UTC) for moment in (since, until))
    try:
        with patiently():
            for summary in house.platforms[name].sessions_since(begin, end):
                news = _take(house, name, summary, by)
                if summary.surveyed_by:
                    surveys += news
                    continue
                listed.add(summary.id)
                if news:
                    brought.add(summary.id)
    except Unreadable as error:
        trouble = str(error)
        log.error("sessions that cannot be read", connection=name, reason=trouble)
    return Looked(len(listed), len(brought), surveys, trouble)


def _take(house: House, name: str, summary: SessionSummary, by: str) -> bool:
    """Have it worked off if it says something new."""
    with house.database.read() as connection:
        known = records.find_session(connection, name, summary.id)
    if known is not None and not _is_news(summary, known.session):
        return False
    commands.submit(house, Command(CommandKind.FOUND, "", "", by, platform=name, session_id=summary.id, found=summary))
    return True


def _is_news(summary: SessionSummary, known: Session) -> bool:
    handed_over = summary.technician.id and summary.technician.id != known.technician.id
    return (
        (summary.ended and not known.ended)
        or bool(summary.reference and summary.reference != known.reference)
        or bool(handed_over and not known.ended)
        or bool(summary.surveyed_by - {survey.by for survey in known.surveys})
    )


class NotWatching(BridgeError):
    """The live state could not be had, or broke off; the log says why."""


@dataclass(frozen=True, slots=True)
class Post:
    """One thread of the clock that keeps asking or watching one platform."""

    name: str
    run: Callable[[threading.Event], None]


def posts(house: House) -> list[Post]:
    """A thread's work for each platform that is polled, and one for each that is watched."""
    found = []
    listing, live = map(house.platforms_that_can, (Capability.SESSIONS_SINCE, Capability.WATCH))
    for name, platform in house.platforms.items():
        keys = house.bridge.connections[name].keys
        if name in listing and keys.get("poll_seconds"):
            poller = _Poller(house, name)
            found.append(Post(f"poll-{name}", _keep(house, name, poller.look, float(keys["poll_seconds"]))))
        if name in live and keys.get("real_time"):
            watcher = _Watcher(house, name, platform)
            found.append(Post(f"watch-{name}", _keep(house, name, watcher.look, RECONNECT_SECONDS)))
    return found


def _keep(house: House, name: str, look: Callable[[threading.Event], None], every: float) -> Callable[..., None]:
    """Look again and again, `every` seconds apart; less often while it fails."""

    def run(stopping: threading.Event) -> None:
        pause, failures = 0.0, 0
        while not stopping.wait(pause):
            failures = 0 if _look_once(house, name, look, stopping) else failures + 1
            pause = max(every, backoff(failures)) if failures else every

    return run


def _look_once(house: House, name: str, look: Callable[[threading.Event], None], stopping: threading.Event) -> bool:
    """False when it did not work; why is in the connection's health and in the log."""
    began = house.clock()
    try:
        if may_be_asked(house, name):
            look(stopping)
    except DatabaseAway as error:
        log.error("database away", reason=type(error).__name__)
        return False
    except NotWatching:
        return False
    except BridgeError as error:
        if not stopping.is_set():
            blame(house, name, error, began)
        return False
    except Exception as error:  # noqa: BLE001 - the thread's boundary: whatever it was, the next look may work
        sentry.unexpected(log, error, connection=name)
        return False
    return True


class _Poller:
    """Asks one platform every few seconds."""

    def __init__(self, house: House, name: str) -> None:
        self._house = house
        self._name = name
        self._deep_at = 0.0
        self._nightly_at = house.clock() + DEEP_EVERY_SECONDS
        """Not at once: after a start the last hours matter more."""

    def look(self, _stopping: threading.Event) -> None:
        now = self._house.clock()
        deep, nightly = now >= self._deep_at, now >= self._nightly_at
        with self._house.database.read() as connection:
            last = health.polled_at(connection, self._name)
        behind = NIGHTLY_SECONDS if nightly else DEEP_SECONDS if deep else OVERLAP_SECONDS
        poll(self._house, self._name, (now if last is None else last) - behind)
        if deep or nightly:
            self._deep_at = now + DEEP_EVERY_SECONDS
        if nightly:
            self._nightly_at = now + NIGHTLY_EVERY_SECONDS


class _Watcher:
    """Listens to one platform's live state until the connection breaks.

    The live state is an extra with a right and a limit of its own: what goes wrong with it is in the log, and does
    not touch the connection's health, which invitations and reports depend on.
    """

    def __init__(self, house: House, name: str, platform: SupportPlatform) -> None:
        self._house = house
        self._name = name
        self._platform = platform

    def look(self, stopping: threading.Event) -> None:
        try:
            with patiently():
                for summary in self._platform.watch(stopping.is_set):
                    _take(self._house, self._name, summary, BY_WATCHING)
        except ConnectorError as error:
            if stopping.is_set():
                return
            log.error("live state lost", connection=self._name, error=type(error).__name__, reason=str(error))
            raise NotWatching from error
