"""Which ticket a session belongs to when anybody can type the ticket's number."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bridge.decide import Named, Rules, linking, session_event, session_read
from bridge.effects import InvitationRecord, ReadSession, SessionRecord, TicketKey, TicketRecord
from bridge.model import InvitationState, Session, SessionEvent, SessionEventKind, Ticket
from bridge.route import InvitationRule, Route, When, WhenKind

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DESK, JIRA = TicketKey("desk", "42"), TicketKey("jira", "42")
ROUTE = Route("help", "desk", "appliance", When(WhenKind.ANY))
OTHER = Route("more", "jira", "appliance", When(WhenKind.STATUS, "open"))
RULES = Rules((ROUTE,), ("s" * 32,), NOW, "1.0.0", typing_platforms=frozenset({"appliance"}))
BOTH = replace(RULES, routes=(ROUTE, OTHER))


def invitation(key: TicketKey = DESK, state: InvitationState = InvitationState.ISSUED) -> InvitationRecord:
    return InvitationRecord(key, 3, "help", "appliance", state, NOW, NOW + timedelta(hours=1))


def trusting(route: Route) -> Route:
    return replace(route, trust_typed_keys=True)


INVITED = TicketRecord(DESK, invitations=(invitation(),))


def test_a_number_may_mean_a_ticket_of_each_joined_system() -> None:
    assert linking.typed(Session("s", reference=" 42 "), "appliance", BOTH) == (DESK, JIRA)


@pytest.mark.parametrize("key", ["", "   ", "4\n2", "4" * 201])
def test_what_cannot_be_a_number_means_nothing(key: str) -> None:
    assert linking.typed(Session("s", reference=key), "appliance", RULES) == ()


def test_a_platform_with_signed_references_has_no_typed_keys() -> None:
    assert linking.typed(Session("s", reference="42"), "rescue", RULES) == ()


@pytest.mark.parametrize("minutes", [0, 30, 61])
def test_an_invitation_proves_a_session_that_began_while_it_was_good(minutes: int) -> None:
    named = linking.believe([INVITED], "appliance", NOW + timedelta(minutes=minutes), RULES)
    assert (named.ticket, named.number, named.how) == (INVITED, 3, linking.BY_INVITATION)


@pytest.mark.parametrize("minutes", [-10, 70])
def test_before_and_after_its_time_an_invitation_proves_nothing(minutes: int) -> None:
    assert linking.believe([INVITED], "appliance", NOW + timedelta(minutes=minutes), RULES).ticket is None


def test_nothing_is_proved_while_the_start_is_unknown() -> None:
    assert "not known yet when it began" in linking.believe([INVITED], "appliance", None, RULES).why


@pytest.mark.parametrize("state", [InvitationState.WITHDRAWN, InvitationState.FAILED, InvitationState.REQUESTED])
def test_an_invitation_that_nobody_has_proves_nothing(state: InvitationState) -> None:
    record = TicketRecord(DESK, invitations=(invitation(state=state),))
    assert linking.believe([record], "appliance", NOW, RULES).ticket is None


def test_an_invitation_to_another_platform_proves_nothing() -> None:
    assert linking.believe([INVITED], "another", NOW, RULES).ticket is None


def test_two_invited_tickets_of_one_number_are_told_apart_by_nobody() -> None:
    rival = TicketRecord(JIRA, invitations=(invitation(JIRA),))
    assert "several tickets" in linking.believe([INVITED, rival], "appliance", NOW, BOTH).why


def test_a_typed_key_is_believed_where_the_route_trusts_it() -> None:
    rules = replace(RULES, routes=(trusting(ROUTE),))
    named = linking.believe([TicketRecord(DESK)], "appliance", None, rules)
    assert (named.ticket, named.how) == (TicketRecord(DESK), linking.BY_TYPED_KEY)


def test_two_trusting_systems_of_one_number_are_told_apart_by_nobody() -> None:
    rules = replace(RULES, routes=(trusting(ROUTE), trusting(OTHER)))
    assert "several systems" in linking.believe([TicketRecord(DESK), TicketRecord(JIRA)], "appliance", None, rules).why


def test_an_invitation_decides_between_two_systems() -> None:
    rules = replace(RULES, routes=(trusting(ROUTE), trusting(OTHER)))
    assert linking.believe([INVITED, TicketRecord(JIRA)], "appliance", NOW, rules).ticket == INVITED


LINKED = SessionRecord("appliance", Session("s", reference="42"), DESK, linking.BY_INVITATION, "help")


def test_a_corrected_key_leads_to_the_other_ticket_until_the_card_is_written() -> None:
    corrected = Session("s", reference="43")
    assert linking.may_be_corrected(LINKED, corrected, RULES)
    assert not linking.may_be_corrected(replace(LINKED, carded=True), corrected, RULES)
    assert not linking.may_be_corrected(replace(LINKED, linked_how="an administrator"), corrected, RULES)
    assert not linking.may_be_corrected(LINKED, Session("s"), RULES), "a cleared key corrects nothing"


def test_an_orphan_of_such_a_platform_is_read_at_its_end() -> None:
    event = SessionEvent(SessionEventKind.ENDED, Session("s", ended=True), "end")
    decision = session_event(event, SessionRecord("appliance", Session("s")), Named(why="nobody's"), RULES)
    (effect,) = decision.effects
    assert effect.action == ReadSession("s", SessionEventKind.ENDED)
    assert effect.ticket == TicketKey("appliance", "s"), "it waits in a lane of its own"


def test_an_orphan_that_turns_out_to_be_ours_gets_its_card() -> None:
    orphan = SessionRecord("appliance", Session("s", ended=True))
    ticket = replace(INVITED, snapshot=Ticket("42"))
    decision = session_read(Session("s", reference="42", ended=True), orphan, Named(ticket, 3, "invitation"), RULES)
    assert decision.session is not None
    assert (decision.session.ticket, decision.session.carded) == (DESK, True)
    assert decision.invitations[0].state is InvitationState.USED


def test_an_orphan_stays_one_when_the_report_names_nobody() -> None:
    orphan = SessionRecord("appliance", Session("s", ended=True))
    decision = session_read(Session("s", ended=True), orphan, Named(why="it has no reference"), RULES)
    assert not decision.effects
    assert decision.tell == ("orphan: it has no reference",)


def test_the_rule_of_a_route_holds_for_its_own_platform_only() -> None:
    rules = replace(RULES, routes=(ROUTE, replace(trusting(OTHER), platform="another")))
    assert linking.believe([TicketRecord(DESK), TicketRecord(JIRA)], "appliance", NOW, rules).ticket is None
    assert ROUTE.invitation == InvitationRule()
