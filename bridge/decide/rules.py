"""What every decision leans on beside the store, and the small parts that they share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bridge.document import Document
from bridge.effects import AddNote, Decision, Effect, InvitationRecord, Purpose, TicketKey, TicketRecord
from bridge.model import CrmRecord, Note, Visibility
from bridge.people import NOBODY, People
from bridge.provisioning import ProvisioningRoute
from bridge.route import Route

# A PIN that comes an hour late helps nobody; a card may wait for the platform's log only so long.
INVITE_SECONDS = 3600.0
READ_TICKET_SECONDS = 86400.0
READ_SESSION_SECONDS = 900.0
NOTE_SECONDS = 7 * 86400.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What a decision leans on beside the store."""

    routes: tuple[Route, ...]
    reference_keys: tuple[str, ...]
    """The first signs, all verify."""
    now: datetime
    source: str
    """Names the delivery and its replay, so that what is read again has a key of its own."""
    own_actors: frozenset[str] = frozenset()
    typing_platforms: frozenset[str] = frozenset()
    """Platforms whose sessions name their ticket by its plain number."""
    following_platforms: frozenset[str] = frozenset()
    """Platforms whose running sessions can be told what changed on the ticket."""
    numbered_systems: frozenset[str] = frozenset()
    """Ticket systems in which a number that people type may be another ticket's id."""
    timed_systems: frozenset[str] = frozenset()
    """Ticket systems that take time entries."""
    people: People = NOBODY
    provisioning: tuple[ProvisioningRoute, ...] = ()

    def provisioning_from(self, connection: str, record: CrmRecord | None) -> tuple[ProvisioningRoute, ...]:
        """The routes of that connection's contacts or accounts; of its tickets for None."""
        return tuple(one for one in self.provisioning if one.source == connection and one.record is record)

    def provisioning_named(self, name: str) -> ProvisioningRoute | None:
        return next((one for one in self.provisioning if one.name == name), None)

    def of_ticket(self, connection: str) -> tuple[Route, ...]:
        return tuple(route for route in self.routes if route.ticket == connection)

    def of_platform(self, connection: str) -> tuple[Route, ...]:
        return tuple(route for route in self.routes if route.platform == connection)

    def named(self, name: str) -> Route | None:
        return next((route for route in self.routes if route.name == name), None)

    def joining(self, connection: str, platform: str) -> Route | None:
        return next((r for r in self.routes if r.ticket == connection and r.platform == platform), None)


def note_effect(
    purpose: Purpose,
    mark: str,
    document: Document,
    visibility: Visibility,
    *,
    ticket: TicketKey,
    route: str,
    give_up_seconds: float = NOTE_SECONDS,
) -> Effect:
    """A note on the ticket. Its mark is the effect's key, so that it is written once."""
    return Effect(
        key=mark,
        connection=ticket.connection,
        ticket=ticket,
        action=AddNote(purpose, Note(mark=mark, document=document, visibility=visibility)),
        route=route,
        give_up_seconds=give_up_seconds,
    )


def invitation_of(ticket: TicketRecord, number: int) -> InvitationRecord | None:
    return next((i for i in ticket.invitations if i.number == number), None)


def join(one: Decision, other: Decision) -> Decision:
    """Both; the ticket and the session of the first, unless it has none."""
    return replace(
        one,
        tell=one.tell + other.tell,
        effects=one.effects + other.effects,
        invitations=one.invitations + other.invitations,
        ticket=one.ticket or other.ticket,
        session=one.session or other.session,
        successor=one.successor or other.successor,
    )
