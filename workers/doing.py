"""The one call outside that an effect is: what is asked of which connector, and what is looked for before."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from bridge.effects import (
    AddNote,
    AddTime,
    AttachRecording,
    EndSession,
    Invite,
    Outcome,
    ProvisionUser,
    ReadRecord,
    ReadSession,
    ReadTicket,
    SetAttributes,
    TransferSession,
    UpdateFields,
    UpdateRecord,
)
from bridge.errors import AccessDenied, ConnectorError, NotFound, Rejected, TicketMerged
from bridge.model import Note, NoteRef, Session, Ticket
from connectors.contract import Capability, TicketSystem
from store import records
from store.ledger import Claim, StoredEffect
from workers.house import House
from workers.provisioning import provision
from workers.successors import Standing


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
        case SetAttributes() | EndSession() | TransferSession():
            _in_session(house, effect, effect.action)
            return None
        case ReadRecord(record, record_id, fields=fields):
            return house.ticket_systems[effect.connection].fetch_record(record, record_id, fields)
        case UpdateRecord(record, record_id, fields):
            house.ticket_systems[effect.connection].update_record(record, record_id, fields)
            return None
        case ProvisionUser():
            return provision(house, claim, effect.action)
        case _:
            return _on_ticket(house, claim)


def _in_session(house: House, effect: StoredEffect, action: SetAttributes | EndSession | TransferSession) -> None:
    """What is done to a running session that follows its ticket."""
    _still_followed(house, effect, action.session_id)
    platform = house.platforms[effect.connection]
    match action:
        case SetAttributes(session_id, attributes):
            platform.set_attributes(session_id, attributes)
        case EndSession(session_id):
            platform.end_session(session_id)
        case TransferSession(session_id, to):
            platform.transfer_session(session_id, to)


def _on_ticket(house: House, claim: Claim) -> NoteRef | None:
    """What is written on the ticket, wherever it lives by now."""
    effect = claim.effect
    tickets = house.ticket_systems[effect.connection]
    match effect.action:
        case AddNote(note=note):
            return _add_note(house, claim, tickets, lambda: note, note.mark)
        case AttachRecording(note=note) as action:
            return _add_note(house, claim, tickets, lambda: _with_recording(house, effect, action), note.mark)
        case AddTime(spent):
            look = partial(tickets.find_time, mark=spent.mark) if Capability.FIND_TIME in tickets.capabilities else None
            return _once(house, claim, look, lambda ticket_id: tickets.add_time(ticket_id, spent))
        case UpdateFields(fields):
            Standing(house, effect).write(lambda ticket_id: tickets.update_fields(ticket_id, fields))
    return None


def _add_note(house: House, claim: Claim, tickets: TicketSystem, note: Callable[[], Note], mark: str) -> NoteRef:
    look = partial(tickets.find_note, mark=mark) if Capability.FIND_NOTE in tickets.capabilities else None
    return _once(house, claim, look, lambda ticket_id: tickets.add_note(ticket_id, note()))


def _once(
    house: House, claim: Claim, look: Callable[[str], NoteRef | None] | None, write: Callable[[str], NoteRef]
) -> NoteRef:
    """Write it, unless it may stand there already and does: on the ticket, or on one that it lived in before."""
    standing = Standing(house, claim.effect)
    if claim.look and look:
        for ticket_id in standing.trail:
            with suppress(NotFound, TicketMerged):  # whatever is to follow from that, the write finds out
                if found := look(ticket_id):
                    return found
    return standing.write(write)


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
