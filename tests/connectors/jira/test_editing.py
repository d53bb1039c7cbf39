"""Fields of every kind, labels, statuses and reopening, against the strict fake."""

from __future__ import annotations

import pytest

from bridge.errors import ChangedMeanwhile, Rejected, TicketClosed
from tests.connectors.jira.desk import JiraDesk
from tests.connectors.jira.site import COLLEAGUE, CUSTOMER, paragraph, text_of


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("summary", "New words", "New words"),
        ("priority", "High", {"name": "High", "id": "1"}),
        ("customfield_10050", "running", {"value": "running", "id": "1"}),
        ("Remote session", "done", {"value": "done", "id": "1"}),
        ("customfield_10050", {"value": "done"}, {"value": "done", "id": "1"}),
        ("customfield_10051", "LAPTOP-7", "LAPTOP-7"),
        ("customfield_10051", 17, "17"),
        ("customfield_10053", 0, 0),
        ("customfield_10053", "15", 15),
        ("customfield_10053", "7.5", 7.5),
        ("customfield_10055", "2026-03-02T10:30:00+00:00", "2026-03-02T10:30:00+00:00"),
        ("duedate", "2026-03-02", "2026-03-02"),
        ("components", "Printers, Laptops", [{"name": "Printers", "id": "1"}, {"name": "Laptops", "id": "1"}]),
        ("customfield_10056", ["one", "two"], [{"value": "one", "id": "1"}, {"value": "two", "id": "1"}]),
    ],
)
def test_a_value_in_the_shape_that_the_field_takes(desk: JiraDesk, name: str, value: object, kept: object) -> None:
    field_id = "customfield_10050" if name == "Remote session" else name
    desk.jira().update_fields(desk.ticket_id, {name: value})
    assert desk.issue.fields[field_id] == kept


@pytest.mark.parametrize("name", ["description", "customfield_10052"])
def test_a_field_of_several_lines_takes_a_document(desk: JiraDesk, name: str) -> None:
    desk.jira().update_fields(desk.ticket_id, {name: "two\nlines <b>"})
    assert text_of(desk.issue.fields[name]).strip() == "two\nlines <b>"


@pytest.mark.parametrize("value", [COLLEAGUE, "alex@example.com", "ALEX@example.com"])
def test_a_person_by_account_or_address(desk: JiraDesk, value: str) -> None:
    desk.jira().update_fields(desk.ticket_id, {"customfield_10054": value})
    assert desk.issue.fields["customfield_10054"]["accountId"] == COLLEAGUE


def test_a_name_like_an_address_is_nobodys_address(desk: JiraDesk) -> None:
    """Customers choose what they are called."""
    desk.site.users[CUSTOMER] |= {"displayName": "boss@example.com"}
    with pytest.raises(Rejected, match="e-mail"):
        desk.jira().update_fields(desk.ticket_id, {"assignee": "boss@example.com"})
    assert "assignee" not in desk.issue.fields


@pytest.mark.parametrize("value", [None, ""])
def test_nothing_clears_a_field(desk: JiraDesk, value: object) -> None:
    desk.issue.fields["customfield_10050"] = {"value": "requested"}
    desk.jira().update_fields(desk.ticket_id, {"customfield_10050": value})
    assert desk.issue.fields["customfield_10050"] is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"customfield_99999": "x"}, "no field to edit"),
        ({"Twin": "x"}, "several fields"),
        ({"labels": "x"}, "would replace"),
        ({"Labels": ["x"]}, "would replace"),
        ({"customfield_10053": "many"}, "takes a number"),
        ({"customfield_10050": "no such option"}, "customfield_10050"),
        ({"priority": "no such"}, "priority"),
        ({"customfield_10099": "x"}, "took no change of customfield_10099"),
    ],
)
def test_what_jira_refuses_or_ignores_is_told(desk: JiraDesk, changes: dict[str, object], said: str) -> None:
    with pytest.raises(Rejected, match=said):
        desk.jira().update_fields(desk.ticket_id, changes)


def test_an_old_value_is_not_taken_for_the_new_one(desk: JiraDesk) -> None:
    desk.issue.fields["customfield_10099"] = "old"
    with pytest.raises(Rejected, match="took no change"):
        desk.jira().update_fields(desk.ticket_id, {"customfield_10099": "new"})


def test_nothing_to_set_is_nothing_to_send(desk: JiraDesk) -> None:
    desk.jira().add_tags(desk.ticket_id, [])
    desk.jira().update_fields(desk.ticket_id, {})
    assert not desk.faults.requests()


@pytest.mark.parametrize("label", ["two words", "", "tab\there"])
def test_a_label_has_no_blanks(desk: JiraDesk, label: str) -> None:
    with pytest.raises(Rejected):
        desk.jira().add_tags(desk.ticket_id, ["fine", label])
    assert desk.tags() == set()


# -- statuses --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "status"), [("Resolve", "Resolved"), ("resolved", "Resolved"), ("In progress", "In progress")]
)
def test_a_status_by_its_transition_or_its_own_name(desk: JiraDesk, wanted: str, status: str) -> None:
    desk.jira().update_fields(desk.ticket_id, {"status": wanted, "priority": "Low"})
    assert desk.issue.status == status
    assert desk.issue.fields["priority"]["name"] == "Low"


def test_a_status_that_it_has_already_needs_no_transition(desk: JiraDesk) -> None:
    desk.jira().update_fields(desk.ticket_id, {"status": "waiting for support"})
    assert not desk.faults.requests(method="POST")


def test_a_status_that_no_transition_leads_to(desk: JiraDesk) -> None:
    with pytest.raises(Rejected, match="no transition"):
        desk.jira().update_fields(desk.ticket_id, {"status": "Closed"})


def test_two_transitions_at_once_are_tried_again(desk: JiraDesk) -> None:
    desk.faults.fail("*/transitions", method="POST", status=409)
    with pytest.raises(ChangedMeanwhile):
        desk.jira().update_fields(desk.ticket_id, {"status": "Resolved"})


# -- reopening -------------------------------------------------------------------------------------------------


def test_the_only_way_out_of_what_is_done_is_taken(desk: JiraDesk) -> None:
    desk.issue.status = "Resolved"
    desk.jira().reopen(desk.ticket_id)
    assert desk.is_open()


def test_of_several_ways_the_configuration_names_one(desk: JiraDesk) -> None:
    desk.issue.status = "Resolved"
    desk.site.transitions["Resolved"].append(("33", "Escalate", "In progress"))
    with pytest.raises(Rejected, match="reopen_transition"):
        desk.jira().reopen(desk.ticket_id)
    desk.jira(reopen_transition="escalate").reopen(desk.ticket_id)
    assert desk.issue.status == "In progress"


@pytest.mark.parametrize("keys", [{}, {"reopen_transition": "Reopen"}])
def test_a_ticket_without_a_way_back_stays_closed(desk: JiraDesk, keys: dict[str, object]) -> None:
    desk.issue.archived = True
    with pytest.raises(TicketClosed):
        desk.jira(**keys).reopen(desk.ticket_id)


def test_a_document_in_a_field_is_compared_by_its_text(desk: JiraDesk) -> None:
    desk.issue.fields["description"] = paragraph("as it was")
    desk.jira().update_fields(desk.ticket_id, {"description": "as it is now"})
    assert text_of(desk.issue.fields["description"]).strip() == "as it is now"
