"""People are listed at night, kept when that fails, and named in cards and time entries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.errors import AccessDenied
from bridge.markup import to_text
from bridge.model import Person, Session, SessionSummary, Ticket
from bridge.route import SessionRule, TimeEntry
from connectors.contract import Capability
from store import people as kept
from tests.workers.conftest import DESK_CAN, START, Hands, change_route
from workers import people
from workers.people import DAY_SECONDS, FRESH_SECONDS, NIGHT_SECONDS, Refreshed
from workers.poll import poll

TECHNICIAN = Person("Rep 1", id="5", username="rep1")
LISTED = replace(TECHNICIAN, email="agent1@example.com")
AGENT = Person("Agent 1", "agent1@example.com", "101")


def refresh(hands: Hands) -> list[Refreshed]:
    house = hands.house
    return list(people.refresh(house.database, house.systems, house.clock))


def due(hands: Hands) -> list[str]:
    house = hands.house
    return sorted(people.due(house.database, house.systems, house.clock()))


@pytest.fixture(autouse=True)
def staff(hands: Hands) -> None:
    hands.platform.technicians = [LISTED]
    hands.desk.agents = [AGENT]
    hands.now[0] = START // DAY_SECONDS * DAY_SECONDS + NIGHT_SECONDS


def test_everybody_is_listed_once_a_night(hands: Hands) -> None:
    assert due(hands) == ["appliance", "desk"]
    assert refresh(hands) == [Refreshed("appliance", 1), Refreshed("desk", 1)]
    hands.let_pass(DAY_SECONDS - 1)
    assert due(hands) == []
    hands.let_pass(1)
    assert due(hands) == ["appliance", "desk"]


def test_who_cannot_list_people_is_not_asked(hands: Hands) -> None:
    hands.desk.capabilities = DESK_CAN - {Capability.PEOPLE}
    assert due(hands) == ["appliance"]


def test_a_list_that_fails_keeps_the_old_one_and_is_tried_again_in_an_hour(hands: Hands) -> None:
    refresh(hands)
    hands.let_pass(DAY_SECONDS)
    hands.platform.fail = AccessDenied("may not see users")
    assert refresh(hands) == [Refreshed("appliance", trouble="AccessDenied: may not see users"), Refreshed("desk", 1)]
    assert due(hands) == []
    assert hands.house.held_people.people(fresh=True).directories["appliance"].members[0].active
    hands.let_pass(people.AGAIN_SECONDS + 1)
    assert due(hands) == ["appliance"]


def test_an_empty_list_is_taken_for_a_missing_right(hands: Hands) -> None:
    refresh(hands)
    hands.desk.agents = []
    assert "nobody was listed" in refresh(hands)[1].trouble
    assert hands.house.held_people.people(fresh=True).directories["desk"].members[0].active


def test_an_answer_that_nobody_foresaw_hides_no_other_system(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    def strange() -> None:
        raise TypeError("a private word")

    monkeypatch.setattr(hands.platform, "people", strange)
    first, second = refresh(hands)
    assert first.trouble == "unexpected TypeError: the log says more"
    assert second == Refreshed("desk", 1)


def test_the_clock_lists_who_is_due_and_forgets_what_is_not_configured(hands: Hands) -> None:
    house = hands.house
    with house.database.write() as connection:
        kept.save(connection, "gone", [AGENT], 1.0)
    people.refresh_due(house.database, house.bridge, house.systems, house.clock, lambda: False)
    with house.database.read() as connection:
        assert set(kept.lists(connection)) == {"appliance", "desk"}


def test_a_clock_that_stops_begins_no_other_list(hands: Hands) -> None:
    house = hands.house
    people.refresh_due(house.database, house.bridge, house.systems, house.clock, lambda: True)
    with house.database.read() as connection:
        assert len(kept.lists(connection)) == 1


def test_a_process_notices_what_another_listed(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    held = hands.house.held_people
    now = [1000.0]
    monkeypatch.setattr("workers.people.time.monotonic", lambda: now[0])
    assert not held.people(fresh=True).directories
    refresh(hands)
    assert not held.people().directories
    now[0] += FRESH_SECONDS
    assert set(held.people().directories) == {"appliance", "desk"}


def test_the_card_and_the_time_have_the_agents_name(hands: Hands) -> None:
    hands.desk.capabilities = DESK_CAN | {Capability.ADD_TIME}
    change_route(hands, session=SessionRule(time_entry=TimeEntry(5, 15)))
    refresh(hands)
    hands.house.held_people.people(fresh=True)
    hands.desk.tickets["42"] = Ticket("42", "Printer")
    hands.platform.sessions["s"] = [Session("s", reference="42", ended=True, technician=TECHNICIAN, work_seconds=60)]
    hands.platform.listed = [SessionSummary("s", reference="42", ended=True)]
    poll(hands.house, "appliance", START)
    hands.work()
    [(_, card)] = hands.desk.notes
    text = to_text(card.document)
    assert "Technician: Rep 1 (agent: Agent 1)" in text
    assert "Billed time: 15 min, Agent 1" in text
    [(_, spent)] = hands.desk.times
    assert (spent.agent.name, spent.agent.email, spent.agent.id) == ("Agent 1", "agent1@example.com", "101")
