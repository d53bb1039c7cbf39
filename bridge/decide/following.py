"""Attributes follow the ticket: a running session is told what changed on it, and only that. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bridge.decide.rules import Rules, invitation_of
from bridge.effects import Decision, Effect, Follower, SetAttributes, TicketRecord
from bridge.model import REFERENCE_ATTRIBUTE, Session, Ticket
from bridge.route import Route
from bridge.template import fill

SET_SECONDS = 3600.0


def wanted(route: Route, ticket: Ticket) -> Mapping[str, str]:
    """The attributes that a session of the ticket has by that route, the reference among them."""
    filled = {name: fill(template, ticket) for name, template in route.invitation.attributes.items()}
    return {**filled, REFERENCE_ATTRIBUTE: ticket.called}


def follow(ticket: TicketRecord, session: Session, platform: str, route: str, number: int, rules: Rules) -> Decision:
    """A running session was linked: bring its attributes up to date, and keep them so."""
    if platform not in rules.following_platforms or session.ended or not route:
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
        changed = _changed(follower, route, ticket) if route and ticket else {}
        if changed:
            effects.append(_effect(record, follower, changed, rules))
            tell.append(f"attributes of session {follower.session_id}: {', '.join(changed)}")
            follower = replace(follower, attributes={**follower.attributes, **changed})
        followers.append(follower)
    return Decision(tell=tuple(tell), effects=tuple(effects), ticket=replace(record, followers=tuple(followers)))


def _changed(follower: Follower, route: Route, ticket: Ticket) -> dict[str, str]:
    return {name: value for name, value in wanted(route, ticket).items() if follower.attributes.get(name, "") != value}


def _effect(record: TicketRecord, follower: Follower, changed: dict[str, str], rules: Rules) -> Effect:
    return Effect(
        key=f"attributes:{follower.platform}:{follower.session_id}:{rules.source}",
        connection=follower.platform,
        ticket=record.key,
        action=SetAttributes(follower.session_id, changed),
        route=follower.route,
        give_up_seconds=SET_SECONDS,
    )
