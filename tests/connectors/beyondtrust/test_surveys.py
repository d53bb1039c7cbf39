"""Exit surveys of both shapes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bridge.model import Answer, Survey
from connectors.platforms.beyondtrust.reports.surveys import exit_survey, survey_of
from connectors.xml import children, parse
from tests.connectors.beyondtrust.reporting import LSID, element, report


def test_a_survey_of_the_report() -> None:
    first, second = (exit_survey(one, "customer") for one in children(parse(report("cust_exit_survey.xml"))))
    assert (first.lsid, second.lsid) == (LSID, "1" * 32)
    assert first.session_started_at == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert (first.submitted_by, first.public_site) == ("Nora Quist", "Default")
    assert first.survey == Survey(
        "customer",
        (
            Answer("How did we do?", "5"),
            Answer("Anything else?", "Quick.\nThank <you>!"),
            Answer("Devices", "Printer, Scanner"),
        ),
    )


@pytest.mark.parametrize(("kind", "by"), [("cust", "customer"), ("rep", "technician"), ("", "technician")])
def test_the_survey_says_whose_it_is(kind: str, by: str) -> None:
    xml = f'<exit_survey><submitted_by type="{kind}">A</submitted_by></exit_survey>'
    assert exit_survey(element(xml), "technician").survey.by == by


def test_a_survey_without_questions_is_empty() -> None:
    assert survey_of(element("<exit_survey><question_list/></exit_survey>"), "customer").answers == ()
