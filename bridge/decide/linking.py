"""Which ticket a session belongs to, and how we know. Pure.

A signed reference proves itself. Where a platform takes the ticket's plain number, anybody can type it: it is
believed when an invitation of ours to that ticket was good at the moment at which the session began, or when the
route says that typed keys are trusted. What cannot be believed stays an orphan, never a note on a stranger's ticket.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge import match
from bridge.decide.rules import Rules
from bridge.effects import InvitationRecord, SessionRecord, TicketKey, TicketRecord
from bridge.model import InvitationState, Session, SessionEvent, SessionEventKind

BY_REFERENCE = "reference"
BY_INVITATION = "invitation"
BY_TYPED_KEY = "typed key"
SKEW = timedelta(minutes=2)
"""By so much the platform's clock may differ from ours."""
MAX_KEY = 200

_GOOD = (InvitationState.ISSUED, InvitationState.USED, InvitationState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Named:
    """The ticket that a session is believed to belong to, or why none is."""

    ticket: TicketRecord | None = None
    number: int = 0
    """The invitation that led to it; 0 for none."""
    how: str = ""
    why: str = ""


def signed(session: Session, rules: Rules) -> match.Reference | None:
    """The ticket that the session's reference proves, if it does."""
    return match.read(session.reference, rules.reference_keys, {route.ticket for route in rules.routes})


def unsigned(session: Session) -> str:
    """Why a session without a right signature is nobody's."""
    return "its reference is not ours" if session.reference else "it has no reference"


def typed(session: Session, platform: str, rules: Rules) -> tuple[TicketKey, ...]:
    """The tickets that a plain number may mean: one in each system that a route joins with the platform."""
    key = session.reference.strip()
    if platform not in rules.typing_platforms or not key or len(key) > MAX_KEY or not key.isprintable():
        return ()
    return tuple(dict.fromkeys(TicketKey(route.ticket, key) for route in rules.of_platform(platform)))


def may_be_corrected(known: SessionRecord, session: Session, rules: Rules) -> bool:
    """Whether a key that was typed anew may still lead the session to another ticket."""
    return (
        known.ticket is not None
        and not known.carded
        and known.platform in rules.typing_platforms
        and known.linked_how in (BY_INVITATION, BY_TYPED_KEY)
        and session.reference.strip() not in ("", known.ticket.ticket_id)
    )


def began(session: Session, event: SessionEvent | None = None) -> datetime | None:
    """When the session began, as far as that is known."""
    if session.started_at is None and event is not None and event.kind is SessionEventKind.STARTED:
        return event.occurred_at
    return session.started_at


def believe(candidates: Sequence[TicketRecord], platform: str, moment: datetime | None, rules: Rules) -> Named:
    """Which of the tickets with that number it is. `moment` is when the session began."""
    proven = [(ticket, i) for ticket in candidates for i in ticket.invitations if _proves(i, platform, moment)]
    if len({ticket.key for ticket, _ in proven}) == 1:
        ticket, invitation = proven[-1]
        return Named(ticket, invitation.number, BY_INVITATION)
    if proven:
        return Named(why="several tickets of that number were invited at that time")
    trusting = {route.ticket for route in rules.of_platform(platform) if route.trust_typed_keys}
    trusted = [ticket for ticket in candidates if ticket.key.connection in trusting]
    if len(trusted) == 1:
        return Named(trusted[0], 0, BY_TYPED_KEY)
    if trusted:
        return Named(why="several systems whose typed keys are trusted may have a ticket of that number")
    if moment is None:
        return Named(why="it is not known yet when it began, so no invitation proves its key")
    return Named(why="no invitation of ours was good when it began, and no route trusts typed keys")


def _proves(invitation: InvitationRecord, platform: str, moment: datetime | None) -> bool:
    if moment is None or invitation.platform != platform or invitation.state not in _GOOD:
        return False
    until = invitation.expires_at or moment
    return invitation.created_at - SKEW <= moment <= until + SKEW
