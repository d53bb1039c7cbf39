"""Time, new tickets and looking around in ServiceNow, against the strict fake."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from bridge.document import Paragraph
from bridge.errors import (
    NotFound,
    Rejected,
    TicketClosed,
)
from bridge.model import NewTicket, Person
from connectors.contract import Capability
from connectors.tickets.servicenow import ServiceNow, tables
from tests.connectors.servicenow.desk import ServiceNowDesk
from tests.connectors.servicenow.support import BASIC, SYS_ID, always, answering
from tests.contract.tickets import MARK, MOMENT, following, spent

# -- time and new tickets ----------------------------------------------------------------------------------------


def test_time_stands_under_its_agent(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    connector.add_time(desk.ticket_id, replace(spent(), minutes=25 * 60 + 15))
    [row] = desk.state.tables["task_time_worked"].values()
    assert row["user"] == desk.user("alex")
    assert (row["time_in_seconds"], row["time_worked"]) == ("90900", "1970-01-02 01:15:00")
    assert row["work_date"] == "2026-03-02"


@pytest.mark.parametrize("email", ["", "nobody@example.com", "a@example.com^active=false", "javascript:gs.exit()"])
def test_time_of_an_agent_who_is_not_known(desk: ServiceNowDesk, connector: ServiceNow, email: str) -> None:
    connector.add_time(desk.ticket_id, replace(spent(), agent=Person(email=email)))
    [row] = desk.state.tables["task_time_worked"].values()
    assert row["user"] == ""


def test_two_users_with_one_address_are_not_guessed(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.state.add("sys_user", user_name="alex2", email="agent@example.com", active="true")
    connector.add_time(desk.ticket_id, spent())
    [row] = desk.state.tables["task_time_worked"].values()
    assert row["user"] == ""


def test_time_that_would_not_be_found_again_is_told(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.state.unwritable.add("comments")
    with pytest.raises(Rejected, match="comments was ignored"):
        connector.add_time(desk.ticket_id, spent())


def test_no_time_for_a_ticket_that_is_not_there(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    with pytest.raises(NotFound):
        connector.add_time(desk.missing_id, spent())
    assert not desk.state.tables["task_time_worked"]


def test_a_new_ticket_has_its_caller_and_its_parent(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    made = desk.state.tables["incident"][connector.create_ticket(following(desk))]
    assert (made["caller_id"], made["parent"]) == (desk.user("chris"), desk.ticket_id)
    assert [entry.field for entry in desk.state.journals[made["sys_id"]]] == ["work_notes"]


@pytest.mark.parametrize("field", ["correlation_id", "work_notes"])
def test_a_new_ticket_that_lacks_what_it_needs_is_told(desk: ServiceNowDesk, connector: ServiceNow, field: str) -> None:
    desk.state.unwritable.add(field)
    with pytest.raises(Rejected, match=f"{field} was ignored"):
        connector.create_ticket(following(desk))


def test_a_new_ticket_of_nobody(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    made = desk.state.tables["incident"][connector.create_ticket(NewTicket(MARK, "x", (Paragraph("x"),)))]
    assert (made["caller_id"], made["parent"]) == ("", "")


def test_a_ticket_that_may_not_be_opened_again(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.close_ticket()
    desk.state.unwritable.add("state")
    with pytest.raises(TicketClosed):
        connector.reopen(desk.ticket_id)


def test_without_a_state_for_it_nothing_is_opened_again(desk: ServiceNowDesk) -> None:
    connector = desk.connected(dict(BASIC))
    assert Capability.REOPEN not in connector.capabilities
    with pytest.raises(Rejected):
        connector.reopen(desk.ticket_id)
    assert not desk.faults.requests()


# -- looking around ----------------------------------------------------------------------------------------------


def test_tickets_since_a_moment_with_one_of_the_labels(
    desk: ServiceNowDesk, connector: ServiceNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables.Tables, "page", 2)
    state = desk.state
    old, labelled_now = state.incident("old"), state.incident("labelled now")
    state.label(old, "first")
    state.now += timedelta(hours=1)
    touched = [state.incident(f"{number}") for number in range(5)]
    for number, record in enumerate(touched):
        state.label(record, ("first", "second", "third")[number % 3])
    state.label(labelled_now, "second")
    state.hidden.add(touched[1]["sys_id"])  # its page is short, and not the last one
    start = state.now
    found = set(connector.tickets_since(start, ["first", "second"])) - {touched[1]["sys_id"]}
    assert found == {touched[number]["sys_id"] for number in (0, 3, 4)} | {labelled_now["sys_id"]}
    every = [record["sys_id"] for number, record in enumerate(touched) if number != 1]
    assert sorted(connector.tickets_since(start, [])) == sorted(every)
    assert list(connector.tickets_since(start + timedelta(seconds=1), ["first"])) == []


@pytest.mark.parametrize("zone", [-12 * 60, 0, 14 * 60])
def test_our_users_time_zone_loses_no_ticket(desk: ServiceNowDesk, connector: ServiceNow, zone: int) -> None:
    desk.state.minutes_from_utc = zone
    assert list(connector.tickets_since(desk.state.now, [])) == [desk.ticket_id]
    assert list(connector.tickets_since(desk.state.now + timedelta(seconds=1), [])) == []


def test_without_labels_nobody_is_asked_for_tags(desk: ServiceNowDesk) -> None:
    connector = desk.connected({**BASIC, "labels": False})
    assert Capability.TICKETS_SINCE not in connector.capabilities
    with pytest.raises(Rejected):
        list(connector.tickets_since(MOMENT, ["first"]))
    assert not desk.faults.requests()


def test_more_pages_than_can_be_looked_through_are_never_taken_for_all() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"result": []}, headers={"X-Total-Count": "10000000"})

    with answering(answer) as client, pytest.raises(Rejected, match="too many records"):
        client.find_time(SYS_ID, MARK)


def test_without_a_total_a_short_page_is_the_last_one() -> None:
    with answering(always(200, {"result": []})) as client:
        assert client.find_time(SYS_ID, MARK) is None
