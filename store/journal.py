"""The story: what happened to a delivery, an effect, a ticket, a session, and when. Only ever added to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, select

from bridge.effects import AttachRecording, EndSession, ReadSession, SetAttributes, TicketKey, TransferSession
from store.ledger import StoredEffect
from store.schema import journal


@dataclass(frozen=True, slots=True)
class Subject:
    """What a line is about; any of them may be unknown."""

    delivery_id: int | None = None
    effect_id: int | None = None
    ticket: TicketKey | None = None
    platform: str | None = None
    session_id: str | None = None


def about(effect: StoredEffect) -> Subject:
    """What the lines of an effect are about."""
    action = effect.action
    session_id = platform = None
    if isinstance(action, ReadSession | SetAttributes | EndSession | TransferSession):
        session_id, platform = action.session_id, effect.connection
    elif isinstance(action, AttachRecording):
        session_id, platform = action.session_id, action.platform
    return Subject(
        delivery_id=effect.delivery_id,
        effect_id=effect.id,
        ticket=None if effect.ticket.connection == platform else effect.ticket,
        platform=platform,
        session_id=session_id,
    )


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    what: str
    delivery_id: int | None
    effect_id: int | None


def tell(connection: Connection, about: Subject, now: float, *what: str) -> None:
    """Add lines. They never hold secrets or what people typed."""
    rows: list[dict[str, Any]] = [
        {
            "at": now,
            "what": text,
            "delivery_id": about.delivery_id,
            "effect_id": about.effect_id,
            "ticket_connection": about.ticket.connection if about.ticket else None,
            "ticket_id": about.ticket.ticket_id if about.ticket else None,
            "platform": about.platform,
            "session_id": about.session_id,
        }
        for text in what
    ]
    if rows:
        connection.execute(insert(journal), rows)


def of_delivery(connection: Connection, delivery_id: int) -> list[Line]:
    return _lines(connection, journal.c.delivery_id == delivery_id)


def of_ticket(connection: Connection, key: TicketKey) -> list[Line]:
    return _lines(connection, and_(journal.c.ticket_connection == key.connection, journal.c.ticket_id == key.ticket_id))


def of_session(connection: Connection, platform: str, session_id: str) -> list[Line]:
    return _lines(connection, and_(journal.c.platform == platform, journal.c.session_id == session_id))


def of_effect(connection: Connection, effect_id: int) -> list[Line]:
    return _lines(connection, journal.c.effect_id == effect_id)


def _lines(connection: Connection, which: ColumnElement[bool]) -> list[Line]:
    rows = connection.execute(select(journal).where(which).order_by(journal.c.id).limit(1000))
    return [Line(datetime.fromtimestamp(row.at, UTC), row.what, row.delivery_id, row.effect_id) for row in rows]
