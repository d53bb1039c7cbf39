"""Reading and writing ServiceNow's tickets against the strict fake; what that cannot play, against single answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bridge.document import Lines, Paragraph
from bridge.errors import (
    NotFound,
    Rejected,
    TicketClosed,
    Unavailable,
    UnknownOutcome,
)
from bridge.model import Attachment, Person, TicketStatus
from connectors.contract import Capability
from connectors.tickets.servicenow import ServiceNow
from tests.connectors.servicenow.desk import FIELD, ServiceNowDesk
from tests.connectors.servicenow.support import BASIC, KEYS, SYS_ID, always, answering
from tests.contract.tickets import MARK, note

FILE = Attachment("Gespräch #1 & 100%.txt", "text/plain; charset=utf-8", b"all of it")
Write = Callable[[ServiceNow, str], object]
WRITES: tuple[Write, ...] = (
    lambda connector, ticket_id: connector.add_note(ticket_id, note()),
    lambda connector, ticket_id: connector.update_fields(ticket_id, {FIELD: "done"}),
)


# -- reading -----------------------------------------------------------------------------------------------------


def test_a_tickets_number_is_what_people_call_it(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    ticket = connector.fetch_ticket(desk.ticket_id)
    assert ticket.called == ticket.number == ticket.fields["number"] != ticket.id


def test_a_ticket_in_our_words(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.ticket[FIELD] = "requested"
    desk.state.label(desk.ticket, "remote-support")
    ticket = connector.fetch_ticket(desk.ticket_id)
    assert (ticket.id, ticket.subject, ticket.vendor_status) == (desk.ticket_id, "Printer stuck", "New")
    assert ticket.tags == {"remote-support"}
    assert ticket.requester == Person("Chris Customer", "customer@example.com", desk.user("chris"), "", "chris")
    assert ticket.assignee.email == "agent@example.com"
    assert ticket.url == f"{desk.url}/nav_to.do?uri=incident.do%3Fsys_id%3D{desk.ticket_id}"


def test_a_field_is_known_as_stored_and_as_shown(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    fields = connector.fetch_ticket(desk.ticket_id).fields
    assert (fields["state"], fields["dv_state"]) == ("1", "New")
    assert (fields["caller_id"], fields["dv_caller_id"]) == (desk.user("chris"), "Chris Customer")
    assert "dv_priority" not in fields
    assert not {"work_notes", "comments"} & set(fields)


@pytest.mark.parametrize(
    ("state", "status"),
    [("1", "open"), ("3", "open"), ("6", "solved"), ("7", "closed"), ("8", "closed"), ("-5", "open")],
)
def test_an_incidents_state(desk: ServiceNowDesk, connector: ServiceNow, state: str, status: str) -> None:
    desk.ticket["state"] = state
    assert connector.fetch_ticket(desk.ticket_id).status is TicketStatus(status)


@pytest.mark.parametrize(
    ("keys", "state", "active", "status"),
    [
        ({}, "3", "true", "open"),
        ({}, "3", "false", "closed"),
        ({"closed_states": ["3", "4"]}, "3", "true", "closed"),
        ({"closed_states": ["4"]}, "3", "false", "open"),
        ({"solved_states": ["3"]}, "3", "false", "solved"),
    ],
)
def test_states_of_another_table(keys: dict[str, object], state: str, active: str, status: str) -> None:
    record = {name: {"value": text, "display_value": text} for name, text in (("state", state), ("active", active))}
    record["sys_id"] = {"value": SYS_ID, "display_value": SYS_ID}
    with answering(always(200, {"result": record}), {**KEYS, "table": "sc_task", "labels": False, **keys}) as client:
        assert client.fetch_ticket(SYS_ID).status is TicketStatus(status)


def test_people_stay_nameless_where_users_may_not_be_read(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.state.forbidden.add("sys_user")
    requester = connector.fetch_ticket(desk.ticket_id).requester
    assert (requester.name, requester.email) == ("Chris Customer", "")


def test_labels_that_may_not_be_read_are_told_with_the_way_out(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.state.forbidden.add("label_entry")
    with pytest.raises(Rejected, match="labels = false"):
        connector.fetch_ticket(desk.ticket_id)
    assert desk.connected({**BASIC, "labels": False}).fetch_ticket(desk.ticket_id).tags == frozenset()


@pytest.mark.parametrize("body", [[], {}, {"result": []}, {"result": {}}, {"result": {"sys_id": "x"}}])
def test_an_answer_of_another_shape_is_no_ticket(body: object) -> None:
    with answering(always(200, body)) as client, pytest.raises(Unavailable):
        client.fetch_ticket(SYS_ID)


# -- numbers -----------------------------------------------------------------------------------------------------


def test_a_number_that_somebody_typed(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    number = desk.ticket["number"].lower()
    assert connector.fetch_ticket(number).id == desk.ticket_id
    connector.add_note(number, note())
    assert connector.find_note(number, MARK) == connector.find_note(desk.ticket_id, MARK)
    assert len(desk.notes()) == 1


def test_a_number_that_is_not_there(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    with pytest.raises(NotFound):
        connector.fetch_ticket("INC9999999")


def test_a_number_that_two_tickets_have_is_not_guessed(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.state.incident("Another one", number=desk.ticket["number"])
    with pytest.raises(Rejected, match="several"):
        connector.add_note(desk.ticket["number"], note())


def test_a_table_without_numbers_answers_all_its_rows_and_none_is_taken() -> None:
    """A part of a query that the table does not know is left out by ServiceNow."""
    row = {"sys_id": {"value": SYS_ID, "display_value": SYS_ID}}
    with answering(always(200, {"result": [row]})) as client:
        with pytest.raises(NotFound):
            client.fetch_ticket("INC0010001")
        assert client.find_ticket(MARK) is None


# -- notes -------------------------------------------------------------------------------------------------------


def test_a_note_that_access_control_ignored(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.state.unwritable.add("work_notes")
    with pytest.raises(Rejected, match="work_notes was ignored") as refused:
        connector.add_note(desk.ticket_id, note())
    assert type(refused.value) is Rejected
    connector.add_note(desk.ticket_id, note(public=True))


@pytest.mark.parametrize("refuses", [False, True])
@pytest.mark.parametrize("write", WRITES)
def test_a_closed_ticket_takes_nothing(
    desk: ServiceNowDesk, connector: ServiceNow, write: Write, refuses: bool
) -> None:
    desk.close_ticket()
    desk.state.closed_refuses = refuses
    with pytest.raises(TicketClosed):
        write(connector, desk.ticket_id)


def test_a_403_on_an_open_ticket_is_about_that_ticket(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.faults.fail(method="PATCH", status=403)
    with pytest.raises(Rejected) as refused:
        connector.add_note(desk.ticket_id, note())
    assert (type(refused.value), refused.value.code) == (Rejected, "403")


@pytest.mark.parametrize("status", [401, 404, 429, 503])
def test_when_reading_back_fails_the_note_may_stand_there(
    desk: ServiceNowDesk, connector: ServiceNow, status: int
) -> None:
    desk.faults.fail(method="GET", status=status, retry_after=7)
    with pytest.raises(UnknownOutcome):
        connector.add_note(desk.ticket_id, note())
    assert connector.find_note(desk.ticket_id, MARK)
    assert len(desk.notes()) == 1


@pytest.mark.parametrize("fields", [{"work_notes"}, {"work_notes", "comments"}])
def test_a_journal_that_may_not_be_read_is_never_taken_for_an_empty_one(
    desk: ServiceNowDesk, connector: ServiceNow, fields: set[str]
) -> None:
    desk.state.unreadable |= fields
    with pytest.raises(Rejected, match="may not read work_notes"):
        connector.find_note(desk.ticket_id, MARK)


def test_what_the_instance_cuts_off_is_noticed(desk: ServiceNowDesk) -> None:
    connector = desk.connected({**BASIC, "max_length": 40_000})
    lines = tuple(f"{number:05} what somebody said" for number in range(3_000))
    with pytest.raises(Rejected, match="ignored"):
        connector.add_note(desk.ticket_id, note(Lines("transcript", lines)))


def test_a_plain_note_lets_nobody_type_html(desk: ServiceNowDesk) -> None:
    connector = desk.connected({**BASIC, "markup": "plain"})
    connector.add_note(desk.ticket_id, note(Paragraph("[code]<b>x</b>[/CODE] [ code] [ok]")))
    [shown] = desk.notes()
    harmless = "\N{FULLWIDTH LEFT SQUARE BRACKET}"
    assert shown.text.startswith(f"{harmless}code]<b>x</b>{harmless}/CODE] {harmless} code] [ok]\n")


def test_text_that_would_end_the_html_stays_text(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    connector.add_note(desk.ticket_id, note(Paragraph("[/code]<img src=x>[code]")))
    [shown] = desk.notes()
    assert "[/code]<img src=x>[code]" in shown.text


@pytest.mark.parametrize("markup", ["code", "plain"])
def test_an_entry_keeps_its_length_with_its_mark(desk: ServiceNowDesk, markup: str) -> None:
    connector = desk.connected({**BASIC, "markup": markup, "max_length": 1_000})
    connector.add_note(desk.ticket_id, note(Paragraph("\N{GRINNING FACE}" * 5_000)))
    [entry] = desk.state.journals[desk.ticket_id]
    assert 900 < len(entry.text.encode("utf-16-le")) // 2 <= 1_000
    assert connector.find_note(desk.ticket_id, MARK)


@pytest.mark.parametrize("mark", ["card:rescue:123:servicenow:" + "x" * 200, 'a "b"\n<c>', "note:7:größe"])
def test_any_mark_is_found_again(desk: ServiceNowDesk, connector: ServiceNow, mark: str) -> None:
    written = connector.add_note(desk.ticket_id, note(mark=mark))
    assert connector.find_note(desk.ticket_id, mark) == written
    assert connector.find_note(desk.ticket_id, mark + ":2") is None


def test_a_longer_mark_is_another_one(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    connector.add_note(desk.ticket_id, note(mark="card:rescue:1:2"))
    assert connector.find_note(desk.ticket_id, "card:rescue:1") is None


# -- files -------------------------------------------------------------------------------------------------------


def test_nothing_is_attached_unless_the_operator_says_so(desk: ServiceNowDesk) -> None:
    connector = desk.connected(dict(BASIC))
    assert Capability.ATTACH not in connector.capabilities
    with pytest.raises(Rejected, match="switched off"):
        connector.add_note(desk.ticket_id, replace(note(), attachments=(FILE,)))
    connector.add_note(desk.ticket_id, note(Lines("transcript", ("what somebody said",) * 5_000)))
    assert desk.files() == []
    assert "stands in the Deskbridge console" in desk.notes()[0].text


def test_a_file_is_not_attached_twice(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    both = replace(note(), attachments=(FILE, replace(FILE, filename="other.txt")))
    desk.faults.cut_after("*/attachment/file", method="POST")
    with pytest.raises(UnknownOutcome):
        connector.add_note(desk.ticket_id, both)
    assert connector.find_note(desk.ticket_id, MARK) is None
    connector.add_note(desk.ticket_id, both)
    assert [file.name for file in desk.files()] == [FILE.filename, "other.txt"]
    assert len(desk.notes()) == 1


def test_a_file_of_another_size_is_another_file(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    for content in (b"one", b"three"):
        connector.add_note(desk.ticket_id, replace(note(), attachments=(replace(FILE, content=content),)))
    assert [file.content for file in desk.files()] == [b"one", b"three"]


# -- fields ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "kept"), [("requested", "requested"), (True, "true"), (3, "3"), (None, ""), (" x ", " x ")]
)
def test_a_field_of_any_type(desk: ServiceNowDesk, connector: ServiceNow, sent: object, kept: str) -> None:
    desk.ticket[FIELD] = "before"
    connector.update_fields(desk.ticket_id, {FIELD: sent})
    assert desk.ticket[FIELD] == kept


def test_a_field_that_access_control_ignored_is_named(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.state.unwritable.add("u_approved")
    with pytest.raises(Rejected, match=r": u_approved was ignored"):
        connector.update_fields(desk.ticket_id, {FIELD: "done", "u_approved": "yes"})
    assert desk.ticket[FIELD] == "done"


def test_a_reference_is_set_by_sys_id(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    connector.update_fields(desk.ticket_id, {"assigned_to": desk.user("chris")})
    assert desk.ticket["assigned_to"] == desk.user("chris")


@pytest.mark.parametrize("name", ["work_notes", "comments", "sys_id", "sys_created_by", "caller_id.email", "State", ""])
def test_other_names_are_no_fields(desk: ServiceNowDesk, connector: ServiceNow, name: str) -> None:
    with pytest.raises(Rejected):
        connector.update_fields(desk.ticket_id, {name: "x"})
    assert not desk.faults.requests()


def test_nothing_to_set_is_nothing_to_send(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    connector.update_fields(desk.ticket_id, {})
    assert not desk.faults.requests()


# -- people ------------------------------------------------------------------------------------------------------


def test_nobody_else_is_listed_where_the_query_is_not_understood(
    desk: ServiceNowDesk, connector: ServiceNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.connectors.servicenow.fake.ServiceNow._knows", lambda *_: False)
    assert sorted(connector.people(), key=lambda one: one.id) == desk.staff()


def test_people_by_another_role(desk: ServiceNowDesk) -> None:
    approvers = desk.connected({**desk.keys(), "agent_role": "approver_user"})
    assert [one.username for one in approvers.people()] == ["chris"]


def test_roles_that_may_not_be_read_are_told(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.state.forbidden.add("sys_user_has_role")
    with pytest.raises(Rejected):
        list(connector.people())
