"""Properties, stages and new tickets of HubSpot, against the fake one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.errors import (
    Rejected,
    TicketMerged,
)
from bridge.model import Person
from connectors.contract import TicketSystem
from connectors.tickets.hubspot import client, mapping
from tests.connectors.hubspot.desk import HubSpotDesk
from tests.connectors.hubspot.fake import MARK_PROPERTY, START
from tests.contract.tickets import MARK, OTHER_MARK, following

LONG_MARK = "card:rescue:123:hubspot:" + "7" * 180


# -- fields and stages -----------------------------------------------------------------------------------------


def test_properties_are_set(desk: HubSpotDesk) -> None:
    desk.connector().update_fields(desk.ticket_id, {"hs_ticket_priority": "LOW", "hs_pipeline_stage": "4"})
    assert not desk.is_open()
    assert desk.value_of("hs_ticket_priority") == "LOW"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("no_such", "x", "PROPERTY_DOESNT_EXIST"),
        ("createdate", "x", "READ_ONLY_VALUE"),
        ("hs_ticket_priority", "what somebody typed", "INVALID_OPTION"),
        ("hs_pipeline_stage", "772", "INVALID_PIPELINE_STAGE"),
    ],
)
def test_what_hubspot_refuses_is_told_by_its_code(desk: HubSpotDesk, name: str, value: str, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        desk.connector().update_fields(desk.ticket_id, {name: value})
    assert refused.value.code == code
    assert "typed" not in str(refused.value)


def test_nothing_to_set_is_nothing_to_send(desk: HubSpotDesk) -> None:
    desk.connector().update_fields(desk.ticket_id, {})
    assert not desk.faults.requests()


def test_nothing_is_written_on_a_merged_ticket(desk: HubSpotDesk) -> None:
    into = desk.merge_ticket()
    desk.faults.seen.clear()
    writes: list[Callable[[TicketSystem], object]] = [
        lambda connector: connector.update_fields(desk.ticket_id, {"asset": "x"}),
        lambda connector: connector.reopen(desk.ticket_id),
    ]
    for write in writes:
        with pytest.raises(TicketMerged) as merged:
            write(desk.connector())
        assert merged.value.into == into
    assert {seen.method for seen in desk.faults.requests()} == {"GET"}


@pytest.mark.parametrize(("wanted", "stage"), [("", "1"), ("2", "2"), ("771", "1"), ("999", "1")])
def test_a_closed_ticket_is_opened_in_its_own_pipeline(desk: HubSpotDesk, wanted: str, stage: str) -> None:
    desk.close_ticket()
    desk.built(**({"reopen_stage": wanted} if wanted else {})).reopen(desk.ticket_id)
    assert desk.value_of("hs_pipeline_stage") == stage


def test_an_open_ticket_stays_as_it_is(desk: HubSpotDesk) -> None:
    desk.ticket.properties["hs_pipeline_stage"] = "2"
    desk.connector().reopen(desk.ticket_id)
    assert desk.value_of("hs_pipeline_stage") == "2"


# -- making and finding tickets --------------------------------------------------------------------------------


def test_a_new_ticket_is_its_requesters_and_knows_the_one_that_it_follows(desk: HubSpotDesk) -> None:
    made = desk.hubspot.tickets[desk.connector().create_ticket(following(desk))]
    assert (made.contacts, made.related) == (["901"], [desk.ticket_id])
    assert (made.properties["hs_pipeline"], made.properties["hs_pipeline_stage"]) == ("0", "1")


@pytest.mark.parametrize("email", ["", "stranger@example.com", "../tickets", "a b@example.com"])
def test_a_requester_whom_hubspot_does_not_know_is_left_out(desk: HubSpotDesk, email: str) -> None:
    new = replace(following(desk), requester=Person("Somebody", email), follows="")
    assert desk.hubspot.tickets[desk.connector().create_ticket(new)].contacts == []
    assert list(desk.hubspot.contacts) == ["901"]


def test_a_ticket_whose_link_fails_is_made_all_the_same(desk: HubSpotDesk) -> None:
    made = desk.connector().create_ticket(replace(following(desk), follows=desk.missing_id))
    assert desk.hubspot.tickets[made].related == []


def test_a_ticket_is_found_at_once_by_a_mark_of_any_length(desk: HubSpotDesk) -> None:
    connector = desk.connector()
    made = connector.create_ticket(replace(following(desk), mark=LONG_MARK))
    connector.create_ticket(replace(following(desk), mark=OTHER_MARK))
    assert connector.find_ticket(LONG_MARK) == made
    assert len(desk.hubspot.tickets[made].properties[MARK_PROPERTY]) < 60


def test_hubspot_itself_refuses_a_second_ticket_with_the_mark(desk: HubSpotDesk) -> None:
    connector = desk.connector()
    connector.create_ticket(following(desk))
    with pytest.raises(Rejected) as refused:
        connector.create_ticket(following(desk))
    assert refused.value.code == "CONFLICTING_UNIQUE_VALUE"
    assert len(desk.opened()) == 1


def test_without_the_property_nothing_is_asked(desk: HubSpotDesk) -> None:
    connector = desk.with_keys({"access_token": "made-up"})
    with pytest.raises(Rejected):
        connector.create_ticket(following(desk))
    with pytest.raises(Rejected):
        connector.find_ticket(MARK)
    assert not desk.faults.requests()


# -- looking around --------------------------------------------------------------------------------------------


def changed_in_a_row(desk: HubSpotDesk, count: int, seconds: float = 1.0) -> list[str]:
    tickets = [desk.hubspot.open_ticket(f"ticket {number}") for number in range(count)]
    for number, ticket in enumerate(tickets, 1):
        ticket.changed_at = START + timedelta(seconds=number * seconds)
    return [ticket.id for ticket in tickets]


def test_tickets_that_changed_since_a_moment(desk: HubSpotDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapping, "TICKETS_PER_PAGE", 2)
    changed = changed_in_a_row(desk, 5)
    connector = desk.connector()
    assert list(connector.tickets_since(START, [])) == [desk.ticket_id, *changed]
    assert list(connector.tickets_since(START + timedelta(seconds=4), [])) == changed[3:]
    assert list(connector.tickets_since(START + timedelta(days=1), [])) == []


def test_where_one_search_ends_the_next_begins(desk: HubSpotDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapping, "TICKETS_PER_PAGE", 2)
    monkeypatch.setattr(client, "MAX_SEARCHED", 4)
    desk.hubspot.most_searched = 4
    changed = changed_in_a_row(desk, 11)
    assert list(desk.connector().tickets_since(START, [])) == [desk.ticket_id, *changed]


def test_too_many_changes_at_one_moment_are_told(desk: HubSpotDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapping, "TICKETS_PER_PAGE", 2)
    monkeypatch.setattr(client, "MAX_SEARCHED", 4)
    desk.hubspot.most_searched = 4
    changed_in_a_row(desk, 11, seconds=0)
    with pytest.raises(Rejected, match="at once"):
        list(desk.connector().tickets_since(START, []))


def test_a_last_page_that_is_full_is_the_last(desk: HubSpotDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapping, "TICKETS_PER_PAGE", 2)
    changed_in_a_row(desk, 3, seconds=0)
    assert len(list(desk.connector().tickets_since(START, []))) == 4
    assert len(desk.faults.requests("*/search")) == 2


def test_no_ticket_carries_a_tag(desk: HubSpotDesk) -> None:
    assert list(desk.connector().tickets_since(START, ["remote-support"])) == []
    assert not desk.faults.requests()
