"""What is written on a ticket that takes nothing more: by its route's policy, on the ticket that lives on instead.

A ticket that was merged, or that got a follow-up, is remembered with its successor: whatever comes later goes there
at once. Only the ticket's own lane writes it down, so two workers never make two follow-ups.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import structlog

from bridge.document import Paragraph
from bridge.effects import TicketKey
from bridge.errors import ConnectorError, NotFound, Rejected, TicketClosed, TicketMerged
from bridge.model import NewTicket, Person, Ticket
from bridge.route import Closed, Merged, TicketPolicy
from connectors.contract import Capability
from store import journal, records
from store.ledger import StoredEffect
from workers.house import House

log = structlog.get_logger(__name__)

MOST_MOVES = 5
"""So often a ticket may have moved; more is a circle."""

T = TypeVar("T")


class Standing:
    """The ticket of an effect, wherever it lives now."""

    def __init__(self, house: House, effect: StoredEffect) -> None:
        self._house = house
        self._effect = effect
        self._tickets = house.ticket_systems[effect.connection]
        route = house.rules("").named(effect.route)
        self._policy = route.if_ticket if route else TicketPolicy()
        with house.database.read() as connection:
            self.trail = records.trail(connection, effect.ticket, MOST_MOVES)
            """Ids from the effect's own ticket to the one that lives now."""

    @property
    def living(self) -> TicketKey:
        return TicketKey(self._effect.connection, self.trail[-1])

    def write(self, do: Callable[[str], T]) -> T:
        """Do it on the ticket that lives now. Raises what cannot be settled by the route's policy."""
        reopened = False
        while True:
            try:
                return do(self.living.ticket_id)
            except TicketMerged as error:
                if self._policy.merged is not Merged.FOLLOW:
                    raise
                self._move(error, error.into)
            except TicketClosed as error:
                if self._policy.closed is Closed.REOPEN and not reopened:
                    self._tickets.reopen(self.living.ticket_id)
                    self._tell(f"ticket {self.living.ticket_id} is opened again")
                    reopened = True
                    continue
                self._follow_up(error, "closed", self._policy.closed)
            except NotFound as error:
                self._follow_up(error, "deleted", self._policy.deleted)

    def _follow_up(self, error: ConnectorError, why: str, policy: Closed) -> None:
        if policy is not Closed.FOLLOW_UP or Capability.CREATE_TICKET not in self._tickets.capabilities:
            raise error
        with self._house.database.read() as connection:
            snapshot = records.snapshot(connection, self._effect.ticket)
        if isinstance(error, NotFound) and (snapshot is None or error.connection):
            raise error  # nobody has ever seen it: mistyped, not deleted; or it is something else that is missing
        new = _continuing(self.living, snapshot, why)
        found = self._tickets.find_ticket(new.mark) if Capability.FIND_TICKET in self._tickets.capabilities else None
        self._move(error, found or self._tickets.create_ticket(new))

    def _move(self, error: ConnectorError, into: str) -> None:
        if not into:
            raise error
        if into in self.trail or len(self.trail) > MOST_MOVES:
            raise Rejected("the ticket was moved around in a circle", code="circle") from error
        self._tell(f"ticket {self.living.ticket_id} lives on in {into}", into)
        self.trail.append(into)

    def _tell(self, told: str, into: str = "") -> None:
        """Write it into the story, and where the ticket lives on with it."""
        now = self._house.clock()
        with self._house.database.write() as connection:
            if into:
                records.save_successor(connection, self.living, into, now)
            journal.tell(connection, journal.about(self._effect), now, told)
        log.info("ticket moved", told=told)


def _continuing(old: TicketKey, snapshot: Ticket | None, why: str) -> NewTicket:
    called = snapshot.called if snapshot else old.ticket_id
    about = f": {snapshot.subject}" if snapshot and snapshot.subject else ""
    words = f"Ticket {called} is {why} and takes no more notes. What belongs to it from now on stands here."
    return NewTicket(
        mark=f"follow-up:{old}",
        subject=f"Follow-up to {called}{about}",
        document=(Paragraph(words),),
        requester=snapshot.requester if snapshot else Person(),
        follows=old.ticket_id,
    )
