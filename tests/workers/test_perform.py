"""Effects toward a platform: attributes, reports that are not complete yet, recordings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bridge.effects import TicketKey
from bridge.errors import AccessDenied, ConnectorError, Rejected, Unavailable
from bridge.model import (
    Answer,
    ChatLine,
    ChatPart,
    CrmEvent,
    CrmEventKind,
    CrmRecord,
    Delivery,
    Note,
    NoteRef,
    Recording,
    Session,
    SessionSummary,
    Survey,
    Ticket,
)
from connectors.contract import Capability
from store import health, inbox, journal
from store.health import ConnectionState
from store.inbox import DeliveryState, NewDelivery
from tests.workers.conftest import START, Hands, untrusting
from workers import commands
from workers.perform import OLD_NEWS_SECONDS
from workers.poll import BY_POLLING
from workers.understand import Command, CommandKind, understand

CHAT = (ChatPart(0, (ChatLine("hello", "Rep", at=datetime.fromtimestamp(START, UTC)),), whole=True),)
WHOLE = Session("s", reference="42", ended=True, chat=CHAT)


@pytest.fixture(autouse=True)
def ticket(hands: Hands) -> None:
    hands.desk.tickets["42"] = Ticket("42", "Printer")


def found(hands: Hands, summary: SessionSummary) -> None:
    command = Command(CommandKind.FOUND, "", "", BY_POLLING, platform="appliance", session_id=summary.id, found=summary)
    commands.submit(hands.house, command)


def look(hands: Hands) -> None:
    commands.submit(hands.house, Command(CommandKind.LOOK, "desk", "42", "a test"))
    hands.work()


def test_a_report_that_is_not_complete_is_asked_for_again_and_nobody_failed(hands: Hands) -> None:
    hands.platform.sessions["s"] = [Session("s", patience_seconds=600), replace(WHOLE, patience_seconds=0)]
    found(hands, SessionSummary("s", "42", ended=True))
    hands.work()
    assert hands.marks() == []
    hands.let_pass(30)
    hands.work()
    assert hands.marks() == ["card"]
    with hands.house.database.read() as connection:
        assert health.all_connections(connection, hands.now[0])["appliance"].failures == 0


def test_patience_ends_and_the_card_is_written_with_what_there_is(hands: Hands) -> None:
    hands.platform.sessions["s"] = [replace(WHOLE, ended=False, patience_seconds=120)]
    found(hands, SessionSummary("s", "42", ended=True))
    for _ in range(12):
        hands.work()
        hands.let_pass(30)
    assert hands.marks() == ["card"]


def test_a_survey_that_was_announced_is_waited_for(hands: Hands) -> None:
    survey = Survey("customer", (Answer("How?", "well"),))
    hands.platform.sessions["s"] = [WHOLE, replace(WHOLE, surveys=(survey,))]
    found(hands, SessionSummary("s", "42", ended=True, surveyed_by=frozenset({"customer"})))
    hands.work()
    assert hands.marks() == []
    hands.let_pass(30)
    hands.work()
    assert hands.marks() == ["card"]


def test_a_survey_that_never_comes_holds_the_card_up_for_so_long_only(hands: Hands) -> None:
    hands.platform.sessions["s"] = [WHOLE]
    found(hands, SessionSummary("s", "42", ended=True, surveyed_by=frozenset({"customer"})))
    for _ in range(6):
        hands.work()
        hands.let_pass(30)
    assert hands.marks() == ["card"]


def test_a_running_session_is_told_what_changed_on_its_ticket(hands: Hands) -> None:
    look(hands)
    found(hands, SessionSummary("s", "42"))
    hands.work()
    assert hands.platform.attributes == [("s", {"subject": "Printer"})]
    hands.desk.tickets["42"] = Ticket("42", "Scanner")
    look(hands)
    look(hands)
    assert hands.platform.attributes[1:] == [("s", {"subject": "Scanner"})]


def test_a_session_that_ended_meanwhile_is_not_told(hands: Hands) -> None:
    look(hands)
    found(hands, SessionSummary("s", "42"))
    hands.platform.sessions["s"] = [WHOLE]
    found(hands, SessionSummary("s", "42", ended=True))
    hands.work()
    assert hands.platform.attributes == []
    assert dict(hands.effects())["set_attributes"] == "failed"
    assert hands.marks() == ["card"], "and nothing waits for it"


def test_a_refused_attribute_holds_up_nothing(hands: Hands) -> None:
    look(hands)
    found(hands, SessionSummary("s", "42"))
    hands.platform.fail = Rejected("no such field")
    hands.work()
    assert dict(hands.effects())["set_attributes"] == "failed"


def with_recording(hands: Hands) -> None:
    recordings = (Recording("Screen", "https://appliance.example/r", "session"), Recording("Chat", "https://x/c"))
    hands.platform.sessions["s"] = [replace(WHOLE, recordings=recordings)]
    hands.platform.recordings["s/session"] = b"film"
    found(hands, SessionSummary("s", "42", ended=True))


def test_a_recording_is_fetched_and_attached_once(hands: Hands) -> None:
    with_recording(hands)
    hands.work()
    assert hands.marks() == ["card", "recording"]
    (attachment,) = hands.desk.notes[1][1].attachments
    assert (attachment.filename, attachment.content) == ("session.mp4", b"film")
    (known,) = hands.platform.sessions["s"]
    hands.platform.sessions["s"] = [replace(known, surveys=(Survey("customer", (Answer("How?", "well"),)),))]
    found(hands, SessionSummary("s", "42", ended=True, surveyed_by=frozenset({"customer"})))
    hands.work()
    assert hands.marks() == ["card", "recording", "addition"]


def attaching(hands: Hands, failure: Exception) -> None:
    """The card is written; then the platform fails when it is asked for the recording."""
    with_recording(hands)
    original = hands.platform.fetch_recording

    def fail_once(session_id: str, recording_id: str, max_bytes: int) -> object:
        hands.platform.fetch_recording = original  # type: ignore[method-assign]  # the fake's own method again
        raise failure

    hands.platform.fetch_recording = fail_once  # type: ignore[method-assign, assignment]  # fails the next call
    hands.work()


@pytest.mark.parametrize("failure", [AccessDenied("no right to recordings"), Rejected("too large", code="oversize")])
def test_a_recording_that_cannot_be_had_stops_nothing(hands: Hands, failure: Exception) -> None:
    attaching(hands, failure)
    assert hands.marks() == ["card"]
    assert dict(hands.effects())["attach_recording"] == "failed"
    with hands.house.database.read() as connection:
        known = health.all_connections(connection, hands.now[0])
    assert known["appliance"].state is ConnectionState.OK


def test_a_platform_that_is_down_is_blamed_itself_and_asked_again(hands: Hands) -> None:
    attaching(hands, Unavailable("down"))
    with hands.house.database.read() as connection:
        known = health.all_connections(connection, hands.now[0])
    assert (known["appliance"].failures, known["desk"].failures) == (1, 0)
    hands.let_pass(60)
    hands.work()
    assert hands.marks() == ["card", "recording"]


def test_an_orphan_is_read_in_a_lane_of_its_own_and_becomes_no_ticket(hands: Hands) -> None:
    untrusting(hands)
    hands.platform.sessions["s"] = [replace(WHOLE, reference="")]
    found(hands, SessionSummary("s", ended=True))
    assert [effect.ticket.connection for effect in hands.work()] == ["appliance"]
    assert hands.marks() == []
    with hands.house.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM tickets").scalar_one()
    assert rows == 0


def test_a_number_that_nobody_invited_is_an_orphan_and_no_ticket(hands: Hands) -> None:
    untrusting(hands)
    hands.platform.sessions["s"] = [WHOLE]
    found(hands, SessionSummary("s", "42", ended=True))
    hands.work()
    assert hands.marks() == []


@pytest.mark.parametrize("error", [Unavailable("reading back failed"), AccessDenied("the token ran out meanwhile")])
def test_who_fails_after_a_write_that_was_answered_looks_before_writing_again(
    hands: Hands, error: ConnectorError
) -> None:
    """An effect may take several calls: a note is written, and reading it back fails."""
    hands.desk.capabilities = hands.desk.capabilities | {Capability.FIND_NOTE}
    hands.desk.fail_after = [error]
    hands.platform.sessions["s"] = [WHOLE]
    found(hands, SessionSummary("s", "42", ended=True))
    hands.work()
    with hands.house.database.write() as connection:
        health.resume(connection, "desk", hands.now[0])
    hands.let_pass(100)
    hands.work()
    assert (hands.marks(), hands.effects()[-1]) == (["card"], ("add_note", "done"))


def test_a_refusal_that_was_under_way_when_the_stop_was_lifted_stops_nothing(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two notes were refused together. The first stopped the connection, and it was let go on before the second."""

    def refused(ticket_id: str, note: Note) -> NoteRef:
        hands.let_pass(2)
        commands.resume(hands.house, "desk", "a test")
        monkeypatch.undo()
        raise AccessDenied("the token is refused")

    monkeypatch.setattr(hands.desk, "add_note", refused)
    hands.platform.sessions["s"] = [WHOLE]
    found(hands, SessionSummary("s", "42", ended=True))
    hands.work()
    with hands.house.database.read() as connection:
        assert health.all_connections(connection, hands.now[0])["desk"].state is ConnectionState.OK
        said = [line.what for line in journal.of_ticket(connection, TicketKey("desk", "42"))]
    assert "add_note was refused with credentials that are renewed by now, again soon: the token is refused" in said
    assert hands.marks() == []
    hands.let_pass(OLD_NEWS_SECONDS)
    hands.work()
    assert hands.marks() == ["card"]


def test_what_happens_to_a_contact_is_understood_and_told_though_no_route_asks_for_it(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = CrmEvent(
        CrmEventKind.CREATED, CrmRecord.CONTACT, "501", "contact.creation", fields={"email": "x@example.com"}
    )
    monkeypatch.setattr(hands.desk, "parse", lambda delivery: [event])
    delivery = Delivery("desk", "POST", "https://bridge.example/hooks/desk", {}, {}, b"{}", hands.moment)
    with hands.house.database.write() as connection:
        receipt = inbox.store(connection, NewDelivery(delivery, "one", "c"))
    with hands.house.database.write() as connection:
        [stored] = inbox.claim(connection, hands.now[0], 1)
    assert not understand(hands.house, stored), "nothing is to be done"
    with hands.house.database.read() as connection:
        known = inbox.get(connection, receipt.id)
        [told] = journal.of_delivery(connection, receipt.id)
    assert known is not None
    assert known.state is DeliveryState.DONE
    assert told.what == "understood: contact.creation of contact 501; no route asks for it"
