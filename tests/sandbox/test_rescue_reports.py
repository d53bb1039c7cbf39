"""Reports of the pretend Rescue: setters as state of a login session, the minute's pace, areas, text and XML."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from lxml import etree

from sandbox.clock import us_second
from sandbox.driver import Customer, Technician
from sandbox.rescue.history import PastSession
from sandbox.rescue.model import CLOSED_BY_WAITING_CUSTOMER, Line
from sandbox.rescue.tree import CHANNEL_ID, ROOT_NODE_ID
from sandbox.serve import Sandbox

NOON = datetime(2024, 2, 19, 12, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Desk:
    """Somebody who asks for reports, with a login of their own."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.client = httpx.Client(base_url=sandbox.rescue_url, trust_env=False)
        self.login()

    def login(self) -> None:
        settings = self.sandbox.settings.rescue
        assert self.call("login", email=settings.email, pwd=settings.password) == "OK"

    def call(self, method: str, **values: str) -> str:
        return self.client.get(f"/API/{method}.aspx", params=values).text

    def about(self, area: int, begin: str = "2/19/2024", end: str = "2/19/2024", **more: str) -> None:
        assert self.call("setReportArea_v8", area=str(area)) == "OK"
        assert self.call("setReportDate_v2", bdate=begin, edate=end) == "OK"
        for name, value in more.items():
            assert self.call(f"set{name}", **{name.lower(): value}) == "OK"

    def rows(self, node: int = ROOT_NODE_ID, **values: str) -> list[dict[str, str]]:
        """The rows of the report, by header, of text that has nothing to escape."""
        self.sandbox.clock.advance(60)
        text = self.call("getReport_v2", node=str(node), **values)
        assert text.startswith("OK\n\n")
        assert text.endswith("\n")
        header, *lines = [line.split("|") for line in text.removeprefix("OK\n\n").splitlines()]
        return [dict(zip(header, line, strict=True)) for line in lines]


@pytest.fixture
def desk(sandbox: Sandbox) -> Iterator[Desk]:
    one = Desk(sandbox)
    yield one
    one.client.close()


def past(at: datetime = NOON, **more: object) -> PastSession:
    return PastSession(at - MINUTE, at, at + 10 * MINUTE, **more)  # type: ignore[arg-type]  # fields by name


# the area of sessions


def test_a_session_of_the_past(sandbox: Sandbox, desk: Desk) -> None:
    session = sandbox.rescue.remember(past(tracking="T-1", fields=("Zoë", "one", "", "", "", "five")))
    desk.about(0)
    (row,) = desk.rows()
    assert row["Start Time"] == "2/19/2024 12:00:00 PM"
    assert row["End Time"] == "2/19/2024 12:10:00 PM"
    assert (row["Session ID"], row["Technician ID"]) == (str(session.id), "337366")
    assert (row["Your Name:"], row["Custom field 1"], row["Custom field 5"]) == ("Zoë", "one", "five")
    assert (row["Tracking ID"], row["Waiting Time"], row["Total Time"]) == ("T-1", "0:01:00", "0:10:00")
    assert row["Status"] == "Closed by technician"


def test_a_played_session_appears_when_it_ended(
    sandbox: Sandbox, desk: Desk, customer: Customer, technician: Technician
) -> None:
    today = us_second(sandbox.clock.now()).split(" ")[0]
    session = customer.start_in_channel("Customer 1")
    technician.pick_up(session)
    desk.about(0, today, us_second(sandbox.clock.now() + timedelta(days=1)).split(" ")[0])
    assert desk.rows() == []
    technician.end(["yes"])
    assert [row["Session ID"] for row in desk.rows(CHANNEL_ID, noderef="CHANNEL")] == [str(session)]
    assert [row["Session ID"] for row in desk.rows(337366, nodetype="NODE")] == [str(session)]
    assert desk.rows(337367) == []


def test_a_session_without_its_post(sandbox: Sandbox, desk: Desk, customer: Customer, technician: Technician) -> None:
    sandbox.settings.rescue.lose_posts = True
    sandbox.connect(rescue_hook="http://127.0.0.1:9/hooks/rescue")
    session = customer.start_in_channel("Customer 1")
    technician.pick_up(session)
    technician.end()
    assert sandbox.drain()
    assert not sandbox.rescue_hooks.attempts
    now = sandbox.clock.now()
    desk.about(0, us_second(now - timedelta(days=1)).split(" ")[0], us_second(now + timedelta(days=1)).split(" ")[0])
    assert len(desk.rows()) == 1


def test_begin_and_end_belong_to_the_range_to_the_second(sandbox: Sandbox, desk: Desk) -> None:
    inside = [NOON, NOON + timedelta(minutes=1, milliseconds=900)]
    for moment in (*inside, NOON - timedelta(seconds=1), NOON + timedelta(minutes=1, seconds=1)):
        sandbox.rescue.remember(past(moment))
    desk.about(0, "2/19/2024 12:00:00", "2/19/2024 12:01:00")
    assert [row["Start Time"] for row in desk.rows()] == ["2/19/2024 12:00:00 PM", "2/19/2024 12:01:00 PM"]


def test_the_zone_moves_the_range_and_the_times(sandbox: Sandbox, desk: Desk) -> None:
    sandbox.rescue.remember(past(datetime(2024, 2, 20, 3, 30, tzinfo=UTC)))
    desk.about(0, Timezone="-300")
    assert [row["Start Time"] for row in desk.rows()] == ["2/19/2024 10:30:00 PM"]
    desk.about(0, Timezone="0")
    assert desk.rows() == []


def test_hours_of_the_day(sandbox: Sandbox, desk: Desk) -> None:
    for hour in (8, 9, 17, 18):
        sandbox.rescue.remember(past(NOON.replace(hour=hour)))
    desk.about(0)
    assert desk.call("setReportTime", btime="9:00:00", etime="17:00:00") == "OK"
    assert [row["Start Time"].split(" ", 1)[1] for row in desk.rows()] == ["9:00:00 AM", "5:00:00 PM"]


# text and XML


def test_text_escapes_nothing(sandbox: Sandbox, desk: Desk) -> None:
    sandbox.rescue.remember(past(fields=("a|b\nc", "", "", "", "", "")))
    desk.about(6)
    sandbox.clock.advance(60)
    assert "|a|b\nc||||||" in desk.call("getReport", node=str(ROOT_NODE_ID))
    sandbox.settings.rescue.report_trailing_delimiter = True
    sandbox.clock.advance(60)
    assert all(line.endswith("|") for line in desk.call("getReport", node=str(ROOT_NODE_ID)).splitlines()[2::2])


def test_xml_keeps_everything(sandbox: Sandbox, desk: Desk) -> None:
    sandbox.rescue.remember(past(fields=("a|b\nc <&> \x0b", "", "", "", "", "")))
    desk.about(0, Output="XML")
    sandbox.clock.advance(60)
    answer = desk.client.get("/API/getReport_v2.aspx", params={"node": ROOT_NODE_ID, "nodetype": "NODE"}).content
    root = etree.fromstring(answer.removeprefix(b"OK\n\n"))
    (number,) = root.xpath("header/field[text()='Your Name:']/@id")
    assert root.xpath(f"data/row/field[@id='{number}']/text()") == ["a|b\nc <&> "]


@pytest.mark.parametrize("output", ["XML", "TEXT"])
def test_nothing_to_list_is_the_header_only(desk: Desk, output: str) -> None:
    desk.about(0, Output=output)
    text = desk.call("getReport_v2", node=str(ROOT_NODE_ID))
    assert "Start Time" in text
    assert "<row" not in text
    assert text.count("\n") == 3


def test_another_delimiter_and_another_order_of_dates(sandbox: Sandbox, desk: Desk) -> None:
    sandbox.rescue.remember(past())
    desk.about(0, Delimiter=";", DateFormat="DDMMYY")
    assert desk.call("setReportDate", bdate="19/2/2024", edate="19/2/2024") == "OK"
    lines = desk.call("getReport", node=str(ROOT_NODE_ID)).splitlines()
    assert lines[2].startswith("Start Time;End Time;")
    assert lines[3].startswith("19/2/2024 12:00:00 PM;")


# other areas


def test_a_survey_counts_when_it_was_answered(sandbox: Sandbox, desk: Desk) -> None:
    sandbox.settings.rescue.customer_questions = ["Good\u2013bad?", "One | two"]
    late = NOON + timedelta(days=3)
    session = sandbox.rescue.remember(past(customer_survey=("5", "thanks"), customer_survey_at=late))
    sandbox.rescue.remember(past())
    desk.about(1, Delimiter="~")
    sandbox.clock.advance(60)
    assert desk.call("getReport", node=str(ROOT_NODE_ID)).count("\n") == 3
    desk.about(1, "2/22/2024", "2/22/2024")
    sandbox.clock.advance(60)
    text = desk.call("getReport", node=str(ROOT_NODE_ID))
    assert "~Your Name:~Good\u2013bad?~One | two~" in text
    assert f"~{session.id}~2/22/2024 12:00:00 PM~Customer 1~5~thanks~Technician 1~337366\n" in text


def test_a_customer_answers_late_on_the_page(
    sandbox: Sandbox, desk: Desk, customer: Customer, technician: Technician
) -> None:
    session = customer.start_in_channel("Customer 1")
    technician.pick_up(session)
    technician.end()
    sandbox.clock.advance(2 * 86_400)
    customer.answer_survey("4", "late")
    desk.login()
    day = us_second(sandbox.clock.now()).split(" ")[0]
    desk.about(1, day, us_second(sandbox.clock.now() + timedelta(days=1)).split(" ")[0])
    (row,) = desk.rows()
    assert (row["Session ID"], row["Anything you want to tell us?"]) == (str(session), "late")


def test_a_second_answer_replaces_the_first(sandbox: Sandbox, desk: Desk) -> None:
    session = sandbox.rescue.remember(past(customer_survey=("1", "bad"), customer_survey_at=NOON))
    sandbox.rescue.answer_customer_survey(session.id, ("5", "good after all"))
    desk.about(1, "2/19/2024", us_second(sandbox.clock.now() + timedelta(days=1)).split(" ")[0])
    assert [row["Anything you want to tell us?"] for row in desk.rows()] == ["good after all"]


def test_the_areas_around_the_session(sandbox: Sandbox, desk: Desk) -> None:
    chat = (Line(NOON, "", "Switched to P2P"), Line(NOON, "Zoë", "hello"))
    sandbox.rescue.remember(past(technician_survey=("yes", "cleaned"), chat=chat[1:], collaborators=(337367,)))
    gone = PastSession(NOON, None, NOON + MINUTE, 0, status=CLOSED_BY_WAITING_CUSTOMER, channel_id=CHANNEL_ID)
    missed = sandbox.rescue.remember(gone)
    found = {}
    for area in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16):
        desk.about(area)
        found[area] = desk.rows()
    assert {area: len(rows) for area, rows in found.items()} == {
        **dict.fromkeys((0, 3, 4, 5, 6, 8, 9), 1),
        **dict.fromkeys((1, 2, 7, 10, 16), 0),
    }
    assert found[3][0]["Session ID"] == str(missed.id)
    assert (found[4][0]["Technician Name"], found[4][0]["Number of Sessions"]) == ("Technician 1", "1")
    assert found[8][0]["What was done?"] == "cleaned"
    assert found[5][0]["Chat Log"] == "12:00 PM Zoë: hello"


def test_a_summary_has_a_row_for_each_technician(sandbox: Sandbox, desk: Desk) -> None:
    for technician in (337366, 337367, 337366):
        sandbox.rescue.remember(past(technician=technician))
    desk.about(0)
    assert desk.call("setReportType", type="SUMMARY") == "OK"
    assert [(row["Technician ID"], row["Number of Sessions"]) for row in desk.rows()] == [
        ("337366", "2"),
        ("337367", "1"),
    ]


def test_when_consoles_were_open(sandbox: Sandbox, desk: Desk, technician: Technician) -> None:
    technician.open_console(open_=False)
    technician.open_console()
    now, day = sandbox.clock.now(), timedelta(days=1)
    sandbox.clock.advance(90)
    technician.open_console(open_=False)
    desk.about(2, *(us_second(one).split(" ")[0] for one in (now - day, now + day)))
    (row,) = desk.rows()
    assert (row["Technician ID"], row["Total Login Time"]) == ("337366", "0:01:30")
    assert row["End Time"]


# the conversation


def test_one_report_a_minute_for_the_account(sandbox: Sandbox, desk: Desk) -> None:
    other = Desk(sandbox)
    desk.about(0)
    assert desk.call("getReport", node="1") == "INVALIDPARAM_NODE"
    assert desk.call("getReport", node=str(ROOT_NODE_ID)).startswith("OK")
    assert other.call("getReport_v2", node=str(ROOT_NODE_ID)) == "POLLRATEEXCEEDED"
    sandbox.clock.advance(60)
    assert other.call("getReport_v2", node=str(ROOT_NODE_ID)).startswith("OK")
    other.client.close()


def test_settings_belong_to_the_login_session(sandbox: Sandbox, desk: Desk) -> None:
    other = Desk(sandbox)
    desk.about(8)
    other.about(3)
    assert desk.call("getReportArea") == "OK\n\nAREA:8"
    assert other.call("getReportArea_v8") == "OK\n\nAREA:3"
    sandbox.clock.advance(20 * 60)
    settings = sandbox.settings.rescue
    assert desk.call("getReportArea") == "NOTLOGGEDIN"
    assert desk.call("getReportArea", authcode=settings.authcode) == "OK\n\nAREA:0"
    other.client.close()


def test_one_authcode_without_cookies_is_one_conversation(sandbox: Sandbox) -> None:
    code = sandbox.settings.rescue.authcode

    def call(method: str, **values: str) -> httpx.Response:
        return httpx.get(f"{sandbox.rescue_url}/API/{method}.aspx", params={**values, "authcode": code})

    answer = call("setReportArea", area="8")
    assert answer.text == "OK"
    assert "ASP.NET_SessionId" in answer.cookies
    assert call("setReportArea", area="1").text == "OK"
    assert call("getReportArea").text == "OK\n\nAREA:1"
    with_cookie = httpx.get(
        f"{sandbox.rescue_url}/API/getReportArea.aspx", params={"authcode": code}, cookies=answer.cookies
    )
    assert with_cookie.text == "OK\n\nAREA:8"


def test_what_was_called_by_whom(sandbox: Sandbox, desk: Desk) -> None:
    sandbox.rescue.calls.clear()
    desk.call("getAccount", authcode=sandbox.settings.rescue.authcode)
    desk.about(0)
    calls = sandbox.rescue.calls.all()
    assert [one.method for one in calls] == ["getaccount", "setreportarea_v8", "setreportdate_v2"]
    assert len({one.caller for one in calls}) == 1
    assert calls[0].caller.startswith("cookie:")
    assert desk.client.cookies["ASP.NET_SessionId"] not in calls[0].caller
    assert "authcode" not in calls[0].values
    assert sandbox.rescue.calls.all("setReportDate_v2")[0].values == {"bdate": "2/19/2024", "edate": "2/19/2024"}


@pytest.mark.parametrize(
    ("method", "values", "code"),
    [
        ("setReportArea", {"area": "99"}, "ERROR"),
        ("setReportArea", {"area": "16"}, "ERROR"),
        ("setReportDate", {"bdate": "2024-02-19", "edate": "2/19/2024"}, "INVALIDFORMAT"),
        ("setReportDate_v2", {"bdate": "2/30/2024", "edate": "3/1/2024"}, "INVALIDFORMAT"),
        ("setReportDate_v2", {"bdate": "2/19/2024 25:00:00", "edate": "3/1/2024"}, "INVALIDFORMAT"),
        ("setReportDate_v2", {"bdate": "2/20/2024", "edate": "2/19/2024"}, "INVALIDDATERANGE"),
        ("setReportTime", {"btime": "9", "etime": "17:00:00"}, "INVALIDFORMAT"),
        ("setReportTime", {"btime": "17:00:00", "etime": "9:00:00"}, "INVALIDDATERANGE"),
        ("setTimezone", {"timezone": "UTC"}, "INVALIDFORMAT"),
        ("setOutput", {"output": "JSON"}, "NOTSUPPORTED"),
        ("setReportType", {"type": "ALL"}, "NOTSUPPORTED"),
        ("setDelimiter", {"delimiter": ""}, "INVALIDFORMAT"),
        ("setDateFormat", {"dateformat": "EVER"}, "INVALIDFORMAT"),
        ("getReport", {"node": str(ROOT_NODE_ID), "noderef": "ELSE"}, "INVALIDPARAM_NODEREF"),
    ],
)
def test_what_is_refused(desk: Desk, method: str, values: dict[str, str], code: str) -> None:
    assert desk.call(method, **values) == code


def test_getters_say_what_was_set(desk: Desk) -> None:
    desk.about(0, "2/19/2024", "3/1/2024", Timezone="60", Output="XML", Delimiter=";", DateFormat="DDMMYY")
    desk.call("setReportTime", btime="9:00:00", etime="17:00:00")
    desk.call("setReportType", type="SUMMARY")
    assert desk.call("getReportDate") == "OK\n\nBDATE:19/2/2024\nEDATE:1/3/2024"
    assert desk.call("getReportTime") == "OK\n\nBTIME:09:00:00\nETIME:17:00:00"
    assert desk.call("getTimezone") == "OK\n\nTIMEZONE:60"
    assert desk.call("getOutput") == "OK\n\nOUTPUT:XML"
    assert desk.call("getDelimiter") == "OK\n\nDELIMITER:;"
    assert desk.call("getReportType") == "OK\n\nREPORTTYPE:SUMMARY"
    assert desk.call("getDateFormat") == "OK\n\nDATEFORMAT:DDMMYY"


def test_ten_thousand_sessions_stay_easy(sandbox: Sandbox, desk: Desk) -> None:
    """No timing: what is looked at is counted."""
    begin = datetime(2024, 2, 1, tzinfo=UTC)
    for number in range(10_000):
        sandbox.rescue.remember(past(begin + number * timedelta(minutes=4)))
    day = sandbox.rescue.history.started.between(begin, begin + timedelta(days=1))
    assert len(list(day)) == 360
    desk.about(0, "2/2/2024", "2/2/2024")
    assert len(desk.rows()) == 360
    listed = desk.call("getSession_v3", node=str(ROOT_NODE_ID))
    assert listed.count("\n") == 3
