"""What follows from an event or from an outcome. Pure: the same knowledge always leads to the same effects.

A ticket that asks:    event -> ReadTicket -> Invite -> AddNote(invitation)
A ticket that changes: event -> ReadTicket -> SetAttributes, while a session of it runs
A record that asks:    event -> ReadRecord -> ProvisionUser -> UpdateRecord
A session that ends:   event -> ReadSession -> AddNote(card), and AddNote(addition) for what comes later
"""

from bridge.decide.linking import Named
from bridge.decide.provisioning import Past, provisioned, record_event, record_read, remembered, ticket_seen
from bridge.decide.rules import INVITE_SECONDS, Rules
from bridge.decide.sessions import session_event, session_linked, session_overdue, session_read
from bridge.decide.tickets import invitation_expired, invited, not_invited, ticket_elsewhere, ticket_event, ticket_read

__all__ = [
    "INVITE_SECONDS",
    "Named",
    "Past",
    "Rules",
    "invitation_expired",
    "invited",
    "not_invited",
    "provisioned",
    "record_event",
    "record_read",
    "remembered",
    "session_event",
    "session_linked",
    "session_overdue",
    "session_read",
    "ticket_elsewhere",
    "ticket_event",
    "ticket_read",
    "ticket_seen",
]
