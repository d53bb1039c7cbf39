"""Reading and writing one ticket: what the fake enforces, and single answers for what it cannot play."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from bridge.document import Lines, Paragraph
from bridge.errors import (
    NotFound,
    Rejected,
    TicketClosed,
    Unavailable,
    UnknownOutcome,
)
from bridge.model import Attachment, Person, TicketStatus
from connectors.contract import TicketSystem
from tests.connectors.freshdesk.desk import FreshdeskDesk, FreshserviceDesk
from tests.connectors.freshdesk.single import always, answering
from tests.contract.tickets import MARK, note

FILE = Attachment('Gespräch "eins" 🖨.txt', "text/plain; charset=utf-8", b"\x00\xffall of it")


# -- reading ---------------------------------------------------------------------------------------------------


def test_a_ticket_in_our_words(either: FreshdeskDesk) -> None:
    ticket = either.connector().fetch_ticket(either.ticket_id)
    assert (ticket.id, ticket.subject, ticket.vendor_status) == (either.ticket_id, "Printer stuck", "open")
    assert ticket.tags == {"printer"}
    assert ticket.requester == Person("Chris", "customer@example.com", "501")
    assert (ticket.assignee.name, ticket.assignee.email) == ("Alex Agent", "agent@example.com")
    assert ticket.fields["priority"] == "1"
    assert "PC-0042" in ticket.fields.values()
    assert ticket.url == f"{either.url}/a/tickets/{either.ticket_id}"


def test_an_agent_whom_we_may_not_see_is_a_number(either: FreshdeskDesk) -> None:
    either.account.may_see_agents = False
    assert either.connector().fetch_ticket(either.ticket_id).assignee == Person(id="8")


def test_an_agent_is_asked_for_once(either: FreshdeskDesk) -> None:
    connector = either.connector()
    for _ in range(3):
        connector.fetch_ticket(either.ticket_id)
    assert len(either.faults.requests("*/agents/8")) == 1


@pytest.mark.parametrize(
    ("number", "status", "word"),
    [
        (2, TicketStatus.OPEN, "open"),
        (3, TicketStatus.OPEN, "pending"),
        (4, TicketStatus.SOLVED, "resolved"),
        (5, TicketStatus.SOLVED, "closed"),
        (6, TicketStatus.OPEN, "6"),
    ],
)
def test_a_tickets_status(freshdesk: FreshdeskDesk, number: int, status: TicketStatus, word: str) -> None:
    freshdesk.ticket["status"] = number
    ticket = freshdesk.connector().fetch_ticket(freshdesk.ticket_id)
    assert (ticket.status, ticket.vendor_status) == (status, word)


def test_a_status_of_the_accounts_own_may_mean_done(freshdesk: FreshdeskDesk) -> None:
    freshdesk.ticket["status"] = 6
    connector = freshdesk.with_keys({**freshdesk.keys(), "solved_statuses": [6]})
    assert connector.fetch_ticket(freshdesk.ticket_id).status is TicketStatus.SOLVED


@pytest.mark.parametrize(("kind", "called"), [("Incident", "INC-"), ("Service Request", "SR-")])
def test_freshservice_is_asked_by_what_people_call_a_ticket(
    freshservice: FreshserviceDesk, kind: str, called: str
) -> None:
    freshservice.ticket["type"] = kind
    name = f"{called}{freshservice.ticket_id}"
    for asked in (name, f"#{name}", freshservice.ticket_id):
        ticket = freshservice.connector().fetch_ticket(asked)
        assert (ticket.id, ticket.number) == (freshservice.ticket_id, name)


def test_freshdesk_knows_no_such_names(freshdesk: FreshdeskDesk) -> None:
    with pytest.raises(NotFound):
        freshdesk.connector().fetch_ticket(f"INC-{freshdesk.ticket_id}")
    assert freshdesk.connector().fetch_ticket(freshdesk.ticket_id).number == ""


def test_a_change_of_freshservice_is_no_ticket(freshservice: FreshserviceDesk) -> None:
    with pytest.raises(NotFound):
        freshservice.connector().fetch_ticket(f"CHN-{freshservice.ticket_id}")


@pytest.mark.parametrize("trash", ["deleted", "spam"])
def test_a_ticket_in_the_trash_is_not_found(either: FreshdeskDesk, trash: str) -> None:
    either.ticket[trash] = True
    connector = either.connector()
    with pytest.raises(NotFound):
        connector.fetch_ticket(either.ticket_id)
    with pytest.raises(NotFound):
        connector.add_note(either.ticket_id, note())


@pytest.mark.parametrize("redirect", [False, True])
def test_an_archived_ticket_is_closed(freshdesk: FreshdeskDesk, redirect: bool) -> None:
    connector = freshdesk.connector()
    written = connector.add_note(freshdesk.ticket_id, note())
    freshdesk.account.archived_redirect = redirect
    freshdesk.account.archive(freshdesk.ticket["id"])
    assert connector.fetch_ticket(freshdesk.ticket_id).status is TicketStatus.CLOSED
    assert connector.find_note(freshdesk.ticket_id, MARK) == written
    for write in WRITES:
        with pytest.raises(TicketClosed):
            write(connector, freshdesk.ticket_id)


def test_where_nothing_is_archived_a_missing_ticket_is_missing(freshdesk: FreshdeskDesk) -> None:
    freshdesk.account.archive_feature = False
    with pytest.raises(NotFound):
        freshdesk.connector().fetch_ticket(freshdesk.missing_id)
    with pytest.raises(NotFound):
        freshdesk.connector().add_note(freshdesk.missing_id, note())


WRITES: tuple[Callable[[TicketSystem, str], object], ...] = (
    lambda connector, ticket: connector.add_note(ticket, note()),
    lambda connector, ticket: connector.update_fields(ticket, {"priority": "high"}),
    lambda connector, ticket: connector.add_tags(ticket, ["helped"]),
    lambda connector, ticket: connector.reopen(ticket),
)


@pytest.mark.parametrize("body", [[], {}, {"ticket": {"id": 7}}, {"id": "seven"}, [{"id": 7}]])
def test_an_answer_of_another_shape_is_no_ticket(body: object) -> None:
    with answering(always(200, body)) as client, pytest.raises(Unavailable):
        client.fetch_ticket("7")


# -- marks -----------------------------------------------------------------------------------------------------


def test_marks_are_looked_for_on_every_page(either: FreshdeskDesk) -> None:
    connector = either.connector()
    for number in range(5):
        connector.add_note(either.ticket_id, note(mark=f"db-{number}"))
    either.account.page_size = 2
    assert connector.find_note(either.ticket_id, "db-4")
    assert len(either.faults.requests("*/conversations")) == 3


@pytest.mark.parametrize("full", [30, 100])
def test_a_full_page_may_have_another_one_though_no_link_says_so(full: int) -> None:
    mine = {"id": 99, "incoming": False, "body_text": f"Deskbridge reference {MARK}"}
    pages = {"1": [{"id": 1}] * full, "2": [mine]}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=pages[request.url.params["page"]])

    with answering(answer) as client:
        assert client.find_note("7", MARK)


def test_too_many_pages_are_never_taken_for_none() -> None:
    with answering(always(200, [{"id": 1}] * 100)) as client, pytest.raises(Rejected, match="too many pages"):
        client.find_note("7", MARK)


def test_a_customer_who_quotes_the_mark_is_not_taken_for_us(either: FreshdeskDesk) -> None:
    connector = either.connector()
    connector.add_note(either.ticket_id, note())
    either.ticket["conversations"][0]["incoming"] = True
    assert connector.find_note(either.ticket_id, MARK) is None


@pytest.mark.parametrize("mark", ["card:rescue:123:zendesk:7", "note:fd:1001:1:invitation", f"card:{'9' * 180}:x"])
def test_real_marks_are_found_in_text_and_in_html(either: FreshdeskDesk, mark: str) -> None:
    connector = either.connector()
    written = connector.add_note(either.ticket_id, note(mark=mark))
    assert connector.find_note(either.ticket_id, mark) == written
    either.ticket["conversations"][0]["body_text"] = ""
    assert connector.find_note(either.ticket_id, mark) == written


# -- notes -----------------------------------------------------------------------------------------------------


def test_an_internal_note_is_said_to_be_private(either: FreshdeskDesk) -> None:
    either.connector().add_note(either.ticket_id, note())
    [told] = either.ticket["conversations"]
    assert (told["private"], told["source"]) == (True, 2)


def test_an_internal_note_with_a_file_is_private_too(either: FreshdeskDesk) -> None:
    either.connector().add_note(either.ticket_id, replace(note(), attachments=(FILE,)))
    [told] = either.ticket["conversations"]
    assert told["private"] is True
    [(name, content, _)] = told["files"]
    assert content == FILE.content
    assert name.startswith("Gespräch")
    assert name.endswith("🖨.txt")


@pytest.mark.parametrize("files", [(), (FILE,)])
def test_a_public_note_is_a_reply_that_the_customer_gets_by_mail(
    either: FreshdeskDesk, files: tuple[Attachment, ...]
) -> None:
    connector = either.connector()
    written = connector.add_note(either.ticket_id, replace(note(public=True), attachments=files))
    [told] = either.ticket["conversations"]
    assert (told["private"], told["source"]) == (False, 0)
    assert connector.find_note(either.ticket_id, MARK) == written


def test_a_public_note_may_stay_in_the_portal(either: FreshdeskDesk) -> None:
    connector = either.with_keys({**either.keys(), "public_as": "note"})
    connector.add_note(either.ticket_id, note(public=True))
    [told] = either.ticket["conversations"]
    assert (told["private"], told["source"]) == (False, 2)


def test_a_customer_without_an_address_gets_no_reply(either: FreshdeskDesk) -> None:
    either.account.people[501] = ("Chris", "")
    with pytest.raises(Rejected):
        either.connector().add_note(either.ticket_id, note(public=True))


def test_a_note_that_became_public_against_our_word_is_told(either: FreshdeskDesk) -> None:
    either.account.makes_all_public = True
    with pytest.raises(Rejected, match="public against our word"):
        either.connector().add_note(either.ticket_id, note())


def test_more_files_than_a_ticket_may_have_are_refused(either: FreshdeskDesk) -> None:
    big = Attachment("recording.mp4", "video/mp4", b"\0" * (11 * 1024 * 1024))
    connector = either.connector()
    connector.add_note(either.ticket_id, replace(note(mark="db-1"), attachments=(big,)))
    with pytest.raises(Rejected, match="attachments"):
        connector.add_note(either.ticket_id, replace(note(mark="db-2"), attachments=(big,)))


def test_the_mark_has_its_place_within_the_limit() -> None:
    sent: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        found = re.search(rb'name="body"\r\n\r\n(.*?)\r\n--', request.content, re.S)
        assert found
        sent.append(found[1])
        return httpx.Response(201, json={"id": 1})

    with answering(answer) as client:
        client.add_note("7", note(Lines("transcript", ("ab",) * 40_000)))
        [body] = sent
        assert MARK.encode() in body
        assert client.limits.length - 40 < len(body) <= client.limits.length


def test_an_answer_without_an_id_is_an_unknown_outcome() -> None:
    with answering(always(201, {"body": "x"})) as client, pytest.raises(UnknownOutcome):
        client.add_note("7", note(Paragraph("x")))


# -- tickets that refuse ---------------------------------------------------------------------------------------


def test_a_closed_ticket_that_is_locked_says_so_until_it_is_opened(either: FreshdeskDesk) -> None:
    either.account.closed_is_locked = True
    either.close_ticket()
    connector = either.connector()
    with pytest.raises(TicketClosed):
        connector.add_note(either.ticket_id, note())
    connector.reopen(either.ticket_id)
    assert connector.add_note(either.ticket_id, note())


def test_a_ticket_that_stays_closed_cannot_be_opened(either: FreshdeskDesk) -> None:
    either.close_ticket()
    either.account.ignores_fields = True
    with pytest.raises(TicketClosed):
        either.connector().reopen(either.ticket_id)


def test_a_ticket_that_we_may_not_touch_is_no_reason_to_stop() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(403, json={"code": "access_denied", "message": "what somebody typed"})

    with answering(answer) as client, pytest.raises(Rejected) as refused:
        client.add_note("7", note())
    assert not isinstance(refused.value, TicketClosed)
    assert refused.value.code == "access_denied"


def test_a_ticket_whose_archive_cannot_be_read_is_closed_too() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(404)
        if "archived" in request.url.path:
            return httpx.Response(403, json={"code": "require_feature"})
        return httpx.Response(301, headers={"Location": "/api/v2/tickets/archived/7"})

    with answering(answer) as client, pytest.raises(TicketClosed):
        client.add_note("7", note())
