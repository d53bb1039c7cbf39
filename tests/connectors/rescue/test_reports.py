"""The conversation in which a report is asked for."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import httpx
import pytest

from bridge.errors import AccessDenied, RateLimited, Rejected, Throttled, Unavailable, Unreadable
from connectors.platforms.rescue import Rescue
from tests.connectors.rescue.command_line_desk import ran, run
from tests.connectors.rescue.support import AUTHCODE, PASSWORD, Api, rescue
from tests.contract.workshop import MemoryVault

REPORTS = Path(__file__).parents[2] / "fixtures" / "rescue" / "reports"
SINCE = datetime(2026, 10, 1, tzinfo=UTC)
UNTIL = datetime(2026, 10, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))
ROOT = "OK\n\nNodeID:337360\nParentID:0\nName:Company\nEmail:\nDescription:\nStatus:Online\nType:Root\n"
SETTERS = ("setOutput", "setTimezone", "setReportType", "setReportDate_v2", "setReportTime", "setReportArea")
EMAIL = "technician@example.com"


def signed_in(session: str) -> httpx.Response:
    return httpx.Response(200, text="OK", headers={"set-cookie": f"ASP.NET_SessionId={session}; path=/; HttpOnly"})


def report(name: str) -> str:
    return (REPORTS / name).read_text(encoding="utf-8")


def account(**answers: object) -> Api:
    """Rescue with the two reports of a look; what `answers` names is answered otherwise."""
    usual: dict[str, object] = dict.fromkeys((*SETTERS, "setDelimiter"), "OK")
    usual |= {"getAccount": "OK\n\nAccountID:560961", "getHierarchy_v2": ROOT}
    usual |= {"getReport": [report("sessions.xml"), report("customer-surveys.xml")]}
    return Api(**{**usual, **answers})


def listed(connector: Rescue) -> list[str]:
    return [summary.id for summary in connector.sessions_since(SINCE, UNTIL)]


def test_a_look_asks_for_the_sessions_and_for_the_surveys_of_the_whole_account() -> None:
    api = account()
    with rescue(api) as connector:
        found = list(connector.sessions_since(SINCE, UNTIL))

    assert [(one.id, sorted(one.surveyed_by)) for one in found] == [
        ("16633560", []),
        ("16633561", []),
        ("16633560", ["customer"]),
    ]
    asked = [(call, form) for call, form, _ in api.asked if call in ("setReportArea", "getReport")]
    assert [form.get("area", form.get("node")) for _, form in asked] == ["0", "337360", "1", "337360"]


def test_all_that_a_report_depends_on_is_set_before_it_in_utc() -> None:
    api = account()
    with rescue(api) as connector:
        listed(connector)

    first = {call: form for call, form, _ in reversed(api.asked)}
    assert api.calls[2 : 2 + len(SETTERS)] == list(SETTERS)
    assert first["setReportDate_v2"]["bdate"] == "10/1/2026 00:00:00"
    assert first["setReportDate_v2"]["edate"] == "10/2/2026 01:04:05"
    assert first["setTimezone"]["timezone"] == "0"
    assert first["getReport"]["noderef"] == first["getReport"]["nodetype"] == "NODE"
    assert (first["setReportTime"]["btime"], first["setReportTime"]["etime"]) == ("0:00:00", "23:59:59")


def test_a_conversation_stays_in_the_session_that_its_first_answer_began() -> None:
    begun = httpx.Response(
        200, text="OK", headers={"set-cookie": "ASP.NET_SessionId=made-up-session; path=/; HttpOnly"}
    )
    api = account(getAccount=[begun, begun])
    with rescue(api) as connector:
        listed(connector)

    cookies = {call: request.headers.get("cookie", "") for call, _, request in api.asked}
    assert {cookies[call] for call in (*SETTERS, "getReport")} == {"ASP.NET_SessionId=made-up-session"}
    assert api.calls.count("setOutput") == 2, "its own session's output is nobody else's, and stays"
    assert all(form["authcode"] == AUTHCODE for _, form, _ in api.asked)


def test_without_a_session_of_its_own_the_output_is_set_back_to_text() -> None:
    api = account()
    with rescue(api) as connector:
        listed(connector)

    outputs = [form["output"] for call, form, _ in api.asked if call == "setOutput"]
    assert outputs == ["XML", "TEXT"] * 2


def test_with_a_password_reports_have_a_login_of_their_own() -> None:
    vault = MemoryVault()
    api = account(login=[signed_in("everybody"), signed_in("reports-only")])
    with rescue(api, vault, auth="login", email=EMAIL, password=PASSWORD) as connector:
        listed(connector)

    cookies = {call: request.headers.get("cookie", "") for call, _, request in api.asked}
    assert cookies["getHierarchy_v2"] == "ASP.NET_SessionId=everybody"
    assert cookies["setOutput"] == cookies["getReport"] == "ASP.NET_SessionId=reports-only"
    assert "reports" in vault.locked, "one caller at a time over all workers"


def test_where_xml_cannot_be_set_text_is_read() -> None:
    api = account(setOutput=["NOTSUPPORTED", "OK"] * 2, getReport=[report("sessions.txt"), report("nothing.txt")])
    with rescue(api) as connector, pytest.raises(Unreadable, match=r"1 rows of reports .* cannot be taken apart"):
        listed(connector)

    assert [form["delimiter"] for call, form, _ in api.asked if call == "setDelimiter"] == ["|", "|"]


def test_what_can_be_read_comes_before_the_complaint_about_the_rest() -> None:
    api = account(setOutput=["NOTSUPPORTED", "OK"] * 2, getReport=[report("sessions.txt"), report("nothing.txt")])
    with rescue(api) as connector:
        told = connector.sessions_since(SINCE, UNTIL)
        assert [next(told).id, next(told).id] == ["16633560", "16633562"]
        with pytest.raises(Unreadable):
            next(told)


def test_a_report_waits_for_its_turn_before_anything_is_said() -> None:
    api = account()

    def throttle(bucket: str) -> float:
        return 59.0 if bucket == "reports" else 0.0

    with (
        rescue(api, throttle=throttle, report_node="337360", authcode=AUTHCODE) as connector,
        pytest.raises(Throttled) as refused,
    ):
        listed(connector)

    assert refused.value.retry_after == 59.0
    assert not api.calls


def test_when_somebody_else_took_the_turn_it_is_asked_again_and_then_given_up() -> None:
    api = account(getReport=["POLLRATEEXCEEDED", report("sessions.xml"), report("customer-surveys.xml")])
    with rescue(api) as connector:
        assert len(listed(connector)) == 3

    stubborn = account(getReport="POLLRATEEXCEEDED")
    with rescue(stubborn) as connector, pytest.raises(RateLimited):
        listed(connector)
    assert stubborn.calls.count("getReport") == 3


def test_a_sign_in_that_ended_is_renewed_once_and_the_conversation_begins_again() -> None:
    api = account(login=[signed_in(name) for name in "abc"], setTimezone=["NOTLOGGEDIN", "OK", "OK", "OK"])
    with rescue(api, auth="login", email=EMAIL, password=PASSWORD) as connector:
        assert len(listed(connector)) == 3


def test_a_sign_in_that_only_reports_refuse_is_neither_renewed_nor_stops_the_connection() -> None:
    api = account(setTimezone="INVALID_SECRETAUTHCODE", requestAuthCodeSSO="OK\n\nAUTHCODE:made-up-authcode")
    with (
        rescue(api, auth="sso", sso_id="123456", sso_password=PASSWORD, company_id="654321") as connector,
        pytest.raises(Rejected, match="reports are refused: give the connection"),
    ):
        listed(connector)
    assert api.calls.count("requestAuthCodeSSO") == 1, "another authcode would kill the one that PINs are made with"


def test_a_wrong_password_beside_an_authcode_stops_reports_only() -> None:
    beside = account(login="INVALID")
    with (
        rescue(beside, authcode=AUTHCODE, email=EMAIL, password=PASSWORD) as connector,
        pytest.raises(Rejected, match="reports are refused"),
    ):
        listed(connector)

    alone = account(login="INVALID")
    with rescue(alone, auth="login", email=EMAIL, password=PASSWORD) as connector, pytest.raises(AccessDenied):
        listed(connector)


def test_an_authcode_that_everybody_is_refused_with_stops_the_connection() -> None:
    api = account(getAccount="INVALID_SECRETAUTHCODE", getHierarchy_v2=ROOT)
    with rescue(api) as connector, pytest.raises(AccessDenied):
        listed(connector)


def test_the_next_report_waits_a_whole_pause_from_when_this_one_was_asked_for() -> None:
    api = account(getReport=[httpx.Response(503), report("sessions.xml"), report("customer-surveys.xml")])
    held: list[tuple[str, float, int]] = []
    with rescue(api, hold=lambda bucket, pause: held.append((bucket, pause, len(api.calls)))) as connector:
        with pytest.raises(Unavailable):
            listed(connector)
        listed(connector)

    assert [(bucket, pause) for bucket, pause, _ in held] == [("reports", 60.0)] * 3
    assert [api.calls[number - 1] for _, _, number in held] == ["getReport"] * 3, "not from when the talk began"


# -- deskbridge rescue report ----------------------------------------------------------------------------------


def test_a_report_is_printed_row_by_row() -> None:
    api = account(getReport=report("customer-surveys.xml"))
    printed = ran(api, "report", "customer-survey", "--since", "2026-10-01", "--until", "2026-10-04")

    assert "Very good" in printed
    assert "a|b\\nc: d" in printed, "what stands in a cell cannot break the lines"
    first = {call: form for call, form, _ in reversed(api.asked)}
    assert first["setReportArea"]["area"] == "1"
    assert first["setReportDate_v2"]["edate"] == "10/4/2026 00:00:00"
    assert first["getReport"]["node"] == "337360"


def test_a_report_of_a_channel_in_sums_by_the_second_call() -> None:
    api = account(setReportArea_v8="OK", getReport_v2=report("nothing.txt"))
    arguments = ("transferred-sessions-extended", "--node", "7", "--channel", "--summary", "--second")
    assert "nothing in that time" in ran(api, "report", *arguments)
    first = {call: form for call, form, _ in reversed(api.asked)}
    assert first["setReportArea_v8"]["area"] == "16"
    assert first["setReportType"]["reporttype"] == "SUMMARY"
    assert (first["getReport_v2"]["node"], first["getReport_v2"]["noderef"]) == ("7", "CHANNEL")


def test_a_report_as_json_and_rows_that_nobody_can_take_apart() -> None:
    api = account(setOutput=["NOTSUPPORTED", "OK"], getReport=report("sessions.txt"))
    result = run(api, "--json", "report", "session")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["Session ID"] for row in rows] == ["16633560", "16633562"]
    assert result.exit_code == 1
    assert "Nobody can take 1 more rows apart" in result.stderr
