"""Tickets that were closed by a merge, and follow-ups of closed ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bridge.document import Lines, Paragraph
from bridge.errors import ChangedMeanwhile, Rejected, TicketClosed, TicketMerged, UnknownOutcome
from bridge.model import NewTicket, Person, TicketStatus
from connectors.tickets.zendesk import Zendesk, merges
from connectors.tickets.zendesk.mapping import external_id
from tests.connectors.zendesk.answers import always, answering
from tests.connectors.zendesk.desk import ZendeskDesk
from tests.contract.tickets import MARK, following, note


def merged_audit(body: str, **more: Any) -> Mapping[str, Any]:
    """The update that closes a ticket into another one."""
    closing = {"type": "Change", "field_name": "status", "value": "closed"}
    return {"id": 1, "events": [{"type": "Comment", "body": body}, closing], **more}


# -- merges ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda connector, ticket_id: connector.add_note(ticket_id, note()),
        lambda connector, ticket_id: connector.update_fields(ticket_id, {"priority": "high"}),
        lambda connector, ticket_id: connector.add_tags(ticket_id, ["helped"]),
    ],
)
def test_a_merged_ticket_says_where_it_lives_on(desk: ZendeskDesk, change: Callable[[Zendesk, str], None]) -> None:
    into = desk.merge_ticket()
    with pytest.raises(TicketMerged) as merged:
        change(desk.connector(), desk.ticket_id)
    assert merged.value.into == into


def test_a_merged_ticket_is_read_where_it_lives_on(desk: ZendeskDesk) -> None:
    into = desk.merge_ticket()
    last = desk.open_ticket("Everything stuck")
    state = desk.sandbox.helpdesk
    assert desk.connector().fetch_ticket(desk.ticket_id).id == into
    state.merge_tickets(state.agent, int(into), last.id)
    ticket = desk.connector().fetch_ticket(desk.ticket_id)
    assert (ticket.id, ticket.status) == (str(last.id), TicketStatus.OPEN)


def test_a_ticket_that_is_merely_closed_is_not_looked_through(desk: ZendeskDesk) -> None:
    desk.close_ticket()
    assert desk.connector().fetch_ticket(desk.ticket_id).status is TicketStatus.CLOSED
    with pytest.raises(TicketClosed):
        desk.connector().add_note(desk.ticket_id, note())
    assert not desk.faults.requests("*/audits.json")


def test_a_number_that_does_not_name_us_back_is_not_believed(desk: ZendeskDesk) -> None:
    """The agent wrote another number first: a session must not land on a stranger's ticket."""
    stranger = desk.open_ticket("Somebody else's")
    into = desk.merge_ticket()
    words = next(event for event in desk.ticket.audits[-1].events if event["type"] == "Comment")
    words["body"] = f"Same as order #{stranger.id}, closed into #{into}. Not #{desk.ticket_id}, nor #99999999."
    assert desk.connector().fetch_ticket(desk.ticket_id).id == into
    words["body"] = f"Same as order #{stranger.id}."
    connector = desk.connector()
    assert connector.fetch_ticket(desk.ticket_id).id == desk.ticket_id
    with pytest.raises(TicketClosed):
        connector.add_note(desk.ticket_id, note())


def test_a_mark_is_still_found_on_a_merged_ticket(desk: ZendeskDesk) -> None:
    written = desk.connector().add_note(desk.ticket_id, note())
    desk.merge_ticket()
    assert desk.connector().find_note(desk.ticket_id, MARK) == written


@pytest.mark.parametrize("end", ["to", "from"])
def test_the_origin_of_an_audit_names_the_other_ticket(end: str) -> None:
    via = {"channel": "web", "source": {"rel": "merge", end: {"ticket_id": 35400}}}
    assert merges.candidates([merged_audit("closed", via=via)], "35436") == ["35400"]
    assert merges.names([{"events": [{"type": "Comment", "via": via}]}], "35400")


@pytest.mark.parametrize(
    "audit",
    [
        {"events": [{"type": "Comment", "body": "see #35400"}]},
        {"events": [{"type": "Change", "field_name": "status", "value": "solved"}, {"type": "Comment", "body": "#7"}]},
        {"via": {"source": {"rel": "follow_up", "from": {"ticket_id": 35400}}}, "events": []},
        {"via": None, "events": None},
    ],
)
def test_other_audits_name_no_target(audit: Mapping[str, Any]) -> None:
    assert merges.candidates([audit], "35436") == []


def test_numbers_are_whole() -> None:
    assert not merges.names([merged_audit("merged #354361 and # 35436")], "35436")


# -- new tickets -----------------------------------------------------------------------------------------------


def test_what_continues_a_closed_ticket_is_its_follow_up(desk: ZendeskDesk) -> None:
    desk.close_ticket()
    desk.connector().create_ticket(following(desk))
    [made] = desk.made()
    assert made.via["source"]["from"]["ticket_id"] == desk.ticket.id
    assert [comment.public for comment in made.comments] == [False]
    assert made.requester.email == "customer@example.com"


def test_what_continues_an_open_ticket_only_says_so(desk: ZendeskDesk) -> None:
    desk.connector().create_ticket(following(desk))
    [made] = desk.made()
    assert made.via == {"channel": "api"}
    assert desk.ticket_id in made.description


def test_a_new_requester_is_made_and_a_missing_one_is_the_old_ones(desk: ZendeskDesk) -> None:
    new = Person("New Customer", "new@example.com")
    desk.connector().create_ticket(replace(following(desk), requester=new))
    desk.connector().create_ticket(replace(following(desk), mark="another", requester=Person()))
    first, second = desk.made()
    assert (first.requester.name, first.requester.email) == ("New Customer", "new@example.com")
    assert second.requester.email == "customer@example.com"


def test_what_a_new_ticket_continues_may_be_gone(desk: ZendeskDesk) -> None:
    made = desk.connector().create_ticket(replace(following(desk), follows=desk.missing_id))
    assert [str(ticket.id) for ticket in desk.made()] == [made]


def test_zendesk_makes_it_once_even_before_it_can_be_found(desk: ZendeskDesk) -> None:
    connector = desk.connector()
    assert connector.create_ticket(following(desk)) == connector.create_ticket(following(desk))
    assert len(desk.made()) == 1


def test_an_attachment_makes_another_body_and_still_no_second_ticket(desk: ZendeskDesk) -> None:
    long = Lines("transcript", tuple(f"{number:06} what somebody said" for number in range(4_000)))
    new = NewTicket(MARK, "Printer", (Paragraph("x"), long), Person("C", "customer@example.com"))
    connector = desk.connector()
    made = connector.create_ticket(new)
    with pytest.raises(UnknownOutcome):
        connector.create_ticket(new)
    assert connector.find_ticket(MARK) == made
    [ticket] = desk.made()
    assert [file.file_name for file in ticket.comments[0].attachments] == ["transcript.txt"]


def test_an_external_id_is_short_for_any_mark() -> None:
    assert len(external_id("x" * 500)) == len(external_id("")) == 51


def test_the_oldest_of_several_is_the_ticket() -> None:
    rows = [{"id": number, "external_id": external_id(MARK)} for number in (9, 10)]
    rows.append({"id": 1, "external_id": "another"})
    with answering(always(200, {"tickets": rows})) as client:
        assert client.find_ticket(MARK) == "9"


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (409, {"error": "IdempotentRequestInProgress"}, ChangedMeanwhile),
        (400, {"error": "IdempotentRequestError"}, UnknownOutcome),
        (422, {"error": "RecordInvalid"}, Rejected),
        (201, {"ticket": {}}, UnknownOutcome),
    ],
)
def test_what_may_go_wrong_with_a_new_ticket(status: int, body: object, error: type[Exception]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, json=body)

    with answering(answer) as client, pytest.raises(error) as failed:
        client.create_ticket(NewTicket(MARK, "Printer", (Paragraph("x"),)))
    assert type(failed.value) is error
