"""Signing in, reading and the error table of the Web API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from bridge.errors import (
    AccessDenied,
    ChangedMeanwhile,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from bridge.model import Person, TicketStatus
from connectors.contract import ConnectionConfig, TicketSystem
from connectors.tickets.dynamics import KIND, Dynamics
from tests.connectors.dynamics.answers import CASE, always, answering
from tests.connectors.dynamics.desk import AGENT, FIELD, DynamicsDesk
from tests.connectors.dynamics.tables import USER
from tests.contract.tickets import MARK, MOMENT, note
from tests.contract.workshop import workshop


def failure(code: str) -> dict[str, object]:
    return {"error": {"code": code, "message": "a private matter"}}


# -- signing in -------------------------------------------------------------------------------------------------------


def test_the_token_is_asked_for_at_the_tenants_page() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.url.host == "login.microsoftonline.com":
            return httpx.Response(200, json={"access_token": "made-up", "expires_in": 3599})
        return httpx.Response(200, json={"UserId": USER, "OrganizationId": CASE})

    keys = KIND.schema().load({"tenant_id": "acme.example", "client_id": "one", "client_secret": "made-up"})
    config = ConnectionConfig("dynamics", "dynamics", "https://acme.crm.dynamics.com/", (), keys)
    with workshop(config.base_url, answer) as given:
        assert USER in Dynamics(config, given).probe()
    page, question = asked
    assert str(page.url) == "https://login.microsoftonline.com/acme.example/oauth2/v2.0/token"
    assert b"scope=https%3A%2F%2Facme.crm.dynamics.com%2F.default" in page.content
    assert question.headers["Authorization"] == "Bearer made-up"
    assert str(question.url) == "https://acme.crm.dynamics.com/api/data/v9.2/WhoAmI"


def test_one_token_serves_all_and_is_renewed_when_it_is_refused(desk: DynamicsDesk, connector: TicketSystem) -> None:
    connector.fetch_ticket(desk.ticket_id)
    desk.connector().fetch_ticket(desk.ticket_id)
    assert len(desk.faults.requests("*/token")) == 1
    desk.fake.expire_tokens()
    connector.add_note(desk.ticket_id, note())
    assert len(desk.faults.requests("*/token")) == 2
    assert len(desk.notes()) == 1


def test_an_application_that_is_no_user_stops_the_connection(desk: DynamicsDesk, connector: TicketSystem) -> None:
    desk.fake.member = False
    with pytest.raises(AccessDenied) as denied:
        connector.probe()
    assert denied.value.code == "0x80072560"


def test_one_case_that_we_may_not_touch_stops_nothing_else(desk: DynamicsDesk, connector: TicketSystem) -> None:
    desk.org.locked.add(desk.ticket_id)
    with pytest.raises(Rejected) as refused:
        connector.update_fields(desk.ticket_id, {FIELD: "done"})
    assert (type(refused.value), refused.value.code) == (Rejected, "0x80040220")
    connector.probe()


def test_the_probe_says_who_we_are(connector: TicketSystem) -> None:
    assert connector.probe().startswith(f"signed in to Dataverse as user_id {USER}")


# -- reading ----------------------------------------------------------------------------------------------------------


def test_a_case_in_our_words(desk: DynamicsDesk, connector: TicketSystem) -> None:
    desk.case.update(prioritycode=1, new_remotesession="requested", new_minutes=3)
    ticket = connector.fetch_ticket(desk.ticket_id.upper())
    assert (ticket.id, ticket.subject, ticket.vendor_status) == (desk.ticket_id, "Printer stuck", "In Progress")
    assert ticket.requester == Person("Chris Customer", "customer@example.com", desk.contact)
    assert ticket.assignee == Person("Alex Agent", "agent@example.com", AGENT)
    assert ticket.fields[FIELD] == "requested"
    assert (ticket.fields["prioritycode"], ticket.fields["prioritycodename"]) == ("1", "High")
    assert (ticket.fields["isescalated"], ticket.fields["isescalatedname"]) == ("false", "No")
    assert (ticket.fields["customerid"], ticket.fields["customeridname"]) == (desk.contact, "Chris Customer")
    assert ticket.fields["new_minutes"] == "3"
    assert not [name for name in ticket.fields if "@" in name]
    assert ticket.url == f"{desk.url}/main.aspx?pagetype=entityrecord&etn=incident&id={desk.ticket_id}"


def test_a_case_of_an_account_has_its_main_contact(desk: DynamicsDesk, connector: TicketSystem) -> None:
    account = desk.org.add("accounts", name="Acme")
    desk.case.update(_customerid_value=account)
    assert connector.fetch_ticket(desk.ticket_id).requester == Person()
    desk.org.tables["accounts"][account]["emailaddress1"] = "office@example.com"
    assert connector.fetch_ticket(desk.ticket_id).requester.name == "Acme"
    desk.case["_primarycontactid_value"] = desk.contact
    assert connector.fetch_ticket(desk.ticket_id).requester.name == "Chris Customer"


@pytest.mark.parametrize(
    ("state", "reason", "status"),
    [(0, 1, TicketStatus.OPEN), (1, 5, TicketStatus.SOLVED), (2, 6, TicketStatus.SOLVED)],
)
def test_a_cases_status(
    desk: DynamicsDesk, connector: TicketSystem, state: int, reason: int, status: TicketStatus
) -> None:
    desk.case.update(statecode=state, statuscode=reason)
    assert connector.fetch_ticket(desk.ticket_id).status is status


def test_people_type_case_numbers(desk: DynamicsDesk, connector: TicketSystem) -> None:
    number = desk.case["ticketnumber"]
    assert connector.fetch_ticket(number).id == desk.ticket_id
    connector.add_note(number, note())
    assert len(desk.notes()) == 1
    with pytest.raises(NotFound):
        connector.fetch_ticket("CAS-99999-NONE00")


def test_a_merged_case_is_read_where_it_lives_on(desk: DynamicsDesk, connector: TicketSystem) -> None:
    into = desk.merge_ticket()
    last = desk.open_ticket("Everything stuck")
    desk.org.merge(into, last)
    assert connector.fetch_ticket(desk.ticket_id).id == last


def test_merges_in_a_circle_end() -> None:
    body = {"incidentid": CASE, "merged": True, "_masterid_value": CASE}
    with answering(always(200, body)) as client, pytest.raises(Rejected, match="merged more often"):
        client.fetch_ticket(CASE)


def test_cases_since_a_moment_page_by_page(desk: DynamicsDesk, connector: TicketSystem) -> None:
    since = desk.org.now + timedelta(seconds=1)
    changed = [desk.open_ticket(f"{number}") for number in range(5)]
    assert list(connector.tickets_since(since, [])) == changed
    assert len(desk.faults.requests("*/incidents")) == 3
    assert list(connector.tickets_since(since + timedelta(days=1), [])) == []
    assert list(connector.tickets_since(since, ["remote-support"])) == []


def test_a_link_to_another_host_is_not_followed() -> None:
    page = {"value": [], "@odata.nextLink": "https://elsewhere.example/api/data/v9.2/incidents"}
    with answering(always(200, page)) as client, pytest.raises(Rejected) as refused:
        list(client.tickets_since(MOMENT, []))
    assert refused.value.code == "other-host"


# -- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "0x80048d19", Rejected),
        (400, "0x80060888", Rejected),
        (400, "0x80072322", RateLimited),
        (403, "0x80040220", Rejected),
        (403, "0x80048306", Rejected),
        (403, "0x80072560", AccessDenied),
        (403, "0x80040225", AccessDenied),
        (404, "0x80040217", NotFound),
        (404, "0x80060891", NotFound),
        (404, "", NotFound),
        (404, "0x80060888", Rejected),
        (405, "0x80060888", Rejected),
        (412, "0x80060882", ChangedMeanwhile),
        (412, "0x80040237", Rejected),
        (413, "", Rejected),
        (429, "0x80072321", RateLimited),
        (429, "0x80072326", RateLimited),
        (500, "0x80040216", Unavailable),
        (503, "", Unavailable),
    ],
)
def test_errors_by_who_must_act(status: int, code: str, error: type[ConnectorError]) -> None:
    with answering(always(status, failure(code))) as client, pytest.raises(error) as refused:
        client.fetch_ticket(CASE)
    assert isinstance(refused.value, error)
    assert not isinstance(refused.value, UnknownOutcome) or error is ChangedMeanwhile
    assert refused.value.code == (code if code and status < 500 else str(status))
    assert "private" not in str(refused.value)


@pytest.mark.parametrize("answer", [httpx.Response(404, text="<html>"), httpx.Response(302)])
def test_what_another_server_answers_is_never_taken_for_no_record(answer: httpx.Response) -> None:
    with answering(lambda request: answer) as client, pytest.raises(Rejected):
        client.find_note(CASE, MARK)


def test_a_long_wait_is_kept(desk: DynamicsDesk, connector: TicketSystem) -> None:
    connector.probe()
    desk.faults.fail(status=429, retry_after=290)
    with pytest.raises(RateLimited) as limited:
        connector.fetch_ticket(desk.ticket_id)
    assert limited.value.retry_after == 290


@pytest.mark.parametrize("body", [[], {}, {"incidentid": None}])
def test_an_answer_of_another_shape_is_no_case(body: object) -> None:
    calls: list[Callable[[Dynamics], object]] = [
        lambda client: client.fetch_ticket(CASE),
        lambda client: client.add_note(CASE, note()),
    ]
    for call in calls:
        with answering(always(200, body)) as client, pytest.raises(Unavailable):
            call(client)
