"""Somebody asks for an account, the provider answers, the outcome is told where it was asked for. Pure.

A record that asks:  event -> ReadRecord -> ProvisionUser -> UpdateRecord
A ticket that asks:  event -> ReadTicket -> ProvisionUser -> UpdateFields, AddNote (internal)
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bridge.accounts import AccountAction, AccountRequest, Standing
from bridge.decide.rules import READ_TICKET_SECONDS, Rules, join, note_effect
from bridge.decide.tickets import LASTING, NOTHING, holds, ticket_read
from bridge.document import Heading, Paragraph
from bridge.effects import (
    Decision,
    Effect,
    EffectState,
    GaveUp,
    ProvisionUser,
    Purpose,
    ReadRecord,
    TicketKey,
    TicketRecord,
    UpdateFields,
    UpdateRecord,
)
from bridge.errors import Unavailable
from bridge.model import CrmEvent, CrmEventKind, Record, Ticket, TicketEvent, TicketStatus, Visibility
from bridge.provisioning import WORDS, ProvisioningRoute, Word, filler
from bridge.route import When, WhenKind

PROVISION_SECONDS = 2 * 86400.0
MOST_COMPUTERS = 100_000
MOST_REASON = 250
"""Characters; a CRM's shortest usual text field has 255."""
MARK = "provisioning: "
"""Before the names of these routes where a record or a ticket is remembered to ask."""

_ADDRESS = re.compile(r"[^@\s<>\"',;]{1,64}@[^@\s<>\"',;.]+(\.[^@\s<>\"',;.]+)+")


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier effect that provisioned somebody for the same record or ticket."""

    key: str
    state: EffectState
    standing: Standing | None = None


# -- a record or a ticket asks ---------------------------------------------------------------------------------


def record_event(event: CrmEvent, key: TicketKey, rules: Rules) -> Decision:
    """The event only names the record: read it, unless nobody cares or we caused it ourselves."""
    understood = f"understood: {event.name} of {event.record.value} {event.record_id}"
    routes = rules.provisioning_from(key.connection, event.record)
    if not routes:
        return Decision(tell=(f"{understood}; no route asks for it",))
    if event.kind is CrmEventKind.DELETED:
        return Decision(tell=(f"{understood}; nothing follows when one is gone",))
    if event.actor and event.actor.lower() in rules.own_actors:
        return Decision(tell=(f"skipped: {event.name} was caused by Deskbridge itself",))
    fields = sorted({name for route in routes for name in route.fields_of_record()})
    effect = Effect(
        key=f"read:{rules.source}:{key}",
        connection=key.connection,
        ticket=key,
        action=ReadRecord(event.record, event.record_id, (event.name, event.kind.value), tuple(fields)),
        give_up_seconds=READ_TICKET_SECONDS,
    )
    return Decision(tell=(understood,), effects=(effect,))


def record_read(asked: ReadRecord, record: Record, known: TicketRecord, past: Sequence[Past], rules: Rules) -> Decision:
    """The record as it is now: does it ask for an account?"""
    routes = rules.provisioning_from(known.key.connection, asked.record)
    holding = {route.name for route in routes if _record_holds(route.when, asked.events, record)}
    decision = _asked(_Asker(known.key, record, record.fields, record.id), routes, holding, known, past, rules)
    if not decision.tell:
        decision = join(decision, Decision(tell=(NOTHING,)))
    return replace(decision, ticket=replace(known, asking=_remembered(routes, holding)))


def ticket_seen(
    event: TicketEvent, ticket: Ticket, known: TicketRecord, past: Sequence[Past], rules: Rules
) -> Decision:
    """The ticket as it is now: does it ask for a session, or for an account?"""
    decision = ticket_read(event, ticket, known, rules)
    routes = rules.provisioning_from(known.key.connection, None)
    if not routes:
        return decision
    holding = {route.name for route in routes if holds(route.when, event, ticket)}
    asked = Decision()
    if ticket.status is not TicketStatus.CLOSED:
        asked = _asked(_Asker(known.key, ticket, ticket.fields), routes, holding, known, past, rules)
    assert decision.ticket is not None
    remembered = replace(decision.ticket, asking=decision.ticket.asking | _remembered(routes, holding))
    if asked.tell and decision.tell == (NOTHING,):
        decision = replace(decision, tell=())
    return replace(join(decision, asked), ticket=remembered)


def remembered(route: ProvisioningRoute) -> str:
    """Under which name a record or a ticket is remembered to ask by the route."""
    return f"{MARK}{route.name}"


def _remembered(routes: Sequence[ProvisioningRoute], holding: set[str]) -> frozenset[str]:
    return frozenset(remembered(r) for r in routes if r.name in holding and r.when.kind in LASTING)


def _record_holds(when: When, events: Sequence[str], record: Record) -> bool:
    match when.kind:
        case WhenKind.FIELD:
            return record.fields.get(when.name) == when.value
        case WhenKind.EVENT:
            return when.name in events
        case _:
            return when.kind is WhenKind.ANY


@dataclass(frozen=True, slots=True)
class _Asker:
    """Where an account was asked for, and where the outcome is told."""

    key: TicketKey
    found: Record | Ticket
    fields: Mapping[str, str]
    record_id: str = ""
    """Of a record: a merged one has another id than what was asked for."""


def _asked(
    asker: _Asker,
    routes: Sequence[ProvisioningRoute],
    holding: set[str],
    known: TicketRecord,
    past: Sequence[Past],
    rules: Rules,
) -> Decision:
    decision = Decision()
    for route in routes:
        before = remembered(route) in known.asking and route.when.kind in LASTING
        if route.name in holding and not before:
            decision = join(decision, _provision(route, asker, past, rules))
    return decision


def _provision(route: ProvisioningRoute, asker: _Asker, past: Sequence[Past], rules: Rules) -> Decision:
    """Once for this route, record or ticket, and address; again only after it failed."""
    request, wrong = _request(route, filler(asker.found))
    digest = hashlib.sha256(f"{route.name}\n{request.email.lower()}".encode()).hexdigest()[:16]
    stem = f"provision:{asker.key}:{digest}"
    mine = [one for one in past if one.key == stem or one.key.startswith(f"{stem}:")]
    if any(one.state.open for one in mine):
        return Decision(tell=(f"skipped: route {route.name} is at it already",))
    done = next((one for one in mine if one.state is EffectState.DONE), None)
    action = ProvisionUser(route.action, request, route.record, asker.record_id)
    if wrong or done:
        outcome: Standing | GaveUp = GaveUp(wrong) if wrong else (done and done.standing) or Standing.EXISTS
        told = f"route {route.name}: {wrong}" if wrong else f"skipped: route {route.name} did it before"
        effects = _outcome(route, action, outcome, asker.key, rules, asker.fields, again=not wrong)
        return Decision(tell=(told,), effects=effects)
    effect = Effect(
        key=f"{stem}:{len(mine) + 1}" if mine else stem,
        connection=route.accounts,
        ticket=asker.key,
        action=action,
        route=route.name,
        give_up_seconds=PROVISION_SECONDS,
    )
    return Decision(tell=(f"route {route.name}: an account is asked for",), effects=(effect,))


def _request(route: ProvisioningRoute, fill: Callable[[str], str]) -> tuple[AccountRequest, str]:
    """Who shall become a user, and what is wrong with it; empty for nothing."""
    email, first, last, computers = (fill(text).strip() for text in route.templates)
    number = int(computers) if re.fullmatch(r"[0-9]{1,6}", computers) else -1
    request = AccountRequest(email, max(number, 0), first, last)
    if not email:
        return request, "there is no e-mail address"
    if not _ADDRESS.fullmatch(email):
        return request, "the e-mail address is none"
    if not 0 <= number <= MOST_COMPUTERS:
        return request, "the number of computers is none"
    if route.action is AccountAction.ADD and not (first and last):
        return request, "the first name or the last name is missing"
    return request, ""


# -- the provider answers --------------------------------------------------------------------------------------


def provisioned(
    action: ProvisionUser, outcome: Standing | GaveUp, key: TicketKey, route: str, rules: Rules
) -> Decision:
    """Tell how it went where it was asked for."""
    found = rules.provisioning_named(route)
    if found is None:
        return Decision(tell=(f"route {route} is gone: the outcome is told nowhere",))
    told = outcome.value if isinstance(outcome, Standing) else "failed"
    return Decision(
        tell=(f"route {route}: {told.replace('_', ' ')}",),
        effects=_outcome(found, action, outcome, key, rules, {}),
    )


def _outcome(
    route: ProvisioningRoute,
    action: ProvisionUser,
    outcome: Standing | GaveUp,
    key: TicketKey,
    rules: Rules,
    stands: Mapping[str, str],
    *,
    again: bool = False,
) -> tuple[Effect, ...]:
    """What is written to the record or the ticket, but for what stands there already."""
    word = Word.FAILED if isinstance(outcome, GaveUp) else WORDS[outcome]
    reason = _reason(outcome) if isinstance(outcome, GaveUp) else ""
    changes = route.outcome.changes(word, reason) if route.outcome else {}
    changes = {name: value for name, value in changes.items() if stands.get(name) != _as_told(value)}
    source = f"{rules.source}:{route.name}:{word}:{hashlib.sha256(reason.encode()).hexdigest()[:8]}"
    digest = hashlib.sha256(source.encode()).hexdigest()[:16]
    effects = []
    if changes:
        update = UpdateRecord(action.record, action.record_id, changes) if action.record else UpdateFields(changes)
        effects.append(Effect(f"outcome:{key}:{digest}", key.connection, key, update, route.name))
    if action.record is None and not again:
        effects.append(_note(route, word, reason, key, digest))
    return tuple(effects)


def _as_told(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


SENTENCES: Mapping[Word, str] = {
    Word.INVITED: "The customer is invited: a letter with the next steps is on its way to them.",
    Word.ADDED: "The customer has an account now: a letter tells them how to sign in.",
    Word.EXISTS: "The customer has an account already.",
}


def _note(route: ProvisioningRoute, word: Word, reason: str, key: TicketKey, digest: str) -> Effect:
    words = SENTENCES.get(word) or f"No account could be had: {reason}."
    document = (Heading("Remote access"), Paragraph(words))
    mark = f"note:{key}:account:{digest}"
    return note_effect(Purpose.ACCOUNT, mark, document, Visibility.INTERNAL, ticket=key, route=route.name)


def _reason(failure: GaveUp) -> str:
    """The refusal in words for who keeps the record."""
    if failure.error == Unavailable.__name__:
        return "the provider could not be reached in time; an administrator can try it again"
    return failure.reason[:MOST_REASON]
