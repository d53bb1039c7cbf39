"""New issues and finding them again, against the strict fake whose search lags."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bridge.document import Lines
from bridge.errors import Rejected, UnknownOutcome
from bridge.model import NewTicket, Person
from tests.connectors.jira.desk import JiraDesk
from tests.connectors.jira.fake_reading import REQUEST_TYPE_FIELD
from tests.connectors.jira.site import AGENT, COLLEAGUE, CUSTOMER, Issue
from tests.contract.tickets import MARK, OTHER_MARK, following


def made(desk: JiraDesk) -> Issue:
    [issue] = [issue for issue in desk.site.issues.values() if issue.id not in desk.before]
    return issue


def test_a_new_ticket_is_the_requesters_and_linked_to_the_one_before(desk: JiraDesk) -> None:
    key = desk.jira().create_ticket(following(desk))
    issue = made(desk)
    assert (issue.key, issue.fields["reporter"]["accountId"]) == (key, CUSTOMER)
    assert issue.links == [("Relates", desk.ticket_id)]
    assert issue.properties == {"deskbridge": {"mark": MARK}}
    assert not issue.is_request, "without a request type no customer sees it"


@pytest.mark.parametrize("known", [Person(id=CUSTOMER), Person("Chris Customer", "customer@example.com")])
def test_a_requester_who_hides_the_address_is_known_from_the_ticket_before(desk: JiraDesk, known: Person) -> None:
    desk.site.users[CUSTOMER].pop("emailAddress")
    desk.jira().create_ticket(replace(following(desk), requester=known))
    assert made(desk).fields["reporter"]["accountId"] == CUSTOMER


def test_another_requester_is_found_by_address(desk: JiraDesk) -> None:
    desk.jira().create_ticket(replace(following(desk), requester=Person("Alex", "alex@example.com")))
    assert made(desk).fields["reporter"]["accountId"] == COLLEAGUE


def test_a_requester_without_an_account_leaves_it_ours(desk: JiraDesk) -> None:
    desk.jira().create_ticket(replace(following(desk), requester=Person("Nobody", "nobody@example.com")))
    assert made(desk).fields["reporter"]["accountId"] == AGENT


@pytest.mark.parametrize("missing", [{"issuelinks"}, {"reporter"}, {"issuelinks", "reporter"}])
def test_what_the_screen_lacks_is_left_out(desk: JiraDesk, missing: set[str]) -> None:
    desk.site.create_screen -= missing
    desk.jira().create_ticket(following(desk))
    issue = made(desk)
    assert bool(issue.links) is ("issuelinks" not in missing)
    assert (issue.fields["reporter"]["accountId"] == CUSTOMER) is ("reporter" not in missing)


def test_what_cannot_be_left_out_is_refused(desk: JiraDesk) -> None:
    desk.site.create_screen -= {"description", "reporter"}
    with pytest.raises(Rejected) as refused:
        desk.jira().create_ticket(following(desk))
    assert refused.value.code == "description,reporter"
    assert desk.opened() == []


def test_a_ticket_may_follow_one_that_is_gone(desk: JiraDesk) -> None:
    desk.site.delete(desk.issue)
    desk.jira().create_ticket(following(desk))
    assert made(desk).links == []


def test_a_request_type_shows_it_to_the_customer(desk: JiraDesk) -> None:
    desk.jira(request_type="25").create_ticket(following(desk))
    assert made(desk).is_request
    assert desk.site.create_screen.isdisjoint({REQUEST_TYPE_FIELD})


def test_a_subject_of_any_kind(desk: JiraDesk) -> None:
    new = NewTicket(MARK, "two\nlines " + "ä" * 400, (Lines("transcript", ("x" * 80,) * 1_000),))
    desk.jira().create_ticket(new)
    subject = made(desk).fields["summary"]
    assert subject.startswith("two lines ")
    assert len(subject) == 255


# -- finding ---------------------------------------------------------------------------------------------------


def test_a_ticket_is_found_while_the_search_knows_nothing_of_it(desk: JiraDesk) -> None:
    desk.site.lagging = True
    desk.cut_after(desk.ticket_write)
    with pytest.raises(UnknownOutcome):
        desk.jira().create_ticket(following(desk))
    assert not desk.site.index.keys() & {made(desk).id}
    assert desk.jira().find_ticket(MARK) == made(desk).key


@pytest.mark.parametrize("later", [0, 98, 99, 100, 101, 250])
def test_others_may_have_opened_tickets_meanwhile(desk: JiraDesk, later: int) -> None:
    desk.site.lagging = True
    key = desk.jira().create_ticket(following(desk))
    for number in range(later):
        desk.open_issue(f"number {number}")
    assert desk.jira().find_ticket(MARK) == key
    assert desk.jira().find_ticket(OTHER_MARK) is None


def test_many_may_have_opened_tickets_before_that_the_search_does_not_know(desk: JiraDesk) -> None:
    desk.site.lagging = True
    for number in range(250):
        desk.open_issue(f"number {number}")
    key = desk.jira().create_ticket(following(desk))
    assert desk.jira().find_ticket(MARK) == key


def test_the_search_may_know_newer_ones_only(desk: JiraDesk) -> None:
    desk.site.lagging = True
    key = desk.jira().create_ticket(following(desk))
    desk.site.lagging = False
    for number in range(50):
        desk.open_issue(f"number {number}")
    assert desk.jira().find_ticket(MARK) == key


def test_an_older_ticket_is_found_by_the_search(desk: JiraDesk) -> None:
    key = desk.jira().create_ticket(following(desk))
    made(desk).created = datetime.now(UTC) - timedelta(days=20)
    for number in range(250):
        desk.open_issue(f"number {number}").creator = CUSTOMER
    desk.site.reindex()
    assert desk.jira().find_ticket(MARK) == key


def test_an_empty_project_has_none(desk: JiraDesk) -> None:
    assert desk.jira(project="OPS").find_ticket(MARK) is None


def test_without_a_project_none_is_made_nor_looked_for(desk: JiraDesk) -> None:
    keys = {name: value for name, value in desk.keys().items() if name not in ("project", "issue_type")}
    connector = desk.with_keys(keys)
    with pytest.raises(Rejected):
        connector.create_ticket(following(desk))
    with pytest.raises(Rejected):
        connector.find_ticket(MARK)
    assert not desk.faults.requests()
