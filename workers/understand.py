"""What a stored delivery means, and what follows: parse and decide, all in one transaction, without any I/O outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import Connection

from bridge import decide
from bridge.decide import Rules, linking
from bridge.effects import Decision, TicketKey
from bridge.errors import MalformedPayload
from bridge.lanes import record_key
from bridge.model import CrmEvent, Session, SessionEvent, SessionEventKind, SessionSummary, TicketEvent, TicketEventKind
from bridge.sessions import merge
from store import codec, inbox, journal, records
from store.inbox import DeliveryState, EventRow, StoredDelivery
from store.journal import Subject
from workers.apply import apply
from workers.house import House, LeaseLost
from workers.linking import named_ticket

log = structlog.get_logger(__name__)

ADMIN = "admin"
"""The connection name of what administrators and the clock ask for: it is stored and told like any delivery."""


class CommandKind(StrEnum):
    LINK = "link"
    INVITE = "invite"
    LOOK = "look"
    """The clock found a ticket that may ask and of which nothing was heard."""
    REMIND = "remind"
    """The clock found a session of whose end nothing was heard."""
    FOUND = "found"
    """A platform was asked, or watched, and told of a session."""


@dataclass(frozen=True, slots=True)
class Command:
    """What an administrator or the clock asks for."""

    kind: CommandKind
    connection: str
    ticket_id: str
    by: str
    route: str = ""
    platform: str = ""
    session_id: str = ""
    found: SessionSummary | None = None

    def dump(self) -> bytes:
        return codec.dump(self).encode()

    @classmethod
    def load(cls, body: bytes) -> Command:
        return codec.load(body.decode(), cls)


Event = TicketEvent | CrmEvent | SessionEvent | Command


def understand(house: House, stored: StoredDelivery) -> bool:
    """Decide what follows from a delivery. True when there is something to perform now."""
    now = house.clock()
    if stored.attempts > inbox.MAX_ATTEMPTS:
        _finish_only(house, stored, DeliveryState.PARKED, "whoever tried to understand it never came back")
        return False
    try:
        found = _parse(house, stored)
    except MalformedPayload as error:
        _finish_only(house, stored, DeliveryState.REFUSED, str(error))
        return False
    if found is None:
        gone = f"connection {stored.delivery.connection} is no longer in the configuration"
        _finish_only(house, stored, DeliveryState.PARKED, gone)
        return False
    with house.database.write() as connection:
        added = sum(_decide(house, connection, stored, event, number) for number, event in enumerate(found))
        inbox.add_events(connection, stored, [_row(stored.delivery.connection, event) for event in found])
        state = DeliveryState.DONE if found else DeliveryState.IGNORED
        _finish(connection, stored, state, now, "" if found else "understood: nothing follows from this event")
    log.info("delivery understood", events=len(found), effects=added)
    return added > 0


def _parse(house: House, stored: StoredDelivery) -> Sequence[Event] | None:
    if stored.delivery.connection == ADMIN:
        return [Command.load(stored.delivery.body)]
    inbound = house.inbound(stored.delivery.connection)
    return None if inbound is None else inbound.parse(stored.delivery)


def _finish_only(house: House, stored: StoredDelivery, state: DeliveryState, reason: str) -> None:
    with house.database.write() as connection:
        _finish(connection, stored, state, house.clock(), reason)
    log.warning("delivery not understood", state=state.value, reason=reason)


def _finish(connection: Connection, stored: StoredDelivery, state: DeliveryState, now: float, reason: str) -> None:
    if not inbox.finish(connection, stored, state, now, reason):
        raise LeaseLost("another worker understands this delivery")
    if reason:
        journal.tell(connection, Subject(delivery_id=stored.id), now, f"{state.value}: {reason}")


def _decide(house: House, connection: Connection, stored: StoredDelivery, event: Event, number: int) -> int:
    """Decide about one event and write it. Returns how many effects are new."""
    rules = house.rules(f"{stored.id}.{stored.replays}.{number}", stored.delivery.connection)
    subject, decision = _DECIDERS[type(event)](house, connection, stored.delivery.connection, event, rules)
    about = replace(subject, delivery_id=stored.id)
    return apply(connection, decision, about, rank=stored.id, correlation=stored.correlation, now=house.clock())


def _ticket_event(
    house: House, connection: Connection, name: str, event: TicketEvent, rules: Rules
) -> tuple[Subject, Decision]:
    key = TicketKey(name, event.ticket_id)
    records.lock_ticket(connection, key, house.clock())
    return Subject(ticket=key), decide.ticket_event(event, key, rules)


def _session_event(
    house: House, connection: Connection, name: str, event: SessionEvent, rules: Rules
) -> tuple[Subject, Decision]:
    now = house.clock()
    known = records.lock_session(connection, name, event.session, now)
    session = merge(known.session, event.session)
    named = named_ticket(connection, known, session, linking.began(session, event), rules, now)
    decision = decide.session_event(event, known, named, rules)
    key = named.ticket.key if named.ticket else None
    return Subject(ticket=key, platform=name, session_id=event.session.id), decision


def _command(
    house: House, connection: Connection, _name: str, event: Command, rules: Rules
) -> tuple[Subject, Decision]:
    match event.kind:
        case CommandKind.INVITE | CommandKind.LOOK:
            kind = TicketEventKind.REQUESTED if event.kind is CommandKind.INVITE else TicketEventKind.CHANGED
            asked = TicketEvent(kind, event.ticket_id, f"{event.kind.value} by {event.by}", route=event.route)
            return _ticket_event(house, connection, event.connection, asked, rules)
        case CommandKind.LINK | CommandKind.REMIND:
            key = TicketKey(event.connection, event.ticket_id)
            subject = Subject(ticket=key, platform=event.platform, session_id=event.session_id)
            record = records.lock_session(connection, event.platform, Session(event.session_id), house.clock())
            if event.kind is CommandKind.REMIND:
                return subject, decide.session_overdue(record, rules)
            ticket = records.lock_ticket(connection, key, house.clock())
            return subject, decide.session_linked(record, ticket, event.by, rules)
        case CommandKind.FOUND:
            assert event.found is not None
            told = house.rules(rules.source, event.platform)
            return _session_event(house, connection, event.platform, _found(event.found, event.by), told)


def _found(summary: SessionSummary, by: str) -> SessionEvent:
    """What a listing or a live state tells, as the event that it stands for."""
    told = Session(
        summary.id,
        reference=summary.reference,
        technician=summary.technician,
        started_at=summary.started_at,
        ended=summary.ended,
        surveyed_by=summary.surveyed_by,
    )
    session = merge(told, summary.told) if summary.told else told
    kind = SessionEventKind.CHANGED
    if summary.surveyed_by:
        kind = SessionEventKind.SURVEYED
    elif summary.ended:
        kind = SessionEventKind.ENDED
    return SessionEvent(kind, session, f"found by {by}")


def _crm_event(
    house: House, connection: Connection, name: str, event: CrmEvent, rules: Rules
) -> tuple[Subject, Decision]:
    key = record_key(name, event.record, event.record_id)
    if not rules.provisioning_from(name, event.record):
        return Subject(), decide.record_event(event, key, rules)
    records.lock_ticket(connection, key, house.clock())
    return Subject(ticket=key), decide.record_event(event, key, rules)


_DECIDERS: dict[type, Callable[[House, Connection, str, Any, Rules], tuple[Subject, Decision]]] = {
    TicketEvent: _ticket_event,
    CrmEvent: _crm_event,
    SessionEvent: _session_event,
    Command: _command,
}


def _row(connection: str, event: Event) -> EventRow:
    match event:
        case TicketEvent():
            return EventRow(event.kind.value, event.name, event.ticket_id)
        case CrmEvent():
            lane = record_key(connection, event.record, event.record_id)
            return EventRow(event.kind.value, event.name, lane.ticket_id)
        case SessionEvent():
            return EventRow(event.kind.value, event.name, event.session.id)
        case Command():
            return EventRow(f"command.{event.kind.value}", event.by, event.session_id or event.ticket_id)
