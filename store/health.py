"""The state of connections, shared by all processes: stopped, resting, throttled; and who is alive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, case, delete, func, or_, select, update

from bridge.effects import EffectState
from store.database import upsert
from store.schema import connections, effects, heartbeats, throttle

# After so many failures in a row a system is left in peace, longer each time.
BREAKER_FAILURES = 5
BREAKER_SECONDS = 5.0
BREAKER_MAX_SECONDS = 300.0
ALIVE_SECONDS = 30.0
OK_SECONDS = 5.0
"""How exactly the last success of a connection is kept."""


class ConnectionState(StrEnum):
    OK = "ok"
    RESTING = "resting"
    """The circuit breaker spares it, or it asked us to wait."""
    STOPPED = "stopped"
    """Its credentials are refused: an operator must act."""


@dataclass(frozen=True, slots=True)
class Health:
    name: str
    state: ConnectionState
    reason: str
    failures: int
    until: datetime | None
    last_ok_at: datetime | None


def register(connection: Connection, fingerprints: Mapping[str, str], now: float) -> list[str]:
    """Make rows for all configured connections. Changed credentials lift a stop; returns those so lifted."""
    lifted = []
    for name, fingerprint in fingerprints.items():
        connection.execute(
            upsert(connection, connections)
            .values(name=name, state=ConnectionState.OK, fingerprint=fingerprint, known_since=now)
            .on_conflict_do_nothing()
        )
        old = (connections.c.name == name) & (connections.c.fingerprint != fingerprint)
        if connection.execute(select(connections.c.name).where(old)).one_or_none() is None:
            continue
        # Effects first, as everywhere: who takes rows the other way round may wait for each other for ever.
        _wake(connection, name)
        if connection.execute(update(connections).where(old).values(**_lifted(now), fingerprint=fingerprint)).rowcount:
            lifted.append(name)
    return lifted


def known_since(connection: Connection, name: str) -> float | None:
    """When the bridge first knew the connection, in seconds since the epoch."""
    return connection.execute(select(connections.c.known_since).where(connections.c.name == name)).scalar()


def succeeded(connection: Connection, name: str, now: float) -> None:
    connection.execute(
        update(connections)
        .where(
            connections.c.name == name,
            # A row that says so already is not written again: all workers of a connection would wait for each other.
            or_(
                connections.c.failures > 0,
                connections.c.until > 0,
                connections.c.last_ok_at.is_(None),
                connections.c.last_ok_at < now - OK_SECONDS,
            ),
        )
        .values(
            failures=0,
            until=0,
            last_ok_at=now,
            reason=case((connections.c.state == "ok", ""), else_=connections.c.reason),
        )
    )


def failed(connection: Connection, name: str, now: float, reason: str) -> None:
    """Count a failure of the system itself; after BREAKER_FAILURES in a row it rests."""
    row = connection.execute(
        update(connections)
        .where(connections.c.name == name)
        .values(failures=connections.c.failures + 1, reason=reason)
        .returning(connections.c.failures)
    ).one_or_none()
    if row is not None and row.failures >= BREAKER_FAILURES:
        seconds = min(BREAKER_SECONDS * 2 ** (row.failures - BREAKER_FAILURES), BREAKER_MAX_SECONDS)
        rest(connection, name, now + seconds, reason)


def rest(connection: Connection, name: str, until: float, reason: str) -> None:
    """Leave the system in peace until then."""
    connection.execute(
        update(connections)
        .where(connections.c.name == name, connections.c.until < until)
        .values(until=until, reason=reason)
    )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Credentials were refused.

    It is old news where a stop was lifted since, or where others stand in their place: while processes are restarted
    with new ones, the last that works with the old ones must not stop all.
    """

    name: str
    reason: str
    fingerprint: str
    """Of the credentials."""
    asked_at: float
    """When whoever was refused began to ask."""

    @property
    def counts(self) -> ColumnElement[bool]:
        """Whether it is no old news."""
        mine = (connections.c.name == self.name) & (connections.c.fingerprint == self.fingerprint)
        return mine & (connections.c.lifted_at <= self.asked_at)


def is_old_news(connection: Connection, refusal: Refusal) -> bool:
    return connection.execute(select(connections.c.name).where(refusal.counts)).one_or_none() is None


def stop(connection: Connection, refusal: Refusal) -> None:
    """Stop the connection, unless it is old news."""
    statement = update(connections).where(refusal.counts)
    connection.execute(statement.values(state=ConnectionState.STOPPED, reason=refusal.reason))


def resume(connection: Connection, name: str, now: float) -> bool:
    """Lift a stop or a rest. False when there is no such connection."""
    statement = update(connections).where(connections.c.name == name).values(**_lifted(now))
    _wake(connection, name)
    return connection.execute(statement).rowcount == 1


def _lifted(now: float) -> dict[str, object]:
    return {"state": ConnectionState.OK, "reason": "", "failures": 0, "until": 0, "lifted_at": now}


def _wake(connection: Connection, name: str) -> None:
    """What waited for the system need not wait for its next turn. What is under way is left alone."""
    connection.execute(
        update(effects).where(effects.c.connection == name, effects.c.state == EffectState.PENDING).values(due_at=0)
    )


def all_connections(connection: Connection, now: float) -> dict[str, Health]:
    found = {}
    for row in connection.execute(select(connections).order_by(connections.c.name)):
        state = ConnectionState(row.state)
        if state is ConnectionState.OK and row.until > now:
            state = ConnectionState.RESTING
        found[row.name] = Health(
            name=row.name,
            state=state,
            reason=row.reason,
            failures=row.failures,
            until=datetime.fromtimestamp(row.until, UTC) if row.until > now else None,
            last_ok_at=datetime.fromtimestamp(row.last_ok_at, UTC) if row.last_ok_at else None,
        )
    return found


def take(connection: Connection, name: str, bucket: str, per_second: float, now: float, burst: int = 1) -> float:
    """Take one turn of a bucket that allows so many a second over all workers. Returns seconds to wait, 0 for go.

    Of turns that were not taken, up to `burst - 1` may be taken at once later. What is kept is the moment at which
    all turns taken so far are worked off (the generic cell rate algorithm).
    """
    interval = 1.0 / per_second
    ahead = now + (burst - 1) * interval
    _make_bucket(connection, name, bucket)
    mine = _bucket(name, bucket)
    worked_off = case((throttle.c.free_at > now, throttle.c.free_at), else_=now)
    taken = connection.execute(
        update(throttle).where(mine, throttle.c.free_at <= ahead).values(free_at=worked_off + interval)
    )
    if taken.rowcount:
        return 0.0
    free_at: float = connection.execute(select(throttle.c.free_at).where(mine)).scalar_one()
    return max(free_at - ahead, 0.001)


def hold(connection: Connection, name: str, bucket: str, until: float) -> None:
    """No turn of the bucket before then: the system's own headers said that little is left."""
    _make_bucket(connection, name, bucket)
    connection.execute(update(throttle).where(_bucket(name, bucket), throttle.c.free_at < until).values(free_at=until))


def polled_at(connection: Connection, name: str) -> float | None:
    """When the platform was last asked for its sessions with success, in seconds since the epoch."""
    return connection.execute(select(connections.c.polled_at).where(connections.c.name == name)).scalar()


def polled(connection: Connection, name: str, at: float) -> None:
    connection.execute(update(connections).where(connections.c.name == name).values(polled_at=at))


def _make_bucket(connection: Connection, name: str, bucket: str) -> None:
    connection.execute(
        upsert(connection, throttle).values(connection=name, bucket=bucket, free_at=0.0).on_conflict_do_nothing()
    )


def _bucket(name: str, bucket: str) -> ColumnElement[bool]:
    return (throttle.c.connection == name) & (throttle.c.bucket == bucket)


def beat(connection: Connection, holder: str, role: str, now: float) -> None:
    """Say that this process is alive; forget those that were not for a day."""
    connection.execute(
        upsert(connection, heartbeats)
        .values(holder=holder, role=role, at=now)
        .on_conflict_do_update(index_elements=[heartbeats.c.holder], set_={"at": now})
    )
    connection.execute(delete(heartbeats).where(heartbeats.c.at < now - 86400))


def gone(connection: Connection, holder: str) -> None:
    connection.execute(delete(heartbeats).where(heartbeats.c.holder == holder))


def alive(connection: Connection, now: float) -> dict[str, int]:
    """How many processes of each role were heard of lately."""
    rows = connection.execute(
        select(heartbeats.c.role, func.count()).where(heartbeats.c.at > now - ALIVE_SECONDS).group_by(heartbeats.c.role)
    )
    return {row[0]: row[1] for row in rows}
