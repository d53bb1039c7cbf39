"""What getSession lists in other languages, with odd names, and by SOAP."""

from __future__ import annotations

import pytest

from bridge.errors import Unavailable
from connectors.platforms.rescue.listing import SessionListing
from connectors.platforms.rescue.words import SessionState
from tests.connectors.rescue.calls import captured, envelope, house
from tests.connectors.rescue.support import Api


def by_table(file: str) -> SessionListing:
    with house(Api(getSession_v3=captured(file))) as calls:
        return calls.sessions.listed("337366")


def by_soap(file: str) -> SessionListing:
    with house(Api(getSession_V3=captured(file))) as calls:
        return calls.sessions.by_soap("337366")


@pytest.mark.parametrize(
    ("language", "technician", "status"),
    [
        ("pt", "Técnico 1", "Encerrado pelo cliente ativo"),
        ("de", "Techniker 1", "Vom aktiven Kunden geschlossen"),
        ("ja", "技術者 1", "アクティブな顧客により終了"),
    ],
)
def test_a_table_in_another_language(language: str, technician: str, status: str) -> None:
    closed, waiting = by_table(f"getSession_v3-{language}.txt").rows
    assert (closed.status, closed.technician, closed.language) == (status, technician, language)
    assert (closed.is_lead, closed.handing_off, closed.waiting_seconds) == (True, False, 104)
    assert (waiting.key, waiting.technician, waiting.channel_id) == (("1663357", "0"), "", "1902861082")
    assert (waiting.is_lead, waiting.handing_off) == (False, False)
    assert {closed.state, waiting.state} == {None}, "no state is read from words"


def test_names_with_colons_and_line_feeds_are_read_and_a_delimiter_is_counted() -> None:
    found = by_table("getSession_v3-odd-names.txt")
    assert [(row.session_id, row.technician) for row in found.rows] == [
        ("1663356", "Technician: 1"),
        ("1663358", "Technician 2"),
    ]
    assert found.rows[0].fields == {"cfield0": "Customer 1: Ann\nof the 2nd floor"}
    assert found.unreadable == 1, "so that the caller can ask by SOAP"


def test_soap_tells_states_in_no_language_and_keeps_each_technician_apart() -> None:
    found = by_soap("getSession_V3-two.xml")
    assert [(row.key, row.state) for row in found.rows] == [
        (("1663112", "337366"), SessionState.TRANSFERRING),
        (("1663113", "0"), SessionState.WAITING),
        (("1663112", "337367"), SessionState("SESSION_NEW_WORD")),
    ]
    assert [row.state.open for row in found.rows if row.state] == [True, True, False]
    assert found.rows[2].state is not None
    assert (found.rows[2].state.value, found.rows[2].state.known) == ("SESSION_NEW_WORD", False)
    assert found.rows[1].status == "待機中"
    assert found.unreadable == 0


def test_nothing_is_listed_by_soap() -> None:
    assert by_soap("getSession_V3-none.xml") == SessionListing(())


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_list_of_one_may_come_without_its_wrapper(wrapped: bool) -> None:
    row = "<iID>7</iID><bStatus>session_waiting</bStatus>"
    inside = f"<aSessions>{f'<SESSION_V3>{row}</SESSION_V3>' if wrapped else row}</aSessions>"
    answer = envelope("getSession_V3", f"getSession_OK</getSession_V3Result>{inside}<getSession_V3Result>")
    with house(Api(getSession_V3=answer)) as calls:
        [found] = calls.sessions.by_soap("1").rows
    assert (found.session_id, found.state) == ("7", SessionState.WAITING)


def test_a_row_without_a_number_is_counted() -> None:
    inside = "<aSessions><SESSION_V3><iID>x</iID></SESSION_V3></aSessions>"
    answer = envelope("getSession_V3", f"getSession_OK</getSession_V3Result>{inside}<getSession_V3Result>")
    with house(Api(getSession_V3=answer)) as calls:
        assert calls.sessions.by_soap("1") == SessionListing((), 1)


def test_everybodys_sessions_are_listed_without_a_node() -> None:
    api = Api(getSession="OK\n\nID|\n", getSession_v3="OK\n\nID|\n")
    with house(api) as calls:
        calls.sessions.listed("", version=1)
        calls.sessions.listed("1902861082", "CHANNEL")
    assert "node" not in api.form(0)
    assert (api.form(1)["node"], api.form(1)["noderef"]) == ("1902861082", "CHANNEL")


@pytest.mark.parametrize(("said", "there"), [("TRUE", True), ("FALSE", False), ("OK\n\nTRUE", True)])
def test_whether_anybody_is_on_a_channel(said: str, there: bool) -> None:
    api = Api(isAnyTechAvailableOnChannel=said)
    with house(api) as calls:
        assert calls.sessions.anybody_on("1902861082", only_free=False) is there
    assert api.form()["ExcludingAwayAndBusy"] == "false"


@pytest.mark.parametrize("said", ["OK", "OK\n\nmaybe", "", "<html>"])
def test_neither_true_nor_false_is_unreadable(said: str) -> None:
    with house(Api(isAnyTechAvailableOnChannel=said)) as calls, pytest.raises(Unavailable):
        calls.sessions.anybody_on("1902861082")


@pytest.mark.parametrize(("said", "there"), [("TRUE", True), ("false", False)])
def test_whether_anybody_is_on_a_channel_by_soap(said: str, there: bool) -> None:
    name = "isAnyTechAvailableOnChannel"
    told = f"{name}_OK</{name}Result><bHasOnlineTechnicians>{said}</bHasOnlineTechnicians><{name}Result>"
    with house(Api(**{name: envelope(name, told)})) as calls:
        assert calls.sessions.anybody_by_soap("1902861082") is there
    with house(Api(**{name: envelope(name, f"{name}_OK")})) as calls, pytest.raises(Unavailable):
        calls.sessions.anybody_by_soap("1902861082")


@pytest.mark.parametrize("cell", ["0|Help|x", "x|Help|337366", "0|Help|337366|Technician 1|2/16/2026 4:49 PM|x"])
def test_pieces_of_two_rows_with_the_right_length_are_no_row(cell: str) -> None:
    row = f"1663356|Active|{cell}"
    row += "|" * (19 - row.count("|"))
    with house(Api(getSession_v3=f"OK\n\nID|\n{row}\n")) as calls:
        assert calls.sessions.listed("1") == SessionListing((), 1)


def test_which_states_go_on() -> None:
    going_on = "STARTING CONNECTING WAITING OFFLINE PICKEDUP TRANSFERINGBUTNOTPICKEDUP REBOOTING CONNECTIONPROBLEM"
    held = "ONHOLD ONHOLDBUTCUSTOMERLEFT"
    wanted = {f"SESSION_{word}" for word in (going_on + " " + held).split()}
    assert {state.value for state in SessionState if state.open} == wanted
