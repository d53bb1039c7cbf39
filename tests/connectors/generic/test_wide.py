"""All that a generic connection can have, under the contract of ticket systems, and what is special about it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from bridge.document import Paragraph
from bridge.errors import AccessDenied, NotFound, Rejected, TicketClosed, TicketMerged, Unavailable, UnknownOutcome
from bridge.model import Attachment, Delivery, NewTicket, Person
from connectors.http import new_client
from connectors.signatures import STANDARD_WEBHOOKS, sign
from connectors.tickets.generic.texts import digest
from tests.connectors.generic.wide import CONNECTION, Wide, WideDesk
from tests.contract.captured import captured
from tests.contract.desk import Desk
from tests.contract.served import served
from tests.contract.tickets import MARK, MOMENT, TicketContract, note, spent

URL = "https://bridge.example.com/hooks/desk"


@pytest.fixture
def wide_desk() -> Iterator[WideDesk]:
    wide = Wide()
    with new_client() as client, served(wide.app) as vendor:
        yield WideDesk(vendor.url, vendor.faults, client).standing_on(wide)


class TestWideContract(TicketContract):
    secret = "whsec_bWFkZS11cC1zaWduaW5nLXNlY3JldC0x"
    new_secret = "whsec_bWFkZS11cC1zaWduaW5nLXNlY3JldC0y"
    good_body = other_body = b'{"event": "ticket.updated", "ticket_id": "T-1"}'
    unknown_event_body = b'{"event": "ticket.viewed", "ticket_id": "T-1"}'
    stranger_bodies = (b'{"event": "ticket.updated", "ticket_id": "1"}', captured("generic/stranger").body)
    too_old = timedelta(minutes=5, seconds=1)

    def signed(self, body: bytes, secret: str, moment: datetime, delivery_id: str = "one") -> Delivery:
        proof = sign(STANDARD_WEBHOOKS, secret, body, moment=moment, delivery_id=delivery_id)
        return Delivery("desk", "POST", URL, {"content-type": "application/json", **proof}, {}, body, MOMENT)

    @pytest.fixture
    def desk(self, wide_desk: WideDesk) -> Desk:
        return wide_desk


def changed(desk: WideDesk, old: str, new: str) -> Any:
    assert old in CONNECTION
    return desk.with_keys(tomllib.loads(CONNECTION.replace(old, new)))


def file(name: str = "log.txt", content: bytes = b"all of it") -> Attachment:
    return Attachment(name, "text/plain", content)


# signing in


def test_one_login_serves_all_workers(wide_desk: WideDesk) -> None:
    for _ in range(3):
        wide_desk.connector().fetch_ticket("T-1")
    assert wide_desk.wide.logins == 1


def test_a_token_that_ended_is_renewed_and_the_note_written_once(wide_desk: WideDesk) -> None:
    connector = wide_desk.connector()
    connector.fetch_ticket("T-1")
    wide_desk.wide.tokens.clear()
    connector.add_note("T-1", note())
    assert (wide_desk.wide.logins, len(wide_desk.notes())) == (2, 1)


def test_other_credentials_do_not_meet_the_old_token(wide_desk: WideDesk) -> None:
    wide_desk.connector().fetch_ticket("T-1")
    with pytest.raises(AccessDenied):
        changed(wide_desk, 'password = "made-up-password"', 'password = "another"').fetch_ticket("T-1")


def test_a_login_without_a_token_is_no_login(wide_desk: WideDesk) -> None:
    with pytest.raises(Unavailable, match="without a token") as failed:
        changed(wide_desk, 'token = "data.token"', 'token = "data.access"').fetch_ticket("T-1")
    assert not isinstance(failed.value, UnknownOutcome)


# files


def test_a_file_goes_up_before_the_note_that_names_it(wide_desk: WideDesk) -> None:
    wide_desk.connector().add_note("T-1", replace(note(), attachments=(file("a"), file("b"))))
    [written] = wide_desk.wide.ticket.notes
    assert written["files"] == [number for number, _ in wide_desk.wide.ticket.files]
    assert len(written["files"]) == 2


def test_a_file_that_is_there_already_is_not_sent_again(wide_desk: WideDesk) -> None:
    connector, whole = wide_desk.connector(), replace(note(), attachments=(file("a"), file("b"), file("c")))
    wide_desk.cut_after(("POST", "*/notes"))
    with pytest.raises(UnknownOutcome):
        connector.add_note("T-1", whole)
    wide_desk.wide.ticket.notes.clear()  # as if it had been cut before
    connector.add_note("T-1", whole)
    assert [one.name for one in wide_desk.files()] == ["a", "b", "c"]
    assert wide_desk.wide.ticket.notes[0]["files"] == [number for number, _ in wide_desk.wide.ticket.files]


def test_another_file_by_the_same_name_is_not_taken_for_it(wide_desk: WideDesk) -> None:
    connector = wide_desk.connector()
    connector.add_note("T-1", replace(note(), attachments=(file(content=b"theirs"),)))
    connector.add_note("T-1", replace(note(mark="db-2"), attachments=(file(content=b"ours, longer"),)))
    assert [one.content for one in wide_desk.files()] == [b"theirs", b"ours, longer"]
    changed(wide_desk, 'size = "bytes"\n', "").add_note("T-1", replace(note(mark="db-3"), attachments=(file(),)))
    assert len(wide_desk.files()) == 2


def test_a_cut_upload_writes_no_note(wide_desk: WideDesk) -> None:
    wide_desk.cut_after(("POST", "*/files"))
    with pytest.raises(UnknownOutcome):
        wide_desk.connector().add_note("T-1", replace(note(), attachments=(file(),)))
    assert wide_desk.notes() == []


def test_the_files_readers_are_told(wide_desk: WideDesk) -> None:
    connector = wide_desk.connector()
    connector.add_note("T-1", replace(note(), attachments=(file("internal"),)))
    connector.add_note("T-1", replace(note(public=True, mark="db-2"), attachments=(file("public"),)))
    assert [(one.name, one.public) for one in wide_desk.files()] == [("internal", False), ("public", True)]


# notes


def test_a_public_note_has_a_call_of_its_own(wide_desk: WideDesk) -> None:
    wide_desk.connector().add_note("T-1", note(public=True))
    assert wide_desk.faults.requests("*/replies")
    assert not wide_desk.faults.requests("*/notes")


def test_a_short_place_gets_a_digest(wide_desk: WideDesk) -> None:
    mark = "card:rescue:123:desk:" + "x" * 170
    written = wide_desk.connector().add_note("T-1", note(mark=mark))
    assert wide_desk.wide.ticket.notes[0]["ref"] == digest(mark)
    assert wide_desk.connector().find_note("T-1", mark) == written


def test_only_the_given_number_of_pages_is_seen(wide_desk: WideDesk) -> None:
    connector = wide_desk.connector()
    made = connector.create_ticket(NewTicket(MARK, "x", (Paragraph("x"),)))
    for number in range(2):
        wide_desk.wide.open(f"later {number}")
    assert connector.find_ticket(MARK) == made
    for number in range(4):
        wide_desk.wide.open(f"much later {number}")
    assert connector.find_ticket(MARK) is None


@pytest.mark.parametrize("ticket_id", ["1", "t-1", "T-1 ", "T-", "T-1\n"])
def test_an_id_of_another_shape_is_never_asked_for(wide_desk: WideDesk, ticket_id: str) -> None:
    connector = wide_desk.connector()
    for call in (
        lambda: connector.fetch_ticket(ticket_id),
        lambda: connector.add_note(ticket_id, note()),
        lambda: connector.find_note(ticket_id, MARK),
        lambda: connector.add_time(ticket_id, spent()),
        lambda: connector.reopen(ticket_id),
    ):
        with pytest.raises(NotFound):
            call()
    assert not wide_desk.faults.seen


def test_a_status_that_means_only_this_ticket(wide_desk: WideDesk) -> None:
    connector = wide_desk.connector()
    connector.fetch_ticket("T-1")
    wide_desk.fail(403)
    with pytest.raises(Rejected):
        connector.find_note("T-1", MARK)


# a look before each write


def looking(desk: WideDesk) -> Any:
    return desk.with_keys({**tomllib.loads(CONNECTION), "check_first": True})


def test_a_merged_ticket_is_not_written_on(wide_desk: WideDesk) -> None:
    wide_desk.wide.ticket.lives_on_in = "T-7"
    writes: tuple[Callable[[], object], ...] = (
        lambda: looking(wide_desk).add_note("T-1", note()),
        lambda: looking(wide_desk).add_time("T-1", spent()),
        lambda: looking(wide_desk).update_fields("T-1", {"room": "1"}),
        lambda: looking(wide_desk).reopen("T-1"),
    )
    for call in writes:
        with pytest.raises(TicketMerged) as merged:
            call()
        assert merged.value.into == "T-7"
    assert wide_desk.notes() == []


def test_a_closed_ticket_is_found_out_before_the_write(wide_desk: WideDesk) -> None:
    wide_desk.close_ticket()
    with pytest.raises(TicketClosed):
        looking(wide_desk).add_note("T-1", note())
    assert not wide_desk.faults.requests("*/notes", method="POST")
    looking(wide_desk).reopen("T-1")
    looking(wide_desk).add_note("T-1", note())


# fields, times, tickets


def test_a_field_that_was_passed_over_is_named(wide_desk: WideDesk) -> None:
    wide_desk.wide.forgets_fields = True
    with pytest.raises(Rejected, match="did not set room"):
        wide_desk.connector().update_fields("T-1", {"room": "12"})


def test_a_long_line_about_time_keeps_its_mark(wide_desk: WideDesk) -> None:
    connector = wide_desk.connector()
    connector.add_time("T-1", replace(spent(), text="Remote support\nsession " * 50))
    [entry] = wide_desk.wide.ticket.times
    assert len(entry["what"]) <= 255
    assert "\n" not in entry["what"]
    assert connector.find_time("T-1", MARK)


def test_a_new_ticket_has_its_requester_and_a_short_subject(wide_desk: WideDesk) -> None:
    new = NewTicket(MARK, "long " * 20, (Paragraph("x"),), Person("Chris", "chris@example.com"), follows="T-1")
    wide_desk.connector().create_ticket(new)
    made = wide_desk.wide.tickets[-1]
    assert (len(made.title), made.requester) == (40, "chris@example.com")


def test_an_answer_without_the_new_id_is_an_unknown_outcome(wide_desk: WideDesk) -> None:
    with pytest.raises(UnknownOutcome):
        changed(wide_desk, 'ticket_id = "id"\n', 'ticket_id = "number"\n').create_ticket(
            NewTicket(MARK, "x", (Paragraph("x"),))
        )


def test_tickets_since(wide_desk: WideDesk) -> None:
    wide_desk.wide.open("old", labels=["remote"], touched="2026-02-01T00:00:00Z")
    new = [
        wide_desk.wide.open(f"new {n}", labels=["remote", f"n{n}"], touched="2026-03-02T11:00:00Z") for n in range(3)
    ]
    since = datetime(2026, 3, 1, 12, tzinfo=UTC)
    connector = wide_desk.connector()
    assert sorted(connector.tickets_since(since, ["remote"])) == [one.id for one in new]
    assert list(connector.tickets_since(since, ["n1", "other"])) == [new[1].id]
    assert len(list(connector.tickets_since(since, []))) == 3


def test_the_password_is_in_no_message(wide_desk: WideDesk, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(AccessDenied) as refused:
        wide_desk.stranger().fetch_ticket("T-1")
    assert "password" not in str(refused.value).replace("wrong_password", "")
    assert "not-the-password" not in caplog.text


def test_the_made_up_vendor_is_strict(wide_desk: WideDesk) -> None:
    assert httpx.post(f"{wide_desk.url}/tickets/T-1/notes", data={"text": "x"}).status_code == 401
