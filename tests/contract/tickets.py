"""What every ticket system must keep, whatever its vendor does. A connector's tests inherit it and bring a desk."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.document import Document, Facts, Lines, Link, Paragraph
from bridge.errors import (
    AccessDenied,
    BadSignature,
    MalformedPayload,
    NotFound,
    RateLimited,
    Rejected,
    TicketClosed,
    Unavailable,
    UnknownOutcome,
)
from bridge.markup import to_text
from bridge.model import (
    Attachment,
    Delivery,
    NewTicket,
    Note,
    Person,
    TicketEvent,
    TicketStatus,
    TimeSpent,
    Visibility,
)
from bridge.render import render
from connectors import registry
from connectors.contract import Capability, TicketSystem
from tests.contract.captured import RECEIVED
from tests.contract.desk import Desk, Entry, ServedDesk

MOMENT = RECEIVED
MARK = "db-0f8d3c5a7e"
OTHER_MARK = "db-91b2e6d4aa"

GARBAGE = (
    b"",
    b"null",
    b"17",
    b'"text"',
    b"[]",
    b"{}",
    b"{",
    b"\xff\xfe\x00{",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"9" * 10_000,
    b"<xml/>",
    b"event=ticket.updated&ticket_id=7",
)


def note(*blocks: Paragraph | Lines | Facts | Link, mark: str = MARK, public: bool = False) -> Note:
    document: Document = blocks or (Paragraph("The customer may join with the code 123456."),)
    return Note(mark, document, Visibility.PUBLIC if public else Visibility.INTERNAL)


class TicketContract(ABC):
    """Inherit it as `Test…`, give the inbound bodies and `desk`, and every test runs for the connector."""

    secret: ClassVar[str]
    new_secret: ClassVar[str]
    good_body: ClassVar[bytes]
    other_body: ClassVar[bytes]
    """As good, but another delivery."""
    unknown_event_body: ClassVar[bytes]
    stranger_bodies: ClassVar[tuple[bytes, ...]] = GARBAGE
    too_old: ClassVar[timedelta | None]
    """An age at which a signed delivery must be refused; None where no time is signed."""

    people_per_page: ClassVar[str] = ""
    """Where the connector keeps how many people it asks for at once; empty where the vendor decides that."""

    @abstractmethod
    def signed(self, body: bytes, secret: str, moment: datetime, delivery_id: str = "one") -> Delivery:
        """The body as the vendor would deliver it, received at MOMENT."""

    @pytest.fixture
    def desk(self) -> Iterator[Desk]:
        raise NotImplementedError

    @pytest.fixture
    def connector(self, desk: Desk) -> TicketSystem:
        return desk.connector(self.secret)

    # proving oneself

    def test_a_signed_delivery_is_believed_and_understood(self, connector: TicketSystem) -> None:
        delivery = self.signed(self.good_body, self.secret, MOMENT)
        connector.verify(delivery)
        [event] = connector.parse(delivery)
        assert isinstance(event, TicketEvent)
        assert event.ticket_id
        assert delivery.media_type in connector.media_types

    def test_another_secret_is_refused(self, connector: TicketSystem) -> None:
        with pytest.raises(BadSignature):
            connector.verify(self.signed(self.good_body, self.new_secret, MOMENT))

    def test_a_missing_signature_is_refused(self, connector: TicketSystem) -> None:
        delivery = replace(
            self.signed(self.good_body, self.secret, MOMENT),
            headers={"content-type": "application/json"},
            query={},
        )
        with pytest.raises(BadSignature):
            connector.verify(delivery)

    def test_a_changed_body_is_refused(self, connector: TicketSystem) -> None:
        delivery = replace(self.signed(self.good_body, self.secret, MOMENT), body=self.good_body + b" ")
        with pytest.raises(BadSignature):
            connector.verify(delivery)

    def test_while_a_secret_is_rotated_both_are_good(self, desk: Desk) -> None:
        connector = desk.connector(self.new_secret, self.secret)
        for secret in (self.secret, self.new_secret):
            connector.verify(self.signed(self.good_body, secret, MOMENT))

    def test_without_a_secret_nobody_is_believed(self, desk: Desk) -> None:
        with pytest.raises(BadSignature):
            desk.connector().verify(self.signed(self.good_body, self.secret, MOMENT))

    def test_an_old_delivery_played_again_is_refused(self, connector: TicketSystem) -> None:
        if self.too_old is None:
            pytest.skip("this vendor signs no time")
        for age in (self.too_old, -self.too_old):
            with pytest.raises(BadSignature):
                connector.verify(self.signed(self.good_body, self.secret, MOMENT - age))

    # understanding

    def test_an_unknown_event_is_no_event(self, connector: TicketSystem) -> None:
        assert list(connector.parse(self.signed(self.unknown_event_body, self.secret, MOMENT))) == []

    def test_a_strangers_shape_is_refused_with_what_was_expected(self, connector: TicketSystem) -> None:
        for body in self.stranger_bodies:
            with pytest.raises(MalformedPayload, match="expected"):
                connector.parse(self.signed(body, self.secret, MOMENT))

    def test_what_the_stranger_wrote_is_not_repeated(self, connector: TicketSystem) -> None:
        body = b'{"ticket_id": ["a very private word"], "event": {"a very private": "word"}}'
        with pytest.raises(MalformedPayload) as refused:
            connector.parse(self.signed(body, self.secret, MOMENT))
        assert "private" not in str(refused.value)

    def test_no_body_breaks_the_reader(self, connector: TicketSystem) -> None:
        @given(body=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
        @settings(max_examples=100, deadline=None)
        def refuses(body: bytes) -> None:
            delivery = self.signed(body, self.secret, MOMENT)
            assert connector.delivery_key(delivery)
            with pytest.raises(MalformedPayload):
                connector.parse(delivery)

        refuses()

    def test_the_same_delivery_has_the_same_key(self, connector: TicketSystem) -> None:
        first = self.signed(self.good_body, self.secret, MOMENT)
        again = replace(first, received_at=MOMENT + timedelta(minutes=3))
        assert connector.delivery_key(first) == connector.delivery_key(again)

    def test_another_delivery_has_another_key(self, connector: TicketSystem) -> None:
        first = self.signed(self.good_body, self.secret, MOMENT)
        other = self.signed(self.other_body, self.secret, MOMENT, delivery_id="two")
        assert connector.delivery_key(first) != connector.delivery_key(other)

    # writing

    def test_a_note_stands_on_the_ticket_internally(self, desk: Desk, connector: TicketSystem) -> None:
        reference = connector.add_note(desk.ticket_id, note(Paragraph("Joined at noon.")))
        [shown] = desk.notes()
        assert "Joined at noon." in shown.text
        assert not shown.public
        assert reference.id

    def test_a_public_note_is_public(self, desk: Desk, connector: TicketSystem) -> None:
        if Capability.PUBLIC_NOTES not in connector.capabilities:
            pytest.skip("this system has no public notes")
        connector.add_note(desk.ticket_id, note(public=True))
        assert [shown.public for shown in desk.notes()] == [True]

    def test_what_people_typed_stays_text(self, desk: Desk, connector: TicketSystem) -> None:
        typed = '<script>alert(1)</script> & "quoted" {{ticket.requester.email}} {body} ${HOME}'
        connector.add_note(desk.ticket_id, note(Paragraph(typed), Lines("transcript", (typed,))))
        [shown] = desk.notes()
        assert shown.text.count(typed) == 2

    def test_a_very_long_note_keeps_the_limits(self, desk: Desk, connector: TicketSystem) -> None:
        lines = tuple(f"{number:05} <&> ä€😀 what somebody said" for number in range(6_000))
        assert sum(len(line.encode()) for line in lines) > 200_000
        connector.add_note(desk.ticket_id, note(Lines("transcript", lines)))
        assert connector.find_note(desk.ticket_id, MARK)
        [shown] = desk.notes()
        assert "00000 <&> ä€😀" in shown.text
        assert connector.limits.fits(render(note(Lines("transcript", lines)), connector.limits).body)

    def test_a_note_is_found_by_its_mark(self, desk: Desk, connector: TicketSystem) -> None:
        connector.add_note(desk.ticket_id, note(mark=OTHER_MARK))
        written = connector.add_note(desk.ticket_id, note(mark=MARK))
        assert connector.find_note(desk.ticket_id, MARK) == written

    @pytest.mark.parametrize("mark", [OTHER_MARK, MARK[:-1], MARK[1:], f"{MARK}0", f"x{MARK}"])
    def test_another_mark_is_not_found(self, desk: Desk, connector: TicketSystem, mark: str) -> None:
        connector.add_note(desk.ticket_id, note(mark=MARK))
        assert connector.find_note(desk.ticket_id, mark) is None

    def test_a_mark_is_found_by_another_process(self, desk: Desk, connector: TicketSystem) -> None:
        assert connector.find_note(desk.ticket_id, MARK) is None
        desk.connector(self.secret).add_note(desk.ticket_id, note())
        assert connector.find_note(desk.ticket_id, MARK)

    def test_the_people_are_listed_page_by_page(
        self, desk: Desk, connector: TicketSystem, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _needs(connector, Capability.PEOPLE)
        if self.people_per_page:
            monkeypatch.setattr(self.people_per_page, 1)
        assert len(desk.staff()) > 1
        assert sorted(connector.people(), key=lambda one: one.id) == desk.staff()

    # what goes wrong

    @pytest.mark.parametrize("ticket_id", ["", ".", "..", "../users/me", "7?x=1", "7/../8", "ünknown", "7\r\nX: y"])
    def test_a_ticket_number_that_somebody_mistyped(self, desk: Desk, connector: TicketSystem, ticket_id: str) -> None:
        with pytest.raises(NotFound):
            connector.add_note(ticket_id, note())
        assert desk.notes() == []

    def test_a_missing_ticket_is_not_found(self, desk: Desk, connector: TicketSystem) -> None:
        with pytest.raises(NotFound):
            connector.add_note(desk.missing_id, note())

    def test_refused_credentials_stop_the_connection(self, desk: Desk) -> None:
        with pytest.raises(AccessDenied):
            desk.stranger().add_note(desk.ticket_id, note())
        assert desk.notes() == []

    def test_a_rate_limit_says_how_long_to_wait(self, desk: Desk, connector: TicketSystem) -> None:
        desk.fail(429, retry_after=17)
        with pytest.raises(RateLimited) as limited:
            connector.add_note(desk.ticket_id, note())
        assert limited.value.retry_after == 17

    @pytest.mark.parametrize("status", [500, 502, 503])
    def test_a_failing_read_may_be_asked_again(self, desk: Desk, connector: TicketSystem, status: int) -> None:
        desk.fail(status)
        with pytest.raises(Unavailable) as failed:
            connector.find_note(desk.ticket_id, MARK)
        assert not isinstance(failed.value, UnknownOutcome)

    def test_a_500_after_the_work_is_looked_up_and_not_done_twice(self, desk: Desk, connector: TicketSystem) -> None:
        desk.fail_after_write(500)
        with pytest.raises(UnknownOutcome):
            connector.add_note(desk.ticket_id, note())
        assert connector.find_note(desk.ticket_id, MARK)
        assert len(desk.notes()) == 1

    def test_a_cut_after_the_work_is_an_unknown_outcome(self, desk: Desk, connector: TicketSystem) -> None:
        desk.cut_after_write()
        with pytest.raises(UnknownOutcome):
            connector.add_note(desk.ticket_id, note())
        assert connector.find_note(desk.ticket_id, MARK)

    def test_a_closed_ticket_takes_no_note(self, desk: Desk, connector: TicketSystem) -> None:
        if desk.takes_notes_when_closed:
            pytest.skip("a closed ticket of this vendor still takes notes")
        desk.close_ticket()
        with pytest.raises(TicketClosed):
            connector.add_note(desk.ticket_id, note())

    def test_a_closed_ticket_can_be_looked_at(self, desk: Desk, connector: TicketSystem) -> None:
        written = connector.add_note(desk.ticket_id, note())
        desk.close_ticket()
        assert connector.find_note(desk.ticket_id, MARK) == written

    # what only some systems can

    def test_every_tongue_in_three_hundred_thousand_characters(self, desk: Desk, connector: TicketSystem) -> None:
        """A readable card within the limit, the whole text attached, and no character cut in two."""
        lines = tuple(f"{number:05} {TONGUES}" for number in range(300_000 // len(TONGUES)))
        whole = note(Paragraph("The printer works again."), Lines("transcript-7", lines), Paragraph("The end."))
        assert sum(map(len, lines)) > 300_000
        connector.add_note(desk.ticket_id, whole)
        [shown] = desk.notes()
        assert connector.limits.fits(render(whole, connector.limits).body)
        for words in ("The printer works again.", f"00000 {TONGUES}", "The end.", "more lines"):
            assert words in shown.text
        assert "\N{REPLACEMENT CHARACTER}" not in shown.text
        if Capability.ATTACH in connector.capabilities:
            [file] = desk.files()
            assert file.name == "transcript-7.txt"
            assert not file.public
            assert file.content.decode() == to_text(whole.document)

    def test_an_attachment_arrives_whole_under_its_name(self, desk: Desk, connector: TicketSystem) -> None:
        _needs(connector, Capability.ATTACH)
        sent = Attachment(
            'Gespr\u00e4ch & "mehr" \u65e5\u672c.txt', "text/plain; charset=utf-8", b"\x00\xffall of it\r\n"
        )
        connector.add_note(desk.ticket_id, replace(note(), attachments=(sent,)))
        [file] = desk.files()
        assert (file.content, file.public) == (sent.content, False)
        assert "Gespr\u00e4ch" in file.name
        assert len(desk.notes()) == 1

    def test_a_ticket_is_read(self, desk: Desk, connector: TicketSystem) -> None:
        _needs(connector, Capability.FETCH_TICKET)
        ticket = connector.fetch_ticket(desk.ticket_id)
        assert (ticket.id, ticket.status) == (desk.ticket_id, TicketStatus.OPEN)
        assert ticket.subject
        with pytest.raises(NotFound):
            connector.fetch_ticket(desk.missing_id)

    def test_a_field_is_set(self, desk: Desk, connector: TicketSystem) -> None:
        _needs(connector, Capability.UPDATE_FIELDS)
        name, value = desk.a_field
        connector.update_fields(desk.ticket_id, {name: value})
        assert desk.value_of(name) == value

    def test_a_field_that_does_not_exist_is_never_set_in_silence(self, desk: Desk, connector: TicketSystem) -> None:
        _needs(connector, Capability.UPDATE_FIELDS)
        with pytest.raises(Rejected):
            connector.update_fields(desk.ticket_id, {"no_such_field": "x"})

    def test_tags_are_added_and_never_replaced(self, desk: Desk, connector: TicketSystem) -> None:
        _needs(connector, Capability.ADD_TAGS)
        connector.add_tags(desk.ticket_id, ["there-before"])
        before = desk.tags()
        connector.add_tags(desk.ticket_id, ["remote-done", "twice"])
        connector.add_tags(desk.ticket_id, ["twice"])
        assert desk.tags() == before | {"there-before", "remote-done", "twice"}

    def test_time_is_entered_once(self, desk: Desk, connector: TicketSystem) -> None:
        _needs(connector, Capability.ADD_TIME)
        connector.add_time(desk.ticket_id, spent())
        assert desk.times() == [Entry(45)]
        if Capability.FIND_TIME in connector.capabilities:
            assert connector.find_time(desk.ticket_id, MARK)
            assert connector.find_time(desk.ticket_id, OTHER_MARK) is None

    def test_time_whose_answer_was_cut_is_found(self, desk: Desk, connector: TicketSystem) -> None:
        _needs(connector, Capability.FIND_TIME)
        assert isinstance(desk, ServedDesk)
        desk.cut_after(desk.time_write)
        with pytest.raises(UnknownOutcome):
            connector.add_time(desk.ticket_id, spent())
        assert connector.find_time(desk.ticket_id, MARK)
        assert desk.times() == [Entry(45)]

    def test_a_ticket_is_made(self, desk: Desk, connector: TicketSystem) -> None:
        _needs(connector, Capability.CREATE_TICKET)
        made = connector.create_ticket(following(desk))
        [opened] = desk.opened()
        assert (opened.id, opened.subject) == (made, "Printer <stuck> & more")
        assert "continues" in opened.text
        if Capability.FIND_TICKET in connector.capabilities:
            assert connector.find_ticket(MARK) == made
            assert connector.find_ticket(OTHER_MARK) is None

    def test_a_ticket_whose_answer_was_cut_is_found(self, desk: Desk, connector: TicketSystem) -> None:
        _needs(connector, Capability.FIND_TICKET)
        assert isinstance(desk, ServedDesk)
        desk.cut_after(desk.ticket_write)
        with pytest.raises(UnknownOutcome):
            connector.create_ticket(following(desk))
        [opened] = desk.opened()
        assert connector.find_ticket(MARK) == opened.id

    def test_a_closed_ticket_is_opened_again(self, desk: Desk, connector: TicketSystem) -> None:
        _needs(connector, Capability.REOPEN)
        desk.close_ticket()
        connector.reopen(desk.ticket_id)
        assert desk.is_open()
        connector.add_note(desk.ticket_id, note())
        assert len(desk.notes()) == 1

    def test_what_it_cannot_do_is_refused_without_asking(self, desk: Desk, connector: TicketSystem) -> None:
        # As when the vendor is gone: whoever asked it would hear something else.
        desk.fail(500)
        for capability, call in CALLS.items():
            if capability not in connector.capabilities:
                with pytest.raises(Rejected):
                    call(connector, desk.ticket_id)

    def test_the_registry_advertises_what_the_connector_can(self, desk: Desk, connector: TicketSystem) -> None:
        if isinstance(desk, ServedDesk):
            assert connector.capabilities == registry.kind(desk.kind).capabilities


def _needs(connector: TicketSystem, capability: Capability) -> None:
    if capability not in connector.capabilities:
        pytest.skip(f"this system has no {capability.value}")


TONGUES = "👨‍👩‍👧 é مرحبا שלום 日本語 🇩🇪 <&> what somebody said"
"""Joined emoji, a combining accent, right-to-left, wide characters and a flag."""


def spent() -> TimeSpent:
    return TimeSpent(
        MARK,
        minutes=45,
        began_at=MOMENT - timedelta(hours=1),
        text="Remote support session 7",
        agent=Person("Alex Agent", "agent@example.com"),
    )


def following(desk: Desk) -> NewTicket:
    return NewTicket(
        MARK,
        "Printer <stuck> & more",
        (Paragraph(f"This ticket continues {desk.ticket_id}."),),
        requester=Person("Chris Customer", "customer@example.com"),
        follows=desk.ticket_id,
    )


CALLS: Mapping[Capability, Callable[[TicketSystem, str], object]] = {
    Capability.FIND_NOTE: lambda system, ticket: system.find_note(ticket, MARK),
    Capability.UPDATE_FIELDS: lambda system, ticket: system.update_fields(ticket, {"x": "y"}),
    Capability.ADD_TAGS: lambda system, ticket: system.add_tags(ticket, ["x"]),
    Capability.ADD_TIME: lambda system, ticket: system.add_time(ticket, spent()),
    Capability.FIND_TIME: lambda system, ticket: system.find_time(ticket, MARK),
    Capability.CREATE_TICKET: lambda system, ticket: system.create_ticket(NewTicket(MARK, "x", (Paragraph("x"),))),
    Capability.FIND_TICKET: lambda system, ticket: system.find_ticket(MARK),
    Capability.REOPEN: lambda system, ticket: system.reopen(ticket),
    Capability.TICKETS_SINCE: lambda system, ticket: list(system.tickets_since(MOMENT, ["x"])),
}
