"""Each report of the pretend appliance, its lags, its files, and the habits of real ones."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
from typing import Any

import pytest
from lxml import etree

from sandbox.beyondtrust.live import LiveModel
from sandbox.beyondtrust.reports.archives import Archives
from sandbox.beyondtrust.reports.presentations import LSID
from sandbox.beyondtrust.reports.reporting import reports
from sandbox.beyondtrust.state import ApplianceState
from sandbox.settings import ApplianceSettings
from tests.sandbox.appliance import Account, House, error, helped, over, waiting

ALL = {"start_time": "0", "duration": "0"}
REPORTS = reports(Archives(LiveModel(ApplianceState(ApplianceSettings()))))
EXTRA = {
    "SupportSessionSummary": {"report_type": "rep"},
    "SupportCustExitSurvey": {"report_type": "rep", "id": "all"},
    "SupportRepExitSurvey": {"report_type": "team", "id": "all"},
    "LicenseUsage": {"group_by": "day"},
}
BY_TIME = sorted(name for name, report in REPORTS.items() if "start_time" in report.takes)


def texts(root: etree._Element, path: str) -> list[str]:
    """What stands in these elements or attributes."""
    return [one if isinstance(one, str) else one.text or "" for one in root.xpath(path)]


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_every_report_refuses_what_it_does_not_know(account: Account, name: str) -> None:
    assert error(account.report(name, surprise="1"))


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_every_report_needs_its_permission(house: House, account: Account, name: str) -> None:
    house.settings.denied = frozenset({REPORTS[name].permission})
    assert "permission" in error(account.report(name))


@pytest.mark.parametrize("name", BY_TIME)
def test_reports_by_time(account: Account, name: str) -> None:
    assert account.report(name, **ALL, **EXTRA.get(name, {})).tag == REPORTS[name].root


@pytest.mark.parametrize("name", BY_TIME)
@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"start_time": "0"},
        {"duration": "0"},
        {"start_time": "0", "start_date": "2026-01-01", "duration": "0"},
        {"start_date": "01.01.2026", "duration": "0"},
        {"start_time": "noon", "duration": "0"},
        {"start_time": "0", "duration": "a week"},
    ],
)
def test_times_that_are_refused(account: Account, name: str, wrong: dict[str, str]) -> None:
    assert error(account.report(name, **wrong, **EXTRA.get(name, {})))


@pytest.mark.parametrize("name", ["", "Everything"])
def test_unknown_reports(account: Account, name: str) -> None:
    assert "report" in error(account.report(name)).lower()


def test_a_session_from_its_start_to_its_end(house: House, account: Account) -> None:
    state = house.appliance
    session = helped(state, external_key="35436", asset="A & B")
    state.representative_says(session.lsid, 1, "<b>hello</b>")
    state.note(session.lsid, 1, "a note")
    state.send_file(session.lsid, "setup.exe", 1_024)
    state.system_information(session.lsid)
    house.clock.advance(90)
    state.end(session.lsid)
    one = account.report("SupportSession", lsid=session.lsid)[0]
    assert one.get("lsid") == session.lsid
    assert texts(one, "external_key | duration | file_transfer_count") == ["00:01:30", "35436", "1"]
    assert texts(one, "custom_attributes/custom_attribute[@display_name='Asset'][@code_name='asset']") == ["A & B"]
    assert texts(one, "rep_list/representative/seconds_involved") == ["90"]
    kinds = texts(one, "session_details/event/@event_type")
    assert (kinds[0], kinds[-1]) == ("Session Start", "Session End")
    assert texts(one, "//event[@event_type='Chat Message']/body") == ["<b>hello</b>"]
    assert texts(one, "//category[@name='Drives']/data/row[1]/field") == ["C:\\", "Local Disk", "60%"]
    assert one.findtext("session_chat_view_url")


def test_text_that_xml_cannot_hold_comes_encoded(house: House, account: Account) -> None:
    session = helped(house.appliance)
    house.appliance.customer_says(session.lsid, "a\x01b")
    found = texts(account.report("SupportSession", lsid=session.lsid), "//encoded_body")
    assert [base64.b64decode(one) for one in found] == [b"a\x01b"]


def test_the_session_then_its_end_then_the_survey_come_late(house: House, account: Account) -> None:
    settings, state = house.settings, house.appliance
    settings.report_appears_seconds, settings.report_end_seconds, settings.report_survey_seconds = 10, 20, 30
    session = over(state)
    state.answer_customer_survey(session.lsid, ["Very"])
    seen = []
    for _ in range(4):
        found = account.report("SupportSession", lsid=session.lsid)
        seen.append((len(found), bool(found.xpath("session/end_time[text()]")), len(found.xpath("//cust_exit_survey"))))
        house.clock.advance(10)
    assert seen == [(0, False, 0), (1, False, 0), (1, True, 0), (1, True, 1)]


def test_running_and_dropped_sessions_have_no_end(house: House, account: Account) -> None:
    running, dropped = helped(house.appliance), helped(house.appliance)
    house.appliance.drop(dropped.lsid)
    house.clock.advance(86_400 - 10)
    account.sign_in()
    found = account.report("SupportSession", lsids=f"{running.lsid},{dropped.lsid}")
    assert texts(found, "session/end_time") == ["", ""]
    assert texts(found, "session/@lsid") == [running.lsid, dropped.lsid]
    assert len(account.report("SupportSessionListing", end_time="0", duration="0")) == 0


def test_listing_by_start_and_by_end(house: House, account: Account) -> None:
    session = helped(house.appliance, external_key="7")
    began = int(house.clock.now().timestamp())
    house.clock.advance(100)
    house.appliance.end(session.lsid)

    def listed(**period: str) -> list[str]:
        return texts(account.report("SupportSessionListing", **period), "session_summary/@external_key")

    assert listed(start_time=str(began), duration="60") == ["7"]
    assert listed(start_time=str(began + 50), duration="0") == []
    assert listed(end_time=str(began + 50), duration="60") == ["7"]
    assert listed(end_time=str(began), duration="60") == []
    day = house.clock.now().strftime("%Y-%m-%d")
    assert listed(end_date=day, duration="1") == ["7"]


@pytest.mark.parametrize(
    ("limit", "number"),
    [
        ("all", 1),
        ("rep:1", 1),
        ("rep:2", 0),
        ("team:all", 1),
        ("team:2", 0),
        ("members:2", 0),
        ("site:1", 1),
        ("site:2", 0),
    ],
)
def test_limits(house: House, account: Account, limit: str, number: int) -> None:
    over(house.appliance)
    assert len(account.report("SupportSession", **ALL, limit=limit)) == number


def test_a_limit_that_is_none(account: Account) -> None:
    assert "limit" in error(account.report("SupportSession", **ALL, limit="everybody"))


def test_one_person_with_two_numbers_and_numbers_used_again(house: House, account: Account) -> None:
    state = house.appliance
    first = helped(state)
    state.reconnect(1)
    state.end(first.lsid)
    second = over(state)
    found = account.report("SupportSession", lsid=first.lsid)
    numbers = texts(found, "//representative[@id='1']/@gsnumber")
    assert len(set(numbers)) == 2
    customers = texts(account.report("SupportSession", **ALL), "//customer/@gsnumber")
    assert customers[0] != numbers[1]
    assert str(second.customer_gsnumber) in (customers[0], numbers[0])


def test_leaving_and_coming_back_adds_up(house: House, account: Account) -> None:
    state = house.appliance
    session = helped(state)
    for come in (False, True, False):
        house.clock.advance(30)
        if come:
            state.accept(session.lsid, 1)
        else:
            state.leave_rep(session.lsid, 1)
    found = account.report("SupportSession", lsid=session.lsid)
    assert texts(found, "//representative/seconds_involved") == ["60"]


def test_sparse_reports(house: House, account: Account) -> None:
    house.settings.sparse = house.settings.ipv6 = True
    session = over(house.appliance)
    found = account.report("SupportSession", lsid=session.lsid)
    assert texts(found, "//customer/private_ip | //customer/os") == ["Unknown", "Unknown"]
    assert texts(found, "//customer/public_ip") == ["[2001:db8::7]:56722"]
    assert (
        found.xpath("session/primary_rep | session/primary_team | session/primary_customer | //representative/hostname")
        == []
    )
    assert found.xpath("//event[@event_type='Session End']/*") == []
    assert texts(found, "session/external_key") == [""]


def test_surveys_by_session_and_by_time(house: House, account: Account) -> None:
    session = over(house.appliance)
    house.appliance.answer_customer_survey(session.lsid, ["Very", ["Printer", "Network"], "one\ntwo"])
    house.appliance.answer_representative_survey(session.lsid, ["Yes"])
    one = account.report("SupportCustExitSurvey", lsid=session.lsid, report_type="rep")[0]
    assert one.get("lsid") == session.lsid
    assert texts(one, "submitted_by/@type") == ["cust"]
    assert texts(one, "question_list/question/answer_list/answer") == ["Very", "Printer", "Network", "one\\ntwo"]
    for report_type, number, found in (("rep", "1", 1), ("rep", "2", 0), ("team", "1", 1), ("team", "2", 0)):
        listed = account.report("SupportRepExitSurvey", **ALL, report_type=report_type, id=number)
        assert len(listed) == found
    assert error(account.report("SupportRepExitSurvey", **ALL, report_type="rep"))
    house.settings.sparse = True
    again = account.report("SupportRepExitSurvey", lsid=session.lsid, report_type="rep")
    assert len(again.xpath("//question")) == 2
    assert len(again.xpath("//answer_list")) == 1


def test_summaries(house: House, account: Account) -> None:
    session = helped(house.appliance)
    house.clock.advance(61)
    house.appliance.end(session.lsid)
    for kind, name in (("rep", "Technician One"), ("team", "Service Desk"), ("site", "Default")):
        found = account.report("SupportSessionSummary", **ALL, report_type=kind)
        assert texts(found, "summary/display_name | summary/avg_duration") == [name, "00:01:01"]


def test_recordings_of_three_kinds(house: House, account: Account) -> None:
    state = house.appliance
    session = helped(state)
    state.share_screen(session.lsid)
    for _ in range(2):
        state.show_screen(session.lsid)
        state.open_shell(session.lsid)
    assert error(account.report("SupportSessionRecording", lsid=session.lsid))
    state.end(session.lsid)
    found = account.report("SupportSession", lsid=session.lsid)
    assert texts(found, "//show_my_screen_recording/@instance") == ["0", "1"]
    assert texts(found, "//command_shell_recording/@instance") == ["1", "2"]
    shell = account.report_answer("CommandShellRecording", lsid=session.lsid, instance="1")
    assert shell.content.endswith(f"shell 1 of {session.lsid}".encode())
    assert error(account.report("CommandShellRecording", lsid=session.lsid, instance="2"))
    assert account.report_answer("SupportSessionRecording", lsid=session.lsid).headers["content-type"] == "video/mp4"
    shown = account.report_answer("ShowMyScreenRecording", lsid=session.lsid, instance="0")
    assert account.client.get(texts(found, "//show_my_screen_recording/view_url")[0]).content == shown.content


def test_nothing_is_recorded_where_recording_is_off(house: House, account: Account) -> None:
    house.settings.recordings = False
    session = helped(house.appliance)
    house.appliance.share_screen(session.lsid)
    house.appliance.open_shell(session.lsid)
    house.appliance.end(session.lsid)
    found = account.report("SupportSession", lsid=session.lsid)
    assert found.xpath("//session_recording_view_url | //command_shell_recording") == []
    assert error(account.report("SupportSessionRecording", lsid=session.lsid))


def test_the_chat_link_shows_the_chat(house: House, account: Account) -> None:
    session = helped(house.appliance)
    house.appliance.customer_says(session.lsid, "<b>hello</b>")
    assert account.client.get(f"/records/{session.lsid}/chat").status_code == 404
    house.appliance.end(session.lsid)
    answer = account.client.get(f"/records/{session.lsid}/chat?download=1")
    assert answer.text.rstrip().endswith("Ann: <b>hello</b>")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "attachment" in answer.headers["content-disposition"]


def test_what_went_on_in_a_team(house: House, account: Account) -> None:
    session = waiting(house.appliance, "team:2")
    house.appliance.transfer(session.lsid, "team:1")
    found = account.report("SupportTeam", **ALL, team_id="2")
    kinds = texts(found, "//event/@event_type")
    assert kinds[-2:] == ["Session Transferred to Queue", "Session Transferred Away from Queue"]
    assert texts(found, "//value[@name='support_teams']/@value")[0].startswith(";")


def test_presentations(account: Account) -> None:
    assert texts(account.report("PresentationSessionListing", **ALL), "presentation_summary/@lsid") == [LSID]
    assert texts(account.report("PresentationSession", lsid=LSID), "session/session_type") == ["presentation"]
    assert len(account.report("PresentationSession", lsids="0,1")) == 0
    for name in ("PresentationSessionRecording", "PresentationRecording"):
        assert account.report_answer(name, lsid=LSID).content.endswith(b"presentation")
    assert error(account.report("PresentationSessionRecording", lsid="0"))


def test_licences_and_the_vault(house: House, account: Account) -> None:
    account.command("import_jump_shortcut", name="Server", group="servers", local_jump_hostname="H")
    packed = account.report_answer("EndpointLicenseUsage").content
    assert b"Server,servers" in zipfile.ZipFile(io.BytesIO(packed)).read("jump_items.csv")
    assert error(account.report("LicenseUsage", **ALL, group_by="year"))
    assert texts(account.report("LicenseUsage", **ALL, group_by="month"), "//license_count[not(@reason)]") == ["3"]
    house.clock.advance(60)
    everything = account.report("VaultAccountActivity", **ALL)
    assert texts(everything, "*/@event_type") == ["Account Created", "Password Changed"]
    assert len(account.report("VaultAccountActivity", **ALL, limit="rep:1")) == 1
    assert error(account.report("VaultAccountActivity", **ALL, limit="team:1"))


def test_the_backup_needs_its_permission(house: House, account: Account) -> None:
    assert len(account.client.get("/api/backup").content) > 100_000
    house.settings.denied = frozenset({"backup"})
    assert "permission" in account.client.get("/api/backup").text


def test_archives_can_be_replayed_to_the_next_state(house: House, account: Account) -> None:
    state = house.appliance
    session = helped(state, external_key="7")
    state.customer_says(session.lsid, "hello")
    house.clock.advance(3_590)
    account.sign_in()
    day = state.started_at.strftime("%Y-%m-%d")
    listing = account.report("ArchiveListing", date=day)
    assert texts(listing, "state_archive/index")[:1] == ["1"]
    first = texts(listing, "state_archive[1]/event_archive_index")[0]

    def archive(kind: str, index: str) -> list[dict[str, Any]]:
        answer = account.report_answer("Archive", type=kind, date=day, index=index)
        return [json.loads(line) for line in gzip.decompress(answer.content).splitlines()]

    assert archive("state", "1")[0]["support_session"] is None
    events = archive("event", first)
    assert {"model_insert", "model_update", "session_event"} <= {event["type"] for event in events}
    assert [event["data"]["body"] for event in events if event["type"] == "session_event"] == ["hello"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "state", "index": "0"},
        {"type": "state", "index": "999"},
        {"type": "both", "index": "1"},
    ],
)
def test_archives_that_are_not_there(house: House, account: Account, wrong: dict[str, str]) -> None:
    house.clock.advance(3_000)
    day = house.clock.now().strftime("%Y-%m-%d")
    assert error(account.report("Archive", date=day, **wrong))
    assert error(account.report("ArchiveListing", date="yesterday"))
    assert len(account.report("ArchiveListing", date="2020-01-01")) == 0
