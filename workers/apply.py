"""A decision becomes rows: in the transaction that ends what it was decided from."""

from __future__ import annotations

from sqlalchemy import Connection

from bridge.effects import Decision
from store import journal, ledger, records
from store.journal import Subject


def apply(
    connection: Connection, decision: Decision, about: Subject, *, rank: int, correlation: str, now: float
) -> int:
    """Write what shall be. Returns how many effects are new."""
    if decision.ticket:
        records.save_ticket(connection, decision.ticket, now)
    for invitation in decision.invitations:
        records.save_invitation(connection, invitation)
    if decision.successor:
        records.save_successor(connection, decision.successor.ticket, decision.successor.into, now)
    if decision.session:
        records.save_session(connection, decision.session, now)
    added = ledger.add(
        connection,
        decision.effects,
        rank=rank,
        delivery_id=about.delivery_id,
        correlation=correlation,
        now=now,
    )
    journal.tell(connection, about, now, *decision.tell)
    return added
