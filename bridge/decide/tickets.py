"""A ticket asks, the platform answers: invitations from the wish to their end. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bridge import match
from bridge.card import agent_document, ended_document, invitation_document
from bridge.decide.following import tell_followers, wanted
from bridge.decide.rules import INVITE_SECONDS, READ_TICKET_SECONDS, Rules, invitation_of, join, note_effect
from bridge.effects import (
    Decision,
    Effect,
    GaveUp,
    InvitationRecord,
    Invite,
    Purpose,
    ReadTicket,
    Successor,
    TicketKey,
    TicketRecord,
)
from bridge.model import (
    Invitation,
    InvitationRequest,
    InvitationState,
    Person,
    Ticket,
    TicketEvent,
    TicketEventKind,
    TicketStatus,
    Visibility,
)
from bridge.route import CloseOn, Helper, Merged, Route, When, WhenKind
from bridge.template import fill, fill_all

NOTHING = "nothing to do: no route's condition became true"

# -- a ticket asks ---------------------------------------------------------------------------------------------


def ticket_event(event: TicketEvent, key: TicketKey, rules: Rules) -> Decision:
    """The event only names the ticket: read it, unless nobody cares or we caused it ourselves."""
    if not rules.of_ticket(key.connection) and not rules.provisioning_from(key.connection, None):
        return Decision(tell=(f"skipped: no route starts at {key.connection}",))
    if event.actor and event.actor.lower() in rules.own_actors:
        return Decision(tell=(f"skipped: {event.name} was caused by Deskbridge itself",))
    understood = Decision(
        tell=(f"understood: {event.name} of ticket {key.ticket_id}",), effects=(_read(ReadTicket(event), key, rules),)
    )
    follows = all(route.if_ticket.merged is Merged.FOLLOW for route in rules.of_ticket(key.connection))
    if event.kind is TicketEventKind.MERGED and event.merged_into not in ("", key.ticket_id) and follows:
        return replace(understood, successor=Successor(key, event.merged_into))
    return understood


def ticket_elsewhere(asked: ReadTicket, ticket: Ticket, key: TicketKey, rules: Rules) -> Decision:
    """The system answered with a ticket of another id: it was merged, or asked for by what people call it."""
    event = replace(asked.event, ticket_id=ticket.id, ticket=None)
    there = TicketKey(key.connection, ticket.id)
    return Decision(
        tell=(f"ticket {key.ticket_id} is ticket {ticket.id}",),
        effects=(_read(ReadTicket(event, asked_as=key.ticket_id), there, rules),),
    )


def _read(action: ReadTicket, key: TicketKey, rules: Rules) -> Effect:
    return Effect(
        key=f"read:{rules.source}:{key}",
        connection=key.connection,
        ticket=key,
        action=action,
        give_up_seconds=READ_TICKET_SECONDS,
    )


def ticket_read(event: TicketEvent, ticket: Ticket, record: TicketRecord, rules: Rules) -> Decision:
    """The ticket as it is now: does it ask for a session, or is an open invitation no longer wanted?"""
    routes = rules.of_ticket(record.key.connection)
    holding = {route.name for route in routes if holds(route.when, event, ticket)}
    lasting = {route.name for route in routes if route.when.kind in LASTING}
    asked = _requested(event, routes, holding) | (holding - (record.asking & lasting))
    known = replace(record, snapshot=ticket, asking=frozenset(holding & lasting))
    decision = tell_followers(known, ticket, rules)
    for route in routes:
        if _done(ticket, route):
            decision = join(decision, _withdraw(record, ticket, route, asked=route.name in asked))
        elif route.name in asked:
            decision = join(decision, _ask(route, ticket, record, decision.invitations, rules))
    if not decision.tell:
        decision = join(decision, Decision(tell=(NOTHING,)))
    return decision


def _requested(event: TicketEvent, routes: Sequence[Route], holding: set[str]) -> set[str]:
    """The route that an outright request means: the one it names, else one whose condition holds, else the first."""
    if event.kind is not TicketEventKind.REQUESTED:
        return set()
    if event.route:
        return {event.route}
    return {next((route.name for route in routes if route.name in holding), routes[0].name)} if routes else set()


# Conditions that stay true on a ticket count when they become true; the others each time they happen.
LASTING = frozenset({WhenKind.TAG, WhenKind.FIELD, WhenKind.STATUS})


def holds(when: When, event: TicketEvent, ticket: Ticket) -> bool:
    """Whether the condition is met by the ticket as it is, or by the event."""
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


def _withdraw(record: TicketRecord, ticket: Ticket, route: Route, *, asked: bool) -> Decision:
    open_ones = [i for i in record.invitations if i.route == route.name and i.state.open]
    skipped = (f"skipped: the ticket asks by route {route.name}, but it is done",) if asked else ()
    told = [i for i in open_ones if i.state is InvitationState.ISSUED and ticket.status is not TicketStatus.CLOSED]
    return Decision(
        tell=(*skipped, *(f"invitation {i.number} withdrawn: the ticket is done" for i in open_ones)),
        effects=tuple(_ended_note(i, route, WITHDRAWN_WORDS) for i in told),
        invitations=tuple(replace(i, state=InvitationState.WITHDRAWN) for i in open_ones),
    )


WITHDRAWN_WORDS = "The ticket is done, so this invitation is over. Please do not use its code any more."
EXPIRED_WORDS = "This invitation has expired without being used. A new one comes when a session is asked for again."


def invitation_expired(invitation: InvitationRecord, route: Route | None) -> Decision:
    """The clock found that its time is up: the ticket says so."""
    tell = (f"invitation {invitation.number} expired unused",)
    return Decision(tell=tell, effects=(_ended_note(invitation, route, EXPIRED_WORDS),) if route else ())


def _ended_note(invitation: InvitationRecord, route: Route, words: str) -> Effect:
    """Where the invitation was told, so that whoever reads the one reads the other."""
    return note_effect(
        Purpose.ENDED_INVITATION,
        f"note:{invitation.ticket}:{invitation.number}:ended",
        ended_document(words, invitation.expires_at, route),
        route.invitation.visibility,
        ticket=invitation.ticket,
        route=route.name,
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
        attributes=wanted(route, ticket),
    )
    technician = _technician(route, ticket, rules)
    request = InvitationRequest(
        ticket_id=ticket.called,
        reference=reference,
        fields={name: fill(template, ticket) for name, template in route.invitation.fields.items()},
        options={name: fill_all(value, ticket) for name, value in route.invitation.options.items()},
        technician=technician,
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
        tell=(f"route {route.name}: the ticket asks for a session, invitation {number}", *_for_whom(route, technician)),
        effects=(effect,),
        invitations=(*outdated, invitation),
    )


def _technician(route: Route, ticket: Ticket, rules: Rules) -> Person:
    """Whom the route wants to help, as the platform knows them; nobody when that is not sure, or does not matter."""
    if route.invitation.technician is not Helper.ASSIGNEE:
        return Person()
    return rules.people.technician(ticket.assignee, route.platform, route.ticket)


def _for_whom(route: Route, technician: Person) -> tuple[str, ...]:
    if route.invitation.technician is not Helper.ASSIGNEE:
        return ()
    known = technician != Person()
    return ("it is for the ticket's assignee",) if known else ("nobody at the platform is the ticket's assignee",)


# -- the platform answers --------------------------------------------------------------------------------------


def invited(invitation: Invitation, number: int, record: TicketRecord, route: Route | None, now: datetime) -> Decision:
    """The platform made a PIN or key: tell it on the ticket."""
    known = invitation_of(record, number)
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
    effect = note_effect(
        Purpose.INVITATION,
        f"note:{record.key}:{number}:invitation",
        invitation_document(invitation, route, expires),
        route.invitation.visibility,
        ticket=record.key,
        route=route.name,
        give_up_seconds=INVITE_SECONDS,
    )
    effects = [effect]
    if invitation.trouble:
        tell.append(f"invitation {number}: {invitation.trouble}")
        effects.append(_agent_note(record, number, "trouble", f"{invitation.trouble}.", route))
    return Decision(tell=tuple(tell), effects=tuple(effects), invitations=(issued,))


def _agent_note(record: TicketRecord, number: int, name: str, words: str, route: Route) -> Effect:
    return note_effect(
        Purpose.AGENT,
        f"note:{record.key}:{number}:{name}",
        agent_document(words),
        Visibility.INTERNAL,
        ticket=record.key,
        route=route.name,
    )


def not_invited(failure: GaveUp, number: int, record: TicketRecord, route: Route | None) -> Decision:
    """No PIN could be had: the agent must know, and what to do."""
    known = invitation_of(record, number)
    failed = (replace(known, state=InvitationState.FAILED),) if known else ()
    tell = (f"invitation {number} failed: {failure.reason}",)
    if route is None:
        return Decision(tell=tell, invitations=failed)
    advice = _ADVICE.get(failure.error, "An administrator finds the reason in the Deskbridge console.")
    note = _agent_note(record, number, "agent", f"{failure.reason}. {advice}", route)
    return Decision(tell=tell, effects=(note,), invitations=failed)


_ADVICE = {
    "NobodyThere": "Open the technician console, then ask for the session again.",
    "Unavailable": "Please ask for the session again later.",
}
