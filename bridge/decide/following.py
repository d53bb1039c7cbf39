"""A running session follows its ticket: it is told what changed there, handed on, ended. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bridge.decide.rules import Rules, invitation_of
from bridge.effects import (
    Action,
    Decision,
    Effect,
    EndSession,
    Follower,
    SetAttributes,
    TicketRecord,
    TransferSession,
)
from bridge.model import REFERENCE_ATTRIBUTE, Session, Ticket, TicketStatus
from bridge.route import CloseOn, Route
from bridge.template import fill

SET_SECONDS = 3600.0


def wanted(route: Route, ticket: Ticket) -> Mapping[str, str]:
    """The attributes that a session of the ticket has by that route, the reference among them."""
    filled = {name: fill(template, ticket) for name, template in route.invitation.attributes.items()}
    return {**filled, REFERENCE_ATTRIBUTE: ticket.called}


def follow(ticket: TicketRecord, session: Session, platform: str, route: str, number: int, rules: Rules) -> Decision:
    """A running session was linked: bring its attributes up to date, and keep them so; obey the route's rules."""
    asked = rules.named(route)
    commanded = asked is not None and asked.session.commands
    if session.ended or not route or not (platform in rules.following_platforms or commanded):
        return Decision(ticket=ticket)
    invitation = invitation_of(ticket, number)
    known = invitation.attributes if invitation else {REFERENCE_ATTRIBUTE: session.reference.strip()}
    follower = Follower(platform, session.id, route, known)
    others = unfollow(ticket, platform, session.id).followers
    return tell_followers(replace(ticket, followers=(*others, follower)), ticket.snapshot, rules)


def unfollow(ticket: TicketRecord, platform: str, session_id: str) -> TicketRecord:
    """The session ended, or belongs to another ticket now."""
    left = tuple(f for f in ticket.followers if (f.platform, f.session_id) != (platform, session_id))
    return replace(ticket, followers=left)


def tell_followers(record: TicketRecord, ticket: Ticket | None, rules: Rules) -> Decision:
    """What each running session of the ticket must be told now."""
    followers, effects, tell = [], [], []
    for follower in record.followers:
        route = rules.named(follower.route)
        if route and ticket:
            follower, told, asked = _told(record, follower, route, ticket, rules)
            tell += told
            effects += asked
        followers.append(follower)
    return Decision(tell=tuple(tell), effects=tuple(effects), ticket=replace(record, followers=tuple(followers)))


def _told(
    record: TicketRecord, follower: Follower, route: Route, ticket: Ticket, rules: Rules
) -> tuple[Follower, list[str], list[Effect]]:
    """One session: what it has been told after this, what is told of it, and what is asked of its platform."""
    session, tell, effects = follower.session_id, [], []
    changed = _changed(follower, route, ticket) if follower.platform in rules.following_platforms else {}
    if changed:
        effects.append(_effect(record, follower, SetAttributes(session, changed), "attributes", rules.source))
        tell.append(f"attributes of session {session}: {', '.join(changed)}")
    to = _handed_to(follower, route, ticket)
    if to:
        effects.append(_effect(record, follower, TransferSession(session, to), "transfer", rules.source))
        tell.append(f"session {session} is handed to {to}")
    if route.session.close_on is CloseOn.TICKET_CLOSED and ticket.status is not TicketStatus.OPEN:
        effects.append(_effect(record, follower, EndSession(session), "end"))
        tell.append(f"session {session} is ended: the ticket is done")
    known = replace(follower, attributes={**follower.attributes, **changed}, place=_place(route, ticket))
    return known, tell, effects


def _place(route: Route, ticket: Ticket) -> str | None:
    """Where the ticket is, as far as the route looks at that."""
    return ticket.fields.get(route.session.transfer.name, "") if route.session.transfer else None


def _handed_to(follower: Follower, route: Route, ticket: Ticket) -> str:
    """The queue that the session goes to because the ticket moved; empty where it stays."""
    now = _place(route, ticket)
    if route.session.transfer is None or follower.place is None or now == follower.place:
        return ""
    return route.session.transfer.to.get(now or "", "")


def _changed(follower: Follower, route: Route, ticket: Ticket) -> dict[str, str]:
    return {name: value for name, value in wanted(route, ticket).items() if follower.attributes.get(name, "") != value}


def _effect(record: TicketRecord, follower: Follower, action: Action, name: str, source: str = "") -> Effect:
    """`source` tells apart what may happen again with other contents; a session ends once."""
    return Effect(
        key=f"{name}:{follower.platform}:{follower.session_id}{':' if source else ''}{source}",
        connection=follower.platform,
        ticket=record.key,
        action=action,
        route=follower.route,
        give_up_seconds=SET_SECONDS,
    )
