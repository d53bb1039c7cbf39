"""Attributes follow the ticket: what a running session is told, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bridge import decide
from bridge.decide import Named, Rules
from bridge.effects import (
    Decision,
    EndSession,
    Follower,
    InvitationRecord,
    SessionRecord,
    SetAttributes,
    TicketKey,
    TicketRecord,
    TransferSession,
)
from bridge.model import (
    InvitationState,
    Session,
    SessionEvent,
    SessionEventKind,
    Ticket,
    TicketEvent,
    TicketEventKind,
    TicketStatus,
)
from bridge.route import CloseOn, InvitationRule, Route, SessionRule, TransferRule, When, WhenKind

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = TicketKey("desk", "42")
RULE = InvitationRule(options={"attributes": {"asset": "{ticket.field.Asset}", "subject": "{ticket.subject}"}})
ROUTE = Route("help", "desk", "appliance", When(WhenKind.TAG, "never"), RULE)
PLATFORM = frozenset({"appliance"})
RULES = Rules((ROUTE,), ("s" * 32,), NOW, "1.0.0", typing_platforms=PLATFORM, following_platforms=PLATFORM)
TICKET = Ticket("42", "Printer", fields={"Asset": "PC-7"})
SENT = {"asset": "PC-7", "subject": "Printer", "external_key": "42"}
INVITATION = InvitationRecord(KEY, 1, "help", "appliance", InvitationState.ISSUED, NOW, attributes=SENT)
START = SessionEvent(SessionEventKind.STARTED, Session("s", reference="42"), "begin", NOW)
CHANGED = TicketEvent(TicketEventKind.CHANGED, "42", "ticket.updated")


def told(decision: Decision) -> list[dict[str, str]]:
    return [e.action.attributes for e in decision.effects if isinstance(e.action, SetAttributes)]


def started(snapshot: Ticket = TICKET, named: Named | None = None, rules: Rules = RULES) -> Decision:
    record = TicketRecord(KEY, snapshot, invitations=(INVITATION,))
    named = named or Named(record, 1, "invitation")
    return decide.session_event(START, SessionRecord("appliance", Session("s")), named, rules)


def changed(ticket: Ticket, followers: tuple[Follower, ...]) -> Decision:
    return decide.ticket_read(CHANGED, ticket, TicketRecord(KEY, TICKET, followers=followers), RULES)


FOLLOWER = Follower("appliance", "s", "help", SENT)


def test_a_session_that_carries_everything_already_is_told_nothing() -> None:
    decision = started()
    assert told(decision) == []
    assert decision.ticket is not None
    assert decision.ticket.followers == (FOLLOWER,)


def test_what_changed_between_key_and_start_is_told_at_the_start() -> None:
    assert told(started(replace(TICKET, subject="Two printers"))) == [{"subject": "Two printers"}]


def test_a_session_linked_by_hand_is_told_everything() -> None:
    orphan = SessionRecord("appliance", Session("s", reference="typo"))
    decision = decide.session_linked(orphan, TicketRecord(KEY, TICKET), "administrator", RULES)
    assert told(decision) == [SENT]


def test_only_what_changed_on_the_ticket_is_told() -> None:
    decision = changed(replace(TICKET, subject="Scanner"), (FOLLOWER,))
    assert told(decision) == [{"subject": "Scanner"}]
    assert decision.ticket is not None
    assert decision.ticket.followers[0].attributes == {**SENT, "subject": "Scanner"}


def test_a_field_that_became_empty_is_cleared() -> None:
    assert told(changed(replace(TICKET, fields={}), (FOLLOWER,))) == [{"asset": ""}]


def test_what_is_no_attribute_is_not_told() -> None:
    assert told(changed(replace(TICKET, vendor_status="pending", tags=frozenset({"x"})), (FOLLOWER,))) == []


def test_what_was_empty_from_the_start_is_not_cleared_again() -> None:
    follower = replace(FOLLOWER, attributes={"external_key": "42", "subject": "Printer"})
    assert told(changed(replace(TICKET, fields={}), (follower,))) == []


def test_the_change_that_was_told_is_not_told_again() -> None:
    once = changed(replace(TICKET, subject="Scanner"), (FOLLOWER,))
    assert once.ticket is not None
    assert told(changed(replace(TICKET, subject="Scanner"), once.ticket.followers)) == []


def test_two_running_sessions_are_both_told() -> None:
    decision = changed(replace(TICKET, subject="Scanner"), (FOLLOWER, replace(FOLLOWER, session_id="t")))
    assert len({effect.key for effect in decision.effects}) == 2


def test_a_session_that_ended_is_told_nothing_more() -> None:
    record = TicketRecord(KEY, TICKET, invitations=(INVITATION,), followers=(FOLLOWER,))
    known = SessionRecord("appliance", Session("s", reference="42"), KEY, "invitation", "help")
    event = SessionEvent(SessionEventKind.ENDED, Session("s", ended=True), "end")
    decision = decide.session_event(event, known, Named(record, 1, "invitation"), RULES)
    assert decision.ticket is not None
    assert decision.ticket.followers == ()


def test_a_platform_that_cannot_be_told_is_not() -> None:
    decision = started(replace(TICKET, subject="x"), rules=replace(RULES, following_platforms=frozenset()))
    assert told(decision) == []


def test_a_route_without_attributes_keeps_the_reference_only() -> None:
    rules = replace(RULES, routes=(replace(ROUTE, invitation=InvitationRule()),))
    orphan = SessionRecord("appliance", Session("s", reference="typo"))
    decision = decide.session_linked(orphan, TicketRecord(KEY, TICKET), "administrator", rules)
    assert told(decision) == [{"external_key": "42"}]


# -- a route that hands on and ends ----------------------------------------------------------------------------

MOVED = TransferRule("group", {"7": "channel:1902861082", "8": "technician:337366"})
COMMANDING = replace(ROUTE, session=SessionRule(close_on=CloseOn.TICKET_CLOSED, transfer=MOVED))
COMMANDED = replace(RULES, routes=(COMMANDING,), following_platforms=frozenset())
RUNNING = Follower("appliance", "s", "help", SENT, place="6")


def asked(ticket: Ticket, follower: Follower = RUNNING, rules: Rules = COMMANDED) -> list[object]:
    decision = decide.ticket_read(CHANGED, ticket, TicketRecord(KEY, TICKET, followers=(follower,)), rules)
    return [effect.action for effect in decision.effects]


def in_group(group: str, status: TicketStatus = TicketStatus.OPEN) -> Ticket:
    return replace(TICKET, fields={"group": group}, status=status)


def test_a_session_is_handed_on_when_its_ticket_goes_to_a_group_that_the_route_names() -> None:
    assert asked(in_group("7")) == [TransferSession("s", "channel:1902861082")]
    assert asked(in_group("6")) == []
    assert asked(in_group("9")) == [], "nobody said who has the sessions of that group"


def test_a_session_is_handed_on_once_for_each_move() -> None:
    decision = decide.ticket_read(CHANGED, in_group("7"), TicketRecord(KEY, TICKET, followers=(RUNNING,)), COMMANDED)
    assert decision.ticket is not None
    (moved,) = decision.ticket.followers
    assert asked(in_group("7"), moved) == []
    assert asked(in_group("8"), moved) == [TransferSession("s", "technician:337366")]


def test_where_the_ticket_was_when_the_session_began_is_no_move() -> None:
    decision = started(in_group("7"), rules=COMMANDED)
    assert [e.action for e in decision.effects] == []
    assert decision.ticket is not None
    assert decision.ticket.followers[0].place == "7"


def test_a_session_is_ended_with_its_ticket_where_the_route_says_so_and_by_one_key() -> None:
    for status in (TicketStatus.SOLVED, TicketStatus.CLOSED):
        record = TicketRecord(KEY, TICKET, followers=(RUNNING,))
        decision = decide.ticket_read(CHANGED, in_group("6", status), record, COMMANDED)
        found = [(effect.key, effect.connection, effect.action) for effect in decision.effects]
        assert found == [("end:appliance:s", "appliance", EndSession("s"))]
    assert asked(in_group("6")) == []
    quiet = replace(COMMANDED, routes=(ROUTE,))
    assert asked(in_group("6", TicketStatus.SOLVED), rules=quiet) == [], "the route does not ask for it"


def test_a_platform_that_takes_no_attributes_is_followed_only_for_what_the_route_asks() -> None:
    without = replace(COMMANDED, routes=(ROUTE,))
    decision = started(rules=without)
    assert decision.ticket is None or decision.ticket.followers == ()
