"""Decisions: an event or an outcome in, effects out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bridge import decide, match
from bridge.decide import Named, Rules, linking
from bridge.document import Document, Facts, Heading, Lines, Paragraph
from bridge.effects import (
    AddNote,
    Decision,
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
from bridge.markup import to_text
from bridge.model import (
    Answer,
    ChatLine,
    ChatPart,
    Invitation,
    InvitationState,
    Person,
    Session,
    SessionEvent,
    SessionEventKind,
    Survey,
    Ticket,
    TicketEvent,
    TicketEventKind,
    TicketStatus,
    Visibility,
)
from bridge.people import Directory, Member, People
from bridge.route import CloseOn, Helper, InvitationRule, Route, SessionRule, TimeEntry, When, WhenKind

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = TicketKey("zendesk", "42")
SECRET = "s" * 32
ROUTE = Route(
    "help",
    "zendesk",
    "rescue",
    When(WhenKind.TAG, "remote-support"),
    InvitationRule(Visibility.PUBLIC, {"cfield0": "{requester.name}"}, CloseOn.TICKET_CLOSED),
)
RULES = Rules((ROUTE,), (SECRET,), NOW, "1.0.0", frozenset({"bridge@example.com"}))
CHANGED = TicketEvent(TicketEventKind.CHANGED, "42", "ticket.updated")
TAGGED = Ticket("42", "Printer", tags=frozenset({"remote-support"}), requester=Person("Customer 1"))
FRESH = TicketRecord(KEY)


def invitation(state: InvitationState = InvitationState.ISSUED, number: int = 1) -> InvitationRecord:
    return InvitationRecord(
        KEY, number, "help", "rescue", state, NOW, NOW + timedelta(minutes=20), "123456", "https://x"
    )


def read(
    ticket: Ticket = TAGGED, record: TicketRecord = FRESH, event: TicketEvent = CHANGED, rules: Rules = RULES
) -> Decision:
    return decide.ticket_read(event, ticket, record, rules)


def invites(decision: Decision) -> list[Invite]:
    return [effect.action for effect in decision.effects if isinstance(effect.action, Invite)]


# -- a ticket asks


def test_an_event_leads_to_a_look_at_the_ticket() -> None:
    decision = decide.ticket_event(CHANGED, KEY, RULES)
    assert [effect.action for effect in decision.effects] == [ReadTicket(CHANGED)]


def test_our_own_event_is_an_echo() -> None:
    decision = decide.ticket_event(replace(CHANGED, actor="Bridge@example.com"), KEY, RULES)
    assert decision.effects == ()
    assert "Deskbridge itself" in decision.tell[0]


def test_a_connection_without_routes_is_told_and_skipped() -> None:
    decision = decide.ticket_event(CHANGED, TicketKey("other", "1"), RULES)
    assert decision.effects == ()
    assert "no route" in decision.tell[0]


def test_a_tagged_ticket_is_invited_with_a_reference_that_verifies() -> None:
    decision = read()
    (action,) = invites(decision)
    assert action.request.fields == {"cfield0": "Customer 1"}
    assert match.read(action.request.reference, [SECRET], ["zendesk"]) == match.Reference("zendesk", "42", 1)
    assert decision.invitations[0].state is InvitationState.REQUESTED


def test_a_tag_that_was_there_before_asks_for_nothing() -> None:
    first = read()
    assert first.ticket is not None
    assert not invites(read(record=first.ticket))


def test_a_tag_set_again_asks_again_when_the_invitation_is_no_longer_open() -> None:
    without = read(replace(TAGGED, tags=frozenset()), TicketRecord(KEY, asking=frozenset({"help"})))
    assert without.ticket is not None
    used = replace(without.ticket, invitations=(invitation(InvitationState.USED),))
    assert [action.number for action in invites(read(record=used))] == [2]


def test_an_invitation_for_the_assignee_names_the_technician_of_the_platform() -> None:
    technician, agent = Person("T1", "t1@example.com", "337366"), Person("Agent 1", id="7")
    lists = {
        "zendesk": Directory([Member(replace(agent, email="T1@example.com"))]),
        "rescue": Directory([Member(technician)]),
    }
    for_assignee = replace(ROUTE, invitation=replace(ROUTE.invitation, technician=Helper.ASSIGNEE))
    rules = replace(RULES, routes=(for_assignee,), people=People((), lists))
    for assignee, invited, told in (
        (agent, technician, "it is for the ticket's assignee"),
        (Person("T1", id="8"), Person(), "nobody at the platform is the ticket's assignee"),
    ):
        decision = read(replace(TAGGED, assignee=assignee), rules=rules)
        assert [invite.request.technician for invite in invites(decision)] == [invited]
        assert told in decision.tell
    anybody = read(replace(TAGGED, assignee=agent), rules=replace(rules, routes=(ROUTE,)))
    assert [invite.request.technician for invite in invites(anybody)] == [Person()]


def test_an_open_invitation_is_enough() -> None:
    decision = read(record=TicketRecord(KEY, invitations=(invitation(),)))
    assert not decision.effects
    assert "still open" in decision.tell[0]


def test_an_outdated_invitation_is_replaced() -> None:
    outdated = replace(invitation(), expires_at=NOW - timedelta(seconds=1))
    decision = read(record=TicketRecord(KEY, invitations=(outdated,)))
    assert [action.number for action in invites(decision)] == [2]
    assert decision.invitations[0].state is InvitationState.EXPIRED


def test_an_outright_request_needs_no_tag() -> None:
    event = TicketEvent(TicketEventKind.REQUESTED, "42", "request")
    assert invites(read(Ticket("42"), event=event))
    assert not invites(read(Ticket("42"), event=replace(event, route="another")))


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        (When(WhenKind.FIELD, "1234", "yes"), True),
        (When(WhenKind.FIELD, "1234", "no"), False),
        (When(WhenKind.STATUS, "Pending"), True),
        (When(WhenKind.EVENT, "ticket.updated"), True),
        (When(WhenKind.EVENT, "other"), False),
        (When(WhenKind.ANY), True),
    ],
)
def test_each_condition(when: When, holds: bool) -> None:
    ticket = Ticket("42", fields={"1234": "yes"}, vendor_status="pending")
    rules = replace(RULES, routes=(replace(ROUTE, when=when),))
    assert bool(invites(read(ticket, rules=rules))) is holds


@pytest.mark.parametrize("status", [TicketStatus.SOLVED, TicketStatus.CLOSED])
def test_a_done_ticket_withdraws_and_never_invites(status: TicketStatus) -> None:
    decision = read(replace(TAGGED, status=status), TicketRecord(KEY, invitations=(invitation(),)))
    assert [i.state for i in decision.invitations] == [InvitationState.WITHDRAWN]
    assert "it is done" in decision.tell[0]
    # A closed ticket takes no more notes; a solved one says that the invitation is over.
    assert bool(decision.effects) is (status is TicketStatus.SOLVED)


# -- the platform answers

MADE = Invitation("012345", "https://rescue.example/R?i=2&Code=012345", "https://join.example", cut=("cfield1",))


def test_the_pin_is_told_where_the_route_says() -> None:
    record = TicketRecord(KEY, invitations=(invitation(InvitationState.REQUESTED),))
    decision = decide.invited(MADE, 1, record, ROUTE, NOW)
    (effect,) = decision.effects
    assert isinstance(effect.action, AddNote)
    assert effect.action.note.visibility is Visibility.PUBLIC
    text = to_text(effect.action.note.document)
    assert "012345" in text
    assert "https://rescue.example/R?i=2&Code=012345" in text
    assert decision.invitations[0].code == "012345"
    assert "cfield1" in " ".join(decision.tell)
    assert "012345" not in " ".join(decision.tell), "a PIN is never told in the story"


def test_a_pin_for_a_ticket_closed_meanwhile_is_not_told() -> None:
    record = TicketRecord(KEY, invitations=(invitation(InvitationState.WITHDRAWN),))
    assert not decide.invited(MADE, 1, record, ROUTE, NOW).effects


def test_the_agent_learns_that_nobody_is_there_and_what_to_do() -> None:
    record = TicketRecord(KEY, invitations=(invitation(InvitationState.REQUESTED),))
    decision = decide.not_invited(GaveUp("No technician console is open", "NobodyThere"), 1, record, ROUTE)
    (effect,) = decision.effects
    assert isinstance(effect.action, AddNote)
    assert effect.action.note.visibility is Visibility.INTERNAL
    assert "Open the technician console" in to_text(effect.action.note.document)
    assert decision.invitations[0].state is InvitationState.FAILED


# -- a session happens

REFERENCE = match.write(match.Reference("zendesk", "42", 1), SECRET)
START = Session("7", reference=REFERENCE, technician=Person("Tech"))
END = Session(
    "7",
    reference=REFERENCE,
    ended=True,
    notes="password: hunter22",
    started_at=NOW,
    ended_at=NOW + timedelta(seconds=3725),
    chat=(ChatPart(1, (ChatLine("hi", "Tech", "10:00 AM"),)),),
)
TICKET = TicketRecord(KEY, TAGGED, invitations=(invitation(),))
NAMED = Named(TICKET, 1, "reference")


def ended(session: Session = END, known: SessionRecord | None = None) -> Decision:
    event = SessionEvent(SessionEventKind.ENDED, session, "session end")
    return decide.session_event(event, known or SessionRecord("rescue", Session("7")), NAMED, RULES)


def carded(outcome: Session | GaveUp, rules: Rules = RULES) -> Decision:
    known = ended().session
    assert known is not None
    return decide.session_read(outcome, known, NAMED, rules)


def the_note(decision: Decision) -> AddNote:
    (action,) = [effect.action for effect in decision.effects if isinstance(effect.action, AddNote)]
    return action


def test_a_start_links_and_uses_the_invitation() -> None:
    event = SessionEvent(SessionEventKind.STARTED, START, "session start")
    decision = decide.session_event(event, SessionRecord("rescue", Session("7")), NAMED, RULES)
    assert decision.session is not None
    assert (decision.session.ticket, decision.session.route) == (KEY, "help")
    assert decision.invitations[0].state is InvitationState.USED
    assert not decision.effects, "nothing is written before the end"


def test_an_end_leads_to_a_look_at_the_platform() -> None:
    (effect,) = ended().effects
    assert effect.action == ReadSession("7", SessionEventKind.ENDED)
    assert effect.connection == "rescue"
    assert effect.ticket == KEY


def test_a_session_without_a_believable_reference_is_an_orphan() -> None:
    for reference, why in (("", "no reference"), ("DB1:zendesk:42:1:forged0000000000", "not ours")):
        event = SessionEvent(SessionEventKind.ENDED, replace(END, reference=reference), "end")
        assert linking.signed(event.session, RULES) is None
        orphan = Named(why=linking.unsigned(event.session))
        decision = decide.session_event(event, SessionRecord("rescue", Session("7")), orphan, RULES)
        assert not decision.effects
        assert why in decision.tell[-1]


def test_the_card_is_private_complete_and_redacted() -> None:
    decision = carded(Session("7"))
    action = the_note(decision)
    assert action.purpose is Purpose.CARD
    assert action.note.visibility is Visibility.INTERNAL
    text = to_text(action.note.document)
    for part in ("Tech", "1 h 2 min 5 s", "2026-11-22 12:00 UTC", "10:00 AM Tech: hi", "[password removed]"):
        assert part in text
    assert "hunter22" not in text


def test_the_card_says_when_the_platforms_log_is_missing() -> None:
    text = to_text(the_note(carded(GaveUp("down"))).note.document)
    assert "could not be fetched" in text
    assert "10:00 AM Tech: hi" in text


def test_what_comes_later_is_added_once_and_alone() -> None:
    card = carded(Session("7"))
    assert card.session is not None
    survey = Session("7", surveys=(Survey("technician", (Answer("Question 1", "yes"),)),))
    later = decide.session_read(survey, card.session, NAMED, RULES)
    text = to_text(the_note(later).note.document)
    assert the_note(later).purpose is Purpose.ADDITION
    assert "yes" in text
    assert "Tech: hi" not in text
    assert later.session is not None
    assert not decide.session_read(survey, later.session, NAMED, RULES).effects


def test_a_double_of_the_end_changes_nothing() -> None:
    card = carded(Session("7"))
    assert card.session is not None
    again = ended(known=card.session)
    assert again.session is not None
    assert not decide.session_read(Session("7"), again.session, NAMED, RULES).effects


def test_only_what_the_route_includes_is_shown() -> None:
    rule = SessionRule(include=frozenset({"notes"}))  # type: ignore[arg-type]  # a StrEnum's value is its word
    rules = replace(RULES, routes=(replace(ROUTE, session=rule),))
    document: Document = the_note(carded(Session("7"), rules)).note.document
    assert not [block for block in document if isinstance(block, Lines)]
    assert not any("Started" in dict(block.rows) for block in document if isinstance(block, Facts))


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 10), (1, 15), (10 * 60, 15), (15 * 60, 15), (15 * 60 + 1, 30)])
def test_billed_time_is_rounded_up_and_never_less_than_the_minimum(seconds: int, minutes: int) -> None:
    assert TimeEntry(minimum_minutes=10, round_to_minutes=15).minutes(seconds) == minutes


def test_billed_time_stands_on_the_card() -> None:
    rule = SessionRule(time_entry=TimeEntry(5, 15))
    rules = replace(RULES, routes=(replace(ROUTE, session=rule),))
    assert "Billed time: 15 min" in to_text(the_note(carded(Session("7", work_seconds=61), rules)).note.document)


def test_a_session_without_an_end_says_so_on_its_card() -> None:
    known = SessionRecord("rescue", START, KEY, "reference", "help")
    assert decide.session_overdue(known, RULES).effects
    decision = decide.session_read(Session("7"), known, NAMED, RULES)
    assert "never reported the end" in to_text(the_note(decision).note.document)
    assert decision.session is not None
    assert not decide.session_overdue(decision.session, RULES).effects


def test_templates_in_the_options_are_filled_too() -> None:
    rule = replace(ROUTE.invitation, options={"attributes": {"asset": "{ticket.subject}"}, "priority": 2})
    (action,) = invites(read(rules=replace(RULES, routes=(replace(ROUTE, invitation=rule),))))
    assert action.request.options == {"attributes": {"asset": "Printer"}, "priority": 2}


def test_fields_are_set_with_the_card() -> None:
    rules = replace(RULES, routes=(replace(ROUTE, session=SessionRule(set_fields={"99": "{ticket.subject}"})),))
    actions = [effect.action for effect in carded(Session("7"), rules).effects]
    assert UpdateFields({"99": "Printer"}) in actions


def test_an_administrators_link_makes_the_card_on_the_new_ticket() -> None:
    orphan = SessionRecord("rescue", END)
    decision = decide.session_linked(orphan, TICKET, "administrator", RULES)
    assert decision.session is not None
    assert decision.session.ticket == KEY
    assert isinstance(decision.effects[0].action, ReadSession)
    assert not decide.session_linked(decision.session, TICKET, "administrator", RULES).effects


def test_the_time_zone_of_the_route_is_used_and_utc_stated() -> None:
    rules = replace(RULES, routes=(replace(ROUTE, session=SessionRule(timezone="Europe/Berlin")),))
    text = to_text(the_note(carded(Session("7"), rules)).note.document)
    assert "2026-11-22 13:00 Europe/Berlin (2026-11-22 12:00 UTC)" in text


def test_the_documents_blocks_are_what_a_reader_expects() -> None:
    document = the_note(carded(Session("7"))).note.document
    assert isinstance(document[0], Heading)
    assert isinstance(document[-1], Paragraph)
