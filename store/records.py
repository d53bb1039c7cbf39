"""Tickets, invitations and sessions as the bridge remembers them, locked while something is decided about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, case, func, select, update

from bridge.effects import Follower, InvitationRecord, SessionRecord, TicketKey, TicketRecord
from bridge.model import InvitationState, Session, Ticket
from store import codec
from store.database import upsert
from store.schema import invitations, sessions, tickets


def lock_ticket(connection: Connection, key: TicketKey, now: float) -> TicketRecord:
    """What is known of the ticket, held until the transaction ends, so that decisions about it follow each other."""
    _insert_new(connection, tickets, {"connection": key.connection, "ticket_id": key.ticket_id, "seen_at": now})
    row = connection.execute(select(tickets).where(*_named(key)).with_for_update()).one()
    return TicketRecord(
        key=key,
        snapshot=codec.load(row.snapshot, Ticket) if row.snapshot else None,
        asking=frozenset(codec.load(row.asking, list[str])),
        invitations=tuple(invitations_of(connection, key)),
        followers=tuple(codec.load(row.followers, list[Follower])),
    )


def invitations_of(connection: Connection, key: TicketKey) -> list[InvitationRecord]:
    rows = connection.execute(
        select(invitations)
        .where(invitations.c.connection == key.connection, invitations.c.ticket_id == key.ticket_id)
        .order_by(invitations.c.number)
    )
    return [_invitation(row) for row in rows]


def save_ticket(connection: Connection, record: TicketRecord, now: float) -> None:
    connection.execute(
        update(tickets)
        .where(*_named(record.key))
        .values(
            snapshot=codec.dump(record.snapshot) if record.snapshot else None,
            asking=codec.dump(sorted(record.asking)),
            followers=codec.dump(list(record.followers)),
            number=record.snapshot.number if record.snapshot else "",
            seen_at=now,
        )
    )


def called(connection: Connection, key: TicketKey) -> list[TicketKey]:
    """The tickets of the key's connection that people call by what stands in it as their number."""
    rows = connection.execute(
        select(tickets.c.ticket_id)
        .where(tickets.c.connection == key.connection, tickets.c.number == key.ticket_id, tickets.c.number != "")
        .order_by(tickets.c.ticket_id)
    )
    return [TicketKey(key.connection, row.ticket_id) for row in rows]


def snapshot(connection: Connection, key: TicketKey) -> Ticket | None:
    """The ticket as it was last read; None when it never was."""
    row = connection.execute(select(tickets.c.snapshot).where(*_named(key))).one_or_none()
    return codec.load(row.snapshot, Ticket) if row and row.snapshot else None


def trail(connection: Connection, key: TicketKey, most: int) -> list[str]:
    """Ids from the ticket to the one that it lives on in, itself first, after at most so many moves."""
    found = [key.ticket_id]
    while len(found) <= most:
        here = TicketKey(key.connection, found[-1])
        row = connection.execute(select(tickets.c.successor).where(*_named(here))).one_or_none()
        if row is None or not row.successor or row.successor in found:
            break
        found.append(row.successor)
    return found


def save_successor(connection: Connection, key: TicketKey, into: str, now: float) -> None:
    """The ticket lives on in another one from now on."""
    _insert_new(connection, tickets, {"connection": key.connection, "ticket_id": key.ticket_id, "seen_at": now})
    connection.execute(update(tickets).where(*_named(key)).values(successor=into))


def _named(key: TicketKey) -> tuple[ColumnElement[bool], ...]:
    return (tickets.c.connection == key.connection, tickets.c.ticket_id == key.ticket_id)


def save_invitation(connection: Connection, record: InvitationRecord) -> None:
    """Insert it or bring it up to date; ticket and number say which one it is."""
    values = {
        "route": record.route,
        "platform": record.platform,
        "state": record.state,
        "code": record.code,
        "url": record.url,
        "session_id": record.session_id,
        "attributes": codec.dump(dict(record.attributes)),
        "created_at": record.created_at.timestamp(),
        "expires_at": record.expires_at.timestamp() if record.expires_at else None,
    }
    statement = upsert(connection, invitations).values(
        connection=record.ticket.connection, ticket_id=record.ticket.ticket_id, number=record.number, **values
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[invitations.c.connection, invitations.c.ticket_id, invitations.c.number],
            set_=values,
        )
    )


def any_expired(connection: Connection, now: float) -> bool:
    """Whether `expire_invitations` would find any."""
    first = select(invitations.c.id).where(invitations.c.state == "issued", invitations.c.expires_at <= now).limit(1)
    return connection.execute(first).first() is not None


def expire_invitations(connection: Connection, now: float) -> list[InvitationRecord]:
    """Mark issued invitations whose time is up. Returns them."""
    statement = (
        update(invitations)
        .where(invitations.c.state == InvitationState.ISSUED, invitations.c.expires_at <= now)
        .values(state=InvitationState.EXPIRED)
        .returning(*invitations.c)
    )
    return [_invitation(row) for row in connection.execute(statement)]


def lock_session(connection: Connection, platform: str, session: Session, now: float) -> SessionRecord:
    """What is known of the session, held until the transaction ends; a new record when it is the first time."""
    new = {
        "platform": platform,
        "session_id": session.id,
        "data": codec.dump(Session(session.id)),
        "first_seen_at": now,
        "changed_at": now,
    }
    _insert_new(connection, sessions, new)
    row = connection.execute(
        select(sessions).where(sessions.c.platform == platform, sessions.c.session_id == session.id).with_for_update()
    ).one()
    return session_record(row)


def session_known(connection: Connection, platform: str, session_id: str) -> bool:
    """Whether anything was ever heard of the session."""
    mine = (sessions.c.platform == platform) & (sessions.c.session_id == session_id)
    return connection.execute(select(sessions.c.id).where(mine)).first() is not None


def find_session(connection: Connection, platform: str, session_id: str) -> SessionRecord | None:
    """What is known of the session, without holding it; None when nothing was ever heard of it."""
    mine = (sessions.c.platform == platform) & (sessions.c.session_id == session_id)
    row = connection.execute(select(sessions).where(mine)).one_or_none()
    return session_record(row) if row else None


def save_session(connection: Connection, record: SessionRecord, now: float) -> None:
    connection.execute(
        update(sessions)
        .where(sessions.c.platform == record.platform, sessions.c.session_id == record.session.id)
        .values(
            data=codec.dump(record.session),
            shown=codec.dump(list(record.shown)),
            carded=record.carded,
            ended=record.session.ended,
            link_connection=record.ticket.connection if record.ticket else None,
            link_ticket=record.ticket.ticket_id if record.ticket else None,
            link_how=record.linked_how,
            route=record.route,
            changed_at=now,
        )
    )


def asking(connection: Connection, key: TicketKey) -> frozenset[str]:
    """The routes whose condition held when the ticket was last read; none when it never was."""
    row = connection.execute(select(tickets.c.asking).where(*_named(key))).one_or_none()
    return frozenset(codec.load(row.asking, list[str])) if row else frozenset()


def overdue_sessions(connection: Connection, before: float, limit: int = 100) -> list[SessionRecord]:
    """Linked sessions that began and of whose end nothing was heard since before that moment."""
    rows = connection.execute(
        select(sessions)
        .where(
            ~sessions.c.ended, ~sessions.c.carded, sessions.c.changed_at < before, sessions.c.link_ticket.is_not(None)
        )
        .order_by(sessions.c.changed_at)
        .limit(limit)
    )
    return [session_record(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Counted:
    """Sessions of one platform."""

    known: int
    on_tickets: int
    """Those that stand on their ticket, or will as soon as it takes them."""
    orphans: int
    """Those that no link ties to a ticket."""


def count_sessions(connection: Connection, platform: str) -> Counted:
    """How many sessions of the platform are known, and where they are."""
    carded, linked = case((sessions.c.carded, 1), else_=0), case((sessions.c.link_ticket.is_(None), 1), else_=0)
    row = connection.execute(
        select(func.count(), func.coalesce(func.sum(carded), 0), func.coalesce(func.sum(linked), 0)).where(
            sessions.c.platform == platform
        )
    ).one()
    return Counted(*map(int, row))


def session_record(row: Row[Any]) -> SessionRecord:
    """The record of a row of the sessions table."""
    linked = row.link_ticket is not None
    return SessionRecord(
        platform=row.platform,
        session=codec.load(row.data, Session),
        ticket=TicketKey(row.link_connection, row.link_ticket) if linked else None,
        linked_how=row.link_how,
        route=row.route,
        shown=tuple(codec.load(row.shown, list[str])),
        carded=row.carded,
    )


def _insert_new(connection: Connection, table: Table, values: dict[str, Any]) -> None:
    connection.execute(upsert(connection, table).values(values).on_conflict_do_nothing())


def _invitation(row: Row[Any]) -> InvitationRecord:
    return InvitationRecord(
        ticket=TicketKey(row.connection, row.ticket_id),
        number=row.number,
        route=row.route,
        platform=row.platform,
        state=InvitationState(row.state),
        created_at=datetime.fromtimestamp(row.created_at, UTC),
        expires_at=datetime.fromtimestamp(row.expires_at, UTC) if row.expires_at else None,
        code=row.code,
        url=row.url,
        session_id=row.session_id,
        attributes=codec.load_strings(row.attributes),
    )
