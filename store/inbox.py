"""Deliveries: stored raw before they are acknowledged, each once, and worked off one by one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Executable, Row, func, insert, select, update

from bridge.model import Delivery
from store import codec
from store.database import upsert
from store.schema import deliveries, events

LEASE_SECONDS = 8.0
MAX_ATTEMPTS = 5
"""A delivery that so many workers took and never finished would take the next one down too."""


class DeliveryState(StrEnum):
    NEW = "new"
    DONE = "done"
    IGNORED = "ignored"
    """Understood, and nothing follows from it."""
    REFUSED = "refused"
    """From the right sender but not in the vendor's shape, or not to be read: kept for the operator."""
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class NewDelivery:
    delivery: Delivery
    key: str
    correlation: str
    state: DeliveryState = DeliveryState.NEW
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Which row holds the delivery. A double has the id and correlation of the first one."""

    id: int
    correlation: str
    double: bool


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    id: int
    delivery: Delivery
    key: str
    correlation: str
    state: DeliveryState
    reason: str
    attempts: int
    replays: int
    doubles: int
    fence: int
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """What a delivery was understood to mean."""

    kind: str
    name: str
    subject: str


def store(connection: Connection, new: NewDelivery) -> Receipt:
    """Insert it, or count a double of the same connection and key."""
    return store_many(connection, [new])[0]


def store_many(connection: Connection, new: Sequence[NewDelivery]) -> list[Receipt]:
    """Insert them with one statement, or count doubles. Their receipts, in the same order.

    One statement for the whole group: each one costs the receiver a turn at Python's interpreter lock, and while
    it is busy with requests that turn is long in coming.
    """
    receipts: dict[int, Receipt] = {}
    left = list(enumerate(new))
    while left:
        group: dict[tuple[str, str], int] = {}
        later = []
        for place, one in left:
            # One statement cannot touch a row twice: a double within the group is counted after it.
            if group.setdefault((one.delivery.connection, one.key), place) != place:
                later.append((place, one))
        rows = connection.execute(_insert(connection), [_values(new[place]) for place in group.values()])
        for row in rows:
            receipts[group[row.connection, row.key]] = Receipt(row.id, row.correlation, double=row.doubles > 0)
        left = later
    return [receipts[place] for place in range(len(new))]


def _insert(connection: Connection) -> Executable:
    """The statement for this kind of database, built once: building it costs more than running it."""
    kind = connection.dialect.name
    if kind not in _inserts:
        _inserts[kind] = _new_insert(connection)
    return _inserts[kind]


_inserts: dict[str, Executable] = {}


def _new_insert(connection: Connection) -> Executable:
    return (
        upsert(connection, deliveries)
        .on_conflict_do_update(
            index_elements=[deliveries.c.connection, deliveries.c.key],
            set_={"doubles": deliveries.c.doubles + 1},
        )
        .returning(
            deliveries.c.id, deliveries.c.correlation, deliveries.c.doubles, deliveries.c.connection, deliveries.c.key
        )
    )


def _values(new: NewDelivery) -> dict[str, Any]:
    delivery = new.delivery
    received = delivery.received_at.timestamp()
    return {
        "connection": delivery.connection,
        "key": new.key,
        "correlation": new.correlation,
        "received_at": received,
        "method": delivery.method,
        "url": delivery.url,
        "headers": json.dumps(dict(delivery.headers)),
        "query": json.dumps(dict(delivery.query)),
        "body": delivery.body,
        "state": new.state,
        "reason": new.reason,
        "due_at": received,
    }


def claim(connection: Connection, now: float, limit: int) -> list[StoredDelivery]:
    """Take deliveries that are due, for LEASE_SECONDS. Each claim counts as an attempt, so that poison shows."""
    due = (
        select(deliveries.c.id)
        .where(deliveries.c.state == DeliveryState.NEW, deliveries.c.due_at <= now)
        .order_by(deliveries.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(deliveries)
        .where(deliveries.c.id.in_(due.scalar_subquery()))
        .values(
            due_at=now + LEASE_SECONDS,
            attempts=deliveries.c.attempts + 1,
            fence=deliveries.c.fence + 1,
        )
        .returning(*deliveries.c)
    )
    rows = [_stored(row) for row in connection.execute(statement)]
    return sorted(rows, key=lambda row: row.id)


def finish(
    connection: Connection,
    stored: StoredDelivery,
    state: DeliveryState,
    now: float,
    reason: str = "",
    due_at: float = 0,
) -> bool:
    """Write the end of an attempt. False when somebody else holds the delivery by now: then nothing is written."""
    done = state is not DeliveryState.NEW
    statement = (
        update(deliveries)
        .where(deliveries.c.id == stored.id, deliveries.c.fence == stored.fence)
        .values(state=state, reason=reason, due_at=due_at, done_at=now if done else None)
    )
    return connection.execute(statement).rowcount == 1


def add_events(connection: Connection, stored: StoredDelivery, found: Sequence[EventRow]) -> None:
    """What was understood. A replay replaces what was understood before."""
    connection.execute(events.delete().where(events.c.delivery_id == stored.id))
    rows = [
        {
            "delivery_id": stored.id,
            "connection": stored.delivery.connection,
            "kind": event.kind,
            "name": _storable(event.name),
            "subject": _storable(event.subject),
            "at": stored.delivery.received_at.timestamp(),
        }
        for event in found
    ]
    if rows:
        connection.execute(insert(events), rows)


def _storable(text: str) -> str:
    """What a vendor called it, as every database takes it."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:200]


def replay(connection: Connection, delivery_id: int, now: float) -> bool:
    """Put a delivery back to the start. What is done already keeps its key, so nothing is written twice."""
    statement = (
        update(deliveries)
        .where(deliveries.c.id == delivery_id, deliveries.c.state != DeliveryState.NEW)
        .values(state=DeliveryState.NEW, reason="", attempts=0, replays=deliveries.c.replays + 1, due_at=now)
    )
    return connection.execute(statement).rowcount == 1


def newest(connection: Connection) -> int:
    """The id of the newest delivery; 0 when there is none."""
    return connection.execute(select(func.max(deliveries.c.id))).scalar() or 0


def get(connection: Connection, delivery_id: int) -> StoredDelivery | None:
    row = connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).one_or_none()
    return _stored(row) if row else None


def counts(connection: Connection) -> Mapping[str, int]:
    """Deliveries by state, the finished ones left out: they are counted by the metrics of the receiver."""
    rows = connection.execute(
        select(deliveries.c.state, func.count())
        .where(deliveries.c.state.in_([DeliveryState.NEW, DeliveryState.PARKED, DeliveryState.REFUSED]))
        .group_by(deliveries.c.state)
    )
    return {row[0]: row[1] for row in rows}


def oldest_due(connection: Connection) -> float | None:
    """When the oldest waiting delivery was due, in seconds since the epoch."""
    return connection.execute(
        select(func.min(deliveries.c.due_at)).where(deliveries.c.state == DeliveryState.NEW)
    ).scalar()


def _stored(row: Row[Any]) -> StoredDelivery:
    return StoredDelivery(
        id=row.id,
        delivery=Delivery(
            connection=row.connection,
            method=row.method,
            url=row.url,
            headers=codec.load_strings(row.headers),
            query=codec.load_strings(row.query),
            body=bytes(row.body),
            received_at=datetime.fromtimestamp(row.received_at, UTC),
        ),
        key=row.key,
        correlation=row.correlation,
        state=DeliveryState(row.state),
        reason=row.reason,
        attempts=row.attempts,
        replays=row.replays,
        doubles=row.doubles,
        fence=row.fence,
        done_at=datetime.fromtimestamp(row.done_at, UTC) if row.done_at else None,
    )
