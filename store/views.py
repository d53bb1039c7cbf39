"""What pages and the API list: one row each, newest first, filtered, and found again by whatever a person has in hand.

A search (`q`) is resolved through indexes into ids first. Connections' names are few, so they lead those indexes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, func, select, tuple_, union_all

from bridge.effects import EffectState, TicketKey
from bridge.lanes import lanes_called
from bridge.model import InvitationState, Ticket
from store import codec, health, inbox, ledger
from store.health import ConnectionState
from store.inbox import DeliveryState, EventRow
from store.paging import (
    Filters,
    Page,
    by_id,
    moment,
    moment_or_none,
    page,
    read_cursor,
    starts_with,
    write_cursor,
)
from store.schema import connections, deliveries, effects, events, invitations, sessions, tickets

ADMIN = "admin"
"""The connection of administrators' wishes: it is in no configuration."""
SHORTEST_PREFIX = 6
"""A shorter prefix of a key would find half of the table."""
COUNT_UP_TO = 1000


class SessionState(StrEnum):
    STARTED = "started"
    ENDED = "ended"
    ORPHAN = "orphan"


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    id: int
    connection: str
    key: str
    correlation: str
    received_at: datetime
    method: str
    size: int
    """Bytes of the body."""
    state: DeliveryState
    reason: str
    attempts: int
    replays: int
    doubles: int
    done_at: datetime | None
    events: tuple[EventRow, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionRow:
    id: int
    platform: str
    session_id: str
    technician: str
    customer: str
    device: str
    reference: str
    """As the platform sent it, believed or not."""
    started_at: datetime | None
    ended_at: datetime | None
    ended: bool
    ticket: TicketKey | None
    linked_how: str
    route: str
    carded: bool
    first_seen_at: datetime
    changed_at: datetime

    @property
    def state(self) -> SessionState:
        return SessionState.ENDED if self.ended else SessionState.STARTED


@dataclass(frozen=True, slots=True)
class EffectRow:
    id: int
    key: str
    kind: str
    connection: str
    ticket: TicketKey
    route: str
    delivery_id: int | None
    correlation: str
    state: EffectState
    reason: str
    act: str
    """Who must act: `operator`, or empty."""
    result: str
    attempts: int
    due_at: datetime | None
    """When it is tried next; None when it is over."""
    give_up_at: datetime
    created_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class TicketRow:
    ticket: TicketKey
    subject: str
    status: str
    url: str
    asking: tuple[str, ...]
    """Routes whose condition held when it was last read."""
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class InvitationRow:
    id: int
    ticket: TicketKey
    number: int
    route: str
    platform: str
    state: InvitationState
    code: str
    url: str
    session_id: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    name: str
    state: ConnectionState
    reason: str
    failures: int
    until: datetime | None
    last_ok_at: datetime | None
    open: int
    """Effects still to do."""
    parked: int
    oldest_at: datetime | None
    """When the oldest open one was decided."""


@dataclass(frozen=True, slots=True)
class Overview:
    deliveries: Mapping[str, int]
    """Unfinished deliveries by state."""
    open: int
    parked: int
    orphans: int
    """At most COUNT_UP_TO: nobody reads further."""


# -- lists -----------------------------------------------------------------------------------------------------

DELIVERY_COLUMNS = (
    *(column for column in deliveries.c if column.name not in ("url", "headers", "query", "body")),
    func.length(deliveries.c.body).label("size"),
)


def list_deliveries(connection: Connection, filters: Filters) -> Page[DeliveryRow]:
    statement = _narrow(select(*DELIVERY_COLUMNS), filters, deliveries.c.state, deliveries.c.connection)
    if filters.q:
        statement = statement.where(deliveries.c.id.in_(_deliveries_about(connection, filters.q)))
    found = by_id(connection, statement, deliveries, deliveries.c.received_at, filters, delivery_row)
    understood = events_of(connection, [row.id for row in found.items])
    return Page(with_events(found.items, understood), found.next_cursor)


def list_sessions(connection: Connection, filters: Filters) -> Page[SessionRow]:
    statement = _narrow(select(sessions), filters, None, sessions.c.platform)
    match filters.state:
        case SessionState.STARTED:
            # Written as the partial index of unfinished sessions is: a card is only decided after the end.
            unfinished = select(sessions.c.id).where(~sessions.c.ended, ~sessions.c.carded, sessions.c.changed_at >= 0)
            statement = statement.where(sessions.c.id.in_(unfinished))
        case SessionState.ENDED:
            statement = statement.where(sessions.c.ended)
        case SessionState.ORPHAN:
            statement = statement.where(sessions.c.link_ticket.is_(None))
    if filters.q:
        named = names(connection)
        ways = [
            select(sessions.c.id).where(sessions.c.platform.in_(named), sessions.c.session_id == filters.q),
            select(sessions.c.id).where(sessions.c.link_connection.in_(named), sessions.c.link_ticket == filters.q),
            *_by_id(sessions.c.id, filters.q),
        ]
        statement = statement.where(sessions.c.id.in_(union_all(*ways)))
    return by_id(connection, statement, sessions, sessions.c.first_seen_at, filters, session_row)


def list_effects(connection: Connection, filters: Filters) -> Page[EffectRow]:
    statement = _narrow(select(*EFFECT_COLUMNS), filters, effects.c.state, effects.c.connection)
    if filters.q:
        about = _deliveries_about(connection, filters.q, by_number=False)
        ways = [
            select(effects.c.id).where(_key(connection, effects.c.key, filters.q)),
            select(effects.c.id).where(
                effects.c.ticket_connection.in_(names(connection)), effects.c.ticket_id.in_(lanes_called(filters.q))
            ),
            select(effects.c.id).where(effects.c.delivery_id.in_(about)),
            *_by_id(effects.c.id, filters.q),
        ]
        statement = statement.where(effects.c.id.in_(union_all(*ways)))
    return by_id(connection, statement, effects, effects.c.created_at, filters, effect_row)


EFFECT_COLUMNS = tuple(column for column in effects.c if column.name != "payload")


def list_invitations(connection: Connection, filters: Filters) -> Page[InvitationRow]:
    # A small table with few connections: walking it by id beats sorting one connection's half of it.
    statement = _narrow(select(invitations), filters, invitations.c.state, invitations.c.connection.concat(""))
    if filters.q:
        ways = [
            select(invitations.c.id).where(
                invitations.c.connection.in_(names(connection)), invitations.c.ticket_id == filters.q
            ),
            *_by_id(invitations.c.id, filters.q),
        ]
        statement = statement.where(invitations.c.id.in_(union_all(*ways)))
    return by_id(connection, statement, invitations, invitations.c.created_at, filters, invitation_row)


def list_tickets(connection: Connection, filters: Filters) -> Page[TicketRow]:
    """Tickets by when they were last seen. They have no state of ours: that filter is ignored."""
    order = (tickets.c.seen_at, tickets.c.connection, tickets.c.ticket_id)
    statement = _narrow(select(tickets), filters, None, tickets.c.connection)
    if filters.q:
        statement = statement.where(
            tickets.c.connection.in_(names(connection)), tickets.c.ticket_id.in_(lanes_called(filters.q))
        )
    if filters.since:
        statement = statement.where(tickets.c.seen_at >= filters.since.timestamp())
    if filters.cursor:
        seen_at, name, ticket_id = read_cursor(filters.cursor, float, str, str)
        statement = statement.where(tuple_(*order) < (seen_at, name, ticket_id))
    rows = connection.execute(statement.order_by(*(column.desc() for column in order)).limit(filters.limit + 1)).all()
    return page(rows, filters.limit, ticket_row, lambda row: write_cursor(row.seen_at, row.connection, row.ticket_id))


def list_connections(connection: Connection, now: float) -> list[ConnectionRow]:
    """All connections that were ever configured, with what waits for them."""
    backlogs = ledger.backlogs(connection)
    nothing = ledger.Backlog(0, 0, None)
    rows = []
    for name, state in health.all_connections(connection, now).items():
        backlog = backlogs.get(name, nothing)
        rows.append(
            ConnectionRow(
                name=name,
                state=state.state,
                reason=state.reason,
                failures=state.failures,
                until=state.until,
                last_ok_at=state.last_ok_at,
                open=backlog.open,
                parked=backlog.parked,
                oldest_at=moment_or_none(backlog.oldest),
            )
        )
    return rows


def overview(connection: Connection) -> Overview:
    backlogs = ledger.backlogs(connection).values()
    orphans = select(sessions.c.id).where(sessions.c.link_ticket.is_(None)).limit(COUNT_UP_TO).subquery()
    return Overview(
        deliveries=inbox.counts(connection),
        open=sum(backlog.open for backlog in backlogs),
        parked=sum(backlog.parked for backlog in backlogs),
        orphans=connection.execute(select(func.count()).select_from(orphans)).scalar_one(),
    )


# -- whatever a person has in hand -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, the best first in each kind."""

    tickets: tuple[TicketRow, ...]
    sessions: tuple[SessionRow, ...]
    deliveries: tuple[DeliveryRow, ...]
    effects: tuple[EffectRow, ...]

    @property
    def nothing(self) -> bool:
        return not (self.tickets or self.sessions or self.deliveries or self.effects)


def search(connection: Connection, text: str) -> Found:
    """By ticket id, session id, delivery id, correlation or an effect's key: the newest few of each."""
    filters = Filters(q=text, limit=10)
    exact = select(*EFFECT_COLUMNS).where(_key(connection, effects.c.key, text)).order_by(effects.c.id).limit(10)
    return Found(
        tickets=list_tickets(connection, filters).items,
        sessions=list_sessions(connection, filters).items,
        deliveries=list_deliveries(connection, filters).items,
        effects=tuple(effect_row(row) for row in connection.execute(exact)),
    )


def names(connection: Connection) -> list[str]:
    """All connections that rows may name."""
    return [ADMIN, *connection.execute(select(connections.c.name)).scalars()]


def events_of(connection: Connection, delivery_ids: Iterable[int]) -> dict[int, list[EventRow]]:
    """What each of these deliveries was understood to mean."""
    found: dict[int, list[EventRow]] = defaultdict(list)
    rows = connection.execute(select(events).where(events.c.delivery_id.in_(list(delivery_ids))).order_by(events.c.id))
    for row in rows:
        found[row.delivery_id].append(EventRow(row.kind, row.name, row.subject))
    return found


def _deliveries_about(connection: Connection, q: str, *, by_number: bool = True) -> Any:
    """Ids of deliveries: by id, correlation, the key's start, or the ticket or session that they speak of."""
    named = names(connection)
    ways = [
        select(deliveries.c.id).where(deliveries.c.correlation == q),
        select(deliveries.c.id).where(deliveries.c.connection.in_(named), _key(connection, deliveries.c.key, q)),
        select(events.c.delivery_id).where(events.c.connection.in_(named), events.c.subject.in_(lanes_called(q))),
        *(_by_id(deliveries.c.id, q) if by_number else ()),
    ]
    return union_all(*ways)


def _key(connection: Connection, column: Column[Any], q: str) -> ColumnElement[bool]:
    return column == q if len(q) < SHORTEST_PREFIX else starts_with(connection, column, q)


def _by_id(column: Column[Any], q: str) -> list[Select[Any]]:
    # Eighteen digits fit into 64 bits.
    number = int(q) if q.isascii() and q.isdecimal() and len(q) <= 18 else None
    return [] if number is None else [select(column).where(column == number)]


def _narrow(
    statement: Select[Any], filters: Filters, state: Column[Any] | None, connection: ColumnElement[Any]
) -> Select[Any]:
    if filters.state and state is not None:
        statement = statement.where(state == filters.state)
    if filters.connection:
        statement = statement.where(connection == filters.connection)
    return statement


# -- rows ------------------------------------------------------------------------------------------------------


def delivery_row(row: Row[Any]) -> DeliveryRow:
    return DeliveryRow(
        id=row.id,
        connection=row.connection,
        key=row.key,
        correlation=row.correlation,
        received_at=moment(row.received_at),
        method=row.method,
        size=row.size,
        state=DeliveryState(row.state),
        reason=row.reason,
        attempts=row.attempts,
        replays=row.replays,
        doubles=row.doubles,
        done_at=moment_or_none(row.done_at),
    )


def session_row(row: Row[Any]) -> SessionRow:
    data = json.loads(row.data)
    return SessionRow(
        id=row.id,
        platform=row.platform,
        session_id=row.session_id,
        technician=_label(data.get("technician")),
        customer=_label(data.get("customer")),
        device=data.get("device") or "",
        reference=data.get("reference") or "",
        started_at=_moment_of(data.get("started_at")),
        ended_at=_moment_of(data.get("ended_at")),
        ended=row.ended,
        ticket=TicketKey(row.link_connection, row.link_ticket) if row.link_ticket is not None else None,
        linked_how=row.link_how,
        route=row.route,
        carded=row.carded,
        first_seen_at=moment(row.first_seen_at),
        changed_at=moment(row.changed_at),
    )


def effect_row(row: Row[Any]) -> EffectRow:
    state = EffectState(row.state)
    return EffectRow(
        id=row.id,
        key=row.key,
        kind=row.kind,
        connection=row.connection,
        ticket=TicketKey(row.ticket_connection, row.ticket_id),
        route=row.route,
        delivery_id=row.delivery_id,
        correlation=row.correlation,
        state=state,
        reason=row.reason,
        act=row.act,
        result=row.result,
        attempts=row.attempts,
        due_at=moment(row.due_at) if state.open else None,
        give_up_at=moment(row.give_up_at),
        created_at=moment(row.created_at),
        done_at=moment_or_none(row.done_at),
    )


def ticket_row(row: Row[Any]) -> TicketRow:
    snapshot = codec.load(row.snapshot, Ticket) if row.snapshot else None
    return TicketRow(
        ticket=TicketKey(row.connection, row.ticket_id),
        subject=snapshot.subject if snapshot else "",
        status=(snapshot.vendor_status or snapshot.status.value) if snapshot else "",
        url=snapshot.url if snapshot else "",
        asking=tuple(codec.load(row.asking, list[str])),
        seen_at=moment(row.seen_at),
    )


def invitation_row(row: Row[Any]) -> InvitationRow:
    return InvitationRow(
        id=row.id,
        ticket=TicketKey(row.connection, row.ticket_id),
        number=row.number,
        route=row.route,
        platform=row.platform,
        state=InvitationState(row.state),
        code=row.code,
        url=row.url,
        session_id=row.session_id,
        created_at=moment(row.created_at),
        expires_at=moment_or_none(row.expires_at),
    )


def with_events(rows: Iterable[DeliveryRow], found: Mapping[int, list[EventRow]]) -> tuple[DeliveryRow, ...]:
    return tuple(replace(row, events=tuple(found.get(row.id, ()))) for row in rows)


def _label(person: Mapping[str, str] | None) -> str:
    # The chat in the same JSON can be long: only what a list shows is made a value of the domain.
    return (person.get("name") or person.get("email") or person.get("id") or "") if person else ""


def _moment_of(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
