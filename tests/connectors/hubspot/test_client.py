"""HubSpot's quirks, against the fake one; what that cannot play, against single answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from bridge.document import Lines, Paragraph
from bridge.errors import (
    AccessDenied,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from bridge.model import Attachment, Person, TicketStatus
from connectors import marks
from connectors.http import Transport
from connectors.tickets.hubspot import client
from connectors.tickets.hubspot.client import HubSpotClient
from tests.connectors.hubspot.desk import HubSpotDesk
from tests.connectors.hubspot.fake import PIPELINES, PORTAL
from tests.contract.tickets import MARK, OTHER_MARK, note
from tests.contract.workshop import Handler, workshop

KEYS = {"access_token": "made-up", "mark_property": "m", "pipeline_stage": "1"}
LONG_MARK = "card:rescue:123:hubspot:" + "7" * 180


@contextmanager
def answering(handler: Handler) -> Iterator[HubSpotClient]:
    with workshop("https://api.hubapi.com", handler) as given:
        yield HubSpotClient(given.transport, KEYS)


def always(status: int, body: object, **headers: str) -> Handler:
    return lambda request: httpx.Response(status, json=body, headers=headers)


# -- reading ---------------------------------------------------------------------------------------------------


def test_a_ticket_in_our_words(desk: HubSpotDesk) -> None:
    desk.ticket.properties |= {"remote_session": "requested", "hubspot_owner_id": "31", "hs_ticket_priority": "HIGH"}
    ticket = desk.connector().fetch_ticket(desk.ticket_id)
    assert (ticket.id, ticket.subject) == (desk.ticket_id, "Printer stuck")
    assert ticket.requester == Person("Chris Customer", "customer@example.com", "901")
    assert ticket.assignee == Person("Alex Agent", "agent@example.com", "31")
    assert ticket.fields["remote_session"] == "requested"
    assert (ticket.fields["hs_ticket_priority"], ticket.fields["asset"]) == ("HIGH", "")
    assert ticket.url == f"https://app.hubspot.com/contacts/{PORTAL}/record/0-5/{desk.ticket_id}"


def test_properties_that_nobody_named_are_not_read(desk: HubSpotDesk) -> None:
    desk.ticket.properties["asset"] = "Laptop 7"
    assert "asset" not in desk.built(properties=[]).fetch_ticket(desk.ticket_id).fields


@pytest.mark.parametrize(
    ("pipeline", "stage", "status", "label"),
    [
        ("0", "1", TicketStatus.OPEN, "New"),
        ("0", "4", TicketStatus.SOLVED, "Closed"),
        ("77", "772", TicketStatus.SOLVED, "Erledigt"),
        ("0", "999", TicketStatus.OPEN, "999"),
    ],
)
def test_a_tickets_stage(desk: HubSpotDesk, pipeline: str, stage: str, status: TicketStatus, label: str) -> None:
    desk.ticket.properties |= {"hs_pipeline": pipeline, "hs_pipeline_stage": stage}
    ticket = desk.connector().fetch_ticket(desk.ticket_id)
    assert (ticket.status, ticket.vendor_status, ticket.fields["hs_pipeline_stage"]) == (status, label, stage)


def test_stages_are_read_once(desk: HubSpotDesk) -> None:
    connector = desk.connector()
    for _ in range(3):
        connector.fetch_ticket(desk.ticket_id)
    assert len(desk.faults.requests("*/pipelines/tickets")) == 1


def test_a_new_stage_is_known_at_once(desk: HubSpotDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = desk.connector()
    connector.fetch_ticket(desk.ticket_id)
    monkeypatch.setitem(PIPELINES, "0", (*PIPELINES["0"], ("5", "Given up", "CLOSED")))
    desk.ticket.properties["hs_pipeline_stage"] = "5"
    assert connector.fetch_ticket(desk.ticket_id).vendor_status == "Given up"


def test_a_ticket_of_nobody(desk: HubSpotDesk) -> None:
    desk.ticket.contacts.clear()
    ticket = desk.connector().fetch_ticket(desk.ticket_id)
    assert (ticket.requester, ticket.assignee) == (Person(), Person())


def test_whom_we_may_not_see_is_known_by_number(desk: HubSpotDesk) -> None:
    desk.ticket.properties["hubspot_owner_id"] = "31"
    desk.ticket.contacts[:] = ["999"]
    desk.hubspot.scopes.discard("crm.objects.owners.read")
    ticket = desk.connector().fetch_ticket(desk.ticket_id)
    assert (ticket.requester, ticket.assignee) == (Person(id="999"), Person(id="31"))


def test_a_token_that_is_refused_meanwhile_is_no_hidden_contact(desk: HubSpotDesk) -> None:
    desk.faults.fail("*/contacts/*", status=401)
    with pytest.raises(AccessDenied):
        desk.connector().fetch_ticket(desk.ticket_id)


@pytest.mark.parametrize("body", [[], {}, {"id": ""}, {"id": None}, "x"])
def test_an_answer_of_another_shape_is_no_ticket(body: object) -> None:
    with answering(always(200, body)) as asked, pytest.raises(Unavailable):
        asked.fetch_ticket("7")


# -- notes -----------------------------------------------------------------------------------------------------


def test_the_mark_is_the_last_line(desk: HubSpotDesk) -> None:
    desk.connector().add_note(desk.ticket_id, note(Paragraph("It works again."), mark=LONG_MARK))
    [shown] = desk.notes()
    assert shown.text.strip().splitlines()[-1] == marks.line(LONG_MARK)
    assert desk.connector().find_note(desk.ticket_id, LONG_MARK)


@pytest.mark.parametrize("mark", ["note:jira:DESK-1:1", "note:jira:DESK-1:1:invitation:2", "jira:DESK-1:1:invitation"])
def test_a_mark_that_begins_or_ends_as_another_is_another(desk: HubSpotDesk, mark: str) -> None:
    desk.connector().add_note(desk.ticket_id, note(mark="note:jira:DESK-1:1:invitation"))
    assert desk.connector().find_note(desk.ticket_id, mark) is None


def test_a_mark_that_somebody_typed_is_none(desk: HubSpotDesk) -> None:
    desk.connector().add_note(desk.ticket_id, note(Lines("chat", (f"what is {MARK} ?",)), mark=OTHER_MARK))
    assert desk.connector().find_note(desk.ticket_id, MARK) is None


def test_marks_are_looked_for_on_every_page(desk: HubSpotDesk) -> None:
    connector = desk.connector()
    for number in range(4):
        connector.add_note(desk.ticket_id, note(mark=f"other-{number}"))
    written = connector.add_note(desk.ticket_id, note())
    desk.faults.seen.clear()
    assert connector.find_note(desk.ticket_id, MARK) == written
    assert len(desk.faults.requests("*/associations/notes")) == 3


def test_a_note_that_was_deleted_meanwhile_hides_no_other(desk: HubSpotDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = desk.connector()
    for mark in (OTHER_MARK, MARK):
        connector.add_note(desk.ticket_id, note(mark=mark))
    read = HubSpotClient._note_ids
    monkeypatch.setattr(HubSpotClient, "_note_ids", lambda self, ticket: [["1", *page] for page in read(self, ticket)])
    assert connector.find_note(desk.ticket_id, MARK)


def test_too_many_notes_are_never_taken_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MAX_NOTES", 1_000)
    body = {"results": [], "paging": {"next": {"after": "x"}}}
    with answering(always(200, body)) as asked, pytest.raises(Rejected, match="too many notes"):
        asked.find_note("7", MARK)


def test_a_public_note_is_refused_without_asking(desk: HubSpotDesk) -> None:
    with pytest.raises(Rejected, match="never public"):
        desk.connector().add_note(desk.ticket_id, note(public=True))
    assert not desk.faults.requests()


def test_a_note_stands_at_its_moment(desk: HubSpotDesk) -> None:
    desk.connector().add_note(desk.ticket_id, note())
    [kept] = desk.hubspot.notes.values()
    assert abs(kept.timestamp / 1000 - datetime.now(UTC).timestamp()) < 60


def test_several_files_are_private_and_in_a_folder_of_ours(desk: HubSpotDesk) -> None:
    files = tuple(Attachment(name, "text/plain", name.encode()) for name in ('a "b".txt', "日本😀.txt"))
    desk.connector().add_note(desk.ticket_id, replace(note(), attachments=files))
    assert [(file.name, file.content, file.public) for file in desk.files()] == [
        ('a "b".txt', b'a "b".txt', False),
        ("日本😀.txt", "日本😀.txt".encode(), False),
    ]
    assert {file.path for file in desk.hubspot.files.values()} == {"/deskbridge"}


def test_a_file_that_hubspot_shows_to_everybody_is_no_attachment(desk: HubSpotDesk) -> None:
    desk.hubspot.public_files = True
    with pytest.raises(Rejected, match="did not keep the file private"):
        desk.connector().add_note(
            desk.ticket_id, replace(note(), attachments=(Attachment("a.txt", "text/plain", b"x"),))
        )
    assert desk.notes() == []


def test_a_note_of_exactly_the_limit_is_taken(desk: HubSpotDesk) -> None:
    line = len(f"<p>Deskbridge reference {MARK}</p>")
    emoji = "😀" * ((65_536 - line - len("<p></p>")) // 2)
    desk.connector().add_note(desk.ticket_id, note(Paragraph(emoji)))
    desk.connector().add_note(desk.ticket_id, note(Paragraph(emoji + "😀"), mark=OTHER_MARK))
    whole, cut = desk.notes()
    assert emoji in whole.text
    assert "the whole text is attached" in cut.text


# -- limits and errors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "wait"), [("DAILY", 3_600), ("SECONDLY", 1), ("TEN_SECONDLY_ROLLING", 10), ("something else", 10)]
)
def test_a_limit_without_a_time_is_waited_for_by_its_name(policy: str, wait: float) -> None:
    with answering(always(429, {"policyName": policy})) as asked, pytest.raises(RateLimited) as limited:
        asked.find_note("7", MARK)
    assert limited.value.retry_after == wait


@pytest.mark.parametrize(
    ("headers", "held"),
    [
        ({"X-HubSpot-RateLimit-Remaining": "0", "X-HubSpot-RateLimit-Interval-Milliseconds": "10000"}, [10.0]),
        ({"X-HubSpot-RateLimit-Remaining": "0"}, [10.0]),
        ({"X-HubSpot-RateLimit-Remaining": "0", "X-HubSpot-RateLimit-Daily-Remaining": "0"}, [3_600.0]),
        ({"X-HubSpot-RateLimit-Remaining": "1", "X-HubSpot-RateLimit-Daily-Remaining": "9"}, []),
        ({}, []),
    ],
)
def test_the_last_request_that_is_granted_keeps_everybody_back(headers: dict[str, str], held: list[float]) -> None:
    seconds: list[float] = []
    handler = httpx.MockTransport(always(200, {"results": []}, **headers))
    with httpx.Client(transport=handler) as http:
        transport = Transport(
            "hubspot", "https://api.hubapi.com", client=http, hold=lambda _, wait: seconds.append(wait)
        )
        HubSpotClient(transport, KEYS).find_note("7", MARK)
    assert seconds == held


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (400, {"category": "VALIDATION_ERROR", "errors": [{"code": "REQUIRED_FIELD"}]}, Rejected, "REQUIRED_FIELD"),
        (400, {"category": "VALIDATION_ERROR", "message": "what somebody typed"}, Rejected, "VALIDATION_ERROR"),
        (400, {"category": "what somebody typed"}, Rejected, "400"),
        (400, "<html>", Rejected, "400"),
        (401, {"category": "EXPIRED_AUTHENTICATION"}, AccessDenied, "EXPIRED_AUTHENTICATION"),
        (403, {"category": "MISSING_SCOPES"}, AccessDenied, "MISSING_SCOPES"),
        (403, {"category": "BANNED"}, Rejected, "BANNED"),
        (403, "<html>", Rejected, "403"),
        (404, {"category": "OBJECT_NOT_FOUND"}, NotFound, "404"),
        (409, {"category": "CONFLICT"}, Rejected, "CONFLICT"),
        (423, {}, Unavailable, "423"),
        (477, {}, Unavailable, "477"),
        (302, {}, Rejected, "302"),
        (500, {}, UnknownOutcome, "500"),
        (504, {}, UnknownOutcome, "504"),
    ],
)
def test_errors_by_who_must_act(status: int, body: object, error: type[ConnectorError], code: str) -> None:
    """Each as the answer to the write, after everything before it went well."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"id": "7", "properties": {}})
        return httpx.Response(status, json=body)

    with answering(answer) as asked, pytest.raises(error) as refused:
        asked.add_note("7", note())
    assert type(refused.value) is error
    assert refused.value.code == code
    assert "typed" not in str(refused.value)


@pytest.mark.parametrize(("status", "wait"), [(423, 2), (477, 3_600)])
def test_what_is_only_busy_says_how_long(status: int, wait: float) -> None:
    with answering(always(status, {})) as asked, pytest.raises(Unavailable) as busy:
        asked.find_note("7", MARK)
    assert busy.value.retry_after == wait


def test_a_write_whose_answer_lacks_its_id_is_an_unknown_outcome() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        body: Any = {"id": "7"} if request.method == "GET" else {}
        return httpx.Response(200, json=body)

    with answering(answer) as asked, pytest.raises(UnknownOutcome):
        asked.add_note("7", note())


def test_a_missing_scope_stops_the_connection(desk: HubSpotDesk) -> None:
    desk.hubspot.scopes.discard("crm.objects.contacts.write")
    with pytest.raises(AccessDenied) as denied:
        desk.connector().add_note(desk.ticket_id, note())
    assert denied.value.code == "MISSING_SCOPES"


@pytest.mark.parametrize("ticket_id", ["7a", "DESK-7", "9" * 21, "7/associations"])
def test_other_ids_are_not_asked_for(desk: HubSpotDesk, ticket_id: str) -> None:
    connector = desk.connector()
    for call in (connector.fetch_ticket, connector.reopen, lambda number: connector.find_note(number, MARK)):
        with pytest.raises(NotFound):
            call(ticket_id)
    assert not desk.faults.requests()


def test_the_probe_says_who_we_are_and_what_we_lack(desk: HubSpotDesk) -> None:
    assert desk.connector().probe() == "signed in to the HubSpot account 62515, app_id 4711"
    desk.hubspot.scopes -= {"files", "tickets"}
    with pytest.raises(AccessDenied, match="lacks the scopes files, tickets"):
        desk.connector().probe()
