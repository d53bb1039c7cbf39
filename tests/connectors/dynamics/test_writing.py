"""Fields, time, new cases and reopened ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.document import Paragraph
from bridge.errors import (
    NotFound,
    Rejected,
    TicketClosed,
    TicketMerged,
    UnknownOutcome,
)
from bridge.model import NewTicket, Person
from connectors.contract import TicketSystem
from tests.connectors.dynamics.answers import CASE
from tests.connectors.dynamics.desk import FIELD, DynamicsDesk
from tests.contract.tickets import MARK, following, spent

# -- fields -----------------------------------------------------------------------------------------------------------


def test_columns_and_lookups(desk: DynamicsDesk, connector: TicketSystem) -> None:
    account = desk.org.add("accounts", name="Acme")
    connector.update_fields(
        desk.ticket_id,
        {
            "prioritycode": 1,
            "isescalated": True,
            "followupby": "2026-03-03T10:00:00Z",
            "customerid_account@odata.bind": f"/accounts({account})",
        },
    )
    assert (desk.case["prioritycode"], desk.case["isescalated"]) == (1, True)
    assert desk.case["_customerid_value"] == account


@pytest.mark.parametrize(
    "fields",
    [
        {"prioritycode": 7},
        {"prioritycode": "High"},
        {"new_minutes": "3"},
        {"title": "x" * 201},
        {"no_such_bind@odata.bind": f"/accounts({CASE})"},
        {"customerid_account@odata.bind": f"/accounts({CASE})"},
        {"two words": "x"},
        {"a,b": "x"},
        {"_ownerid_value": "x"},
    ],
)
def test_what_dataverse_refuses_is_rejected(
    desk: DynamicsDesk, connector: TicketSystem, fields: dict[str, object]
) -> None:
    before = dict(desk.case)
    with pytest.raises(Rejected) as refused:
        connector.update_fields(desk.ticket_id, fields)
    assert type(refused.value) is Rejected
    assert desk.case == before


def test_a_read_only_column_is_ignored_there_and_told_here(desk: DynamicsDesk, connector: TicketSystem) -> None:
    with pytest.raises(Rejected, match="createdon") as ignored:
        connector.update_fields(desk.ticket_id, {"createdon": "2020-01-01T00:00:00Z", FIELD: "done"})
    assert ignored.value.code == "ignored-field"
    assert FIELD not in str(ignored.value)


def test_a_deleted_case_is_never_made_again(desk: DynamicsDesk, connector: TicketSystem) -> None:
    connector.update_fields(desk.ticket_id, {FIELD: "requested"})
    assert [headers["If-Match"] for method, _, headers in desk.fake.asked if method == "PATCH"] == ["*"]
    del desk.org.tables["incidents"][desk.ticket_id]
    for change in ({FIELD: "done"}, {"customerid_contact@odata.bind": f"/contacts({desk.contact})"}):
        with pytest.raises(NotFound):
            connector.update_fields(desk.ticket_id, change)
    assert desk.ticket_id not in desk.org.tables["incidents"]


def test_a_resolved_case_is_read_only(desk: DynamicsDesk, connector: TicketSystem) -> None:
    desk.close_ticket()
    with pytest.raises(TicketClosed):
        connector.update_fields(desk.ticket_id, {FIELD: "done"})


def test_nothing_to_set_is_nothing_to_send(desk: DynamicsDesk, connector: TicketSystem) -> None:
    connector.update_fields(desk.ticket_id, {})
    assert not desk.faults.requests()


# -- time -------------------------------------------------------------------------------------------------------------


def test_time_is_a_completed_task_that_names_who_worked(desk: DynamicsDesk, connector: TicketSystem) -> None:
    connector.add_time(desk.ticket_id, spent())
    [task] = desk.org.tables["tasks"].values()
    assert task["subject"] == "Remote support session 7, Alex Agent"
    assert (task["statecode"], task["statuscode"], task["actualstart"]) == (1, 5, "2026-03-02T09:30:00Z")


def test_a_task_that_was_not_completed_is_completed(desk: DynamicsDesk, connector: TicketSystem) -> None:
    desk.cut_after(desk.time_write)
    with pytest.raises(UnknownOutcome):
        connector.add_time(desk.ticket_id, spent())
    assert desk.times() == []
    connector.add_time(desk.ticket_id, spent())
    assert [entry.minutes for entry in desk.times()] == [45]


def test_a_duration_that_is_not_kept_is_told(desk: DynamicsDesk, connector: TicketSystem) -> None:
    desk.org.keep_duration = False
    with pytest.raises(Rejected, match="duration"):
        connector.add_time(desk.ticket_id, spent())


# -- new cases --------------------------------------------------------------------------------------------------------


def test_a_new_case_belongs_to_the_requester_below_the_old_one(desk: DynamicsDesk, connector: TicketSystem) -> None:
    made = connector.create_ticket(following(desk))
    case = desk.org.tables["incidents"][made]
    assert (case["_customerid_value"], case["_parentcaseid_value"]) == (desk.contact, desk.ticket_id)
    [text] = desk.rows(made)
    assert "*WEB*" not in text["notetext"]
    assert case["description"] is None


def test_what_follows_a_child_is_its_sibling(desk: DynamicsDesk, connector: TicketSystem) -> None:
    parent = desk.open_ticket("All printers")
    desk.case["_parentcaseid_value"] = parent
    made = connector.create_ticket(following(desk))
    assert desk.org.tables["incidents"][made]["_parentcaseid_value"] == parent


def test_a_case_that_may_have_no_children_is_only_named(desk: DynamicsDesk, connector: TicketSystem) -> None:
    desk.org.parents_when_inactive = False
    desk.close_ticket()
    made = connector.create_ticket(following(desk))
    assert desk.org.tables["incidents"][made]["_parentcaseid_value"] is None
    assert desk.ticket_id in desk.rows(made)[0]["notetext"]


def test_a_stranger_takes_the_customer_of_the_case_before(desk: DynamicsDesk, connector: TicketSystem) -> None:
    account = desk.org.add("accounts", name="Acme")
    desk.case["_customerid_value"] = account
    stranger = replace(following(desk), requester=Person("O'Hara", "o'hara@example.com"))
    made = connector.create_ticket(stranger)
    assert desk.org.tables["incidents"][made]["_customerid_value"] == account


def test_a_case_without_a_customer_is_refused_clearly(desk: DynamicsDesk, connector: TicketSystem) -> None:
    nobody = NewTicket(MARK, "Printer", (Paragraph("x"),), requester=Person(email="nobody@example.com"))
    for new in (nobody, replace(nobody, requester=Person()), replace(nobody, follows=desk.missing_id)):
        with pytest.raises(Rejected, match="no contact"):
            connector.create_ticket(new)
    assert desk.opened() == []


def test_a_case_without_its_text_is_finished(desk: DynamicsDesk, connector: TicketSystem) -> None:
    desk.cut_after(("PATCH", "*/incidents*"))
    with pytest.raises(UnknownOutcome):
        connector.create_ticket(following(desk))
    assert connector.find_ticket(MARK) is None
    connector.create_ticket(following(desk))
    [opened] = desk.opened()
    assert "continues" in opened.text
    assert connector.find_ticket(MARK) == opened.id


def test_a_duplicate_by_a_rule_is_not_taken_for_ours(desk: DynamicsDesk, connector: TicketSystem) -> None:
    desk.org.duplicate_rule = True
    with pytest.raises(Rejected) as refused:
        connector.create_ticket(following(desk))
    assert refused.value.code == "0x80040333"
    assert desk.opened() == []


# -- reopening --------------------------------------------------------------------------------------------------------


def test_an_open_case_is_left_alone(desk: DynamicsDesk, connector: TicketSystem) -> None:
    desk.case["statuscode"] = 3
    connector.reopen(desk.ticket_id)
    assert desk.case["statuscode"] == 3


def test_a_merged_case_is_not_opened_again(desk: DynamicsDesk, connector: TicketSystem) -> None:
    desk.merge_ticket()
    with pytest.raises(TicketMerged):
        connector.reopen(desk.ticket_id)
    assert desk.case["statecode"] == 2
