"""One claimed effect, done: the call outside, then what follows from it, committed with its end.

Whoever claims an effect that was already being sent looks for its mark before writing. Errors say what happens
next: wait and try again, stop the connection, or hand it to a person; none of them stops anything else.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import structlog
from sqlalchemy import Connection

from bridge import decide
from bridge.accounts import Standing
from bridge.decide import Past, linking
from bridge.effects import (
    NAMES,
    AttachRecording,
    Decision,
    EffectState,
    EndSession,
    GaveUp,
    Invite,
    Outcome,
    ProvisionUser,
    ReadRecord,
    ReadSession,
    ReadTicket,
    SetAttributes,
    TransferSession,
)
from bridge.errors import (
    AccessDenied,
    ChangedMeanwhile,
    ConnectorError,
    NobodyThere,
    NobodyYet,
    NotFound,
    RateLimited,
    Rejected,
    Throttled,
    TicketBusy,
    Unavailable,
    UnknownOutcome,
)
from bridge.model import Invitation, NoteRef, Record, Session, SessionEventKind, Ticket
from bridge.sessions import merge
from store import codec, health, journal, ledger, records
from store.ledger import Claim, StoredEffect
from workers.apply import apply
from workers.doing import do
from workers.folding import fold
from workers.house import House, LeaseLost, written
from workers.linking import named_ticket
from workers.turns import one_piece_of_work

log = structlog.get_logger(__name__)

BACKOFF_SECONDS = (0.5, 2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
HASTY_SECONDS = 15.0
"""The longest pause of what is worth something for an hour only: somebody is waiting for it."""
STOPPED_SECONDS = 60.0
OLD_NEWS_SECONDS = 5.0
"""Until the next attempt of what was refused with credentials that are renewed by now."""
SURVEY_SECONDS = 120.0
"""So long a survey that was announced is waited for; polling finds one that comes later."""


def perform(house: House, claim: Claim) -> None:
    """Do it, or write down why not and when again. Raises LeaseLost when it turned out to be somebody else's."""
    effect = claim.effect
    began = house.clock()
    if effect.give_up_at <= began:
        _conclude(
            house, effect, GaveUp(f"gave up: {effect.reason or 'there was no turn for it in time'}", "Unavailable")
        )
        return
    if not house.connected(effect.connection):
        reason = f"connection {effect.connection} is no longer in the configuration"
        _conclude(house, effect, GaveUp(reason, Rejected.__name__))
        return
    wrote: list[bool] = []
    try:
        with one_piece_of_work(), _noting(wrote):
            outcome = do(house, claim)
        if isinstance(outcome, Session) and _may_grow(house, effect, outcome):
            _ask_again(house, claim)
            return
    except LeaseLost:
        raise
    except Unavailable as error:
        _wait(house, replace(claim, look=claim.look or bool(wrote)), error)
    except AccessDenied as error:
        _stop(house, replace(claim, look=claim.look or bool(wrote)), error, began)
    except ConnectorError as error:
        _conclude(house, effect, GaveUp(str(error), type(error).__name__))
    else:
        _conclude(house, effect, outcome)


@contextmanager
def _noting(wrote: list[bool]) -> Iterator[None]:
    """While this lasts, note that one of several writes was done: whoever goes on must look before writing again."""
    token = written.set(lambda: wrote.append(True))
    try:
        yield
    finally:
        written.reset(token)


# -- it did not work now ---------------------------------------------------------------------------------------


def _wait(house: House, claim: Claim, error: Unavailable) -> None:
    effect = claim.effect
    now = house.clock()
    pause = _pause(effect, error.retry_after)
    unsure = claim.look or isinstance(error, UnknownOutcome)
    reason = str(error)
    with house.database.write() as connection:
        if isinstance(error, Throttled):
            pause *= _spread(ledger.waiting(connection, effect.connection, effect.kind))
        due_at = min(now + pause, effect.give_up_at)
        counted = not isinstance(error, Throttled)
        if not ledger.postpone(connection, effect, due_at, reason=reason, unsure=unsure, counted=counted):
            raise LeaseLost("another worker has this effect")
        if isinstance(error, Throttled):
            return
        to_blame = error.connection or effect.connection
        if isinstance(error, TicketBusy):
            journal.tell(connection, journal.about(effect), now, *fold(connection, effect, now, unsure=unsure))
        elif isinstance(error, RateLimited):
            health.rest(connection, to_blame, now + pause, reason)
        elif not isinstance(error, ChangedMeanwhile | NobodyYet):
            health.failed(connection, to_blame, now, reason)
        journal.tell(
            connection, journal.about(effect), now, f"{effect.kind} will be tried again in {pause:.0f} s: {reason}"
        )
    log.warning("effect postponed", reason=reason, error=type(error).__name__, seconds=round(pause, 1), unsure=unsure)


def _may_grow(house: House, effect: StoredEffect, session: Session) -> bool:
    """Whether the platform may know more of the session soon, and there is still time to ask again."""
    assert isinstance(effect.action, ReadSession)
    if effect.action.because not in (SessionEventKind.ENDED, SessionEventKind.SURVEYED):
        return False  # nobody said that it ended: what there is now is what was asked for
    patience = max(session.patience_seconds, SURVEY_SECONDS if _lacks_survey(house, effect, session) else 0.0)
    return house.clock() < min(effect.created_at.timestamp() + patience, effect.give_up_at)


def _lacks_survey(house: House, effect: StoredEffect, session: Session) -> bool:
    """Whether somebody is known to have answered a survey that the platform's own account does not hold yet."""
    with house.database.read() as connection:
        known = records.find_session(connection, effect.connection, session.id)
    if known is None:
        return False
    both = merge(known.session, session)
    return bool(both.surveyed_by - {survey.by for survey in both.surveys})


def _ask_again(house: House, claim: Claim) -> None:
    """The platform answered, but has not everything together yet: nobody failed."""
    effect = claim.effect
    pause = _pause(effect, None)
    reason = "the platform has not everything of the session together yet"
    with house.database.write() as connection:
        now = house.clock()
        due_at = min(now + pause, effect.give_up_at - 1.0)
        if not ledger.postpone(connection, effect, due_at, reason=reason, unsure=False, counted=True):
            raise LeaseLost("another worker has this effect")
        health.succeeded(connection, effect.connection, now)
        journal.tell(
            connection, journal.about(effect), now, f"{effect.kind} will be asked again in {pause:.0f} s: {reason}"
        )
    log.info("session not complete yet", seconds=round(pause, 1))


def _spread(waiting: int) -> float:
    """Many that wait for the same turns come back one after another, not all at once. One alone loses no time."""
    return 1.0 + random.uniform(0.0, max(0, waiting - 1))  # noqa: S311 - spreads retries


def backoff(attempts: int) -> float:
    """Seconds to wait after so many attempts."""
    return BACKOFF_SECONDS[min(max(attempts, 1), len(BACKOFF_SECONDS)) - 1]


def _pause(effect: StoredEffect, retry_after: float | None) -> float:
    """Seconds until the next attempt: what the system asked for, else longer each time, never all at once."""
    usual = backoff(effect.attempts)
    if effect.give_up_at - effect.created_at.timestamp() <= decide.INVITE_SECONDS:
        usual = min(usual, HASTY_SECONDS)
    return (retry_after if retry_after is not None else usual) * random.uniform(1.0, 1.3)  # noqa: S311 - spreads retries


def _stop(house: House, claim: Claim, error: AccessDenied, asked_at: float) -> None:
    effect = claim.effect
    refusal = house.refusal(effect.connection, error, asked_at)
    now = house.clock()
    with house.database.write() as connection:
        old = health.is_old_news(connection, refusal)
        due_at = now + (OLD_NEWS_SECONDS if old else STOPPED_SECONDS)
        if not ledger.postpone(connection, effect, due_at, reason=refusal.reason, unsure=claim.look, counted=False):
            raise LeaseLost("another worker has this effect")
        told = f"connection {refusal.name} stopped until an operator renews its credentials: {refusal.reason}"
        if old:
            told = f"{effect.kind} was refused with credentials that are renewed by now, again soon: {refusal.reason}"
        else:
            health.stop(connection, refusal)
        journal.tell(connection, journal.about(effect), now, told)
    if old:
        log.warning("refused with credentials that are renewed by now", connection=refusal.name, reason=refusal.reason)
    else:
        log.error("connection stopped", connection=refusal.name, reason=refusal.reason)


# -- it is done, or will not be --------------------------------------------------------------------------------


def _conclude(house: House, effect: StoredEffect, outcome: Outcome) -> None:
    """Write the effect's end and what follows from it, together."""
    now = house.clock()
    state = _end_state(effect, outcome)
    with house.database.write() as connection:
        reason, act = (outcome.reason, "operator") if isinstance(outcome, GaveUp) else ("", "")
        result = "" if isinstance(outcome, GaveUp) else _result(outcome)
        if not ledger.finish(connection, effect, state, now, reason=reason, act=act, result=result):
            raise LeaseLost("another worker has this effect")
        if not isinstance(outcome, GaveUp):
            health.succeeded(connection, effect.connection, now)
        about = journal.about(effect)
        journal.tell(connection, about, now, f"{effect.kind} {state.value}{': ' + reason if reason else ''}")
        decision = _decide(house, connection, effect, outcome)
        apply(connection, decision, about, rank=effect.rank, correlation=effect.correlation, now=now)
    if isinstance(outcome, GaveUp):
        log.error("effect given up", state=state.value, reason=outcome.reason)
    else:
        log.info("effect done", attempts=effect.attempts, waited=round(now - effect.created_at.timestamp(), 3))


def _end_state(effect: StoredEffect, outcome: Outcome) -> EffectState:
    """Parked waits for a person; failed means that the bridge goes on without it."""
    if not isinstance(outcome, GaveUp):
        return EffectState.DONE
    match effect.action:
        case ReadSession() | SetAttributes() | EndSession() | TransferSession() | AttachRecording():
            return EffectState.FAILED
        case Invite() if outcome.error in (NobodyThere.__name__, Unavailable.__name__):
            return EffectState.FAILED
        case ProvisionUser() if outcome.error == Unavailable.__name__:
            return EffectState.FAILED
        case ReadTicket() | ReadRecord() if outcome.error == NotFound.__name__:
            return EffectState.FAILED
        case _:
            return EffectState.PARKED


def _decide(house: House, connection: Connection, effect: StoredEffect, outcome: Outcome) -> Decision:
    rules = house.rules(f"e{effect.id}", effect.connection)
    now = house.clock()
    match effect.action, outcome:
        case ReadTicket(asked_as="") as asked, Ticket() if outcome.id != effect.ticket.ticket_id:
            return decide.ticket_elsewhere(asked, outcome, effect.ticket, rules)
        case ReadTicket(event), Ticket():
            ticket = records.lock_ticket(connection, effect.ticket, now)
            past = _past(connection, effect) if rules.provisioning else ()
            return decide.ticket_seen(event, outcome, ticket, past, rules)
        case ReadRecord() as read, Record():
            known = records.lock_ticket(connection, effect.ticket, now)
            return decide.record_read(read, outcome, known, _past(connection, effect), rules)
        case ProvisionUser() as wanted, (Standing() | GaveUp()):
            return decide.provisioned(wanted, outcome, effect.ticket, effect.route, rules)
        case Invite(number), Invitation():
            ticket = records.lock_ticket(connection, effect.ticket, now)
            moment = datetime.fromtimestamp(now, UTC)
            return decide.invited(outcome, number, ticket, rules.named(effect.route), moment)
        case Invite(number), GaveUp():
            ticket = records.lock_ticket(connection, effect.ticket, now)
            return decide.not_invited(outcome, number, ticket, rules.named(effect.route))
        case ReadSession(session_id, because), (Session() | GaveUp()):
            record = records.lock_session(connection, effect.connection, Session(session_id), now)
            session = merge(record.session, outcome) if isinstance(outcome, Session) else record.session
            named = named_ticket(connection, record, session, linking.began(session), rules, now)
            return decide.session_read(outcome, record, named, rules, because)
        case _:
            return Decision()


def _past(connection: Connection, effect: StoredEffect) -> list[Past]:
    """Who was provisioned for the same record or ticket before."""
    found = ledger.of_kind(connection, effect.ticket, NAMES[ProvisionUser])
    return [Past(one.key, one.state, _standing(one.result)) for one in found]


def _standing(result: str) -> Standing | None:
    """What `_result` kept of it."""
    told = json.loads(result or "{}").get("user", "")
    return Standing(told) if told in list(Standing) else None


def _result(outcome: Outcome) -> str:
    """What is kept of an outcome: where it stands, never what people typed or a code that lets somebody in."""
    match outcome:
        case NoteRef(id=note):
            return json.dumps({"note": note})
        case Ticket():
            return codec.dump({"ticket": outcome.id, "status": outcome.status.value, "tags": sorted(outcome.tags)})
        case Standing():
            return json.dumps({"user": outcome.value})
        case Session():
            return json.dumps({"session": outcome.id, "chat_lines": sum(len(part.lines) for part in outcome.chat)})
        case _:
            return ""
