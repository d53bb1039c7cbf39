"""Jira's API against the strict fake: reading, searching, errors by who must act, who we are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bridge.errors import (
    AccessDenied,
    ChangedMeanwhile,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    TicketBusy,
    TicketClosed,
    Unavailable,
    UnknownOutcome,
)
from bridge.model import TicketStatus
from connectors.tickets.jira.client import JiraClient
from tests.connectors.jira.desk import JiraDesk
from tests.connectors.jira.fake import OAUTH_TOKEN
from tests.connectors.jira.site import CUSTOMER, paragraph
from tests.contract.tickets import MARK, note, spent
from tests.contract.workshop import Handler, workshop

KEYS = {"email": "bridge@example.com", "api_token": "made-up", "project": "DESK", "issue_type": "Task"}


@contextmanager
def answering(handler: Handler) -> Iterator[JiraClient]:
    with workshop("https://acme.atlassian.net", handler) as given:
        yield JiraClient(given.transport, KEYS)


def always(status: int, body: object, headers: dict[str, str] | None = None) -> Handler:
    return lambda request: httpx.Response(status, json=body, headers=headers)


# -- reading ---------------------------------------------------------------------------------------------------


def test_a_ticket_in_our_words(desk: JiraDesk) -> None:
    desk.issue.fields |= {
        "labels": ["printer", "remote-support"],
        "customfield_10050": {"value": "requested", "id": "1"},
        "description": paragraph("It does not print."),
        "assignee": {"accountId": "5b10a2844c20165700ede21g", "displayName": "Alex Agent"},
    }
    ticket = desk.jira().fetch_ticket(desk.ticket_id)
    assert (ticket.id, ticket.subject) == (desk.ticket_id, "Printer stuck")
    assert ticket.tags == {"printer", "remote-support"}
    assert (ticket.requester.email, ticket.requester.id) == ("customer@example.com", CUSTOMER)
    assert ticket.assignee.label == "Alex Agent"
    assert ticket.url == f"{desk.url}/browse/{desk.ticket_id}"
    assert ticket.fields["customfield_10050"] == ticket.fields["Remote session"] == "requested"
    assert ticket.fields["description"] == "It does not print."
    assert "never asked for" not in str(ticket.fields)


def test_a_name_that_two_fields_have_is_none(desk: JiraDesk) -> None:
    desk.issue.fields |= {"customfield_10057": "one", "customfield_10058": "two"}
    assert "Twin" not in desk.jira().fetch_ticket(desk.ticket_id).fields


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Waiting for support", TicketStatus.OPEN),
        ("In progress", TicketStatus.OPEN),
        ("Resolved", TicketStatus.SOLVED),
        ("Closed", TicketStatus.CLOSED),
    ],
)
def test_a_tickets_status(desk: JiraDesk, word: str, status: TicketStatus) -> None:
    desk.issue.status = word
    ticket = desk.jira(closed_statuses=["closed"]).fetch_ticket(desk.ticket_id)
    assert (ticket.status, ticket.vendor_status) == (status, word)


def test_what_is_done_takes_notes_unless_the_operator_says_otherwise(desk: JiraDesk) -> None:
    desk.issue.status = "Resolved"
    desk.jira().add_note(desk.ticket_id, note())
    closing = desk.jira(closed_statuses=["Resolved"])
    with pytest.raises(TicketClosed):
        closing.add_note(desk.ticket_id, note())
    with pytest.raises(TicketClosed):
        closing.add_time(desk.ticket_id, spent())
    assert len(desk.notes()) == 1


@pytest.mark.parametrize("named", ["number", "lower case", "old key"])
def test_a_ticket_by_another_name_is_told_by_its_key(desk: JiraDesk, named: str) -> None:
    names = {"number": desk.issue.id, "lower case": desk.ticket_id.lower(), "old key": desk.ticket_id}
    if named == "old key":
        assert desk.merge_ticket() == "OPS-1"
    assert desk.jira().fetch_ticket(names[named]).id == desk.issue.key


def test_a_ticket_that_moved_is_written_to_by_its_old_key(desk: JiraDesk) -> None:
    desk.merge_ticket()
    reference = desk.jira().add_note(desk.ticket_id, note())
    assert desk.jira().find_note(desk.ticket_id, MARK) == reference
    assert len(desk.notes()) == 1


def test_a_gateway_is_no_address_for_people() -> None:
    answer = always(200, {"id": "1", "key": "DESK-1", "fields": {}})
    with workshop("https://api.atlassian.com/ex/jira/11111111-cloud", answer) as given:
        assert JiraClient(given.transport, KEYS).fetch_ticket("DESK-1").url == ""
        told = JiraClient(given.transport, {**KEYS, "site_url": "https://acme.atlassian.net/"})
        assert told.fetch_ticket("DESK-1").url == "https://acme.atlassian.net/browse/DESK-1"


@pytest.mark.parametrize("body", [[], {}, {"fields": {}}, {"key": ""}])
def test_an_answer_of_another_shape_is_no_ticket(body: object) -> None:
    with answering(always(200, body)) as client, pytest.raises(Unavailable):
        client.fetch_ticket("DESK-1")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (1.5, "1.5"),
        (["a", "b"], "a, b"),
        ({"value": "Europe", "child": {"value": "Berlin"}}, "Europe - Berlin"),
        ({"requestType": {"name": "Get help"}, "_links": {}}, "Get help"),
        ([{"name": "Printers"}, {"name": "Laptops"}], "Printers, Laptops"),
        ({"displayName": "Alex Agent", "accountId": "x"}, "Alex Agent"),
        ({"something": "else"}, ""),
    ],
)
def test_a_field_of_any_type_is_text(desk: JiraDesk, value: object, text: str) -> None:
    desk.issue.fields["customfield_10051"] = value
    assert desk.jira().fetch_ticket(desk.ticket_id).fields["Asset"] == text


# -- searching -------------------------------------------------------------------------------------------------


def test_tickets_since_a_moment_with_one_of_the_labels(desk: JiraDesk) -> None:
    earlier = desk.open_issue("a minute before, which the search does not tell from now", "label-1")
    earlier.updated = datetime.now(UTC) - timedelta(seconds=50)
    desk.issue.updated = datetime.now(UTC) - timedelta(minutes=30)
    desk.site.reindex()
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)
    opened = [desk.open_issue(f"number {number}", f"label-{number % 2}") for number in range(8)]
    jira = desk.jira()
    assert sorted(jira.tickets_since(start, ["label-0", "label-1"])) == sorted(issue.key for issue in opened)
    assert set(jira.tickets_since(start, ["label-1"])) == {issue.key for issue in opened[1::2]}
    assert desk.ticket_id not in set(jira.tickets_since(start, []))
    assert desk.ticket_id in set(jira.tickets_since(start - timedelta(hours=1), []))


def test_nothing_found_is_believed_only_to_somebody(desk: JiraDesk) -> None:
    """Jira answers a dead token's search 200 with no issues."""
    stranger = desk.with_keys(desk.wrong_keys())
    with pytest.raises(AccessDenied):
        list(stranger.tickets_since(datetime.now(UTC), []))
    assert list(desk.jira().tickets_since(datetime.now(UTC) + timedelta(days=1), ["nowhere"])) == []


@pytest.mark.parametrize("label", ['a" OR key = "X-1', "two words", "back\\slash", "it's"])
def test_a_label_cannot_change_the_question(desk: JiraDesk, label: str) -> None:
    with pytest.raises(Rejected):
        list(desk.jira().tickets_since(datetime.now(UTC), [label]))
    assert not desk.faults.requests("*/search/jql")


def test_a_search_that_goes_round_in_circles_says_so() -> None:
    body = {"issues": [{"id": "1", "key": "DESK-1"}], "nextPageToken": "the-same"}
    with answering(always(200, body)) as client, pytest.raises(Unavailable, match="same page"):
        list(client.tickets_since(datetime.now(UTC), []))


# -- who we are ------------------------------------------------------------------------------------------------


def test_the_probe_says_who_we_are(desk: JiraDesk) -> None:
    assert desk.jira().probe().startswith("signed in to Jira as bridge@example.com, account_id 712020:")


def test_a_customers_account_is_not_enough(desk: JiraDesk) -> None:
    desk.site.account_type = "customer"
    with pytest.raises(AccessDenied, match="agent"):
        desk.jira().probe()


def test_an_oauth_token_opens_too(desk: JiraDesk) -> None:
    connector = desk.with_keys({"oauth_token": OAUTH_TOKEN})
    assert connector.add_note(desk.ticket_id, note()).id == desk.issue.comments[-1].id


def test_a_dead_token_is_told_from_a_missing_ticket(desk: JiraDesk) -> None:
    """Jira answers both 404; only a header tells."""
    with pytest.raises(AccessDenied):
        desk.with_keys(desk.wrong_keys()).fetch_ticket(desk.ticket_id)
    with pytest.raises(NotFound):
        desk.jira().fetch_ticket(desk.missing_id)


# -- errors ----------------------------------------------------------------------------------------------------


EDITABLE = {"fields": {"summary": {"name": "Summary"}}}


@pytest.mark.parametrize(
    ("status", "body", "headers", "error", "code"),
    [
        (400, {"errorMessages": ["what somebody typed"], "errors": {}}, {}, Rejected, "400"),
        (400, {"errorMessages": [], "errors": {"comment": "what somebody typed"}}, {}, Rejected, "comment"),
        (400, {"errors": {"what somebody typed": "x"}}, {}, Rejected, "400"),
        (400, "<html>", {}, Rejected, "400"),
        (401, {}, {}, AccessDenied, "401"),
        (403, {"errorMessages": ["XSRF check failed"]}, {}, Rejected, "403"),
        (403, {}, {"x-seraph-loginreason": "AUTHENTICATION_DENIED"}, AccessDenied, "login"),
        (404, {}, {"x-seraph-loginreason": "AUTHENTICATED_FAILED, OUT"}, AccessDenied, "login"),
        (404, {}, {"x-seraph-loginreason": "OK"}, NotFound, "404"),
        (409, {}, {}, ChangedMeanwhile, "409"),
        (410, {}, {}, NotFound, "410"),
        (413, {}, {}, Rejected, "413"),
        (429, {}, {"retry-after": "7"}, RateLimited, "429"),
        (429, {}, {"retry-after": "2", "ratelimit-reason": "jira-per-issue-on-write"}, TicketBusy, "429"),
        (500, {}, {}, UnknownOutcome, "500"),
        (418, {}, {}, Rejected, "418"),
    ],
)
def test_errors_by_who_must_act(
    status: int, body: object, headers: dict[str, str], error: type[ConnectorError], code: str
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/editmeta"):
            return httpx.Response(200, json=EDITABLE)
        return httpx.Response(status, json=body, headers=headers)

    with answering(answer) as client, pytest.raises(error) as refused:
        client.add_note("DESK-1", note())
    assert type(refused.value) is error
    assert refused.value.code == code
    assert "typed" not in str(refused.value)


def test_a_limit_without_a_number_of_seconds_says_when_it_ends() -> None:
    reset = (datetime.now(UTC) + timedelta(seconds=40)).strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = always(429, {}, {"x-ratelimit-reset": reset})
    with answering(answer) as client, pytest.raises(RateLimited) as limited:
        client.fetch_ticket("DESK-1")
    assert limited.value.retry_after is not None
    assert 30 < limited.value.retry_after <= 40


def test_an_emptied_limit_keeps_everybody_back() -> None:
    held: list[tuple[str, float]] = []
    reset = (datetime.now(UTC) + timedelta(seconds=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {"id": "1", "key": "DESK-1", "fields": {}}
    answer = always(200, body, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset})
    with workshop("https://acme.atlassian.net", answer) as given:
        transport = replace(given.transport, hold=lambda bucket, seconds: held.append((bucket, seconds)))
        JiraClient(transport, KEYS).fetch_ticket("DESK-1")
    [(bucket, seconds)] = held
    assert bucket == "requests"
    assert 20 < seconds <= 30


WRITES: dict[str, Callable[[JiraClient, str], object]] = {
    "note": lambda jira, ticket: jira.add_note(ticket, note()),
    "time": lambda jira, ticket: jira.add_time(ticket, spent()),
    "labels": lambda jira, ticket: jira.add_tags(ticket, ["x"]),
    "fields": lambda jira, ticket: jira.update_fields(ticket, {"summary": "x"}),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("how", ["locked", "archived"])
def test_a_ticket_that_takes_nothing_more(desk: JiraDesk, write: str, how: str) -> None:
    """Jira answers an archived issue as if its screens or our rights were wrong."""
    if how == "locked":
        desk.close_ticket()
    else:
        desk.issue.archived = True
    with pytest.raises(TicketClosed):
        WRITES[write](desk.jira(), desk.ticket_id)


def test_one_ticket_that_we_may_not_comment_on_is_not_closed(desk: JiraDesk) -> None:
    desk.issue.commentable = False
    with pytest.raises(Rejected) as refused:
        desk.jira().add_note(desk.ticket_id, note())
    assert type(refused.value) is Rejected


def test_a_project_that_we_may_not_comment_in_is_not_closed(desk: JiraDesk) -> None:
    desk.close_ticket()
    desk.site.may_comment_in_project = False
    with pytest.raises(Rejected) as refused:
        desk.jira().add_note(desk.ticket_id, note())
    assert type(refused.value) is Rejected
