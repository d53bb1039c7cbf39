"""Technicians as the help desk names them."""

from __future__ import annotations

import pytest

from bridge.model import Person
from bridge.people import NOBODY, Agent, People

TECHNICIAN = Person("hp", id="5", username="hpatel")
ASSIGNEE = Person("Agent 1", "agent1@example.com", username="hpatel")
TABLE = People((Agent("agent2@example.com", "Agent 2", {"appliance": "HPatel"}),))


def test_the_table_comes_first() -> None:
    found = TABLE.agent("appliance", TECHNICIAN, ASSIGNEE)
    assert (found.name, found.email, found.username) == ("Agent 2", "agent2@example.com", "hpatel")


def test_the_table_holds_for_the_platform_that_it_names() -> None:
    assert TABLE.agent("another", TECHNICIAN, Person()) == TECHNICIAN


def test_the_assignee_is_known_by_the_user_name() -> None:
    assert NOBODY.agent("appliance", TECHNICIAN, ASSIGNEE).name == "Agent 1"


def test_the_assignee_is_known_by_the_address() -> None:
    signed_in_by_address = Person("hp", username="Agent1@Example.com")
    assert NOBODY.agent("appliance", signed_in_by_address, ASSIGNEE).name == "Agent 1"


def test_an_agent_of_the_table_is_known_by_the_address_on_any_platform() -> None:
    assert TABLE.agent("rescue", Person(email="agent2@example.com"), Person()).name == "Agent 2"


@pytest.mark.parametrize("technician", [Person(), Person("Agent 1"), Person("x", "agent1@example.org")])
def test_nobody_is_guessed(technician: Person) -> None:
    assert NOBODY.agent("appliance", technician, ASSIGNEE) == technician


def test_an_empty_table_knows_nobody() -> None:
    assert (
        People((Agent("agent3@example.com", "", {"appliance": ""}),)).agent("appliance", TECHNICIAN, Person())
        == TECHNICIAN
    )
