"""What follows from an event or from an outcome. Pure: the same knowledge always leads to the same effects.

A ticket that asks:  event -> ReadTicket -> Invite -> AddNote(invitation)
A session that ends: event -> ReadSession -> AddNote(card), and AddNote(addition) for what comes later
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bridge import match
from bridge.card import (
    Atom,
    addition_document,
    agent_document,
    atoms,
    card_document,
    invitation_document,
    unshown,
)
from bridge.document import Document, Paragraph
from bridge.effects import (
    AddNote,
    Decision,
    Effect,
    GaveUp,
    InvitationRecord,
    Invite,
    Purpose,
    ReadSession,
    ReadTicket,
    SessionRecord,
    TicketKey,
    TicketRecord,
    UpdateFields,
)
from bridge.model import (
    Invitation,
    InvitationRequest,
    InvitationState,
    Note,
    Session,
    SessionEvent,
    SessionEventKind,
    Ticket,
    TicketEvent,
    TicketEventKind,
    TicketStatus,
    Visibility,
)
from bridge.route import CloseOn, Route, WhenKind
from bridge.sessions import merge
from bridge.template import fill, fill_all

# A PIN that comes an hour late helps nobody; a card may wait for the platform's log only so long.
INVITE_SECONDS = 3600.0
READ_TICKET_SECONDS = 86400.0
READ_SESSION_SECONDS = 600.0


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

    def of_ticket(self, connection: str) -> tuple[Route, ...]:
        return tuple(route for route in self.routes if route.ticket == connection)

    def named(self, name: str) -> Route | None:
        return next((route for route in self.routes if route.name == name), None)

    def joining(self, connection: str, platform: str) -> Route | None:
        return next((r for r in self.routes if r.ticket == connection and r.platform == platform), None)


# -- a ticket asks ---------------------------------------------------------------------------------------------


def ticket_event(event: TicketEvent, key: TicketKey, rules: Rules) -> Decision:
    """The event only names the ticket: read it, unless nobody cares or we caused it ourselves."""
    if not rules.of_ticket(key.connection):
        return Decision(tell=(f"skipped: no route starts at {key.connection}",))
    if event.actor and event.actor.lower() in rules.own_actors:
        return Decision(tell=(f"skipped: {event.name} was caused by Deskbridge itself",))
    read = Effect(
        key=f"read:{rules.source}:{key}",
        connection=key.connection,
        ticket=key,
        action=ReadTicket(event),
        give_up_seconds=READ_TICKET_SECONDS,
    )
    return Decision(tell=(f"understood: {event.name} of ticket {key.ticket_id}",), effects=(read,))


def ticket_read(event: TicketEvent, ticket: Ticket, record: TicketRecord, rules: Rules) -> Decision:
    """The ticket as it is now: does it ask for a session, or is an open invitation no longer wanted?"""
    decision = Decision(ticket=replace(record, snapshot=ticket))
    routes = rules.of_ticket(record.key.connection)
    holding = {route.name for route in routes if _holds(route, event, ticket)}
    lasting = {route.name for route in routes if route.when.kind in _LASTING}
    asked = _requested(event, routes, holding) | (holding - (record.asking & lasting))
    for route in routes:
        if _done(ticket, route):
            decision = _join(decision, _withdraw(record, route, asked=route.name in asked))
        elif route.name in asked:
            decision = _join(decision, _ask(route, ticket, record, decision.invitations, rules))
    if not decision.tell:
        decision = _join(decision, Decision(tell=("nothing to do: no route's condition became true",)))
    return replace(decision, ticket=replace(record, snapshot=ticket, asking=frozenset(holding & lasting)))


def _requested(event: TicketEvent, routes: Sequence[Route], holding: set[str]) -> set[str]:
    """The route that an outright request means: the one it names, else one whose condition holds, else the first."""
    if event.kind is not TicketEventKind.REQUESTED:
        return set()
    if event.route:
        return {event.route}
    return {next((route.name for route in routes if route.name in holding), routes[0].name)} if routes else set()


# Conditions that stay true on a ticket count when they become true; the others each time they happen.
_LASTING = frozenset({WhenKind.TAG, WhenKind.FIELD, WhenKind.STATUS})


def _holds(route: Route, event: TicketEvent, ticket: Ticket) -> bool:
    when = route.when
    match when.kind:
        case WhenKind.TAG:
            return when.name in ticket.tags
        case WhenKind.FIELD:
            return ticket.fields.get(when.name) == when.value
        case WhenKind.STATUS:
            return when.name.lower() in (ticket.vendor_status.lower(), ticket.status.value)
        case WhenKind.EVENT:
            return when.name in (event.name, event.kind.value)
        case WhenKind.ANY:
            return True


def _done(ticket: Ticket, route: Route) -> bool:
    if ticket.status is TicketStatus.CLOSED:
        return True
    return ticket.status is TicketStatus.SOLVED and route.invitation.close_on is CloseOn.TICKET_CLOSED


def _withdraw(record: TicketRecord, route: Route, *, asked: bool) -> Decision:
    open_ones = [i for i in record.invitations if i.route == route.name and i.state.open]
    skipped = (f"skipped: the ticket asks by route {route.name}, but it is done",) if asked else ()
    return Decision(
        tell=(*skipped, *(f"invitation {i.number} withdrawn: the ticket is done" for i in open_ones)),
        invitations=tuple(replace(i, state=InvitationState.WITHDRAWN) for i in open_ones),
    )


def _ask(
    route: Route, ticket: Ticket, record: TicketRecord, opened: tuple[InvitationRecord, ...], rules: Rules
) -> Decision:
    mine = [i for i in record.invitations if i.route == route.name and i.state.open]
    fresh = [i for i in mine if i.expires_at is None or i.expires_at > rules.now]
    if fresh:
        return Decision(tell=(f"skipped: invitation {fresh[-1].number} of route {route.name} is still open",))
    number = 1 + max((i.number for i in (*record.invitations, *opened)), default=0)
    try:
        reference = match.write(match.Reference(record.key.connection, ticket.id, number), rules.reference_keys[0])
    except ValueError as error:
        return Decision(tell=(f"skipped: {error}",))
    invitation = InvitationRecord(
        ticket=record.key,
        number=number,
        route=route.name,
        platform=route.platform,
        state=InvitationState.REQUESTED,
        created_at=rules.now,
        expires_at=rules.now + timedelta(seconds=INVITE_SECONDS),
    )
    request = InvitationRequest(
        ticket_id=ticket.id,
        reference=reference,
        fields={name: fill(template, ticket) for name, template in route.invitation.fields.items()},
        options={name: fill_all(value, ticket) for name, value in route.invitation.options.items()},
    )
    effect = Effect(
        key=f"invite:{record.key}:{number}",
        connection=route.platform,
        ticket=record.key,
        action=Invite(number, request),
        route=route.name,
        give_up_seconds=INVITE_SECONDS,
    )
    outdated = tuple(replace(i, state=InvitationState.EXPIRED) for i in mine)
    return Decision(
        tell=(f"route {route.name}: the ticket asks for a session, invitation {number}",),
        effects=(effect,),
        invitations=(*outdated, invitation),
    )


# -- the platform answers --------------------------------------------------------------------------------------


def invited(invitation: Invitation, number: int, record: TicketRecord, route: Route | None, now: datetime) -> Decision:
    """The platform made a PIN or key: tell it on the ticket."""
    known = _invitation(record, number)
    if route is None or known is None:
        return Decision(tell=(f"invitation {number} was made, but its route is gone",))
    expires = invitation.expires_at or now + timedelta(minutes=route.invitation.lifetime_minutes)
    issued = replace(known, state=InvitationState.ISSUED, code=invitation.code, url=invitation.url, expires_at=expires)
    if known.state is InvitationState.WITHDRAWN:
        return Decision(
            tell=(f"invitation {number} was withdrawn before it was told",),
            invitations=(replace(issued, state=InvitationState.WITHDRAWN),),
        )
    tell = [f"invitation {number} issued"]
    if invitation.cut:
        tell.append(f"cut to the platform's lengths: {', '.join(invitation.cut)}")
    document = invitation_document(invitation, route, expires)
    note = _note(Purpose.INVITATION, f"note:{record.key}:{number}:invitation", document, route.invitation.visibility)
    effect = _add_note(record.key, route.name, note, give_up_seconds=INVITE_SECONDS)
    return Decision(tell=tuple(tell), effects=(effect,), invitations=(issued,))


def not_invited(failure: GaveUp, number: int, record: TicketRecord, route: Route | None) -> Decision:
    """No PIN could be had: the agent must know, and what to do."""
    known = _invitation(record, number)
    failed = (replace(known, state=InvitationState.FAILED),) if known else ()
    tell = (f"invitation {number} failed: {failure.reason}",)
    if route is None:
        return Decision(tell=tell, invitations=failed)
    advice = _ADVICE.get(failure.error, "An administrator finds the reason in the Deskbridge console.")
    document = agent_document(f"{failure.reason}. {advice}")
    note = _note(Purpose.AGENT, f"note:{record.key}:{number}:agent", document, Visibility.INTERNAL)
    return Decision(tell=tell, effects=(_add_note(record.key, route.name, note),), invitations=failed)


_ADVICE = {
    "NobodyThere": "Open the technician console, then ask for the session again.",
    "Unavailable": "Please ask for the session again later.",
}


# -- a session happens -----------------------------------------------------------------------------------------


def session_ticket(event: SessionEvent, rules: Rules) -> match.Reference | None:
    """The ticket that the session's reference proves, if it does."""
    return match.read(event.session.reference, rules.reference_keys, {route.ticket for route in rules.routes})


def session_event(
    event: SessionEvent, known: SessionRecord, ticket: TicketRecord | None, number: int, rules: Rules
) -> Decision:
    """What a platform told of a session. `ticket` is the one that its reference or an earlier link names."""
    session = merge(known.session, event.session)
    record = replace(known, session=session)
    tell = [f"understood: session {session.id}, {event.name}"]
    invitations: tuple[InvitationRecord, ...] = ()
    if record.ticket is None and ticket is not None:
        record = _link(record, ticket, number, "reference", rules)
        tell.append(f"linked to ticket {ticket.key} by its reference")
    if record.ticket is None:
        why = "its reference is not ours" if session.reference else "it has no reference"
        return Decision(tell=(*tell, f"orphan: {why}"), session=record)
    if ticket is not None:
        invitations = _used(ticket, number, session.id)
    effects = (_read_session(record, event.kind, rules),) if session.ended else ()
    return Decision(tell=tuple(tell), session=record, invitations=invitations, effects=effects)


def session_linked(record: SessionRecord, ticket: TicketRecord, by: str, rules: Rules) -> Decision:
    """An administrator says which ticket the session belongs to."""
    if record.ticket == ticket.key:
        return Decision(tell=(f"session {record.session.id} is linked to ticket {ticket.key} already",))
    record = _link(replace(record, carded=False, shown=()), ticket, 0, by, rules)
    tell = (f"session {record.session.id} linked to ticket {ticket.key} by {by}",)
    effects = (_read_session(record, SessionEventKind.ENDED, rules),) if record.session.ended else ()
    return Decision(tell=tell, session=record, effects=effects)


def session_overdue(record: SessionRecord, rules: Rules) -> Decision:
    """Nothing was heard of the session's end for long: bring what the platform knows."""
    if record.ticket is None or record.carded or record.session.ended:
        return Decision(tell=(f"nothing to do: session {record.session.id} needs no reminder",))
    effect = _read_session(record, SessionEventKind.CHANGED, rules)
    return Decision(tell=(f"the end of session {record.session.id} was never reported",), effects=(effect,))


def session_read(outcome: Session | GaveUp, record: SessionRecord, ticket: TicketRecord, rules: Rules) -> Decision:
    """The platform's own account is here, or cannot be had: write the card, or what is new since the card."""
    missing: tuple[str, ...] = ()
    if isinstance(outcome, GaveUp):
        missing = (f"the platform's own log could not be fetched: {outcome.reason}",)
    else:
        record = replace(record, session=merge(record.session, outcome))
    route = rules.named(record.route)
    if route is None or record.ticket is None:
        return Decision(
            tell=(*missing, "no card: no route joins the ticket's system with the platform"), session=record
        )
    found = atoms(record.session, route.session)
    if record.carded:
        return _addition(record, route, record.ticket, unshown(found, record.shown), missing)
    return _card(record, route, record.ticket, found, missing, ticket)


def _card(
    record: SessionRecord,
    route: Route,
    key: TicketKey,
    found: Sequence[Atom],
    missing: tuple[str, ...],
    ticket: TicketRecord,
) -> Decision:
    document = card_document(record.session, found, route.session)
    if missing:
        document = (*document, Paragraph("The platform's own log could not be fetched; this is what it had sent."))
    if not record.session.ended:
        document = (*document, Paragraph("The platform never reported the end of this session."))
    mark = f"card:{record.platform}:{record.session.id}:{key}"
    note = _note(Purpose.CARD, mark, document, route.session.visibility)
    effects = [_add_note(key, route.name, note)]
    if route.session.set_fields and ticket.snapshot:
        values = {name: fill_all(value, ticket.snapshot) for name, value in route.session.set_fields.items()}
        effects.append(
            Effect(
                key=f"fields:{mark}",
                connection=key.connection,
                ticket=key,
                action=UpdateFields(values),
                route=route.name,
            )
        )
    shown = (*record.shown, *(atom.digest for atom in found))
    return Decision(
        tell=(*missing, "the session card is decided"),
        effects=tuple(effects),
        session=replace(record, carded=True, shown=shown),
    )


def _addition(
    record: SessionRecord, route: Route, key: TicketKey, new: Sequence[Atom], missing: tuple[str, ...]
) -> Decision:
    if not new:
        return Decision(tell=(*missing, "nothing to do: all of it stands on the ticket already"), session=record)
    digest = hashlib.sha256("".join(atom.digest for atom in new).encode()).hexdigest()[:16]
    mark = f"addition:{record.platform}:{record.session.id}:{key}:{digest}"
    document = addition_document(record.session, new)
    note = _note(Purpose.ADDITION, mark, document, route.session.visibility)
    shown = (*record.shown, *(atom.digest for atom in new))
    kinds = ", ".join(sorted({atom.kind for atom in new}))
    return Decision(
        tell=(*missing, f"added later: {kinds}"),
        effects=(_add_note(key, route.name, note),),
        session=replace(record, shown=shown),
    )


# -- small parts -----------------------------------------------------------------------------------------------


def _link(record: SessionRecord, ticket: TicketRecord, number: int, how: str, rules: Rules) -> SessionRecord:
    invitation = _invitation(ticket, number)
    route = rules.named(invitation.route) if invitation else None
    route = route or rules.joining(ticket.key.connection, record.platform)
    return replace(record, ticket=ticket.key, linked_how=how, route=route.name if route else "")


def _used(ticket: TicketRecord, number: int, session_id: str) -> tuple[InvitationRecord, ...]:
    invitation = _invitation(ticket, number)
    if invitation is None or invitation.state is InvitationState.USED:
        return ()
    return (replace(invitation, state=InvitationState.USED, session_id=session_id),)


def _invitation(ticket: TicketRecord, number: int) -> InvitationRecord | None:
    return next((i for i in ticket.invitations if i.number == number), None)


def _read_session(record: SessionRecord, because: SessionEventKind, rules: Rules) -> Effect:
    assert record.ticket is not None
    return Effect(
        key=f"read:{rules.source}:{record.platform}:{record.session.id}",
        connection=record.platform,
        ticket=record.ticket,
        action=ReadSession(record.session.id, because),
        route=record.route,
        give_up_seconds=READ_SESSION_SECONDS,
    )


def _note(purpose: Purpose, mark: str, document: Document, visibility: Visibility) -> AddNote:
    return AddNote(purpose, Note(mark=mark, document=document, visibility=visibility))


def _add_note(key: TicketKey, route: str, action: AddNote, give_up_seconds: float = 7 * 86400.0) -> Effect:
    return Effect(
        key=action.note.mark,
        connection=key.connection,
        ticket=key,
        action=action,
        route=route,
        give_up_seconds=give_up_seconds,
    )


def _join(one: Decision, other: Decision) -> Decision:
    return replace(
        one,
        tell=one.tell + other.tell,
        effects=one.effects + other.effects,
        invitations=one.invitations + other.invitations,
    )
