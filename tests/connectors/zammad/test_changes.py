"""Fields, states, times and new tickets of Zammad, against the fake one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.errors import (
    Rejected,
)
from bridge.model import Person
from connectors.tickets.zammad import client
from tests.connectors.zammad.desk import ZammadDesk
from tests.contract.desk import Entry
from tests.contract.tickets import MARK, OTHER_MARK, following, note, spent

LONG_MARK = "card:rescue:123:zammad:" + "7" * 180


# -- fields, tags, states --------------------------------------------------------------------------------------


def test_names_and_ids_are_set(desk: ZammadDesk) -> None:
    connector = desk.connector()
    connector.update_fields(desk.ticket_id, {"priority": "3 high", "group_id": 1, "owner": "agent@example.com"})
    connector.update_fields(desk.ticket_id, {"state": "closed", "remote_session": "done"})
    ticket = desk.ticket
    assert (ticket.priority_id, ticket.group_id, ticket.owner_id, ticket.state_id) == (3, 1, 4, 4)
    assert ticket.custom["remote_session"] == "done"


def test_an_attribute_that_zammad_ignores_is_told(desk: ZammadDesk) -> None:
    with pytest.raises(Rejected, match="did not set assett"):
        desk.connector().update_fields(desk.ticket_id, {"assett": "lost", "asset": "kept"})


def test_a_value_that_zammad_did_not_keep_is_told(desk: ZammadDesk) -> None:
    with pytest.raises(Rejected, match="did not set pending_time"):
        desk.connector().update_fields(desk.ticket_id, {"pending_time": "2026-03-03T10:00:00Z"})


def test_a_value_that_zammad_does_not_know_is_refused(desk: ZammadDesk) -> None:
    with pytest.raises(Rejected):
        desk.connector().update_fields(desk.ticket_id, {"priority": "what somebody typed"})


@pytest.mark.parametrize("name", ["article", "number", "id", "tags", "preferences", "updated_at"])
def test_other_names_are_no_fields(desk: ZammadDesk, name: str) -> None:
    with pytest.raises(Rejected, match="no field"):
        desk.connector().update_fields(desk.ticket_id, {name: {"body": "x"}})
    assert desk.notes() == []
    assert not desk.faults.requests()


def test_nothing_to_set_is_nothing_to_send(desk: ZammadDesk) -> None:
    desk.connector().add_tags(desk.ticket_id, [])
    desk.connector().update_fields(desk.ticket_id, {})
    assert not desk.faults.requests()


def test_a_ticket_is_opened_in_the_state_of_a_follow_up(desk: ZammadDesk) -> None:
    desk.zammad.states.insert(
        0, {"id": 2, "name": "in Arbeit", "state_type": "open", "active": True, "default_follow_up": True}
    )
    desk.zammad.states.insert(0, {"id": 6, "name": "waiting", "state_type": "open", "active": True})
    desk.close_ticket()
    desk.connector().reopen(desk.ticket_id)
    assert desk.is_open()


def test_an_open_ticket_stays_as_it_is(desk: ZammadDesk) -> None:
    desk.ticket.state_id = 3
    desk.connector().reopen(desk.ticket_id)
    assert desk.ticket.state_id == 3


def test_without_an_open_state_nothing_can_be_opened(desk: ZammadDesk) -> None:
    desk.zammad.states[1]["active"] = False
    desk.close_ticket()
    with pytest.raises(Rejected, match="no active state"):
        desk.connector().reopen(desk.ticket_id)


# -- time ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("unit", "units"), [(1.0, "45.0"), (15.0, "3.0"), (60.0, "0.75")])
def test_time_is_entered_in_the_units_of_the_admin(desk: ZammadDesk, unit: float, units: str) -> None:
    desk.built(time_unit_minutes=unit).add_time(desk.ticket_id, spent())
    assert [one["time_unit"] for one in desk.zammad.times] == [units]


def test_the_entry_of_time_says_what_it_was_and_nobody_outside_reads_it(desk: ZammadDesk) -> None:
    desk.connector().add_time(desk.ticket_id, spent())
    [shown] = desk.notes()
    assert "Remote support session 7: 45 minutes from 2026-03-02 09:30 UTC, Alex Agent" in shown.text
    assert not shown.public


def test_time_that_zammad_refuses_is_no_time_although_its_article_stands(desk: ZammadDesk) -> None:
    connector = desk.connector()
    desk.zammad.time_accounting = False
    with pytest.raises(Rejected, match="time accounting is not enabled"):
        connector.add_time(desk.ticket_id, spent())
    assert connector.find_time(desk.ticket_id, MARK) is None
    desk.zammad.time_accounting = True
    written = connector.add_time(desk.ticket_id, spent())
    assert connector.find_time(desk.ticket_id, MARK) == written
    assert desk.times() == [Entry(45)]
    assert len(desk.notes()) == 1


# -- making and finding tickets --------------------------------------------------------------------------------


def test_a_new_ticket_is_internal_and_hangs_below_the_one_that_it_follows(desk: ZammadDesk) -> None:
    made = desk.connector().create_ticket(following(desk))
    ticket = desk.zammad.tickets[int(made)]
    [article] = [one for one in desk.zammad.articles if one.ticket_id == ticket.id]
    assert (ticket.customer_id, ticket.group_id, article.internal) == (9, 2, True)
    assert desk.zammad.links == [("child", ticket.id, desk.ticket.id)]
    # As Zammad shows it on the old ticket: the new one is its child, so nobody takes it for a merge.
    connector = desk.connector()
    connector.add_note(desk.ticket_id, note())


def test_a_customer_whom_zammad_does_not_know_is_made(desk: ZammadDesk) -> None:
    new = replace(following(desk), requester=Person(email="New@example.com"), follows="")
    made = desk.connector().create_ticket(new)
    assert desk.zammad.users[desk.zammad.tickets[int(made)].customer_id].login == "new@example.com"
    assert desk.zammad.links == []


def test_a_ticket_for_nobody_is_our_own(desk: ZammadDesk) -> None:
    made = desk.connector().create_ticket(replace(following(desk), requester=Person(name="Unknown")))
    assert desk.zammad.tickets[int(made)].customer_id == 3


def test_a_group_that_does_not_exist_is_refused(desk: ZammadDesk) -> None:
    with pytest.raises(Rejected):
        desk.built(group="Nowhere").create_ticket(following(desk))


def test_without_a_group_nothing_is_asked(desk: ZammadDesk) -> None:
    connector = desk.with_keys({"api_token": "made-up"})
    with pytest.raises(Rejected, match="group"):
        connector.create_ticket(following(desk))
    assert not desk.faults.requests()


def test_a_ticket_is_found_by_a_mark_of_any_length(desk: ZammadDesk) -> None:
    connector = desk.connector()
    made = connector.create_ticket(replace(following(desk), mark=LONG_MARK))
    connector.create_ticket(replace(following(desk), mark=OTHER_MARK))
    assert connector.find_ticket(LONG_MARK) == made


def test_tickets_since_a_moment_with_one_of_the_tags(desk: ZammadDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TICKETS_PER_PAGE", 2)
    start = desk.zammad.now + timedelta(seconds=1)
    both = desk.zammad.open_ticket("both", "first tag", "second")
    ones = [desk.zammad.open_ticket(f"one {number}", "second") for number in range(4)]
    desk.zammad.open_ticket("other", "third")
    connector = desk.connector()
    found = list(connector.tickets_since(start, ["first tag", "second"]))
    assert found == [str(ticket.id) for ticket in (both, *ones)]
    assert len(list(connector.tickets_since(start, []))) == 6
    assert list(connector.tickets_since(desk.zammad.now + timedelta(seconds=1), [])) == []


def test_a_tag_with_a_comma_cannot_be_looked_for(desk: ZammadDesk) -> None:
    with pytest.raises(Rejected, match="comma"):
        list(desk.connector().tickets_since(desk.zammad.now, ["one, two"]))
