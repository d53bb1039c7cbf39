"""The ticket that a session names, looked up and held: the store's side of `bridge.decide.linking`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bridge.decide import Named, Rules, linking
from bridge.effects import SessionRecord, TicketKey, TicketRecord
from bridge.model import Session
from store import records


def named_ticket(
    connection: Connection, known: SessionRecord, session: Session, began: datetime | None, rules: Rules, now: float
) -> Named:
    """The ticket of the session, held until the transaction ends. `session` is all that is known of it by now."""
    reference = linking.signed(session, rules)
    signed_key = TicketKey(reference.connection, reference.ticket_id) if reference else None
    if known.ticket is None and reference and signed_key:
        return Named(records.lock_ticket(connection, signed_key, now), reference.number, linking.BY_REFERENCE)
    if known.ticket is None or linking.may_be_corrected(known, session, rules):
        named = _typed(connection, known.platform, session, began, rules, now)
        if named.ticket is not None or known.ticket is None:
            return named
    number = reference.number if reference and signed_key == known.ticket else 0
    return Named(records.lock_ticket(connection, known.ticket, now), number, known.linked_how)


def _typed(
    connection: Connection, platform: str, session: Session, began: datetime | None, rules: Rules, now: float
) -> Named:
    keys = linking.typed(session, platform, rules)
    if not keys:
        return Named(why=linking.unsigned(session))
    # Only looked at: a number that somebody made up must not become a ticket here.
    meant = dict.fromkeys(found for key in keys for found in _meant(connection, key, rules))
    candidates = [TicketRecord(key, invitations=tuple(records.invitations_of(connection, key))) for key in meant]
    named = linking.believe(candidates, platform, began, rules)
    if named.ticket is None:
        return named
    return replace(named, ticket=records.lock_ticket(connection, named.ticket.key, now))


def _meant(connection: Connection, typed: TicketKey, rules: Rules) -> list[TicketKey]:
    """The tickets that people call so, else the one with that id."""
    if called := records.called(connection, typed):
        return called
    return [] if typed.connection in rules.numbered_systems else [typed]
