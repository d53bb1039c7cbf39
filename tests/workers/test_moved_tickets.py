"""A ticket that takes nothing more: what was to be written goes where the route's policy says, once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.document import Paragraph
from bridge.effects import AddNote, Effect, Purpose, TicketKey, UpdateFields
from bridge.errors import ConnectorError, TicketBusy, UnknownOutcome
from bridge.markup import to_text
from bridge.model import Note, Person, Session, SessionSummary, Ticket, TicketEvent, TicketEventKind, Visibility
from bridge.route import Closed, Merged, SessionRule, TicketPolicy, TimeEntry
from connectors.contract import Capability
from store import journal, ledger, records
from tests.workers.conftest import START, Hands, change_route
from tests.workers.test_perform import WHOLE, found
from workers import commands
from workers.understand import Command, CommandKind

KEY = TicketKey("desk", "42")
ALL = frozenset(
    {
        Capability.FETCH_TICKET,
        Capability.FIND_NOTE,
        Capability.ADD_TIME,
        Capability.FIND_TIME,
        Capability.UPDATE_FIELDS,
        Capability.CREATE_TICKET,
        Capability.FIND_TICKET,
        Capability.REOPEN,
    }
)
FOLLOWING_UP = TicketPolicy(closed=Closed.FOLLOW_UP, deleted=Closed.FOLLOW_UP)


@pytest.fixture(autouse=True)
def a_ticket_that_was_read(hands: Hands) -> None:
    hands.desk.capabilities = ALL
    hands.desk.tickets["42"] = Ticket("42", "Printer", requester=Person("Customer 1", "customer@example.com"))
    commands.submit(hands.house, Command(CommandKind.LOOK, "desk", "42", "a test"))
    hands.work()


def write(hands: Hands, mark: str = "card:1", ticket: str = "42", purpose: Purpose = Purpose.CARD) -> None:
    """A note that is to be written, and the work on all that is due."""
    note = Note(mark, (Paragraph(f"text of {mark}"),))
    queue(hands, Effect(mark, "desk", TicketKey("desk", ticket), AddNote(purpose, note), "help"))
    hands.work()


def queue(hands: Hands, *effects: Effect) -> None:
    with hands.house.database.write() as connection:
        ledger.add(connection, effects, rank=1, delivery_id=None, correlation="c", now=hands.now[0])


def state(hands: Hands, mark: str) -> str:
    with hands.house.database.read() as connection:
        return next(e.state.value for e in ledger.of_ticket(connection, KEY) if e.key == mark)


def places(hands: Hands) -> list[tuple[str, str]]:
    """Ticket and mark of each note."""
    return [(ticket, note.mark) for ticket, note in hands.desk.notes]


# -- closed and deleted


def test_without_a_policy_a_closed_ticket_parks_what_it_does_not_take(hands: Hands) -> None:
    hands.desk.closed.add("42")
    write(hands)
    assert (state(hands, "card:1"), places(hands), hands.desk.made) == ("parked", [], [])


def test_a_closed_ticket_is_opened_again_where_the_route_says_so(hands: Hands) -> None:
    change_route(hands, if_ticket=TicketPolicy(closed=Closed.REOPEN))
    hands.desk.closed.add("42")
    write(hands)
    assert places(hands) == [("42", "card:1")]


def test_a_ticket_that_stays_closed_is_opened_once_and_then_parked(hands: Hands) -> None:
    change_route(hands, if_ticket=TicketPolicy(closed=Closed.REOPEN))
    hands.desk.merged = {"42": "43"}
    hands.desk.closed.add("43")
    hands.desk.reopen = lambda ticket_id: None  # type: ignore[method-assign]  # as where a trigger closes it again
    write(hands)
    assert state(hands, "card:1") == "parked"


@pytest.mark.parametrize("why", ["closed", "gone"])
def test_a_follow_up_gets_it_and_all_that_comes_later(hands: Hands, why: str) -> None:
    change_route(hands, if_ticket=FOLLOWING_UP)
    getattr(hands.desk, why).add("42")
    write(hands, "card:1")
    write(hands, "card:2")
    assert places(hands) == [("new-1", "card:1"), ("new-1", "card:2")]
    [made] = hands.desk.made
    assert (made.follows, made.requester.email, made.subject) == (
        "42",
        "customer@example.com",
        "Follow-up to 42: Printer",
    )
    assert "takes no more notes" in to_text(made.document)


def test_a_follow_up_whose_answer_was_cut_is_made_once(hands: Hands) -> None:
    change_route(hands, if_ticket=FOLLOWING_UP)
    hands.desk.closed.add("42")
    hands.desk.fail_after = [UnknownOutcome("cut")]
    write(hands)
    assert len(hands.desk.made) == 1
    hands.let_pass(30)
    hands.work()
    assert (len(hands.desk.made), places(hands)) == (1, [("new-1", "card:1")])


def test_a_follow_up_that_is_closed_too_gets_one_of_its_own(hands: Hands) -> None:
    change_route(hands, if_ticket=FOLLOWING_UP)
    hands.desk.closed |= {"42", "new-1"}
    write(hands)
    assert [made.follows for made in hands.desk.made] == ["42", "new-1"]
    assert places(hands) == [("new-2", "card:1")]


def test_a_number_that_nobody_ever_read_gets_no_follow_up(hands: Hands) -> None:
    change_route(hands, if_ticket=FOLLOWING_UP)
    hands.desk.gone.add("mistyped")
    write(hands, "card:1", ticket="mistyped")
    assert (hands.desk.made, places(hands)) == ([], [])


def test_a_system_that_makes_no_tickets_parks(hands: Hands) -> None:
    change_route(hands, if_ticket=FOLLOWING_UP)
    hands.desk.capabilities = ALL - {Capability.CREATE_TICKET}
    hands.desk.closed.add("42")
    write(hands)
    assert state(hands, "card:1") == "parked"


# -- merged


def test_a_merged_ticket_is_followed_and_that_is_told(hands: Hands) -> None:
    hands.desk.merged = {"42": "43", "43": "44"}
    write(hands)
    assert places(hands) == [("44", "card:1")]
    with hands.house.database.read() as connection:
        assert records.trail(connection, KEY, 5) == ["42", "43", "44"]
        told = [line.what for line in journal.of_ticket(connection, KEY)]
    assert "ticket 42 lives on in 43" in told


def test_a_merged_ticket_parks_where_the_route_says_so(hands: Hands) -> None:
    change_route(hands, if_ticket=TicketPolicy(merged=Merged.PARK))
    hands.desk.merged = {"42": "43"}
    write(hands)
    assert (state(hands, "card:1"), places(hands)) == ("parked", [])


def test_tickets_that_lead_around_in_a_circle_park(hands: Hands) -> None:
    hands.desk.merged = {"42": "43", "43": "42"}
    write(hands)
    assert state(hands, "card:1") == "parked"


def test_what_stood_on_the_ticket_before_it_was_merged_is_not_written_again(hands: Hands) -> None:
    hands.desk.fail_after = [UnknownOutcome("cut")]
    write(hands)
    hands.desk.merged = {"42": "43"}
    with hands.house.database.write() as connection:
        records.save_successor(connection, KEY, "43", START)
    hands.let_pass(30)
    hands.work()
    assert places(hands) == [("42", "card:1")]


def test_an_event_that_tells_of_a_merge_leads_later_notes_to_the_other_ticket(hands: Hands) -> None:
    from bridge import decide

    rules = hands.house.rules("1.0.0", "desk")
    event = TicketEvent(TicketEventKind.MERGED, "42", "ticket.merged", merged_into="43")
    decision = decide.ticket_event(event, KEY, rules)
    assert decision.successor is not None
    assert decision.successor.into == "43"
    change_route(hands, if_ticket=TicketPolicy(merged=Merged.PARK))
    parked = decide.ticket_event(event, KEY, hands.house.rules("1.0.0", "desk"))
    assert parked.successor is None


def test_a_ticket_that_answers_under_another_id_is_read_there(hands: Hands) -> None:
    """Merged, or asked for by its number."""
    there = Ticket("9f3", "Printer", tags=frozenset({"help"}), number="INC0042")
    hands.desk.tickets |= {"INC0042": there, "9f3": there}
    commands.submit(hands.house, Command(CommandKind.LOOK, "desk", "INC0042", "a test"))
    hands.work()
    assert [ticket for ticket, _ in hands.desk.notes] == ["9f3"], "the invitation stands on the ticket itself"


def test_a_ticket_that_never_answers_under_its_own_id_is_asked_for_twice_only(hands: Hands) -> None:
    hands.desk.tickets |= {"a": Ticket("b"), "b": Ticket("c"), "c": Ticket("d")}
    commands.submit(hands.house, Command(CommandKind.LOOK, "desk", "a", "a test"))
    assert len(hands.work()) == 2


def test_a_number_typed_at_the_platform_means_the_ticket_that_people_call_so(hands: Hands) -> None:
    change_route(hands, trust_typed_keys=False)
    asking = Ticket("9f3", "Printer", tags=frozenset({"help"}), number="INC0042")
    hands.desk.tickets["9f3"] = asking
    commands.submit(hands.house, Command(CommandKind.LOOK, "desk", "9f3", "a test"))
    hands.work()
    hands.platform.sessions["s"] = [replace(WHOLE, reference="INC0042", started_at=hands.moment)]
    found(hands, SessionSummary("s", "INC0042", started_at=hands.moment, ended=True))
    hands.work()
    assert [(t, n.mark.split(":")[0]) for t, n in hands.desk.notes] == [("9f3", "note"), ("9f3", "card")]


def test_where_numbers_are_other_tickets_ids_an_unknown_one_is_nobodys(hands: Hands) -> None:
    """Else a trusted key would lead to a stranger's ticket."""
    vars(hands.house)["numbered_systems"] = frozenset({"desk"})
    hands.platform.sessions["s"] = [replace(WHOLE, reference="31001", started_at=hands.moment)]
    found(hands, SessionSummary("s", "31001", started_at=hands.moment, ended=True))
    hands.work()
    assert hands.desk.notes == []
    hands.desk.tickets["77"] = Ticket("77", "Printer", number="31001")
    commands.submit(hands.house, Command(CommandKind.LOOK, "desk", "77", "a test"))
    hands.work()
    found(hands, SessionSummary("s", "31001", started_at=hands.moment, ended=True, surveyed_by=frozenset({"customer"})))
    hands.work()
    hands.let_pass(200)
    hands.work()
    assert [ticket for ticket, _ in hands.desk.notes] == ["77"]


# -- a busy ticket


def test_what_waits_for_a_busy_ticket_goes_out_as_one(hands: Hands) -> None:
    notes = [Note(f"card:{n}", (Paragraph(f"text {n}"),)) for n in range(4)]
    public = Note("card:public", (Paragraph("for the customer"),), Visibility.PUBLIC)
    later = Note("card:later", (Paragraph("later"),))
    cards = [Effect(n.mark, "desk", KEY, AddNote(Purpose.CARD, n), "help") for n in (*notes, public, later)]
    queue(hands, *cards)
    hands.desk.fail = [TicketBusy("30 updates", retry_after=60)]
    hands.work()
    hands.let_pass(100)
    hands.work()
    texts = [to_text(note.document) for _, note in hands.desk.notes]
    assert texts == ["text 0\n\ntext 1\n\ntext 2\n\ntext 3", "for the customer", "later"]
    assert [state(hands, f"card:{n}") for n in range(4)] == ["done", "skipped", "skipped", "skipped"]


def test_fields_that_wait_are_set_together_and_the_last_wins(hands: Hands) -> None:
    wanted: list[dict[str, object]] = [{"a": 1, "b": 1}, {"b": 2}]
    queue(hands, *[Effect(f"f{n}", "desk", KEY, UpdateFields(fields), "help") for n, fields in enumerate(wanted)])
    hands.desk.fail = [TicketBusy("30 updates", retry_after=60)]
    hands.work()
    hands.let_pass(100)
    hands.work()
    assert hands.desk.fields == [("42", {"a": 1, "b": 2})]


def test_an_invitation_stays_a_note_of_its_own(hands: Hands) -> None:
    purposes = (Purpose.INVITATION, Purpose.CARD, Purpose.CARD)
    notes = [(purpose, Note(f"n:{n}", (Paragraph(f"text {n}"),))) for n, purpose in enumerate(purposes)]
    queue(hands, *[Effect(note.mark, "desk", KEY, AddNote(purpose, note), "help") for purpose, note in notes])
    hands.desk.fail = [TicketBusy("30 updates", retry_after=60)]
    hands.work()
    hands.let_pass(100)
    hands.work()
    assert len(hands.desk.notes) == 3


@pytest.mark.parametrize("first", [UnknownOutcome("cut")])
def test_a_note_that_may_stand_there_keeps_its_text(hands: Hands, first: ConnectorError) -> None:
    cards = [Note(f"card:{n}", (Paragraph(f"text {n}"),)) for n in range(2)]
    queue(hands, *[Effect(note.mark, "desk", KEY, AddNote(Purpose.CARD, note), "help") for note in cards])
    hands.desk.fail_after = [first]
    hands.work()
    hands.desk.notes.clear()  # it was not written after all
    hands.desk.fail = [TicketBusy("30 updates", retry_after=60)]
    hands.let_pass(30)
    hands.work()
    hands.let_pass(100)
    hands.work()
    assert [to_text(note.document) for _, note in hands.desk.notes] == ["text 0", "text 1"]


def test_a_busy_ticket_does_not_rest_the_connection(hands: Hands) -> None:
    hands.desk.fail = [TicketBusy("30 updates", retry_after=600)]
    write(hands, "card:1")
    write(hands, "card:2", ticket="77")
    assert places(hands) == [("77", "card:2")]


# -- time


def worked(hands: Hands) -> None:
    hands.platform.sessions["s"] = [replace(WHOLE, work_seconds=700, started_at=hands.moment)]
    found(hands, SessionSummary("s", "42", ended=True))
    hands.work()


def test_the_work_is_entered_as_time_once(hands: Hands) -> None:
    change_route(hands, session=SessionRule(time_entry=TimeEntry(5, 15)))
    hands.desk.fail_after = []
    worked(hands)
    worked(hands)
    [(ticket, spent)] = hands.desk.times
    assert (ticket, spent.minutes, spent.began_at, spent.text) == ("42", 15, hands.moment, "Remote support session s")


def test_time_whose_answer_was_cut_is_looked_for_first(hands: Hands) -> None:
    change_route(hands, session=SessionRule(time_entry=TimeEntry(5, 15)))
    worked_out = replace(WHOLE, work_seconds=700)
    hands.platform.sessions["s"] = [worked_out]
    found(hands, SessionSummary("s", "42", ended=True))
    hands.desk.fail_after = []
    original = hands.desk.add_time

    def cut(ticket_id: str, spent: object) -> object:
        hands.desk.add_time = original  # type: ignore[method-assign]  # the next one goes through
        original(ticket_id, spent)  # type: ignore[arg-type]  # as it came
        raise UnknownOutcome("cut")

    hands.desk.add_time = cut  # type: ignore[method-assign, assignment]  # one cut, after the work
    hands.work()
    hands.let_pass(30)
    hands.work()
    assert len(hands.desk.times) == 1


def test_without_the_capability_or_the_wish_no_time_is_entered(hands: Hands) -> None:
    worked(hands)
    assert hands.desk.times == []


def test_a_session_without_work_time_enters_none(hands: Hands) -> None:
    change_route(hands, session=SessionRule(time_entry=TimeEntry(5, 15)))
    hands.platform.sessions["s"] = [Session("s", reference="42", ended=True)]
    found(hands, SessionSummary("s", "42", ended=True))
    hands.work()
    assert hands.desk.times == []
