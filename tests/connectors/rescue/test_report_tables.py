"""What a report holds, from the bytes of an answer to sessions and surveys."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.errors import Unavailable
from bridge.model import Answer, Survey
from connectors.http import Reply
from connectors.platforms.rescue.reports.sessions import Labels, custom_labels, sessions_of, surveys_of
from connectors.platforms.rescue.reports.tables import Table, table_of

REPORTS = Path(__file__).parents[2] / "fixtures" / "rescue" / "reports"
PLAIN = Labels({})


def table(name: str) -> Table:
    return table_of(Reply(200, content=(REPORTS / name).read_bytes(), where="rescue: POST /API/getReport.aspx"))


def text(*lines: str) -> Table:
    return table_of(Reply(200, content="\n".join(("OK", "", *lines)).encode()))


def test_a_session_is_read_with_its_people_times_and_reference() -> None:
    first = next(iter(sessions_of(table("sessions.xml"), PLAIN)))

    assert (first.id, first.reference, first.ended) == ("16633560", "DB1:zendesk:4711:1:mac", True)
    assert first.started_at == datetime(2026, 10, 1, 9, 5, 7, tzinfo=UTC)
    assert first.ended_at == datetime(2026, 10, 1, 9, 47, 30, tzinfo=UTC)
    assert (first.waiting_seconds, first.work_seconds, first.device) == (104, 2401, "Windows 11")
    assert (first.technician.name, first.technician.id) == ("Technician 1", "337366")
    assert first.technician.email == "technician@example.com"


def test_what_stands_in_a_cell_of_xml_is_kept_whatever_it_is() -> None:
    first = next(iter(sessions_of(table("sessions.xml"), PLAIN)))

    assert first.customer.name == 'Zoë | the "first" <b>'
    assert first.fields == {"cfield0": 'Zoë | the "first" <b>', "cfield1": "3rd – north\nwing"}


def test_technicians_who_worked_together_stand_in_one_session() -> None:
    sessions = list(sessions_of(table("sessions.xml"), PLAIN))

    assert [session.id for session in sessions] == ["16633560", "16633561"]
    people = [(one.person.name, one.owner, one.seconds) for one in sessions[0].participants]
    assert people == [("Technician 1", True, 2401), ("Technician 2", False, 600)]


def test_a_session_without_an_end_is_not_ended_whatever_its_status_says() -> None:
    waiting = list(sessions_of(table("sessions.xml"), PLAIN))[1]

    assert not waiting.ended
    assert waiting.technician.id == ""
    assert (waiting.customer.name, waiting.reference) == ("顧客 2", "typed by: hand")


def test_a_survey_is_questions_and_answers_and_nothing_else_of_the_report() -> None:
    custom = custom_labels(table("sessions.xml"), PLAIN)
    found = list(surveys_of(table("customer-surveys.xml"), PLAIN, custom))

    answers = (Answer("How was it?", "Very good"), Answer("Anything else – or a | to add?", "a|b\nc: d"))
    assert found == [("16633560", Survey("customer", answers))], "one without an answer tells nothing"


def test_a_line_feed_in_a_name_is_read_and_a_delimiter_in_one_is_counted_and_never_guessed() -> None:
    found = table("sessions.txt")
    sessions = list(sessions_of(found, PLAIN))

    assert [session.id for session in sessions] == ["16633560", "16633562"]
    assert [session.customer.name for session in sessions] == ["Erste\nzweite Zeile", "お客様: 三"]
    assert found.unreadable == 1


def test_a_row_that_was_put_together_wrongly_is_not_believed() -> None:
    labels = "Start Time|Name|Session ID|Tracking ID|End Time"
    found = text(labels, "10/1/2026 9:00 AM|a|b|1|c", "x", "10/1/2026 9:10 AM|d", "10/1/2026 9:20 AM|e|2|f|")

    assert [row[2] for row in found.rows] == ["2"]
    assert found.unreadable == 2, "a delimiter in a name, and what stands between whole rows"


def test_every_line_may_end_with_a_delimiter() -> None:
    found = text("Start Time|Session ID|", "10/1/2026 9:00:00 AM|1|", "10/1/2026 9:30:00 AM|2|")

    assert [row[1] for row in found.rows] == ["1", "2"]
    assert not found.unreadable


def test_a_report_of_nothing_has_no_sessions() -> None:
    assert list(sessions_of(table("nothing.txt"), PLAIN)) == []


def test_an_account_may_label_its_columns_otherwise() -> None:
    labels = Labels({"session_id": "Sitzungs-ID", "reference": "Verfolgungs-ID", "started_at": "Start",
                     "ended_at": "Ende"})  # fmt: skip
    found = text("Start|Ende|Sitzungs-ID|Verfolgungs-ID", "10/1/2026 9:00 AM|10/1/2026 9:10 AM|7|DB1")

    assert [(one.id, one.reference) for one in sessions_of(found, labels)] == [("7", "DB1")]


def test_a_report_without_a_column_that_is_needed_is_refused_by_its_name() -> None:
    found = text("Start Time|End Time|Sitzungs-ID|Tracking ID", "10/1/2026 9:00 AM|10/1/2026 9:10 AM|7|DB1")

    with pytest.raises(Unavailable, match="no column for session_id: see report_labels"):
        list(sessions_of(found, PLAIN))


@pytest.mark.parametrize("body", ["", "<report><data/></report>", "<report><header>"])
def test_what_is_no_report_is_not_taken_for_an_empty_one(body: str) -> None:
    with pytest.raises(Unavailable):
        table_of(Reply(200, content=f"OK\n\n{body}".encode()))
