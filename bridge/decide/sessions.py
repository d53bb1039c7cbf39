"""A session happens: it is linked to its ticket, followed, and told there when it ends. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from bridge.card import Atom, addition_document, atoms, card_document, recording_document, unshown
from bridge.decide.following import follow, unfollow
from bridge.decide.linking import Named
from bridge.decide.rules import READ_SESSION_SECONDS, Rules, invitation_of, join, note_effect
from bridge.document import Paragraph
from bridge.effects import (
    AddTime,
    AttachRecording,
    Decision,
    Effect,
    GaveUp,
    InvitationRecord,
    Purpose,
    ReadSession,
    SessionRecord,
    TicketKey,
    TicketRecord,
    UpdateFields,
)
from bridge.model import InvitationState, Note, Person, Session, SessionEvent, SessionEventKind, TimeSpent
from bridge.route import Artefact, RecordingMode, Route
from bridge.sessions import merge
from bridge.template import fill_all


def session_event(event: SessionEvent, known: SessionRecord, named: Named, rules: Rules) -> Decision:
    """What a platform told of a session. `named` is the ticket that its reference or an earlier link names."""
    record = replace(known, session=merge(known.session, event.session))
    understood = Decision(tell=(f"understood: session {record.session.id}, {event.name}",))
    decision = join(understood, _claim(record, named, rules))
    record = decision.session or record
    if _tells_all(event, record):
        later = session_read(Session(record.session.id), record, named, rules, event.kind)
        return replace(join(decision, later), session=later.session or record)
    because = _worth_reading(record, event.kind, rules)
    return join(decision, Decision(effects=(_read_session(record, because, rules),))) if because else decision


def _tells_all(event: SessionEvent, record: SessionRecord) -> bool:
    """Whether a survey came with its answers to a session that stands on its ticket: there is nothing more to read."""
    answered = {survey.by for survey in event.session.surveys}
    return (
        event.kind is SessionEventKind.SURVEYED
        and record.carded
        and record.ticket is not None
        and bool(answered)
        and event.session.surveyed_by <= answered
    )


def _worth_reading(record: SessionRecord, kind: SessionEventKind, rules: Rules) -> SessionEventKind | None:
    """Why the platform's own account is wanted now; None while it is not."""
    orphan, typing = record.ticket is None, record.platform in rules.typing_platforms
    if record.session.ended:
        # An orphan is read too where the platform's report may name the ticket.
        return kind if typing or not orphan else None
    if orphan and typing and record.session.reference and record.session.started_at is None:
        # A listing tells keys but no times: when it began decides whether an invitation proves the key.
        return SessionEventKind.STARTED
    return None


def session_linked(record: SessionRecord, ticket: TicketRecord, by: str, rules: Rules) -> Decision:
    """An administrator says which ticket the session belongs to."""
    if record.ticket == ticket.key:
        return Decision(tell=(f"session {record.session.id} is linked to ticket {ticket.key} already",))
    decision = _link(replace(record, carded=False, shown=()), Named(ticket, 0, by), rules)
    if record.session.ended and decision.session:
        return join(decision, Decision(effects=(_read_session(decision.session, SessionEventKind.ENDED, rules),)))
    return decision


def session_overdue(record: SessionRecord, rules: Rules) -> Decision:
    """Nothing was heard of the session's end for long: bring what the platform knows."""
    if record.ticket is None or record.carded or record.session.ended:
        return Decision(tell=(f"nothing to do: session {record.session.id} needs no reminder",))
    effect = _read_session(record, SessionEventKind.CHANGED, rules)
    return Decision(tell=(f"the end of session {record.session.id} was never reported",), effects=(effect,))


def session_read(
    outcome: Session | GaveUp,
    record: SessionRecord,
    named: Named,
    rules: Rules,
    because: SessionEventKind = SessionEventKind.ENDED,
) -> Decision:
    """The platform's own account is here, or cannot be had: write the card, or what is new since the card.

    One that was only read to learn when it began, and still runs, is linked and followed, and told at its end.
    """
    missing: tuple[str, ...] = ()
    if isinstance(outcome, GaveUp):
        missing = (f"the platform's own log could not be fetched: {outcome.reason}",)
    else:
        record = replace(record, session=merge(record.session, outcome))
    claimed = join(Decision(tell=missing), _claim(record, named, rules))
    record = claimed.session or record
    if record.ticket is None or (because is SessionEventKind.STARTED and not record.session.ended):
        return claimed
    route = rules.named(record.route)
    if route is None:
        return join(claimed, Decision(tell=("no card: no route joins the ticket's system with the platform",)))
    ticket = claimed.ticket or named.ticket or TicketRecord(record.ticket)
    told = _Telling(record, route, record.ticket, ticket, rules)
    decision = told.addition() if record.carded else told.card(lacking=bool(missing))
    return replace(join(claimed, decision), session=decision.session)


# -- whose it is -----------------------------------------------------------------------------------------------


def _claim(record: SessionRecord, named: Named, rules: Rules) -> Decision:
    """The session as that of the ticket that it names, or as an orphan."""
    if named.ticket is None:
        tell = (f"orphan: {named.why}",) if record.ticket is None else ()
        return Decision(tell=tell, session=record)
    if record.ticket != named.ticket.key:
        return _link(record, named, rules)
    ticket = named.ticket
    if record.session.ended:
        ticket = unfollow(ticket, record.platform, record.session.id)
    return Decision(
        session=record,
        ticket=ticket if ticket != named.ticket else None,
        invitations=_used(named, record.session.id),
    )


def _link(record: SessionRecord, named: Named, rules: Rules) -> Decision:
    ticket = named.ticket
    assert ticket is not None
    invitation = invitation_of(ticket, named.number)
    route = rules.named(invitation.route) if invitation else None
    route = route or rules.joining(ticket.key.connection, record.platform)
    linked = replace(record, ticket=ticket.key, linked_how=named.how, route=route.name if route else "")
    decision = Decision(
        tell=(f"session {record.session.id} linked to ticket {ticket.key} by {named.how}",),
        session=linked,
        invitations=_used(named, record.session.id),
    )
    following = follow(ticket, record.session, record.platform, linked.route, named.number, rules)
    return join(decision, following)


def _used(named: Named, session_id: str) -> tuple[InvitationRecord, ...]:
    invitation = invitation_of(named.ticket, named.number) if named.ticket else None
    if invitation is None or invitation.state is InvitationState.USED:
        return ()
    return (replace(invitation, state=InvitationState.USED, session_id=session_id),)


def _read_session(record: SessionRecord, because: SessionEventKind, rules: Rules) -> Effect:
    return Effect(
        key=f"read:{rules.source}:{record.platform}:{record.session.id}",
        connection=record.platform,
        ticket=record.ticket or TicketKey(record.platform, record.session.id),
        action=ReadSession(record.session.id, because),
        route=record.route,
        give_up_seconds=READ_SESSION_SECONDS,
    )


# -- what stands on the ticket ---------------------------------------------------------------------------------


class _Telling:
    """One session told on one ticket by one route."""

    def __init__(self, record: SessionRecord, route: Route, key: TicketKey, ticket: TicketRecord, rules: Rules) -> None:
        self._record = record
        self._route = route
        self._key = key
        self._ticket = ticket
        self._rules = rules
        self._session = _with_agents(record, ticket, rules)
        self._atoms = atoms(self._session, route.session)
        self._named = f"{record.platform}:{record.session.id}:{key}"

    def card(self, *, lacking: bool) -> Decision:
        """The whole session, told for the first time."""
        document = card_document(self._session, self._atoms, self._route.session)
        if lacking:
            words = "The platform's own log could not be fetched; this is what it had sent."
            document = (*document, Paragraph(words))
        if not self._session.ended:
            document = (*document, Paragraph("The platform never reported the end of this session."))
        visibility = self._route.session.visibility
        card = note_effect(
            Purpose.CARD, f"card:{self._named}", document, visibility, ticket=self._key, route=self._route.name
        )
        shown = (*self._record.shown, *(atom.digest for atom in self._atoms))
        return Decision(
            tell=("the session card is decided",),
            effects=(card, *self._recordings(), *self._fields(), *self._time()),
            session=replace(self._record, carded=True, shown=shown),
        )

    def addition(self) -> Decision:
        """What came after the card, alone."""
        new = unshown(self._atoms, self._record.shown)
        if not new:
            return Decision(tell=("nothing to do: all of it stands on the ticket already",), session=self._record)
        shown = (*self._record.shown, *(atom.digest for atom in new))
        kinds = ", ".join(sorted({atom.kind for atom in new}))
        return Decision(
            tell=(f"added later: {kinds}",),
            effects=(self._added(new), *self._recordings()),
            session=replace(self._record, shown=shown),
        )

    def _added(self, new: Sequence[Atom]) -> Effect:
        digest = hashlib.sha256("".join(atom.digest for atom in new).encode()).hexdigest()[:16]
        return note_effect(
            Purpose.ADDITION,
            f"addition:{self._named}:{digest}",
            addition_document(self._session, new),
            self._route.session.visibility,
            ticket=self._key,
            route=self._route.name,
        )

    def _recordings(self) -> list[Effect]:
        """Those that are to be attached. Their keys keep them from being attached twice."""
        rule = self._route.session
        if rule.recordings is not RecordingMode.ATTACH or Artefact.RECORDINGS not in rule.include:
            return []
        effects = []
        for recording in self._session.recordings:
            if not recording.id:
                continue
            mark = f"recording:{self._named}:{recording.id}"
            note = Note(mark, recording_document(self._session, recording), rule.visibility)
            action = AttachRecording(self._record.platform, self._session.id, recording.id, note)
            effects.append(Effect(mark, self._key.connection, self._key, action, self._route.name))
        return effects

    def _fields(self) -> list[Effect]:
        templates, snapshot = self._route.session.set_fields, self._ticket.snapshot
        if not templates or snapshot is None:
            return []
        values = {name: fill_all(value, snapshot) for name, value in templates.items()}
        key = f"fields:card:{self._named}"
        return [Effect(key, self._key.connection, self._key, UpdateFields(values), self._route.name)]

    def _time(self) -> list[Effect]:
        """The work, where the route bills it and the ticket system takes it."""
        rule, worked = self._route.session.time_entry, self._session.work_seconds
        if rule is None or worked is None or self._key.connection not in self._rules.timed_systems:
            return []
        minutes = rule.minutes(worked)
        if not minutes:
            return []
        began_at = self._session.started_at or self._session.ended_at or self._rules.now
        spent = TimeSpent(
            mark=f"time:{self._named}",
            minutes=minutes,
            began_at=began_at.replace(microsecond=0),
            text=f"Remote support session {self._session.id}",
            agent=self._session.technician,
        )
        return [Effect(spent.mark, self._key.connection, self._key, AddTime(spent), self._route.name)]


def _with_agents(record: SessionRecord, ticket: TicketRecord, rules: Rules) -> Session:
    """The session with its technicians as the help desk names them."""
    session = record.session
    assignee = ticket.snapshot.assignee if ticket.snapshot else Person()

    def agent(person: Person) -> Person:
        return rules.people.agent(record.platform, person, assignee, ticket.key.connection)

    participants = tuple(replace(one, person=agent(one.person)) for one in session.participants)
    return replace(session, technician=agent(session.technician), participants=participants)
