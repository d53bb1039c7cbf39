"""Effects: decided once under their key, claimed with a lease and a fence, in order within a ticket."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, or_, select, tuple_, update

from bridge.effects import KINDS, NAMES, READS, Action, Effect, EffectState, TicketKey
from store import codec
from store.database import upsert
from store.schema import connections, effects

LEASE_SECONDS = 8.0
OPEN = (EffectState.PENDING, EffectState.SENDING)


@dataclass(frozen=True, slots=True)
class StoredEffect:
    id: int
    key: str
    kind: str
    connection: str
    ticket: TicketKey
    route: str
    rank: int
    delivery_id: int | None
    correlation: str
    action: Action
    state: EffectState
    reason: str
    act: str
    """Who must act on a parked one: `operator`, or empty."""
    result: str
    attempts: int
    due_at: float
    give_up_at: float
    fence: int
    created_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Claim:
    effect: StoredEffect
    look: bool
    """An earlier attempt may have been done: look for the mark before writing."""


def add(
    connection: Connection,
    new: Sequence[Effect],
    *,
    rank: int,
    delivery_id: int | None,
    correlation: str,
    now: float,
) -> int:
    """Insert the effects whose keys are new. Returns how many were."""
    added = 0
    for effect in new:
        statement = (
            upsert(connection, effects)
            .values(
                key=effect.key,
                kind=NAMES[type(effect.action)],
                connection=effect.connection,
                ticket_connection=effect.ticket.connection,
                ticket_id=effect.ticket.ticket_id,
                route=effect.route,
                rank=rank,
                delivery_id=delivery_id,
                correlation=correlation,
                payload=codec.dump(effect.action),
                state=EffectState.PENDING,
                due_at=now,
                give_up_at=now + effect.give_up_seconds,
                created_at=now,
            )
            .on_conflict_do_nothing(index_elements=[effects.c.key])
            .returning(effects.c.id)
        )
        added += len(connection.execute(statement).all())
    return added


def claim(
    connection: Connection, now: float, limit: int, *, busy: Mapping[str, int] | None = None, most: int | None = None
) -> list[Claim]:
    """Take effects that are due and first in their ticket's lane, for LEASE_SECONDS.

    No connection gets more than `most` at the same time, `busy` counts what it has already. Connections that are
    stopped or resting are left alone, but for effects whose time is up.
    """
    most = limit if most is None else most
    under_way = Counter(busy)
    full = [name for name, count in under_way.items() if count >= most]
    before: dict[int, str] = {}
    for row in connection.execute(_claimable(now, full, 2 * limit)):
        if under_way[row.connection] < most and len(before) < limit:
            under_way[row.connection] += 1
            before[row.id] = row.state
    if not before:
        return []
    statement = (
        update(effects)
        .where(effects.c.id.in_(before))
        .values(
            state=EffectState.SENDING,
            due_at=now + LEASE_SECONDS,
            attempts=effects.c.attempts + 1,
            fence=effects.c.fence + 1,
        )
        .returning(*effects.c)
    )
    claimed = [_stored(row) for row in connection.execute(statement)]
    return [
        Claim(effect, look=before[effect.id] == EffectState.SENDING and not isinstance(effect.action, READS))
        for effect in sorted(claimed, key=lambda e: e.id)
    ]


def _claimable(now: float, full: Sequence[str], limit: int) -> Select[tuple[int, str, str]]:
    """Ids, connections and states of what could be claimed, longest due first; locked, and without what others lock."""
    earlier = effects.alias("earlier")
    first_in_lane = ~(
        select(earlier.c.id)
        .where(
            earlier.c.ticket_connection == effects.c.ticket_connection,
            earlier.c.ticket_id == effects.c.ticket_id,
            earlier.c.state.in_(OPEN),
            tuple_(earlier.c.rank, earlier.c.id) < tuple_(effects.c.rank, effects.c.id),
        )
        .correlate(effects)
        .exists()
    )
    resting = select(connections.c.name).where(or_(connections.c.state == "stopped", connections.c.until > now))
    return (
        select(effects.c.id, effects.c.connection, effects.c.state)
        .where(
            effects.c.state.in_(OPEN),
            effects.c.due_at <= now,
            or_(
                and_(effects.c.connection.not_in(resting), effects.c.connection.not_in(full)),
                effects.c.give_up_at <= now,
            ),
            first_in_lane,
        )
        .order_by(effects.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=effects)
    )


def renew(connection: Connection, held: Mapping[int, int], now: float) -> set[int]:
    """Lengthen the leases of these effects (id to fence). Returns the ids that are still ours."""
    if not held:
        return set()
    statement = (
        update(effects)
        .where(
            # The ids by themselves too: SQLite finds no pairs by an index.
            effects.c.id.in_(list(held)),
            tuple_(effects.c.id, effects.c.fence).in_(list(held.items())),
            effects.c.state == EffectState.SENDING,
        )
        .values(due_at=now + LEASE_SECONDS)
        .returning(effects.c.id)
    )
    return {row.id for row in connection.execute(statement)}


def finish(
    connection: Connection,
    effect: StoredEffect,
    state: EffectState,
    now: float,
    *,
    reason: str = "",
    act: str = "",
    result: str = "",
) -> bool:
    """Write the end. False when somebody else holds the effect by now: then nothing is written."""
    statement = (
        update(effects)
        .where(effects.c.id == effect.id, effects.c.fence == effect.fence, effects.c.state == EffectState.SENDING)
        .values(state=state, reason=reason, act=act, result=result, done_at=now)
    )
    return connection.execute(statement).rowcount == 1


def postpone(
    connection: Connection,
    effect: StoredEffect,
    due_at: float,
    *,
    reason: str,
    unsure: bool,
    counted: bool = True,
) -> bool:
    """Try again later: from `sending` when it may have been done, from `pending` when it was not."""
    state = EffectState.SENDING if unsure else EffectState.PENDING
    statement = (
        update(effects)
        .where(effects.c.id == effect.id, effects.c.fence == effect.fence, effects.c.state == EffectState.SENDING)
        .values(
            state=state,
            due_at=due_at,
            reason=reason,
            attempts=effects.c.attempts if counted else effects.c.attempts - 1,
            fence=effects.c.fence + 1,
        )
    )
    return connection.execute(statement).rowcount == 1


def untried_behind(connection: Connection, effect: StoredEffect) -> list[StoredEffect]:
    """Effects of the same kind, connection and route behind it in its lane that nobody has tried yet, locked."""
    rows = connection.execute(
        select(effects)
        .where(
            effects.c.ticket_connection == effect.ticket.connection,
            effects.c.ticket_id == effect.ticket.ticket_id,
            effects.c.connection == effect.connection,
            effects.c.kind == effect.kind,
            effects.c.route == effect.route,
            effects.c.state == EffectState.PENDING,
            effects.c.attempts == 0,
            tuple_(effects.c.rank, effects.c.id) > (effect.rank, effect.id),
        )
        .order_by(effects.c.rank, effects.c.id)
        .with_for_update(skip_locked=True)
    )
    return [_stored(row) for row in rows]


def rewrite(connection: Connection, effect: StoredEffect, action: Action) -> None:
    """Let an effect that waits, and that was surely not done, be another action under its key."""
    connection.execute(update(effects).where(effects.c.id == effect.id).values(payload=codec.dump(action)))


def waiting(connection: Connection, name: str, kind: str) -> int:
    """How many open effects of this kind a connection has."""
    mine = (effects.c.connection == name) & (effects.c.kind == kind) & effects.c.state.in_(OPEN)
    return connection.execute(select(func.count()).where(mine)).scalar_one()


def retry(connection: Connection, effect_id: int, now: float, give_up_seconds: float = 86400.0) -> bool:
    """An administrator wants a parked or failed effect to be tried again. It looks before it writes."""
    statement = (
        update(effects)
        .where(effects.c.id == effect_id, effects.c.state.in_([EffectState.PARKED, EffectState.FAILED]))
        .values(
            state=EffectState.SENDING,
            due_at=now,
            give_up_at=now + give_up_seconds,
            attempts=0,
            reason="",
            act="",
            done_at=None,
        )
    )
    return connection.execute(statement).rowcount == 1


def skip(connection: Connection, effect_id: int, now: float, reason: str) -> bool:
    """An administrator does not want it any more."""
    statement = (
        update(effects)
        .where(effects.c.id == effect_id, effects.c.state.in_([EffectState.PARKED, EffectState.PENDING]))
        .values(state=EffectState.SKIPPED, reason=reason, act="", done_at=now)
    )
    return connection.execute(statement).rowcount == 1


def get(connection: Connection, effect_id: int) -> StoredEffect | None:
    row = connection.execute(select(effects).where(effects.c.id == effect_id)).one_or_none()
    return _stored(row) if row else None


def of_ticket(connection: Connection, key: TicketKey) -> list[StoredEffect]:
    rows = connection.execute(
        select(effects)
        .where(effects.c.ticket_connection == key.connection, effects.c.ticket_id == key.ticket_id)
        .order_by(effects.c.id)
    )
    return [_stored(row) for row in rows]


def of_kind(connection: Connection, key: TicketKey, kind: str) -> list[StoredEffect]:
    """The effects of one kind in a ticket's lane, oldest first."""
    rows = connection.execute(
        select(effects)
        .where(
            effects.c.ticket_connection == key.connection, effects.c.ticket_id == key.ticket_id, effects.c.kind == kind
        )
        .order_by(effects.c.id)
    )
    return [_stored(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Backlog:
    """Open and parked effects of one connection."""

    open: int
    parked: int
    oldest: float | None
    """When the oldest open one was decided, in seconds since the epoch."""


def backlogs(connection: Connection) -> dict[str, Backlog]:
    is_open = effects.c.state.in_(OPEN)
    rows = connection.execute(
        select(
            effects.c.connection,
            func.sum(case((is_open, 1), else_=0)),
            func.sum(case((is_open, 0), else_=1)),
            func.min(case((is_open, effects.c.created_at))),
        )
        .where(effects.c.state.in_([*OPEN, EffectState.PARKED]))
        .group_by(effects.c.connection)
    )
    return {row[0]: Backlog(int(row[1]), int(row[2]), row[3]) for row in rows}


def next_due(connection: Connection) -> float | None:
    """When the next open effect is due, in seconds since the epoch."""
    return connection.execute(select(func.min(effects.c.due_at)).where(effects.c.state.in_(OPEN))).scalar()


def _stored(row: Row[Any]) -> StoredEffect:
    return StoredEffect(
        id=row.id,
        key=row.key,
        kind=row.kind,
        connection=row.connection,
        ticket=TicketKey(row.ticket_connection, row.ticket_id),
        route=row.route,
        rank=row.rank,
        delivery_id=row.delivery_id,
        correlation=row.correlation,
        action=codec.load(row.payload, KINDS[row.kind]),
        state=EffectState(row.state),
        reason=row.reason,
        act=row.act,
        result=row.result,
        attempts=row.attempts,
        due_at=row.due_at,
        give_up_at=row.give_up_at,
        fence=row.fence,
        created_at=datetime.fromtimestamp(row.created_at, UTC),
        done_at=datetime.fromtimestamp(row.done_at, UTC) if row.done_at else None,
    )
