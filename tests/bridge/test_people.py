"""Technicians as the help desk's agents, and assignees as the platform's technicians."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model import Person
from bridge.people import NOBODY, Agent, Directory, Fault, How, Member, People, Why

TECHNICIAN = Person("hp", id="5", username="hpatel")
ASSIGNEE = Person("Agent 1", "agent1@example.com", username="hpatel")
TABLE = People((Agent("agent2@example.com", "Agent 2", {"appliance": "HPatel"}),))
ONE = Person("Agent 1", "agent1@example.com", "101", username="one", sso_id="S-1")
TWO = Person("Agent 2", "agent2@example.com", "102", username="two", sso_id="S-2")


def listed(*people: Person, gone: Sequence[Person] = (), agents: Sequence[Agent] = ()) -> People:
    """People of the ticket system `desk`."""
    members = [*(Member(one) for one in people), *(Member(one, active=False) for one in gone)]
    return People(tuple(agents), {"desk": Directory(members)})


# -- without any list: the table, and the ticket's assignee ------------------------------------------------------


def test_the_table_comes_before_the_assignee() -> None:
    found = TABLE.agent("appliance", TECHNICIAN, ASSIGNEE)
    assert (found.name, found.email, found.known_as) == ("Agent 2", "agent2@example.com", "hp")


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
    people = People((Agent("agent3@example.com", "", {"appliance": ""}),))
    assert people.agent("appliance", TECHNICIAN, Person()) == TECHNICIAN


# -- one after the other -----------------------------------------------------------------------------------------


def test_the_address_comes_first_without_regard_to_case_and_spaces() -> None:
    found = listed(ONE, TWO).match("rescue", Person(email=" AGENT1@example.COM ", sso_id="S-2"), "desk")
    assert (found.person, found.how) == (ONE, How.EMAIL)
    assert found.warnings == ("SSO id says Agent 2, e-mail address says Agent 1",)


@pytest.mark.parametrize("sso_id", ["s-2", "TWO"])
def test_then_the_sso_id_is_that_of_the_agent_or_the_user_name(sso_id: str) -> None:
    found = listed(ONE, TWO).match("rescue", Person(email="else@example.com", sso_id=sso_id), "desk")
    assert (found.person, found.how, found.warnings) == (TWO, How.SSO, ())


def test_then_the_table_with_the_agent_as_listed() -> None:
    people = listed(ONE, TWO, agents=[Agent("Agent2@example.com", "", {"rescue": "T-9"})])
    found = people.match("rescue", Person("somebody", id="t-9"), "desk")
    assert (found.person, found.how) == (TWO, How.TABLE)


def test_the_name_of_the_table_is_used() -> None:
    people = listed(ONE, agents=[Agent("agent1@example.com", "The first")])
    found = people.match("rescue", Person(email="agent1@example.com"), "desk").person
    assert found == replace(ONE, name="The first")


def test_the_address_wins_over_the_table_and_says_so() -> None:
    people = listed(ONE, TWO, agents=[Agent("agent2@example.com", "", {"rescue": "T-9"})])
    found = people.match("rescue", Person(email="agent1@example.com", id="T-9"), "desk")
    assert (found.person, found.how) == (ONE, How.EMAIL)
    assert found.warnings == ("[[people]] says Agent 2, e-mail address says Agent 1",)


# -- nobody, and why ---------------------------------------------------------------------------------------------


def test_nobody_says_what_each_way_found() -> None:
    found = listed(ONE).match("rescue", Person("Agent 1", "x@example.com"), "desk")
    assert found.person is None
    assert found.why == (
        Why(How.EMAIL, Fault.NOBODY),
        Why(How.SSO, Fault.NOT_KNOWN),
        Why(How.TABLE, Fault.NOT_NAMED),
    )
    assert [str(why) for why in found.why] == [
        "e-mail address: nobody has it",
        "SSO id: none is known",
        "[[people]] does not name them",
    ]


def test_an_address_that_two_agents_share_is_nobodys() -> None:
    people = listed(ONE, replace(TWO, email="agent1@example.com"))
    found = people.match("rescue", Person(email="agent1@example.com"), "desk")
    assert (found.person, found.why[0]) == (None, Why(How.EMAIL, Fault.SHARED))


def test_the_table_can_tell_two_apart_who_share_an_sso_id() -> None:
    people = listed(ONE, replace(TWO, sso_id="S-1"), agents=[Agent(TWO.email, "", {"rescue": "S-1"})])
    found = people.match("rescue", Person(sso_id="S-1"), "desk")
    assert found.person is not None
    assert (found.person.id, found.warnings) == (TWO.id, ("SSO id: several people share it",))


def test_somebody_listed_twice_is_one() -> None:
    assert listed(ONE, replace(ONE, name="Again")).match("rescue", Person(email=ONE.email), "desk").person


def test_an_inactive_agent_is_nobody_and_no_assignee_either() -> None:
    people = listed(TWO, gone=[ONE])
    technician = Person("t", email=ONE.email)
    assert people.match("rescue", technician, "desk").why[0] == Why(How.EMAIL, Fault.INACTIVE)
    assert people.agent("rescue", technician, ONE, "desk") == technician


def test_who_came_back_under_the_same_address_is_known() -> None:
    again = replace(ONE, id="201")
    assert listed(again, gone=[ONE]).match("rescue", Person(email=ONE.email), "desk").person == again


def test_a_shared_address_is_not_settled_by_the_assignee() -> None:
    people = listed(ONE, replace(TWO, email=ONE.email))
    technician = Person("t", email=ONE.email)
    assert people.agent("rescue", technician, ONE, "desk") == technician


def test_a_table_that_names_a_stranger() -> None:
    people = listed(ONE, agents=[Agent("nobody@example.com", "", {"rescue": "T-9"})])
    assert people.match("rescue", Person(id="T-9"), "desk").why[2] == Why(How.TABLE, Fault.STRANGER)


def test_a_table_may_know_who_hides_their_address() -> None:
    people = listed(replace(ONE, email=""), agents=[Agent("agent1@example.com", "Agent 1", {"rescue": "T-9"})])
    assert people.match("rescue", Person(id="T-9"), "desk").person == Person("Agent 1", "agent1@example.com")


def test_a_table_that_contradicts_itself() -> None:
    agents = [Agent(ONE.email, "", {"rescue": "T-9"}), Agent(TWO.email, "", {"rescue": "t-9 "})]
    found = listed(ONE, TWO, agents=agents).match("rescue", Person(id="T-9"), "desk")
    assert (found.person, found.why[2]) == (None, Why(How.TABLE, Fault.CONTRADICTS))


# -- what a list of the platform adds ----------------------------------------------------------------------------


def both(*technicians: Person, agents: Sequence[Agent] = ()) -> People:
    told = {"rescue": Directory(map(Member, technicians)), "desk": Directory([Member(ONE), Member(TWO)])}
    return People(tuple(agents), told)


def test_the_platforms_list_tells_what_a_session_does_not() -> None:
    people = both(Person("t", "agent2@example.com", "7"))
    assert people.match("rescue", Person("t", id="7"), "desk").person == TWO


def test_a_list_that_contradicts_the_session_adds_nothing() -> None:
    people = both(Person("t", "agent2@example.com", "7", username="other"))
    assert people.match("rescue", Person("t", id="7", username="mine"), "desk").person is None


@pytest.mark.parametrize(
    "technician",
    [Person(email="Agent1@example.com", id="7"), Person(sso_id="s-1", id="7"), Person(sso_id="ONE", id="7")],
)
def test_the_assignee_as_the_platforms_technician(technician: Person) -> None:
    assert both(technician, Person(id="8")).technician(ONE, "rescue", "desk") == technician


def test_the_assignee_by_the_table() -> None:
    people = both(Person("t", id="7"), agents=[Agent(ONE.email, "", {"rescue": "7"})])
    assert people.technician(ONE, "rescue", "desk").id == "7"


def test_an_assignee_of_whom_only_the_id_is_told_is_looked_up() -> None:
    people = both(Person("t", ONE.email, id="7"))
    assert people.technician(Person(id=ONE.id), "rescue", "desk").id == "7"


@pytest.mark.parametrize(
    ("word", "known"),
    [("7", Person(id="7")), ("t1", Person(username="t1")), ("t@example.com", Person(email="t@example.com"))],
)
def test_without_a_list_the_tables_word_is_all_that_is_known(word: str, known: Person) -> None:
    people = People((Agent(ONE.email, "", {"rescue": word}),))
    assert people.technician(ONE, "rescue", "desk") == known


@pytest.mark.parametrize("people", [both(Person("Agent 1", id="7")), NOBODY, both(ONE, replace(ONE, id="8"))])
def test_no_technician_is_guessed(people: People) -> None:
    assert people.technician(Person("Agent 1", ONE.email), "rescue", "desk") == Person()


# -- properties --------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(["", "a", "B", "b ", "x@example.com", "X@EXAMPLE.com", "y@example.com", "7"])
PERSONS = st.builds(Person, name=WORDS, email=WORDS, id=WORDS, username=WORDS, sso_id=WORDS)
TABLES = st.lists(st.builds(Agent, email=WORDS, name=WORDS, known_as=st.fixed_dictionaries({"rescue": WORDS})))
PEOPLE = st.builds(
    lambda table, desk, rescue: People(tuple(table), {"desk": Directory(desk), "rescue": Directory(rescue)}),
    TABLES,
    st.lists(st.builds(Member, PERSONS, st.booleans()), max_size=5),
    st.lists(st.builds(Member, PERSONS, st.booleans()), max_size=5),
)


@given(PEOPLE, PERSONS)
def test_there_is_somebody_and_how_or_nobody_and_why(people: People, technician: Person) -> None:
    found = people.match("rescue", technician, "desk")
    assert (found.person is None) == (found.how is None) == bool(found.why)
    assert len(found.why) in (0, len(How))


@given(PEOPLE, PERSONS, st.sampled_from(["Agent 1", "Agent 2", "", "a"]))
def test_a_name_decides_nothing(people: People, technician: Person, name: str) -> None:
    found = people.match("rescue", technician, "desk")
    assert people.match("rescue", replace(technician, name=name), "desk") == found


@given(PEOPLE, PERSONS)
def test_nobody_inactive_is_ever_found(people: People, technician: Person) -> None:
    nameless = People(tuple(replace(agent, name="") for agent in people.agents), people.directories)
    active = [one.person for one in people.directories["desk"].members if one.active]
    found = nameless.match("rescue", technician, "desk")
    assert found.person is None or found.how is How.TABLE or found.person in active


@given(st.lists(PERSONS, max_size=6), PERSONS)
def test_the_order_of_the_list_does_not_matter(desk: list[Person], technician: Person) -> None:
    by_id = list({one.id.strip().casefold(): one for one in desk if one.id.strip()}.values())
    one = People((), {"desk": Directory(map(Member, by_id))}).match("rescue", technician, "desk")
    other = People((), {"desk": Directory(map(Member, reversed(by_id)))}).match("rescue", technician, "desk")
    assert (one.person, one.how, one.why) == (other.person, other.how, other.why)
