"""ServiceNow's API against the strict fake; what that cannot play, against single answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bridge.document import Lines, Paragraph
from bridge.errors import (
    AccessDenied,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    TicketClosed,
    Unavailable,
    UnknownOutcome,
)
from bridge.model import Attachment, NewTicket, Person, TicketStatus
from connectors.contract import Capability, ConnectionConfig
from connectors.tickets.servicenow import KIND, ServiceNow, tables
from tests.connectors.servicenow import fake
from tests.connectors.servicenow.desk import FIELD, ServiceNowDesk
from tests.contract.tickets import MARK, MOMENT, following, note, spent
from tests.contract.workshop import Handler, MemoryVault, workshop

KEYS = {"username": "deskbridge.api", "password": "made-up"}
OAUTH = {"client_id": fake.CLIENT_ID, "client_secret": fake.CLIENT_SECRET}
BASIC = {"username": fake.USERNAME, "password": fake.PASSWORD}
SYS_ID = "9d385017c611228701d22104cc95c371"
FILE = Attachment("Gespräch #1 & 100%.txt", "text/plain; charset=utf-8", b"all of it")
Write = Callable[[ServiceNow, str], object]
WRITES: tuple[Write, ...] = (
    lambda connector, ticket_id: connector.add_note(ticket_id, note()),
    lambda connector, ticket_id: connector.update_fields(ticket_id, {FIELD: "done"}),
)


@contextmanager
def answering(handler: Handler, keys: dict[str, object] | None = None) -> Iterator[ServiceNow]:
    url = "https://acme.service-now.com"
    config = ConnectionConfig("servicenow", "servicenow", url, (), KIND.schema().load(keys or KEYS))
    with workshop(url, handler) as given:
        yield ServiceNow(config, given)


def always(status: int, body: object, **headers: str) -> Handler:
    return lambda request: httpx.Response(status, json=body, headers=headers)


@pytest.fixture
def connector(desk: ServiceNowDesk) -> ServiceNow:
    return desk.connected(desk.keys())


# -- reading ---------------------------------------------------------------------------------------------------


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


# -- numbers ---------------------------------------------------------------------------------------------------


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


# -- notes -----------------------------------------------------------------------------------------------------


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


# -- files -----------------------------------------------------------------------------------------------------


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


# -- fields ----------------------------------------------------------------------------------------------------


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


# -- time and new tickets --------------------------------------------------------------------------------------


def test_time_stands_under_its_agent(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    connector.add_time(desk.ticket_id, replace(spent(), minutes=25 * 60 + 15))
    [row] = desk.state.tables["task_time_worked"].values()
    assert row["user"] == desk.user("alex")
    assert (row["time_in_seconds"], row["time_worked"]) == ("90900", "1970-01-02 01:15:00")
    assert row["work_date"] == "2026-03-02"


@pytest.mark.parametrize("email", ["", "nobody@example.com", "a@example.com^active=false", "javascript:gs.exit()"])
def test_time_of_an_agent_who_is_not_known(desk: ServiceNowDesk, connector: ServiceNow, email: str) -> None:
    connector.add_time(desk.ticket_id, replace(spent(), agent=Person(email=email)))
    [row] = desk.state.tables["task_time_worked"].values()
    assert row["user"] == ""


def test_two_users_with_one_address_are_not_guessed(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.state.add("sys_user", user_name="alex2", email="agent@example.com", active="true")
    connector.add_time(desk.ticket_id, spent())
    [row] = desk.state.tables["task_time_worked"].values()
    assert row["user"] == ""


def test_time_that_would_not_be_found_again_is_told(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.state.unwritable.add("comments")
    with pytest.raises(Rejected, match="comments was ignored"):
        connector.add_time(desk.ticket_id, spent())


def test_no_time_for_a_ticket_that_is_not_there(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    with pytest.raises(NotFound):
        connector.add_time(desk.missing_id, spent())
    assert not desk.state.tables["task_time_worked"]


def test_a_new_ticket_has_its_caller_and_its_parent(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    made = desk.state.tables["incident"][connector.create_ticket(following(desk))]
    assert (made["caller_id"], made["parent"]) == (desk.user("chris"), desk.ticket_id)
    assert [entry.field for entry in desk.state.journals[made["sys_id"]]] == ["work_notes"]


@pytest.mark.parametrize("field", ["correlation_id", "work_notes"])
def test_a_new_ticket_that_lacks_what_it_needs_is_told(desk: ServiceNowDesk, connector: ServiceNow, field: str) -> None:
    desk.state.unwritable.add(field)
    with pytest.raises(Rejected, match=f"{field} was ignored"):
        connector.create_ticket(following(desk))


def test_a_new_ticket_of_nobody(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    made = desk.state.tables["incident"][connector.create_ticket(NewTicket(MARK, "x", (Paragraph("x"),)))]
    assert (made["caller_id"], made["parent"]) == ("", "")


def test_a_ticket_that_may_not_be_opened_again(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.close_ticket()
    desk.state.unwritable.add("state")
    with pytest.raises(TicketClosed):
        connector.reopen(desk.ticket_id)


def test_without_a_state_for_it_nothing_is_opened_again(desk: ServiceNowDesk) -> None:
    connector = desk.connected(dict(BASIC))
    assert Capability.REOPEN not in connector.capabilities
    with pytest.raises(Rejected):
        connector.reopen(desk.ticket_id)
    assert not desk.faults.requests()


# -- looking around --------------------------------------------------------------------------------------------


def test_tickets_since_a_moment_with_one_of_the_labels(
    desk: ServiceNowDesk, connector: ServiceNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables.Tables, "page", 2)
    state = desk.state
    old, labelled_now = state.incident("old"), state.incident("labelled now")
    state.label(old, "first")
    state.now += timedelta(hours=1)
    touched = [state.incident(f"{number}") for number in range(5)]
    for number, record in enumerate(touched):
        state.label(record, ("first", "second", "third")[number % 3])
    state.label(labelled_now, "second")
    state.hidden.add(touched[1]["sys_id"])  # its page is short, and not the last one
    start = state.now
    found = set(connector.tickets_since(start, ["first", "second"])) - {touched[1]["sys_id"]}
    assert found == {touched[number]["sys_id"] for number in (0, 3, 4)} | {labelled_now["sys_id"]}
    every = [record["sys_id"] for number, record in enumerate(touched) if number != 1]
    assert sorted(connector.tickets_since(start, [])) == sorted(every)
    assert list(connector.tickets_since(start + timedelta(seconds=1), ["first"])) == []


@pytest.mark.parametrize("zone", [-12 * 60, 0, 14 * 60])
def test_our_users_time_zone_loses_no_ticket(desk: ServiceNowDesk, connector: ServiceNow, zone: int) -> None:
    desk.state.minutes_from_utc = zone
    assert list(connector.tickets_since(desk.state.now, [])) == [desk.ticket_id]
    assert list(connector.tickets_since(desk.state.now + timedelta(seconds=1), [])) == []


def test_without_labels_nobody_is_asked_for_tags(desk: ServiceNowDesk) -> None:
    connector = desk.connected({**BASIC, "labels": False})
    assert Capability.TICKETS_SINCE not in connector.capabilities
    with pytest.raises(Rejected):
        list(connector.tickets_since(MOMENT, ["first"]))
    assert not desk.faults.requests()


def test_more_pages_than_can_be_looked_through_are_never_taken_for_all() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"result": []}, headers={"X-Total-Count": "10000000"})

    with answering(answer) as client, pytest.raises(Rejected, match="too many records"):
        client.find_time(SYS_ID, MARK)


def test_without_a_total_a_short_page_is_the_last_one() -> None:
    with answering(always(200, {"result": []})) as client:
        assert client.find_time(SYS_ID, MARK) is None


# -- who we are, and errors ------------------------------------------------------------------------------------


def test_the_probe_says_who_we_are(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    told = "signed in to ServiceNow as Deskbridge, username deskbridge.api; tickets can be read in incident"
    assert connector.probe() == told
    desk.state.hidden |= set(desk.state.tables["incident"])
    assert "no ticket can be seen" in connector.probe()


def test_the_probe_finds_what_may_not_be_read(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.state.forbidden.add("label_entry")
    with pytest.raises(Rejected, match="labels = false"):
        connector.probe()


def test_a_table_that_is_not_there(desk: ServiceNowDesk) -> None:
    with pytest.raises(Rejected, match="no such table"):
        desk.connected({**BASIC, "table": "incidents"}).probe()


def test_client_credentials_open_too_and_workers_share_the_token(desk: ServiceNowDesk) -> None:
    desk.connected(dict(OAUTH)).add_note(desk.ticket_id, note())
    assert desk.connected(dict(OAUTH)).find_note(desk.ticket_id, MARK)
    assert len(desk.state.tokens) == 1


def test_a_token_that_ran_out_is_renewed(desk: ServiceNowDesk) -> None:
    connector = desk.connected(dict(OAUTH))
    connector.fetch_ticket(desk.ticket_id)
    desk.state.tokens.clear()
    connector.add_note(desk.ticket_id, note())
    assert len(desk.notes()) == 1


def test_a_wrong_client_secret_stops_the_connection(desk: ServiceNowDesk) -> None:
    connector = desk.connected({**OAUTH, "client_secret": "wrong"})
    with pytest.raises(AccessDenied, match="access_denied"):
        connector.fetch_ticket(desk.ticket_id)


def test_a_sleeping_instance_is_away(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.state.asleep = True
    with pytest.raises(Unavailable, match="asleep"):
        connector.fetch_ticket(desk.ticket_id)
    with pytest.raises(Unavailable, match="asleep"):
        connector.add_note(desk.ticket_id, note())


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"Retry-After": "17"}, 17, 17),
        ({"X-RateLimit-Reset": f"{int(time.time()) + 1_800}"}, 1_500, 1_800),
        ({"X-RateLimit-Reset": "1"}, 0, 0),
        ({"Retry-After": "17", "X-RateLimit-Reset": "9999999999"}, 17, 17),
    ],
)
def test_a_rate_limit_is_kept(headers: dict[str, str], least: float, most: float) -> None:
    body = {"error": {"message": "Rate limit exceeded", "detail": "…"}, "status": "failure"}
    with answering(always(429, body, **headers)) as client, pytest.raises(RateLimited) as limited:
        client.add_note(SYS_ID, note())
    assert limited.value.retry_after is not None
    assert least <= limited.value.retry_after <= most


def test_a_rate_limit_without_a_time() -> None:
    with answering(always(429, {}, **{"X-RateLimit-Reset": "soon"})) as client, pytest.raises(RateLimited) as limited:
        client.add_note(SYS_ID, note())
    assert limited.value.retry_after is None


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (400, {"error": {"message": "Invalid table very private", "detail": None}}, Rejected, "invalid-table"),
        (400, {"error": {"message": "very private", "detail": "very private"}}, Rejected, "400"),
        (400, {"error": "very private"}, Rejected, "400"),
        (400, [], Rejected, "400"),
        (401, {"error": {"message": "User Not Authenticated"}}, AccessDenied, "401"),
        (403, {"error": {"message": "very private"}}, Rejected, "403"),
        (404, {"error": {"message": "No Record found"}}, NotFound, "404"),
        (405, {}, Rejected, "405"),
        (415, {}, Rejected, "415"),
        (302, {}, Rejected, "302"),
        (500, {}, Unavailable, "500"),
        (503, {}, Unavailable, "503"),
    ],
)
def test_errors_by_who_must_act(status: int, body: object, error: type[ConnectorError], code: str) -> None:
    with answering(always(status, body)) as client, pytest.raises(error) as refused:
        client.find_note(SYS_ID, MARK)
    assert (type(refused.value), refused.value.code) == (error, code)
    assert "private" not in str(refused.value)


def test_no_secret_and_no_text_is_ever_told(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.state.unwritable.add("work_notes")
    with pytest.raises(Rejected) as refused:
        connector.add_note(desk.ticket_id, note(Paragraph("very private")))
    assert "private" not in str(refused.value)
    assert fake.PASSWORD not in repr(vars(connector)) + str(refused.value)


def test_the_vault_keeps_a_token_for_its_life(desk: ServiceNowDesk) -> None:
    desk.connected(dict(OAUTH)).fetch_ticket(desk.ticket_id)
    vault = desk.vault
    assert isinstance(vault, MemoryVault)
    assert list(vault.seconds.values()) == [1_739.0]


def test_a_moment_of_another_zone(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    berlin = desk.state.now.astimezone(datetime.fromisoformat("2026-03-02T00:00:00+01:00").tzinfo)
    assert list(connector.tickets_since(berlin, [])) == [desk.ticket_id]
    assert desk.state.now.tzinfo is UTC
