"""Presentations, teams and surveys with every element of the guide's tables."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import pytest

from bridge.errors import Rejected
from connectors.platforms.beyondtrust.reports import Reports
from connectors.platforms.beyondtrust.reports.selection import Period
from connectors.platforms.beyondtrust.reports.surveys import ExitSurvey
from tests.connectors.beyondtrust.reporting import LSID, STARTED_AT, reports

MOMENT = datetime(2026, 1, 5, 9, tzinfo=UTC)
SINCE = Period(start_time=MOMENT)
ENCODED = b64encode("Größe\x1b".encode()).decode()
PERSON = (
    "<username>bea</username><display_name>Bea L</display_name><public_display_name>Bea</public_display_name>"
    "<private_display_name>Bea Lindholm</private_display_name><display_number>7</display_number>"
    "<public_ip>192.0.2.5:4711</public_ip><private_ip>10.0.0.5</private_ip><hostname>DESK-9</hostname><os>Linux</os>"
    "<session_owner>1</session_owner><primary_rep>1</primary_rep><seconds_involved>60</seconds_involved>"
    "<invited>1</invited>"
)
SAID = (
    f'<event timestamp="{STARTED_AT}" event_type="Chat Message">'
    '<performed_by type="attendee" gsnumber="51">Nora</performed_by>'
    '<destination type="representative" gsnumber="31">Bea</destination>'
    f'<encoded_body>{ENCODED}</encoded_body><data><value name="os" value="Linux"/></data></event>'
)
PRESENTATION = (
    f'<session_list><session lsid="{LSID}"><session_type>presentation</session_type><lseq>12</lseq>'
    f'<start_time timestamp="{STARTED_AT}"/><end_time timestamp="{STARTED_AT + 60}"/><duration>00:01:00</duration>'
    "<session_chat_view_url>https://x/1</session_chat_view_url>"
    "<session_chat_download_url>https://x/2</session_chat_download_url>"
    "<session_recording_view_url>https://x/3</session_recording_view_url>"
    "<session_recording_download_url>https://x/4</session_recording_download_url>"
    '<attendee_list><attendee gsnumber="51"><username>Nora</username><public_ip>192.0.2.9:1</public_ip>'
    "<info><name>Nora Quist</name><company>Acme</company><company_code>AC</company_code><issue>5</issue>"
    "<details>slow</details></info></attendee></attendee_list>"
    f'<rep_list><representative gsnumber="31" id="7">{PERSON}</representative></rep_list>'
    f"<session_details>{SAID}</session_details></session></session_list>"
)
TEAM = (
    '<team_activity_list><team_activity id="3" name="Desk"><events>'
    f'<event timestamp="{STARTED_AT}" event_type="Chat Message"><encoded_body>{ENCODED}</encoded_body></event>'
    "</events></team_activity></team_activity_list>"
)


def test_a_presentation_with_everything() -> None:
    with reports(PresentationSession=PRESENTATION) as (built, _):
        (one,) = built.presentation_sessions(SINCE)
    links = (one.chat_view_url, one.chat_download_url, one.recording_view_url, one.recording_download_url)
    assert links == ("https://x/1", "https://x/2", "https://x/3", "https://x/4")
    (nora,), (bea,), (said,) = one.attendees, one.presenters, one.events
    assert (nora.name, nora.company, nora.company_code, nora.issue, nora.details) == (
        "Nora Quist", "Acme", "AC", "5", "slow",
    )  # fmt: skip
    assert (bea.name, bea.public_name, bea.hostname, bea.os, bea.seconds) == (
        "Bea Lindholm", "Bea", "DESK-9", "Linux", 60,
    )  # fmt: skip
    assert (bea.owner, bea.primary, bea.invited) == (True, True, True)
    assert (said.kind, said.at, said.data) == ("Chat Message", MOMENT, {"os": "Linux"})
    assert said.text.startswith("Größe")


def test_what_was_said_in_a_team_in_base64() -> None:
    with reports(SupportTeam=TEAM) as (built, _):
        (one,) = built.team_activity(SINCE)
    assert one.event is not None
    assert one.event.text.startswith("Größe")


@pytest.mark.parametrize(
    ("name", "ask"),
    [
        ("SupportCustExitSurvey", lambda r: r.customer_surveys(SINCE)),
        ("SupportRepExitSurvey", lambda r: r.representative_surveys(SINCE)),
    ],
)
def test_both_reports_of_surveys(name: str, ask: Callable[[Reports], Iterable[ExitSurvey]]) -> None:
    with reports(**{name: "cust_exit_survey.xml"}) as (built, _):
        first, _second = ask(built)
    assert (first.lsid, first.submitted_by, first.public_site) == (LSID, "Nora Quist", "Default")
    assert (first.survey.answers[0].question, first.survey.answers[0].answer) == ("How did we do?", "5")


NAMELESS = '<representative gsnumber="31" id="7"><display_name>Bea L</display_name></representative>'


def test_older_appliances_have_one_name_for_a_representative() -> None:
    session = f'<session_list><session lsid="{LSID}"><rep_list>{NAMELESS}</rep_list></session></session_list>'
    team = f"<l><team_activity><logged_in_representatives>{NAMELESS}</logged_in_representatives></team_activity></l>"
    with reports(SupportSession=session, PresentationSession=session, SupportTeam=team) as (built, _):
        (helped,), (presentation,) = built.support_sessions(SINCE), built.presentation_sessions(SINCE)
        (line,) = built.team_activity(SINCE)
    assert [one.person.name for one in helped.participants] == ["Bea L"]
    assert [one.name for one in presentation.presenters] == ["Bea L"]
    assert line.logged_in is not None
    assert line.logged_in.name == "Bea L"


def test_a_question_without_a_label_goes_by_its_name() -> None:
    question = "<question><name>speed</name><answer_list><answer>5</answer></answer_list></question>"
    survey = f'<l><exit_survey lsid="{LSID}"><question_list>{question}</question_list></exit_survey></l>'
    with reports(SupportCustExitSurvey=survey, SupportRepExitSurvey=survey) as (built, _):
        found = [*built.customer_surveys(SINCE), *built.representative_surveys(SINCE)]
    assert [one.survey.answers[0].question for one in found] == ["speed", "speed"]


def test_a_session_holds_both_surveys() -> None:
    answers = '<{0}><value name="Rating" value="5"/></{0}>'
    cust, rep = (answers.format(name) for name in ("cust_exit_survey", "rep_exit_survey"))
    lists = f"<cust_survey_list>{cust}</cust_survey_list><rep_survey_list>{rep}</rep_survey_list>"
    session = f'<session_list><session lsid="{LSID}">{lists}</session></session_list>'
    with reports(SupportSession=session) as (built, _):
        (one,) = built.support_sessions(SINCE)
    assert [survey.by for survey in one.surveys] == ["technician", "customer"]


REPORTS: dict[str, Callable[[Reports], Iterable[object]]] = {
    "SupportSession": lambda r: r.support_sessions(SINCE),
    "SupportSessionListing": lambda r: r.session_listing(SINCE),
    "SupportSessionSummary": lambda r: r.session_summary(SINCE, "rep"),
    "SupportCustExitSurvey": lambda r: r.customer_surveys(SINCE),
    "SupportRepExitSurvey": lambda r: r.representative_surveys(SINCE),
    "SupportTeam": lambda r: r.team_activity(SINCE),
    "PresentationSession": lambda r: r.presentation_sessions(SINCE),
    "PresentationSessionListing": lambda r: r.presentation_listing(SINCE),
    "LicenseUsage": lambda r: r.license_usage(SINCE, "hour"),
    "VaultAccountActivity": lambda r: r.vault_account_activity(SINCE),
}


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_hears_its_refusal(name: str) -> None:
    with reports(**{name: "<list><error>Whatever</error></list>"}) as (built, _), pytest.raises(Rejected):
        list(REPORTS[name](built))
