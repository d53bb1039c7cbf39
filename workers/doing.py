"""The one call outside that an effect is: what is asked of which connector, and what is looked for before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bridge.effects import (
    AddNote,
    AttachRecording,
    Invite,
    Outcome,
    ReadSession,
    ReadTicket,
    SetAttributes,
    UpdateFields,
)
from bridge.errors import AccessDenied, ConnectorError, NotFound, Rejected
from bridge.model import Note, NoteRef, Session, Ticket
from connectors.contract import Capability
from store import records
from store.ledger import Claim, StoredEffect
from workers.house import House


def do(house: House, claim: Claim) -> Outcome:
    """Do it once. Raises a ConnectorError that says who must act, LeaseLost when it is somebody else's by now."""
    effect = claim.effect
    match effect.action:
        case ReadTicket(event):
            tickets = house.ticket_systems[effect.connection]
            if Capability.FETCH_TICKET not in tickets.capabilities:
                return event.ticket or Ticket(event.ticket_id)
            return tickets.fetch_ticket(event.ticket_id)
        case Invite(request=request):
            return house.platforms[effect.connection].invite(request)
        case ReadSession(session_id):
            platform = house.platforms[effect.connection]
            if Capability.FETCH_SESSION not in platform.capabilities:
                return Session(session_id)
            return platform.fetch_session(session_id)
        case SetAttributes(session_id, attributes):
            _still_followed(house, effect, session_id)
            house.platforms[effect.connection].set_attributes(session_id, attributes)
            return None
        case AddNote(note=note):
            return _add_note(house, claim, lambda: note, note.mark)
        case AttachRecording(note=note) as action:
            return _add_note(house, claim, lambda: _with_recording(house, effect, action), note.mark)
        case UpdateFields(fields):
            house.ticket_systems[effect.connection].update_fields(effect.ticket.ticket_id, fields)
            return None


def _add_note(house: House, claim: Claim, note: Callable[[], Note], mark: str) -> NoteRef:
    """Write it, unless it may stand there already and does."""
    effect = claim.effect
    tickets = house.ticket_systems[effect.connection]
    if claim.look and Capability.FIND_NOTE in tickets.capabilities:
        found = tickets.find_note(effect.ticket.ticket_id, mark)
        if found:
            return found
    return tickets.add_note(effect.ticket.ticket_id, note())


def _with_recording(house: House, effect: StoredEffect, action: AttachRecording) -> Note:
    """The note with its file, fetched from the other side. What goes wrong there is that connection's matter."""
    platform = house.platforms.get(action.platform)
    if platform is None:
        raise Rejected(f"connection {action.platform} is no longer in the configuration")
    most = house.ticket_systems[effect.connection].limits.attachment_bytes
    try:
        file = platform.fetch_recording(action.session_id, action.recording_id, most)
    except AccessDenied as error:
        # The right to see recordings is one of its own: without it the rest of the connection works on.
        raise Rejected(str(error), code=error.code) from error
    except ConnectorError as error:
        error.connection = action.platform
        raise
    return replace(action.note, attachments=(*action.note.attachments, file))


def _still_followed(house: House, effect: StoredEffect, session_id: str) -> None:
    """Raise NotFound when the session ended meanwhile, or belongs to another ticket."""
    with house.database.read() as connection:
        known = records.find_session(connection, effect.connection, session_id)
    if known is None or known.session.ended or known.ticket != effect.ticket:
        raise NotFound(f"session {session_id} ended, or belongs to another ticket by now", code="over")
