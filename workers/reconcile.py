"""Reconciliation: what no webhook told is found and brought. Vendors lose deliveries, so asking is a second way in.

Tickets: those touched lately that carry a route's tag and were not seen asking. Sessions: those that began and of
whose end nothing was heard. Both become commands, so that their story is told like any delivery's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

import structlog

from bridge import decide
from bridge.effects import TicketKey
from bridge.errors import BridgeError
from bridge.route import When, WhenKind
from connectors.contract import Capability
from store import health, records
from workers import commands
from workers.house import House
from workers.poll import poll
from workers.understand import Command, CommandKind

log = structlog.get_logger(__name__)

BY = "reconciliation"
OVERDUE_SECONDS = 6 * 3600.0
"""A session that long without an end gets its card with what is known; a later end adds to it."""
MOST_TICKETS = 1000


@dataclass(frozen=True, slots=True)
class Found:
    tickets: int = 0
    sessions: int = 0
    unasked: tuple[str, ...] = ()
    """Connections that could not be asked, with the reason."""


def reconcile(house: House, since: float, *, deep: bool = False) -> Found:
    """Look for what was missed since then (seconds since the epoch) and have it worked off.

    Only when it goes deep: platforms that can list their sessions, since the clock polls them anyway, and tickets
    of routes that look at fields, since every ticket that was touched must be read for them.
    """
    unasked: list[str] = []

    def ask(name: str, look: Callable[[], int]) -> int:
        try:
            return look()
        except BridgeError as error:
            unasked.append(f"{name}: {error}")
            log.warning("could not reconcile", connection=name, reason=str(error))
            return 0

    systems = _wishes(house, _DEEP if deep else _CHEAP)
    tickets = sum(ask(name, partial(_look, house, name, wishes, since)) for name, wishes in systems)
    sessions = _remind(house)
    if deep:
        listing = house.platforms_that_can(Capability.SESSIONS_SINCE)
        sessions += sum(ask(name, partial(poll, house, name, since)) for name in sorted(listing))
    if tickets or sessions:
        log.warning("missed deliveries found", tickets=tickets, sessions=sessions)
    return Found(tickets, sessions, tuple(unasked))


class _Wish(NamedTuple):
    """What a route waits for, and the name under which a ticket is remembered to ask by it."""

    name: str
    when: When


def _look(house: House, name: str, wishes: list[_Wish], since: float) -> int:
    """Have the tickets looked at of which nothing was heard."""
    missed = list(_missed_tickets(house, name, wishes, since))
    for key in missed:
        commands.submit(house, Command(CommandKind.LOOK, key.connection, key.ticket_id, BY))
    return len(missed)


_CHEAP = frozenset({WhenKind.TAG})
_DEEP = frozenset({WhenKind.TAG, WhenKind.FIELD, WhenKind.STATUS})


def _wishes(house: House, kinds: frozenset[WhenKind]) -> list[tuple[str, list[_Wish]]]:
    """What routes wait for by such a condition, for each ticket system that can be asked for tickets.

    Sessions and accounts apart: a ticket that was seen asking for the one may have been missed for the other.
    """
    sessions = [(route.ticket, _Wish(route.name, route.when)) for route in house.bridge.routes]
    accounts = [
        (route.source, _Wish(decide.remembered(route), route.when))
        for route in house.bridge.provisioning
        if route.record is None
    ]
    found: list[tuple[str, list[_Wish]]] = []
    for wishes in (sessions, accounts):
        by_system: dict[str, list[_Wish]] = {}
        for system, wish in wishes:
            able = Capability.TICKETS_SINCE in house.ticket_systems[system].capabilities
            if able and wish.when.kind in kinds:
                by_system.setdefault(system, []).append(wish)
        found += by_system.items()
    return found


def _missed_tickets(house: House, name: str, wishes: list[_Wish], since: float) -> Iterator[TicketKey]:
    with house.database.read() as connection:
        # What asked before the bridge was there is not ours to bring: nobody waits for it any more.
        known_since = health.known_since(connection, name) or house.clock()
    moment = datetime.fromtimestamp(max(since, known_since), UTC)
    wanted = {wish.name for wish in wishes}
    # A system can be asked for tags; for anything else the tickets themselves must be looked at.
    by_tag = all(wish.when.kind is WhenKind.TAG for wish in wishes)
    tags = sorted({wish.when.name for wish in wishes}) if by_tag else []
    for count, ticket_id in enumerate(house.ticket_systems[name].tickets_since(moment, tags)):
        if count >= MOST_TICKETS:
            log.warning("too many tickets to reconcile at once", connection=name, most=MOST_TICKETS)
            return
        key = TicketKey(name, ticket_id)
        with house.database.read() as connection:
            known = records.asking(connection, key)
        if not known & wanted:
            yield key


def _remind(house: House) -> int:
    with house.database.read() as connection:
        overdue = records.overdue_sessions(connection, house.clock() - OVERDUE_SECONDS)
    for record in overdue:
        assert record.ticket is not None
        commands.submit(
            house,
            Command(
                CommandKind.REMIND,
                record.ticket.connection,
                record.ticket.ticket_id,
                BY,
                platform=record.platform,
                session_id=record.session.id,
            ),
        )
    return len(overdue)
