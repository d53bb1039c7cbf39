"""Fields, tags, time, new tickets, and looking through many."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.errors import Rejected, UnknownOutcome
from bridge.model import Person
from connectors.tickets.freshdesk import mapping
from tests.connectors.freshdesk.desk import FreshdeskDesk, FreshserviceDesk
from tests.connectors.freshdesk.fake_html import as_text
from tests.contract.tickets import MARK, following, spent

START = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)

# -- fields and tags -------------------------------------------------------------------------------------------


def test_words_and_digits_become_the_numbers_that_the_api_wants(either: FreshdeskDesk) -> None:
    either.connector().update_fields(
        either.ticket_id, {"status": "Resolved", "priority": "3", "group_id": "77", "subject": "5"}
    )
    ticket = either.ticket
    assert (ticket["status"], ticket["priority"], ticket["group_id"], ticket["subject"]) == (4, 3, 77, "5")


def test_a_word_that_is_no_status_is_refused_by_its_field(either: FreshdeskDesk) -> None:
    with pytest.raises(Rejected, match=r"datatype_mismatch \(status\)"):
        either.connector().update_fields(either.ticket_id, {"status": "on fire"})


def test_a_field_that_is_ignored_is_told(either: FreshdeskDesk) -> None:
    either.account.ignores_fields = True
    name, value = either.a_field
    with pytest.raises(Rejected, match=f"{name} was not set"):
        either.connector().update_fields(either.ticket_id, {name: value})


def test_a_field_may_be_emptied(either: FreshdeskDesk) -> None:
    name = either.a_field[0]
    either.connector().update_fields(either.ticket_id, {name: ""})
    assert either.value_of(name) == ""


def test_tags_are_not_set_as_a_field(either: FreshdeskDesk) -> None:
    with pytest.raises(Rejected, match="replace all tags"):
        either.connector().update_fields(either.ticket_id, {"tags": ["x"]})
    assert either.tags() == {"printer"}


def test_nothing_to_set_is_nothing_to_send(either: FreshdeskDesk) -> None:
    connector = either.connector()
    connector.update_fields(either.ticket_id, {})
    connector.add_tags(either.ticket_id, [])
    assert not either.faults.requests()
    connector.add_tags(either.ticket_id, ["printer"])
    assert not either.faults.requests(method="PUT")


def test_a_tag_that_is_too_long_is_refused(either: FreshdeskDesk) -> None:
    with pytest.raises(Rejected, match="tags"):
        either.connector().add_tags(either.ticket_id, ["x" * 33])


def test_tags_that_were_not_kept_are_told(either: FreshdeskDesk) -> None:
    either.account.keeps_tags = False
    with pytest.raises(Rejected, match="not all tags"):
        either.connector().add_tags(either.ticket_id, ["helped"])


# -- time ------------------------------------------------------------------------------------------------------


def entry(desk: FreshdeskDesk) -> dict[str, Any]:
    [only] = desk.ticket["time_entries"]
    assert isinstance(only, dict)
    return only


def test_time_is_the_agents_who_worked(either: FreshdeskDesk) -> None:
    either.connector().add_time(either.ticket_id, spent())
    assert (entry(either)["agent_id"], entry(either)["time_spent"]) == (8, "00:45")
    assert entry(either)["note"] == f"Remote support session 7\nDeskbridge reference {MARK}"
    assert entry(either)["executed_at"] == "2026-03-02T09:30:00Z"


def test_an_agent_is_told_by_the_address_itself(either: FreshdeskDesk) -> None:
    either.account.filters_agents = False
    either.connector().add_time(either.ticket_id, spent())
    assert entry(either)["agent_id"] == 8


def test_a_long_session_has_many_hours(either: FreshdeskDesk) -> None:
    either.connector().add_time(either.ticket_id, replace(spent(), minutes=6_125))
    assert entry(either)["time_spent"] == "102:05"


@pytest.mark.parametrize("hidden", [False, True])
def test_time_of_somebody_who_is_no_agent_is_ours_with_the_name(either: FreshdeskDesk, hidden: bool) -> None:
    either.account.may_see_agents = not hidden
    if not hidden:
        either.account.agents.pop(8)
    either.connector().add_time(either.ticket_id, spent())
    assert entry(either).get("agent_id") == {"freshdesk": None, "freshservice": 7}[either.kind]
    assert entry(either)["note"].startswith("Remote support session 7 (Alex Agent)\n")


def test_freshservice_takes_our_number_from_the_configuration(freshservice: FreshserviceDesk) -> None:
    freshservice.account.tells_me = False
    connector = freshservice.with_keys({**freshservice.keys(), "user_id": 7})
    connector.add_time(freshservice.ticket_id, replace(spent(), agent=Person("Alex")))
    assert entry(freshservice)["agent_id"] == 7


def test_freshservice_refuses_time_that_is_nobodys(freshservice: FreshserviceDesk) -> None:
    freshservice.account.tells_me = False
    with pytest.raises(Rejected, match="agent_id"):
        freshservice.connector().add_time(freshservice.ticket_id, replace(spent(), agent=Person("Alex")))


# -- new tickets -----------------------------------------------------------------------------------------------


def test_the_customer_sees_the_subject_of_a_new_ticket_only(either: FreshdeskDesk) -> None:
    number = int(either.connector().create_ticket(following(either)))
    made = either.account.tickets[number]
    assert made["requester_id"] == 501
    assert "continues" not in made["description"]
    assert as_text(made["description"]).startswith("Printer <stuck> & more")
    [told] = made["conversations"]
    assert told["private"] is True
    assert "continues" in told["body"]
    assert f'href="{either.url}/a/tickets/{either.ticket_id}"' in told["body"]
    assert made["tags"] == [mapping.mark_tag(MARK)]


def test_a_new_customer_gets_a_contact(either: FreshdeskDesk) -> None:
    new = replace(following(either), requester=Person("Nadia New", "new@example.com"), follows="")
    number = int(either.connector().create_ticket(new))
    assert either.account.people[either.account.tickets[number]["requester_id"]] == ("Nadia New", "new@example.com")


def test_a_customer_without_an_address_is_known_by_number(either: FreshdeskDesk) -> None:
    number = either.connector().create_ticket(replace(following(either), requester=Person("Chris", id="501")))
    assert either.account.tickets[int(number)]["requester_id"] == 501


def test_a_ticket_of_nobody_is_our_own(either: FreshdeskDesk) -> None:
    number = either.connector().create_ticket(replace(following(either), requester=Person()))
    assert either.account.tickets[int(number)]["requester_id"] == 7


def test_a_ticket_of_nobody_where_we_do_not_know_ourselves(either: FreshdeskDesk) -> None:
    either.account.tells_me = False
    with pytest.raises(Rejected, match="user_id"):
        either.connector().create_ticket(replace(following(either), requester=Person()))


def test_a_ticket_is_found_at_once_and_when_it_is_old(either: FreshdeskDesk) -> None:
    connector = either.connector()
    number = connector.create_ticket(following(either))
    assert either.account.indexed == {}
    assert connector.find_ticket(MARK) == number  # listed, though the search does not know it yet
    either.account.reindex()
    either.account.page_size = 1
    for count in range(5):
        either.account.open_ticket(f"Another one {count}")
    assert connector.find_ticket(MARK) == number  # searched, though many came since


def test_a_ticket_whose_private_note_failed_is_found(either: FreshdeskDesk) -> None:
    either.faults.cut_after("*/notes", method="POST")
    connector = either.connector()
    with pytest.raises(UnknownOutcome):
        connector.create_ticket(following(either))
    [opened] = either.opened()
    assert connector.find_ticket(MARK) == opened.id


def test_a_workspace_gets_the_new_tickets(freshservice: FreshserviceDesk) -> None:
    connector = freshservice.with_keys({**freshservice.keys(), "workspace_id": 3})
    made = connector.create_ticket(following(freshservice))
    assert freshservice.account.tickets[int(made)]["workspace_id"] == 3
    connector.find_ticket(MARK)
    assert "workspace_id=3" in freshservice.faults.requests("*/tickets", method="GET")[-1].query


# -- looking around --------------------------------------------------------------------------------------------


def test_tickets_since_a_moment_with_one_of_the_tags(either: FreshdeskDesk) -> None:
    account = either.account
    account.seconds = 3_600
    numbers = [str(account.open_ticket(f"{tags}", *tags)["id"]) for tags in (("one", "two"), ("two",), ("three",), ())]
    account.reindex()
    since = START.replace(hour=12)
    connector = either.connector()
    assert sorted(connector.tickets_since(since, ["one", "two"])) == numbers[:2]
    assert sorted(connector.tickets_since(since, [])) == numbers
    assert either.ticket_id in list(connector.tickets_since(START, []))
    assert either.ticket_id not in list(connector.tickets_since(since, ["printer"]))


def test_every_page_of_a_list_is_read(either: FreshdeskDesk) -> None:
    either.account.page_size = 3
    numbers = [str(either.account.open_ticket("x", "busy")["id"]) for _ in range(8)]
    either.account.reindex()
    assert sorted(either.connector().tickets_since(START, ["busy"])) == numbers


def test_a_ticket_that_is_touched_meanwhile_hides_no_other_one(freshdesk: FreshdeskDesk) -> None:
    """It moves to the end, so the one that began the second page ends the first."""
    account = freshdesk.account
    account.page_size = 3
    for _ in range(6):
        account.open_ticket("x")
    told = freshdesk.connector().tickets_since(START, [])
    seen = [next(told)]
    freshdesk.ticket["updated_at"] = account.now()
    seen += told
    assert sorted(seen) == sorted(str(number) for number in account.tickets)


def test_many_changes_in_one_second(freshdesk: FreshdeskDesk) -> None:
    account = freshdesk.account
    account.page_size = 3
    for _ in range(10):
        account.open_ticket("x")["updated_at"] = "2026-03-02T11:30:00Z"
    told = list(freshdesk.connector().tickets_since(START, []))
    assert sorted(told) == sorted(str(number) for number in account.tickets)


def test_a_tag_with_a_quote_is_not_put_into_a_search(freshservice: FreshserviceDesk) -> None:
    with pytest.raises(Rejected):
        list(freshservice.connector().tickets_since(START, ["x' OR tag:'y"]))
    assert not freshservice.faults.requests()
