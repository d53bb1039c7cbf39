"""Orphans: sessions without a ticket, each with the tickets that it may belong to, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from bridge.effects import TicketKey
from bridge.model import InvitationState, Person, Session, Ticket
from store import codec
from store.paging import MAX_ID, SLACK_SECONDS, Filters, Page, first_id_at
from store.schema import invitations, sessions, tickets
from store.views import SessionRow, SessionState, list_sessions, names

BEFORE = timedelta(hours=24)
"""How long before its session a ticket may have asked for it."""
MAX_CANDIDATES = 200
MAX_SUGGESTIONS = 5


@dataclass(frozen=True, slots=True)
class Suggestion:
    ticket: TicketKey
    subject: str
    reasons: tuple[str, ...]
    score: int


@dataclass(frozen=True, slots=True)
class Orphan:
    session: SessionRow
    suggestions: tuple[Suggestion, ...]
    """The likeliest first; empty when nothing speaks for any ticket."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    key: TicketKey
    reasons: tuple[tuple[int, str], ...] = ()
    """What speaks for it beside its people, each with its weight."""


def list_orphans(connection: Connection, filters: Filters) -> Page[Orphan]:
    """Unlinked sessions, newest first. The filter `state` is ignored: they are all orphans."""
    found = list_sessions(
        connection,
        Filters(SessionState.ORPHAN, filters.connection, filters.since, filters.q, filters.limit, filters.cursor),
    )
    return Page(tuple(Orphan(row, suggest(connection, row)) for row in found.items), found.next_cursor)


def suggest(connection: Connection, row: SessionRow) -> tuple[Suggestion, ...]:
    """Tickets that the session may belong to: by time, by people, by a number that somebody typed."""
    began = row.started_at or row.first_seen_at
    data = connection.execute(select(sessions.c.data).where(sessions.c.id == row.id)).scalar_one()
    session = codec.load(data, Session)
    candidates = [
        *_typed(connection, session.reference),
        *_invited(connection, row, began),
        *_seen(connection, began),
    ]
    merged: dict[TicketKey, list[tuple[int, str]]] = {}
    for candidate in candidates:
        merged.setdefault(candidate.key, []).extend(candidate.reasons)
    known = _snapshots(connection, merged)
    suggestions = [_weigh(key, reasons, known.get(key), session) for key, reasons in merged.items()]
    good = [suggestion for suggestion in suggestions if suggestion.reasons]
    return tuple(sorted(good, key=lambda suggestion: -suggestion.score)[:MAX_SUGGESTIONS])


def _typed(connection: Connection, reference: str) -> Iterator[_Candidate]:
    """A plain ticket number in the platform's field: a person's claim, so only a suggestion."""
    if not reference or len(reference) > 200 or "\0" in reference:
        return
    rows = connection.execute(
        select(tickets.c.connection, tickets.c.ticket_id).where(
            tickets.c.connection.in_(names(connection)), tickets.c.ticket_id == reference.strip().lstrip("#")
        )
    )
    for row in rows:
        yield _Candidate(TicketKey(*row), ((4, "this ticket's number was typed into the session"),))


def _invited(connection: Connection, row: SessionRow, began: datetime) -> Iterator[_Candidate]:
    """Invitations of the same platform that were good when the session began."""
    ceiling = first_id_at(connection, invitations, invitations.c.created_at, began.timestamp() + SLACK_SECONDS)
    newest = (
        select(invitations)
        .where(invitations.c.id < min(ceiling, MAX_ID))
        .order_by(invitations.c.id.desc())
        .limit(MAX_CANDIDATES)
        .subquery()
    )
    wanted = (InvitationState.ISSUED, InvitationState.REQUESTED, InvitationState.USED, InvitationState.EXPIRED)
    rows = connection.execute(
        select(newest).where(
            newest.c.platform == row.platform,
            newest.c.created_at >= (began - BEFORE).timestamp(),
            newest.c.state.in_(wanted),
            or_(newest.c.expires_at.is_(None), newest.c.expires_at >= began.timestamp() - SLACK_SECONDS),
        )
    )
    for invitation in rows:
        yield _Candidate(TicketKey(invitation.connection, invitation.ticket_id), (_time_reason(invitation, row),))


def _time_reason(invitation: Row[Any], row: SessionRow) -> tuple[int, str]:
    if invitation.state == InvitationState.USED:
        return 1, f"its invitation {invitation.number} was used at that time, by session {invitation.session_id}"
    return 2, f"its invitation {invitation.number} was open when the session began"


def _seen(connection: Connection, began: datetime) -> Iterator[_Candidate]:
    """Tickets that something happened to around that time; only their people can speak for them."""
    rows = connection.execute(
        select(tickets.c.connection, tickets.c.ticket_id)
        .where(
            tickets.c.seen_at >= (began - BEFORE).timestamp(),
            tickets.c.seen_at <= (began + BEFORE).timestamp(),
        )
        .order_by(tickets.c.seen_at.desc())
        .limit(MAX_CANDIDATES)
    )
    for row in rows:
        yield _Candidate(TicketKey(*row))


def _snapshots(connection: Connection, keys: Iterable[TicketKey]) -> dict[TicketKey, Ticket]:
    """The tickets as they were last read. Asked by connection: SQLite finds no pairs by an index."""
    by_connection: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        by_connection[key.connection].append(key.ticket_id)
    found: dict[TicketKey, Ticket] = {}
    for name, ids in by_connection.items():
        rows = connection.execute(
            select(tickets.c.ticket_id, tickets.c.snapshot).where(
                tickets.c.connection == name, tickets.c.ticket_id.in_(ids), tickets.c.snapshot.is_not(None)
            )
        )
        found |= {TicketKey(name, row.ticket_id): codec.load(row.snapshot, Ticket) for row in rows}
    return found


def _weigh(key: TicketKey, reasons: list[tuple[int, str]], ticket: Ticket | None, session: Session) -> Suggestion:
    spoken = [*reasons]
    if ticket:
        spoken += _people(session.customer, ticket.requester, "the customer", "the ticket's requester")
        spoken += _people(session.technician, ticket.assignee, "the technician", "the ticket's assignee")
    return Suggestion(
        ticket=key,
        subject=ticket.subject if ticket else "",
        reasons=tuple(dict.fromkeys(text for _, text in spoken)),
        score=sum(weight for weight, _ in spoken),
    )


def _people(one: Person, other: Person, who: str, whom: str) -> Iterator[tuple[int, str]]:
    if one.email and one.email.lower() == other.email.lower():
        yield 4, f"{who} has the e-mail address of {whom}"
    elif one.name and " ".join(one.name.split()).lower() == " ".join(other.name.split()).lower():
        yield 3, f"{who} has the name of {whom}"
