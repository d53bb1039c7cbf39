"""Whole stories: everything that is known of one delivery, session, ticket or effect, on one page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from bridge.effects import TicketKey
from bridge.model import Session, Ticket
from store import codec, inbox, journal
from store.journal import Line
from store.paging import starts_with
from store.schema import deliveries, effects, events, invitations, sessions, tickets
from store.views import (
    ADMIN,
    DELIVERY_COLUMNS,
    EFFECT_COLUMNS,
    DeliveryRow,
    EffectRow,
    InvitationRow,
    SessionRow,
    TicketRow,
    delivery_row,
    effect_row,
    events_of,
    invitation_row,
    session_row,
    ticket_row,
    with_events,
)

MAX_ROWS = 500
"""Of each kind on one page, the newest: a ticket may be changed thousands of times."""
MAX_BODY = 64 * 1024
"""Bytes of a body that are shown."""


@dataclass(frozen=True, slots=True)
class DeliveryStory:
    delivery: DeliveryRow
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: str
    """Decoded for reading, at most MAX_BODY bytes of it."""
    body_cut: bool
    routes: tuple[str, ...]
    effects: tuple[EffectRow, ...]
    journal: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class SessionStory:
    row: SessionRow
    session: Session
    invitations: tuple[InvitationRow, ...]
    deliveries: tuple[DeliveryRow, ...]
    effects: tuple[EffectRow, ...]
    journal: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class TicketStory:
    row: TicketRow
    ticket: Ticket | None
    """As it was last read."""
    invitations: tuple[InvitationRow, ...]
    sessions: tuple[SessionRow, ...]
    deliveries: tuple[DeliveryRow, ...]
    effects: tuple[EffectRow, ...]
    journal: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class EffectStory:
    effect: EffectRow
    action: Mapping[str, Any]
    """What it intends, as JSON has it. May hold an invitation's code: for administrators only."""
    delivery: DeliveryRow | None
    journal: tuple[Line, ...]


def delivery_story(connection: Connection, delivery_id: int) -> DeliveryStory | None:
    stored = inbox.get(connection, delivery_id)
    if stored is None:
        return None
    (row,) = _deliveries(connection, deliveries.c.id == delivery_id)
    followed = _effects(connection, effects.c.delivery_id == delivery_id)
    body = stored.delivery.body
    return DeliveryStory(
        delivery=row,
        url=stored.delivery.url,
        headers=stored.delivery.headers,
        query=stored.delivery.query,
        body=body[:MAX_BODY].decode(_charset(stored.delivery.headers), "replace"),
        body_cut=len(body) > MAX_BODY,
        routes=tuple(dict.fromkeys(effect.route for effect in followed if effect.route)),
        effects=followed,
        journal=tuple(journal.of_delivery(connection, delivery_id)),
    )


MARKS = ("card", "addition", "recording", "fields:card", "attributes")
"""How the keys of effects begin that are about one session, before its platform and id."""


def session_number(connection: Connection, platform: str, session_id: str) -> int | None:
    """The row of a session by the platform's own id."""
    mine = (sessions.c.platform == platform) & (sessions.c.session_id == session_id)
    return connection.execute(select(sessions.c.id).where(mine)).scalar()


def session_story(connection: Connection, row_id: int) -> SessionStory | None:
    found = connection.execute(select(sessions).where(sessions.c.id == row_id)).one_or_none()
    if found is None:
        return None
    row = session_row(found)
    # An administrator's command speaks of the session too.
    spoke = select(events.c.delivery_id).where(
        events.c.connection.in_([row.platform, ADMIN]), events.c.subject == row.session_id
    )
    marks = [f"{kind}:{row.platform}:{row.session_id}:" for kind in MARKS]
    ways = [effects.c.delivery_id.in_(spoke), *(starts_with(connection, effects.c.key, mark) for mark in marks)]
    ids = {e for way in ways for e in connection.execute(select(effects.c.id).where(way).limit(MAX_ROWS)).scalars()}
    used = _invitations(connection, row.ticket) if row.ticket else ()
    return SessionStory(
        row=row,
        session=codec.load(found.data, Session),
        invitations=tuple(i for i in used if i.session_id == row.session_id and i.platform == row.platform),
        deliveries=_deliveries(connection, deliveries.c.id.in_(spoke)),
        effects=_effects(connection, effects.c.id.in_(ids)),
        journal=tuple(journal.of_session(connection, row.platform, row.session_id)),
    )


def ticket_story(connection: Connection, key: TicketKey) -> TicketStory | None:
    found = connection.execute(
        select(tickets).where(tickets.c.connection == key.connection, tickets.c.ticket_id == key.ticket_id)
    ).one_or_none()
    if found is None:
        return None
    linked = connection.execute(
        select(sessions)
        .where(sessions.c.link_connection == key.connection, sessions.c.link_ticket == key.ticket_id)
        .order_by(sessions.c.id)
        .limit(MAX_ROWS)
    )
    spoke = select(events.c.delivery_id).where(
        events.c.connection.in_([key.connection, ADMIN]), events.c.subject == key.ticket_id
    )
    return TicketStory(
        row=ticket_row(found),
        ticket=codec.load(found.snapshot, Ticket) if found.snapshot else None,
        invitations=_invitations(connection, key),
        sessions=tuple(session_row(row) for row in linked),
        deliveries=_deliveries(connection, deliveries.c.id.in_(spoke)),
        effects=_effects(
            connection, effects.c.ticket_connection == key.connection, effects.c.ticket_id == key.ticket_id
        ),
        journal=tuple(journal.of_ticket(connection, key)),
    )


def effect_story(connection: Connection, effect_id: int) -> EffectStory | None:
    found = connection.execute(select(effects).where(effects.c.id == effect_id)).one_or_none()
    if found is None:
        return None
    came = _deliveries(connection, deliveries.c.id == found.delivery_id)
    return EffectStory(
        effect=effect_row(found),
        action=json.loads(found.payload),
        delivery=came[0] if came else None,
        journal=tuple(journal.of_effect(connection, effect_id)),
    )


def _deliveries(connection: Connection, *which: ColumnElement[bool]) -> tuple[DeliveryRow, ...]:
    """The newest of them, oldest first."""
    statement = select(*DELIVERY_COLUMNS).where(*which).order_by(deliveries.c.id.desc()).limit(MAX_ROWS)
    rows = [delivery_row(row) for row in connection.execute(statement)]
    return with_events(rows[::-1], events_of(connection, [row.id for row in rows]))


def _effects(connection: Connection, *which: ColumnElement[bool]) -> tuple[EffectRow, ...]:
    """The newest of them, in the order in which they happen."""
    statement = select(*EFFECT_COLUMNS).where(*which).order_by(effects.c.id.desc()).limit(MAX_ROWS)
    rows = sorted(connection.execute(statement), key=lambda row: (row.rank, row.id))
    return tuple(effect_row(row) for row in rows)


def _invitations(connection: Connection, key: TicketKey) -> tuple[InvitationRow, ...]:
    statement = (
        select(invitations)
        .where(invitations.c.connection == key.connection, invitations.c.ticket_id == key.ticket_id)
        .order_by(invitations.c.number)
    )
    return tuple(invitation_row(row) for row in connection.execute(statement))


def _charset(headers: Mapping[str, str]) -> str:
    """UTF-8 unless the body says UTF-16 of itself, which would be unreadable so. Reading must never fail."""
    return "utf-16" if "utf-16" in headers.get("content-type", "").lower() else "utf-8"
