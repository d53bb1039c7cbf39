"""The table of everybody: who is matched, who is not, and agents whom nobody is."""

from __future__ import annotations

from bridge.model import Person
from bridge.people import Agent, Directory, Fault, How, Member, People
from bridge.who import rows, technicians, unmatched

ONE = Person("Agent 1", "agent1@example.com", "101")
TWO = Person("Agent 2", "agent2@example.com", "102")
PAIRS = [("rescue", "desk"), ("appliance", "desk")]


def people(*listed: Person, agents: tuple[Agent, ...] = ()) -> People:
    told = {"rescue": Directory(map(Member, listed)), "desk": Directory([Member(TWO), Member(ONE)])}
    return People(agents, told)


def test_everybody_whom_the_platform_lists_has_a_row() -> None:
    told = people(Person("T2", "x@example.com", "8"), Person("T1", "Agent1@example.com", "7"))
    found = [(row.technician.name, row.match.person, row.match.how) for row in rows(told, PAIRS)]
    assert found == [("T1", ONE, How.EMAIL), ("T2", None, None)]


def test_whom_only_the_table_names_has_a_row_too() -> None:
    agents = (Agent(TWO.email, "", {"rescue": "9", "appliance": "rep2"}), Agent(ONE.email, "", {"rescue": "7"}))
    told = people(Person("T1", id="7"), agents=agents)
    assert technicians(told, "rescue") == [Person("T1", id="7"), Person(id="9")]
    assert [row.match.person for row in rows(told, PAIRS)] == [ONE, TWO, TWO]


def test_somebody_inactive_has_none() -> None:
    told = People((), {"rescue": Directory([Member(Person("T1", id="7"), active=False)])})
    assert not technicians(told, "rescue")


def test_agents_whom_nobody_is() -> None:
    told = people(Person("T1", "agent1@example.com", "7"))
    assert [one.agent for one in unmatched(told, PAIRS, rows(told, PAIRS))] == [TWO]
    assert [one.agent for one in unmatched(told, PAIRS[1:], rows(told, PAIRS[1:]))] == [ONE, TWO]


def test_an_agent_who_left_is_missed_by_nobody() -> None:
    told = People((), {"desk": Directory([Member(ONE), Member(TWO, active=False)])})
    assert [one.agent for one in unmatched(told, PAIRS, rows(told, PAIRS))] == [ONE]


def test_the_reason_is_that_of_the_match() -> None:
    shared = Directory([Member(ONE), Member(Person("Agent 3", ONE.email, "103"))])
    told = People((), {"rescue": Directory([Member(Person("T1", ONE.email, "7"))]), "desk": shared})
    [row] = rows(told, PAIRS[:1])
    assert row.match.why[0].fault is Fault.SHARED
