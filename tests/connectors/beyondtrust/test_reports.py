"""The reports: what is asked, what comes back row by row, and the errors in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone

import httpx
import pytest

from bridge.errors import AccessDenied, Rejected, Unavailable
from bridge.model import SessionSummary
from connectors.platforms.beyondtrust.reports import Reports
from connectors.platforms.beyondtrust.reports.fetching import fetch_session
from connectors.platforms.beyondtrust.reports.polling import SURVEY_LAG, summaries_since
from connectors.platforms.beyondtrust.reports.report_values import Actor, FileMoved, LicenseCount, ListedSession
from connectors.platforms.beyondtrust.reports.selection import Limit, Period
from connectors.platforms.beyondtrust.reports.sessions import END_LAG, REPORT_LAG
from tests.connectors.beyondtrust.appliance import Appliance, api
from tests.connectors.beyondtrust.reporting import LSID, STARTED_AT, report, reports

MOMENT = datetime(2026, 1, 5, 9, tzinfo=UTC)
SINCE = Period(start_time=MOMENT)
DAYS = Period(end_date=date(2026, 1, 5), duration=31)
OTHER = "1" * 32

Ask = Callable[[Reports], Iterable[object]]


@pytest.mark.parametrize(
    ("name", "ask", "params"),
    [
        ("SupportSession", lambda r: r.support_sessions(SINCE), {"start_time": str(STARTED_AT), "duration": "0"}),
        ("SupportSession", lambda r: r.support_sessions(lsids=[LSID]), {"lsid": LSID}),
        ("SupportSession", lambda r: r.support_sessions(lsids=[LSID, OTHER]), {"lsids": f"{LSID},{OTHER}"}),
        (
            "SupportSession",
            lambda r: r.support_sessions(DAYS, limit=Limit("members:3")),
            {"end_date": "2026-01-05", "duration": "31", "limit": "members:3"},
        ),
        ("SupportSessionListing", lambda r: r.session_listing(DAYS), {"end_date": "2026-01-05", "duration": "31"}),
        (
            "SupportSessionSummary",
            lambda r: r.session_summary(SINCE, "site"),
            {"start_time": str(STARTED_AT), "duration": "0", "report_type": "site"},
        ),
        (
            "SupportCustExitSurvey",
            lambda r: r.customer_surveys(DAYS, report_type="team", id=3, site_id=1),
            {"end_date": "2026-01-05", "duration": "31", "report_type": "team", "id": "3", "site_id": "1"},
        ),
        (
            "SupportRepExitSurvey",
            lambda r: r.representative_surveys(lsids=[LSID]),
            {"lsid": LSID, "report_type": "rep"},
        ),
        (
            "SupportTeam",
            lambda r: r.team_activity(DAYS, 3),
            {"end_date": "2026-01-05", "duration": "31", "team_id": "3"},
        ),
        ("SupportTeam", lambda r: r.team_activity(DAYS), {"end_date": "2026-01-05", "duration": "31"}),
        ("PresentationSession", lambda r: r.presentation_sessions(lsids=[LSID]), {"lsid": LSID}),
        ("PresentationSessionListing", lambda r: r.presentation_listing(DAYS), DAYS.params()),
        (
            "LicenseUsage",
            lambda r: r.license_usage(SINCE, "hour"),
            {"start_time": str(STARTED_AT), "duration": "0", "group_by": "hour"},
        ),
        (
            "VaultAccountActivity",
            lambda r: r.vault_account_activity(DAYS, Limit("account:9")),
            {"end_date": "2026-01-05", "duration": "31", "limit": "account:9"},
        ),
        ("ArchiveListing", lambda r: r.archive_listing(date(2026, 1, 5)).states, {"date": "2026-01-05"}),
    ],
)
def test_what_is_asked(name: str, ask: Ask, params: dict[str, str]) -> None:
    with reports(**{name: "<list/>"}) as (built, appliance):
        assert list(ask(built)) == []
    assert appliance.form() == {"generate_report": name, **params}


@pytest.mark.parametrize(
    "ask",
    [
        lambda r: r.support_sessions(),
        lambda r: r.support_sessions(SINCE, lsids=[LSID]),
        lambda r: r.support_sessions(lsids=[LSID], limit=Limit("all")),
        lambda r: r.support_sessions(lsids=[f"{LSID},{LSID}"]),
        lambda r: r.support_sessions(SINCE, limit=Limit("account:1")),
        lambda r: r.vault_account_activity(SINCE, Limit("team:all")),
        lambda r: r.session_summary(SINCE, "queue"),
        lambda r: r.customer_surveys(SINCE, id="some"),
        lambda r: r.customer_surveys(lsids=[LSID], id=4),
        lambda r: r.customer_surveys(SINCE, report_type="site"),
        lambda r: r.team_activity(SINCE, "three"),
        lambda r: r.license_usage(DAYS, "hour"),
        lambda r: r.license_usage(SINCE, "week"),
        lambda r: r.event_archive(date(2026, 1, 5), -1),
        lambda r: Period(),
        lambda r: Period(start_date=date(2026, 1, 5), end_time=MOMENT),
        lambda r: Period(start_time=MOMENT, duration=-1),
        lambda r: Period(start_time=MOMENT.replace(tzinfo=None)),
        lambda r: Period(start_date=MOMENT),
    ],
)
def test_what_breaks_the_rules_is_not_sent(ask: Callable[[Reports], object]) -> None:
    with reports() as (built, appliance), pytest.raises(Rejected) as caught:
        ask(built)
    assert caught.value.code == "parameters"
    assert appliance.calls == []


def test_times_are_unix_seconds_in_any_zone() -> None:
    there = datetime(2026, 1, 5, 4, tzinfo=timezone(timedelta(hours=-5)))
    assert Period(start_time=there, duration=60).params() == {"start_time": str(STARTED_AT), "duration": "60"}


def test_sessions_come_whole() -> None:
    with reports(SupportSession="session.xml") as (built, _):
        assert [(one.id, one.reference) for one in built.support_sessions(SINCE)] == [(LSID, "4711")]


def test_a_listing_with_and_without_external_keys() -> None:
    listing = (
        "<session_summary_list>"
        f'<session_summary lsid="{LSID}" lseq="418" has_recording="1" external_key="4711"/>'
        f'<session_summary lsid="{OTHER}" has_recording="0"  />'
        "</session_summary_list>"
    )
    with reports(SupportSessionListing=listing) as (built, _):
        assert list(built.session_listing(SINCE)) == [
            ListedSession(LSID, 418, True, "4711"),
            ListedSession(OTHER, None, False, ""),
        ]


def test_statistics() -> None:
    row = (
        '<summary_list><summary id="7" type="rep"><display_name>Bea</display_name><total_sessions>12</total_sessions>'
        "<avg_sessions_per_weekday>2.4</avg_sessions_per_weekday><avg_duration>100:00:05</avg_duration></summary>"
        '<summary id="8" type="rep"/></summary_list>'
    )
    with reports(SupportSessionSummary=row) as (built, _):
        told, empty = built.session_summary(SINCE, "rep")
    assert (told.name, told.total_sessions, told.sessions_per_weekday, told.average_seconds) == ("Bea", 12, 2.4, 360005)
    assert (empty.total_sessions, empty.sessions_per_weekday, empty.average_seconds) == (None, None, None)


def test_team_activity_says_of_which_team_each_line_is() -> None:
    with reports(SupportTeam="team_activity.xml") as (built, _):
        logged_in, chat, shared, joined = built.team_activity(SINCE)
    assert logged_in.logged_in is not None
    assert (logged_in.team, logged_in.logged_in.name) == ("Second Line", "Bea Lindholm")
    assert chat.event is not None
    assert chat.event.performed_by == Actor("Bea Lindholm", "representative", "31")
    assert [one.name for one in chat.event.destinations] == ["Adam Berg", "Guest"]
    assert (chat.event.text, chat.event.at) == ("Lunch?", MOMENT)
    assert shared.event is not None
    assert shared.event.files == (FileMoved("menu.pdf", 2048),)
    assert shared.event.data == {"support_teams": ";Second Line"}
    assert (joined.team_id, joined.team) == ("4", "Third Line")


def test_presentations() -> None:
    with reports(PresentationSession="presentation.xml") as (built, _):
        (one,) = built.presentation_sessions(SINCE)
    assert (one.lseq, one.seconds, one.started_at) == (12, 3665, MOMENT)
    assert [who.username for who in one.attendees] == ["Nora Quist"]
    assert [who.seconds for who in one.presenters] == [3660]
    assert [(event.performed_by.name, event.text) for event in one.events] == [("Nora Quist", "I see nothing")]


def test_the_listing_of_presentations_as_the_guide_prints_it() -> None:
    listing = (
        f'<presentation_summary_list><presentation_summary lsid="{LSID}" has_recording="1"/>'
        f'<presentation_summary lsid="{OTHER}" has_recording="0"/></presentation_summary_list>'
    )
    with reports(PresentationSessionListing=listing) as (built, _):
        assert [(one.lsid, one.has_recording) for one in built.presentation_listing(SINCE)] == [
            (LSID, True),
            (OTHER, False),
        ]


def test_license_usage() -> None:
    usage = (
        '<license_usage><start_time timestamp="1"/><group_by>hour</group_by><license_time_intervals>'
        f'<license_time_interval timestamp="{STARTED_AT}" datetime="2026-01-05T10:00:00+01:00">'
        '<license_count license_type="full" reason="login">9</license_count>'
        '<license_count license_type="full">10</license_count>'
        "</license_time_interval></license_time_intervals></license_usage>"
    )
    with reports(LicenseUsage=usage) as (built, _):
        (peak,) = built.license_usage(SINCE, "hour")
    assert peak.at == MOMENT
    assert peak.counts == (LicenseCount("full", "login", 9), LicenseCount("full", "", 10))


def test_vault_account_activity() -> None:
    rows = (
        f'<vault_account_activity_list><vault_account_activity timestamp="{STARTED_AT}" Account="9"'
        ' event_type="Password Changed"><performed_by id="7" type="representative">Bea</performed_by>'
        "<data>Manually Rotated</data></vault_account_activity></vault_account_activity_list>"
    )
    with reports(VaultAccountActivity=rows) as (built, _):
        (one,) = built.vault_account_activity(SINCE)
    assert (one.at, one.account, one.event_type, one.data) == (MOMENT, "9", "Password Changed", "Manually Rotated")
    assert one.performed_by == Actor("Bea", "representative", "7")


def test_the_archives_of_a_day() -> None:
    listing = (
        f'<archives><state_archive><time timestamp="{STARTED_AT}">x</time><index>1</index>'
        "<event_archive_index>2</event_archive_index></state_archive>"
        f'<event_archive><time timestamp="{STARTED_AT}">x</time><end_time timestamp="{STARTED_AT + 600}">x</end_time>'
        "<index>2</index></event_archive></archives>"
    )
    with reports(ArchiveListing=listing) as (built, _):
        found = built.archive_listing(date(2026, 1, 5))
    assert [(one.at, one.index, one.event_archive_index) for one in found.states] == [(MOMENT, 1, 2)]
    assert [(one.index, one.ends_at) for one in found.events] == [(2, MOMENT + timedelta(minutes=10))]


SESSION = f'<session lsid="{LSID}"/>'


def test_an_error_after_some_rows_is_raised_then() -> None:
    document = f"<session_list>{SESSION * 3}<error>You do not have permission.</error></session_list>"
    with reports(SupportSession=document) as (built, _):
        rows = built.support_sessions(SINCE)
        assert [next(rows).id for _ in range(3)] == [LSID] * 3
        with pytest.raises(AccessDenied):
            next(rows)


def test_an_error_inside_a_session_is_somebodys_text() -> None:
    document = f'<session_list><session lsid="{LSID}"><x><error>no</error></x></session></session_list>'
    with reports(SupportSession=document) as (built, _):
        assert [one.id for one in built.support_sessions(SINCE)] == [LSID]


@pytest.mark.parametrize("document", [b"", b"<session_list>", b"<html>", b"OK", b"<session_list/><x/>"])
def test_what_is_no_report_may_be_asked_for_again(document: bytes) -> None:
    with reports(SupportSession=document) as (built, _), pytest.raises(Unavailable, match="unreadabl"):
        list(built.support_sessions(SINCE))


def test_blank_lines_around_a_report_do_not_matter() -> None:
    with reports(SupportSession=b"\r\n\n" + report("session.xml") + b"\n\n") as (built, _):
        assert len(list(built.support_sessions(SINCE))) == 1


class Cut(httpx.SyncByteStream):
    """Pieces of a body, then a cut line; tells whether it was closed."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces
        raise httpx.ReadError("cut")

    def close(self) -> None:
        self.closed = True


def test_rows_come_before_the_report_is_whole_and_a_cut_is_told() -> None:
    document = f"<session_list>{SESSION}".encode() + b" " * 200_000
    body = Cut(document)
    with reports(SupportSession=httpx.Response(200, stream=body)) as (built, _):
        rows = built.support_sessions(SINCE)
        assert next(rows).id == LSID
        with pytest.raises(Unavailable, match="broke off"):
            next(rows)
    assert body.closed


def test_who_stops_early_ends_the_request() -> None:
    body = Cut(f"<session_list>{SESSION}".encode() + b" " * 200_000)
    with reports(SupportSession=httpx.Response(200, stream=body)) as (built, _):
        with closing(built.support_sessions(SINCE)) as rows:
            next(rows)
        assert body.closed


LISTED = f'<l><session_summary lsid="{LSID}" external_key="4711" has_recording="0"/></l>'
BOTH = LISTED.replace("</l>", f'<session_summary lsid="{OTHER}" has_recording="0"/></l>')


def test_what_began_ended_or_was_surveyed_since() -> None:
    answers = {
        "SupportSessionListing": [LISTED, BOTH],
        "SupportCustExitSurvey": httpx.Response(200, content=report("cust_exit_survey.xml")),
        "SupportRepExitSurvey": "<exit_survey_list/>",
    }
    appliance = Appliance(dict(answers))
    with api(appliance) as built:
        found = list(summaries_since(built, MOMENT))
    by_customer = frozenset({"customer"})
    assert found == [
        SessionSummary(LSID, "4711", ended=True),
        SessionSummary(OTHER, ended=False),
        SessionSummary(LSID, started_at=MOMENT, ended=True, surveyed_by=by_customer),
        SessionSummary(OTHER, started_at=MOMENT + timedelta(seconds=5), ended=True, surveyed_by=by_customer),
    ]
    assert appliance.form(0)["end_time"] == appliance.form(1)["start_time"] == str(STARTED_AT)
    lagging = str(STARTED_AT - int(SURVEY_LAG.total_seconds()))
    assert {(form["end_time"], form["report_type"], form["id"]) for _, form, _ in appliance.asked[2:]} == {
        (lagging, "rep", "all")
    }


def test_a_survey_without_an_answer_is_no_news() -> None:
    survey = f'<l><exit_survey lsid="{LSID}"><submitted_by type="cust">Customer 1</submitted_by>{{}}</exit_survey></l>'
    questions = "<question_list><question><label>Solved?</label><answer_list><answer/></answer_list></question>"
    empty = "<l/>"
    answers = {
        "SupportSessionListing": [empty, empty],
        "SupportCustExitSurvey": survey.format(f"{questions}</question_list>"),
        "SupportRepExitSurvey": empty,
    }
    with api(Appliance(dict(answers))) as built:
        assert list(summaries_since(built, MOMENT)) == []


def test_a_session_gets_the_surveys_that_it_lacks() -> None:
    survey = f'<l><exit_survey lsid="{LSID}"><submitted_by type="rep">Bea</submitted_by>{{}}</exit_survey></l>'
    questions = "<question_list><question><label>Solved?</label><answer_list><answer>yes</answer></answer_list>"
    answers = {
        "SupportSession": httpx.Response(200, content=report("session.xml")),
        "SupportRepExitSurvey": survey.format(f"{questions}</question></question_list>"),
    }
    appliance = Appliance(dict(answers))
    with api(appliance) as built:
        session = fetch_session(built, LSID)
    assert [survey.by for survey in session.surveys] == ["customer", "technician"]
    assert appliance.calls == ["SupportSession", "SupportRepExitSurvey"]


def test_another_sessions_survey_is_none_of_ours() -> None:
    foreign = report("cust_exit_survey.xml").replace(LSID.encode(), b"3" * 32)
    answers = {
        "SupportSession": f'<l><session lsid="{LSID}"><end_time timestamp="{STARTED_AT}"/></session></l>',
        "SupportCustExitSurvey": httpx.Response(200, content=foreign),
        "SupportRepExitSurvey": "<exit_survey_list/>",
    }
    with api(Appliance(dict(answers))) as built:
        assert fetch_session(built, LSID).surveys == ()


@pytest.mark.parametrize("answer", ["<session_list/>", "<error>The session does not exist.</error>"])
def test_a_session_that_is_not_in_the_report_yet_is_asked_for_again(answer: str) -> None:
    with api(Appliance({"SupportSession": answer})) as built:
        session = fetch_session(built, LSID)
    assert (session.id, session.ended, session.patience_seconds) == (LSID, False, REPORT_LAG)


def test_a_session_that_still_runs_is_not_asked_for_surveys() -> None:
    appliance = Appliance({"SupportSession": f"<session_list>{SESSION}</session_list>"})
    with api(appliance) as built:
        assert fetch_session(built, LSID).patience_seconds == END_LAG
    assert appliance.calls == ["SupportSession"]
