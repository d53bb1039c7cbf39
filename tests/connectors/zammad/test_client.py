"""Zammad's quirks, against the fake one; what that cannot play, against single answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from bridge.errors import (
    AccessDenied,
    ConnectorError,
    NotFound,
    Rejected,
    TicketClosed,
    TicketMerged,
    Unavailable,
    UnknownOutcome,
)
from bridge.model import Person, TicketStatus
from connectors.contract import Capability
from connectors.tickets.zammad import Zammad
from connectors.tickets.zammad.client import ZammadClient
from tests.connectors.zammad.desk import ZammadDesk
from tests.connectors.zammad.records import User
from tests.contract.tickets import CALLS, MARK, note
from tests.contract.workshop import Handler, workshop

LONG_MARK = "card:rescue:123:zammad:" + "7" * 180


@contextmanager
def answering(handler: Handler) -> Iterator[ZammadClient]:
    with workshop("https://help.example.com", handler) as given:
        yield ZammadClient(given.transport, {"api_token": "made-up", "group": "x"})


def always(status: int, body: object) -> Handler:
    return lambda request: httpx.Response(status, json=body)


# -- reading ---------------------------------------------------------------------------------------------------


def test_a_ticket_in_our_words(desk: ZammadDesk) -> None:
    desk.ticket.tags[:] = ["printer", "remote-support"]
    desk.ticket.custom["asset"] = "Laptop 7"
    desk.ticket.owner_id = 4
    ticket = desk.connector().fetch_ticket(desk.ticket_id)
    assert (ticket.id, ticket.number, ticket.subject) == (desk.ticket_id, desk.ticket.number, "Printer stuck")
    assert ticket.tags == {"printer", "remote-support"}
    assert ticket.requester == Person("Chris Customer", "customer@example.com", "9", username="customer@example.com")
    assert ticket.assignee.label == "Alex Agent"
    assert (ticket.fields["asset"], ticket.fields["priority"], ticket.fields["remote_session"]) == (
        "Laptop 7",
        "2 normal",
        "",
    )
    assert ticket.url == f"{desk.url}/#ticket/zoom/{desk.ticket_id}"


@pytest.mark.parametrize(
    ("number", "status", "word"),
    [
        (1, TicketStatus.OPEN, "new"),
        (3, TicketStatus.OPEN, "pending reminder"),
        (4, TicketStatus.SOLVED, "closed"),
        (7, TicketStatus.OPEN, "pending close"),
    ],
)
def test_a_tickets_status(desk: ZammadDesk, number: int, status: TicketStatus, word: str) -> None:
    desk.ticket.state_id = number
    ticket = desk.connector().fetch_ticket(desk.ticket_id)
    assert (ticket.status, ticket.vendor_status) == (status, word)


def test_states_count_by_their_type_not_by_their_name(desk: ZammadDesk) -> None:
    desk.zammad.states[3]["name"] = "erledigt"
    desk.ticket.state_id = 4
    ticket = desk.connector().fetch_ticket(desk.ticket_id)
    assert (ticket.status, ticket.vendor_status) == (TicketStatus.SOLVED, "erledigt")


def test_states_are_read_once(desk: ZammadDesk) -> None:
    connector = desk.connector()
    for _ in range(3):
        connector.fetch_ticket(desk.ticket_id)
    assert len(desk.faults.requests("*/ticket_states")) == 1


def test_a_ticket_of_nobody_has_no_assignee(desk: ZammadDesk) -> None:
    assert desk.connector().fetch_ticket(desk.ticket_id).assignee == Person()


def test_whom_we_may_not_see_is_known_by_login(desk: ZammadDesk) -> None:
    desk.ticket.owner_id = 4
    assert desk.customers().fetch_ticket(desk.ticket_id).assignee == Person(id="4", username="agent@example.com")


def test_a_ticket_merged_twice_is_read_where_it_lives_on(desk: ZammadDesk) -> None:
    second, third = (desk.zammad.open_ticket(name) for name in ("second", "third"))
    desk.zammad.merge(desk.ticket, second)
    desk.zammad.merge(second, third)
    assert desk.connector().fetch_ticket(desk.ticket_id).subject == "third"


def test_other_links_of_a_merged_ticket_lead_nowhere(desk: ZammadDesk) -> None:
    into, child, beside = (desk.zammad.open_ticket(name) for name in ("into", "child", "beside"))
    desk.zammad.merge(desk.ticket, into)
    desk.zammad.links += [("child", child.id, desk.ticket.id), ("normal", beside.id, desk.ticket.id)]
    assert desk.connector().fetch_ticket(desk.ticket_id).subject == "into"


def test_a_merged_ticket_that_says_not_where_is_closed(desk: ZammadDesk) -> None:
    desk.ticket.state_id = 5
    connector = desk.connector()
    assert connector.fetch_ticket(desk.ticket_id).status is TicketStatus.CLOSED
    with pytest.raises(TicketClosed):
        connector.add_note(desk.ticket_id, note())
    assert desk.notes() == []


@pytest.mark.parametrize("body", [[], {}, {"ticket": []}, "x"])
def test_an_answer_of_another_shape_is_no_ticket(body: object) -> None:
    with answering(always(200, body)) as asked, pytest.raises(Unavailable):
        asked.fetch_ticket("7")


# -- notes -----------------------------------------------------------------------------------------------------


def test_the_mark_stands_where_nobody_reads_it(desk: ZammadDesk) -> None:
    desk.connector().add_note(desk.ticket_id, note(mark=LONG_MARK))
    [article] = desk.articles()
    assert LONG_MARK not in article.body + article.subject
    assert desk.connector().find_note(desk.ticket_id, LONG_MARK)


def test_a_public_note_is_for_the_portal_and_mailed_to_nobody(desk: ZammadDesk) -> None:
    desk.connector().add_note(desk.ticket_id, note(public=True))
    [article] = desk.articles()
    assert (article.type, article.internal) == ("note", False)
    assert desk.zammad.mails == []


def test_a_public_note_is_mailed_to_the_customer_where_the_operator_wants_it(desk: ZammadDesk) -> None:
    connector = desk.built(public_as="email")
    connector.add_note(desk.ticket_id, note(public=True))
    [mail] = desk.zammad.mails
    assert (mail.to, mail.subject, mail.internal) == ("customer@example.com", "Printer stuck", False)
    assert connector.find_note(desk.ticket_id, MARK)


def test_an_internal_note_is_never_mailed(desk: ZammadDesk) -> None:
    desk.built(public_as="email").add_note(desk.ticket_id, note())
    assert desk.zammad.mails == []
    assert desk.articles()[0].internal


def test_a_customer_without_an_address_gets_no_mail(desk: ZammadDesk) -> None:
    desk.zammad.users[77] = User(77, "by-phone", "Only", "Phone")
    desk.ticket.customer_id = 77
    with pytest.raises(Rejected, match="no e-mail address"):
        desk.built(public_as="email").add_note(desk.ticket_id, note(public=True))
    assert desk.notes() == []


def test_a_token_of_no_agent_writes_nothing(desk: ZammadDesk) -> None:
    """Zammad would make it public without a word."""
    with pytest.raises(AccessDenied, match="no agent"):
        desk.customers().add_note(desk.ticket_id, note())
    assert desk.notes() == []


def test_whether_we_are_an_agent_is_asked_once(desk: ZammadDesk) -> None:
    connector = desk.connector()
    for mark in (MARK, LONG_MARK):
        connector.add_note(desk.ticket_id, note(mark=mark))
    assert len(desk.faults.requests("*/ticket_recent")) == 1


def test_a_note_that_became_public_all_the_same_stops_the_connection() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        rows: Any = {"id": 7, "state_id": 2, "internal": False}
        return httpx.Response(200, json=[{"id": 2, "state_type": "open"}] if "states" in request.url.path else rows)

    with answering(answer) as asked, pytest.raises(AccessDenied, match="became public"):
        asked.add_note("7", note())


@pytest.mark.parametrize(
    "capability",
    sorted(set(CALLS) & {Capability.UPDATE_FIELDS, Capability.ADD_TAGS, Capability.ADD_TIME, Capability.REOPEN}),
)
def test_nothing_is_written_on_a_merged_ticket(desk: ZammadDesk, capability: Capability) -> None:
    """Zammad itself would take it, and nobody would ever read it."""
    into = desk.merge_ticket()
    desk.faults.seen.clear()
    with pytest.raises(TicketMerged) as merged:
        CALLS[capability](desk.connector(), desk.ticket_id)
    assert merged.value.into == into
    assert {seen.method for seen in desk.faults.requests()} == {"GET"}


# -- errors ----------------------------------------------------------------------------------------------------


def test_a_ticket_of_a_group_that_is_not_ours_stops_nothing_else(desk: ZammadDesk) -> None:
    desk.ticket.group_id = 3
    with pytest.raises(Rejected) as refused:
        desk.connector().add_note(desk.ticket_id, note())
    assert refused.value.code == "403"


def test_maintenance_is_waited_for(desk: ZammadDesk) -> None:
    desk.zammad.maintenance = True
    with pytest.raises(Unavailable) as down:
        desk.connector().add_note(desk.ticket_id, note())
    assert not isinstance(down.value, UnknownOutcome)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"error": "Can't find User for Token"}, AccessDenied),
        (403, {"error": "Authentication required"}, AccessDenied),
        (403, {"error": "API token access disabled!"}, AccessDenied),
        (403, {"error": "Not authorized (token)!"}, AccessDenied),
        (403, {"error": "Not authorized"}, Rejected),
        (403, "<html>", Rejected),
        (403, {"error": "Maintenance mode enabled!"}, Unavailable),
        (404, {"error": "Couldn't find Ticket with 'id'=7"}, NotFound),
        (422, {"error": "what somebody typed"}, Rejected),
        (422, {"error": "Cannot follow-up on a closed ticket. Please create a new ticket."}, TicketClosed),
        (302, {}, Rejected),
        (500, {"error": "what somebody typed"}, UnknownOutcome),
    ],
)
def test_errors_by_who_must_act(status: int, body: object, error: type[ConnectorError]) -> None:
    """Each as the answer to the write, after everything before it went well."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method != "GET":
            return httpx.Response(status, json=body)
        rows: Any = {"id": 7, "state_id": 2, "state": "open"}
        if request.url.path.endswith("ticket_states"):
            rows = [{"id": 2, "state_type": "open"}]
        return httpx.Response(200, json=rows)

    with answering(answer) as asked, pytest.raises(error) as refused:
        asked.add_note("7", note())
    assert type(refused.value) is error
    assert "typed" not in str(refused.value)


def test_a_write_whose_answer_lacks_its_id_is_an_unknown_outcome() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        rows: Any = {"id": 7, "state_id": 2} if request.method == "GET" else {}
        return httpx.Response(200, json=[{"id": 2, "state_type": "open"}] if "states" in request.url.path else rows)

    with answering(answer) as asked, pytest.raises(UnknownOutcome):
        asked.add_note("7", note())


@pytest.mark.parametrize("ticket_id", ["31007/..", "7a", "#31007", "9" * 19])
def test_other_ids_are_not_asked_for(desk: ZammadDesk, ticket_id: str) -> None:
    calls: list[Callable[[Zammad], object]] = [
        lambda zammad: zammad.fetch_ticket(ticket_id),
        lambda zammad: zammad.find_note(ticket_id, MARK),
        lambda zammad: zammad.update_fields(ticket_id, {"asset": "x"}),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            call(desk.built())
    assert not desk.faults.requests()


def test_the_probe_says_who_we_are(desk: ZammadDesk) -> None:
    assert desk.connector().probe() == "signed in to Zammad as bridge@example.com (Agent)"
    for other in (desk.stranger(), desk.customers()):
        with pytest.raises(AccessDenied):
            other.probe()
