"""Zendesk's API, against the sandbox's strict help desk; what that cannot play, against single answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from bridge.document import Lines, Paragraph
from bridge.errors import (
    AccessDenied,
    ChangedMeanwhile,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    TicketBusy,
    TicketClosed,
    Unavailable,
    UnknownOutcome,
)
from bridge.model import Attachment, TicketStatus
from connectors.tickets.zendesk import Zendesk
from tests.connectors.zendesk.answers import always, answering
from tests.connectors.zendesk.desk import FIELD, ZendeskDesk
from tests.contract.tickets import MARK, note

# -- reading ---------------------------------------------------------------------------------------------------


def test_a_ticket_in_our_words(desk: ZendeskDesk) -> None:
    desk.ticket.tags = ["printer", "remote-support"]
    desk.ticket.custom_fields[FIELD] = "requested"
    ticket = desk.connector().fetch_ticket(desk.ticket_id)
    assert (ticket.id, ticket.subject) == (desk.ticket_id, "Printer stuck")
    assert ticket.tags == {"printer", "remote-support"}
    assert ticket.requester.email == "customer@example.com"
    assert ticket.fields[f"custom_field_{FIELD}"] == ticket.fields[str(FIELD)] == "requested"
    assert ticket.url == f"{desk.sandbox.helpdesk_url}/agent/tickets/{desk.ticket_id}"


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("new", TicketStatus.OPEN),
        ("hold", TicketStatus.OPEN),
        ("solved", TicketStatus.SOLVED),
        ("closed", TicketStatus.CLOSED),
    ],
)
def test_a_tickets_status(desk: ZendeskDesk, word: str, status: TicketStatus) -> None:
    desk.ticket.status = word
    ticket = desk.connector().fetch_ticket(desk.ticket_id)
    assert (ticket.status, ticket.vendor_status) == (status, word)


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (True, "true"), (3, "3"), (1.5, "1.5"), (["a", "b"], "a, b"), ("", "")]
)
def test_a_custom_field_of_any_type_is_text(desk: ZendeskDesk, value: object, text: str) -> None:
    desk.ticket.custom_fields[FIELD] = value
    assert desk.connector().fetch_ticket(desk.ticket_id).fields[str(FIELD)] == text


def test_a_deleted_ticket_is_not_found() -> None:
    with answering(always(200, {"ticket": {"id": 7, "status": "deleted"}})) as client, pytest.raises(NotFound):
        client.fetch_ticket("7")


@pytest.mark.parametrize("body", [[], {}, {"ticket": []}, {"ticket": {}}, {"tickets": [{}]}])
def test_an_answer_of_another_shape_is_no_ticket(body: object) -> None:
    with answering(always(200, body)) as client, pytest.raises(Unavailable):
        client.fetch_ticket("7")


def test_marks_are_looked_for_on_every_page(desk: ZendeskDesk) -> None:
    state = desk.sandbox.helpdesk
    desk.connector().add_note(desk.ticket_id, note())
    for number in range(150):
        state.update_ticket_uncounted(state.agent, desk.ticket.id, {"subject": f"Printer stuck {number}"})
    desk.ticket.audits.append(desk.ticket.audits.pop(1))  # as if it had been written last
    assert desk.connector().find_note(desk.ticket_id, MARK)
    assert len(desk.faults.requests("*/audits.json")) == 2


def test_a_mark_that_zendesk_keeps_one_deeper_is_found() -> None:
    audit = {"id": 5, "metadata": {"custom": {"custom": {"deskbridge": MARK}}}}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"ticket": {"id": 7}, "audits": [audit]})

    with answering(answer) as client:
        assert client.find_note("7", MARK)


def test_too_many_audits_are_never_taken_for_none() -> None:
    body = {"ticket": {"id": 7}, "audits": [], "meta": {"has_more": True, "after_cursor": "x"}}
    with answering(always(200, body)) as client, pytest.raises(Rejected, match="too many audits"):
        client.find_note("7", MARK)


# -- writing ---------------------------------------------------------------------------------------------------


def test_an_oauth_token_opens_too(desk: ZendeskDesk) -> None:
    connector = desk.with_keys({"oauth_token": desk.sandbox.settings.helpdesk.oauth_token})
    assert connector.add_note(desk.ticket_id, note()).id == str(desk.ticket.audits[-1].id)


def test_nobody_who_reads_the_ticket_sees_the_mark(desk: ZendeskDesk) -> None:
    desk.connector().add_note(desk.ticket_id, note())
    assert MARK not in desk.ticket.comments[-1].html_body


def test_an_attachment_arrives_whole(desk: ZendeskDesk) -> None:
    file = Attachment("Gespräch & mehr.txt", "text/plain; charset=utf-8", b"\x00\xffall of it")
    desk.connector().add_note(desk.ticket_id, replace(note(), attachments=(file,)))
    [kept] = desk.ticket.comments[-1].attachments
    assert (kept.file_name, kept.content_type, kept.data) == (file.filename, file.media_type, file.content)


def test_what_does_not_fit_is_attached(desk: ZendeskDesk) -> None:
    lines = tuple(f"{number:05} <&> what somebody said" for number in range(5_000))
    desk.connector().add_note(desk.ticket_id, note(Lines("transcript", lines)))
    [kept] = desk.ticket.comments[-1].attachments
    assert kept.data.decode() == "\n".join(lines)
    assert len(desk.ticket.comments[-1].html_body.encode()) < 65_536


def test_somebody_elses_update_comes_first(desk: ZendeskDesk) -> None:
    """Between our look and our write another worker wrote: Zendesk refuses, and the next look finds it."""
    late, quick = desk.connector(), desk.connector()
    assert late.find_note(desk.ticket_id, MARK) is None
    quick.add_note(desk.ticket_id, note())
    with pytest.raises(ChangedMeanwhile) as conflict:
        late.add_note(desk.ticket_id, note())
    assert conflict.value.retry_after
    assert late.find_note(desk.ticket_id, MARK)
    assert len(desk.notes()) == 1


def test_a_conflict_with_a_strangers_update_ends_well(desk: ZendeskDesk) -> None:
    state, connector = desk.sandbox.helpdesk, desk.connector()
    connector.find_note(desk.ticket_id, MARK)
    state.update_ticket(state.agent, desk.ticket.id, {"comment": {"body": "I am on it."}})
    with pytest.raises(UnknownOutcome):
        connector.add_note(desk.ticket_id, note())
    assert connector.find_note(desk.ticket_id, MARK) is None
    connector.add_note(desk.ticket_id, note())
    assert len(desk.notes()) == 2


@pytest.mark.parametrize("looked", [False, True])
def test_a_ticket_known_to_be_closed_is_not_written_to(desk: ZendeskDesk, looked: bool) -> None:
    connector = desk.connector()
    desk.close_ticket()
    if looked:
        connector.find_note(desk.ticket_id, MARK)
    with pytest.raises(TicketClosed):
        connector.add_note(desk.ticket_id, note())
    assert not desk.faults.requests(method="PUT")


def test_a_write_whose_answer_lacks_its_audit_is_an_unknown_outcome() -> None:
    """An update in the wrong shape is answered 200 and does nothing."""
    with (
        answering(always(200, {"ticket": {"id": 7, "status": "open", "updated_at": "x"}})) as client,
        pytest.raises(UnknownOutcome),
    ):
        client.add_note("7", note())


def test_fields_of_the_system_and_of_the_account(desk: ZendeskDesk) -> None:
    desk.connector().update_fields(
        desk.ticket_id, {"priority": "high", f"custom_field_{FIELD}": "done", str(FIELD + 1): 3}
    )
    assert desk.ticket.priority == "high"
    assert desk.ticket.custom_fields == {FIELD: "done", FIELD + 1: 3}


def test_a_field_that_zendesk_ignores_is_told(desk: ZendeskDesk) -> None:
    with pytest.raises(Rejected, match="custom_field_17"):
        desk.connector().update_fields(desk.ticket_id, {"custom_field_17": "lost"})


@pytest.mark.parametrize("name", ["tags", "comment", "metadata", "custom_fields", "Priority", "custom_field_x"])
def test_other_names_are_no_fields(desk: ZendeskDesk, name: str) -> None:
    with pytest.raises(Rejected):
        desk.connector().update_fields(desk.ticket_id, {name: "x"})
    assert len(desk.ticket.audits) == 1


def test_tags_are_added_to_those_there(desk: ZendeskDesk) -> None:
    desk.ticket.tags = ["printer"]
    desk.connector().add_tags(desk.ticket_id, ["helped"])
    assert desk.ticket.tags == ["helped", "printer"]


def test_nothing_to_set_is_nothing_to_send(desk: ZendeskDesk) -> None:
    desk.connector().add_tags(desk.ticket_id, [])
    desk.connector().update_fields(desk.ticket_id, {})
    assert not desk.faults.requests()


@pytest.mark.parametrize(
    "change",
    [
        lambda connector, ticket_id: connector.update_fields(ticket_id, {"priority": "high"}),
        lambda connector, ticket_id: connector.add_tags(ticket_id, ["helped"]),
    ],
)
def test_a_closed_ticket_takes_no_change(desk: ZendeskDesk, change: Callable[[Zendesk, str], None]) -> None:
    desk.close_ticket()
    with pytest.raises(TicketClosed):
        change(desk.connector(), desk.ticket_id)


def test_the_limit_of_updates_on_one_ticket(desk: ZendeskDesk) -> None:
    connector = desk.connector()
    for number in range(30):
        connector.update_fields(desk.ticket_id, {"subject": f"{number}"})
    with pytest.raises(Unavailable) as limited:
        connector.add_note(desk.ticket_id, note())
    assert limited.value.retry_after is not None
    assert 500 < limited.value.retry_after <= 601


def test_a_busy_ticket_is_not_a_busy_account(desk: ZendeskDesk) -> None:
    """The account may still ask, only this ticket was updated too often: the others go on."""
    desk.sandbox.settings.helpdesk.requests_per_minute = 10_000
    connector = desk.connector()
    try:
        for number in range(30):
            connector.update_fields(desk.ticket_id, {"subject": f"{number}"})
        for change in (
            lambda: connector.add_note(desk.ticket_id, note()),
            lambda: connector.add_tags(desk.ticket_id, ["helped"]),
            lambda: connector.update_fields(desk.ticket_id, {"priority": "high"}),
        ):
            with pytest.raises(TicketBusy) as busy:
                change()
            assert busy.value.retry_after is not None
            assert 500 < busy.value.retry_after <= 601
        connector.add_tags(str(desk.open_ticket("Other").id), ["helped"])
    finally:
        desk.sandbox.settings.helpdesk.requests_per_minute = 0


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({"X-Rate-Limit-Remaining": "0"}, RateLimited),
        ({"X-Rate-Limit-Remaining": "12"}, TicketBusy),
        ({"ratelimit-remaining": "12"}, TicketBusy),
        ({"X-Rate-Limit-Remaining": "0", "ratelimit-remaining": "12"}, RateLimited),
        ({"X-Rate-Limit-Remaining": "many"}, RateLimited),
        ({}, RateLimited),
    ],
)
def test_whose_limit_it_is(headers: dict[str, str], error: type[RateLimited]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers={"Retry-After": "93", **headers})

    with answering(answer) as client:
        with pytest.raises(RateLimited) as limited:
            client.add_tags("7", ["x"])
        assert (type(limited.value), limited.value.retry_after) == (error, 93)
        with pytest.raises(RateLimited) as reading:
            client.fetch_ticket("7")
        assert type(reading.value) is RateLimited


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (422, {"error": "RecordInvalid", "details": {"base": [{"description": "x"}]}}, Rejected, "RecordInvalid"),
        (422, {"error": "<b>what somebody typed</b>"}, Rejected, "422"),
        (422, "<html>", Rejected, "422"),
        (400, {"error": {"title": "x", "message": "y"}}, Rejected, "400"),
        (403, {"error": "Forbidden"}, Rejected, "Forbidden"),
        (404, {"error": "RecordNotFound"}, NotFound, "404"),
    ],
)
def test_errors_by_who_must_act(status: int, body: object, error: type[ConnectorError], code: str) -> None:
    with answering(always(status, body)) as client, pytest.raises(error) as refused:
        client.update_fields("7", {"priority": "high"})
    assert type(refused.value) is error
    assert refused.value.code == code
    assert "typed" not in str(refused.value)


# -- looking around --------------------------------------------------------------------------------------------


def test_tickets_since_a_moment_with_one_of_the_tags(desk: ZendeskDesk) -> None:
    desk.sandbox.clock.advance(3600)
    start = desk.sandbox.clock.now().replace(microsecond=0)
    both = desk.open_ticket("both", "first-tag", "second-tag")
    one = desk.open_ticket("one", "second-tag")
    other = desk.open_ticket("other", "third-tag")
    connector = desk.connector()
    assert list(connector.tickets_since(start, ["first-tag", "second-tag"])) == [str(both.id), str(one.id)]
    assert list(connector.tickets_since(start, [])) == [str(ticket.id) for ticket in (both, one, other)]
    assert list(connector.tickets_since(start + timedelta(days=1), [])) == []


def test_a_search_goes_on_after_its_first_thousand() -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    stamps = [start + timedelta(seconds=number // 2) for number in range(2_500)]
    searched: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        query, page = request.url.params["query"], int(request.url.params["page"])
        assert page <= 10, "Zendesk refuses the eleventh page"
        searched.append(query)
        since = datetime.fromisoformat(query.partition(">=")[2].split(" ")[0])
        rows: list[dict[str, Any]] = [
            {"id": number, "updated_at": stamp.isoformat()} for number, stamp in enumerate(stamps) if stamp >= since
        ]
        part = rows[(page - 1) * 100 : page * 100]
        more = "https://acme.zendesk.com/next" if page * 100 < len(rows) else None
        return httpx.Response(200, json={"results": part, "next_page": more})

    with answering(answer) as client:
        found = list(client.tickets_since(start, []))
    assert found == [str(number) for number in range(2_500)]
    assert len(set(searched)) == 3


def test_a_search_that_would_go_round_in_circles_says_so() -> None:
    row = {"id": 1, "updated_at": "2026-03-02T00:00:00Z"}
    body = {"results": [row] * 100, "next_page": "https://acme.zendesk.com/next"}
    with answering(always(200, body)) as client, pytest.raises(Rejected, match="changed at once"):
        list(client.tickets_since(datetime(2026, 3, 2, tzinfo=UTC), []))


@pytest.mark.parametrize("tag", ['a" status:closed', "two words"])
def test_a_tag_cannot_change_the_question(desk: ZendeskDesk, tag: str) -> None:
    with pytest.raises(Rejected):
        list(desk.connector().tickets_since(datetime(2026, 3, 2, tzinfo=UTC), [tag]))


def test_the_probe_says_who_we_are(desk: ZendeskDesk) -> None:
    assert desk.connector().probe() == "signed in to Zendesk as admin bridge@example.com, user_id 902"


@pytest.mark.parametrize("user", [{"id": 5, "role": "end-user"}, {"id": None, "role": "end-user"}])
def test_an_end_user_is_not_enough(user: object) -> None:
    with answering(always(200, {"user": user})) as client, pytest.raises(AccessDenied, match="agent"):
        client.probe()


def test_a_note_can_be_written_by_a_worker_that_never_looked(desk: ZendeskDesk) -> None:
    desk.connector().add_note(desk.ticket_id, note(Paragraph("first")))
    assert [seen.method for seen in desk.faults.requests()] == ["GET", "PUT"]
