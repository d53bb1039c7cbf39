"""Exit surveys, as they stand in a session (`<cust_exit_survey>`) and in their own reports (`<exit_survey>`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bridge.model import Answer, Survey
from connectors.platforms.beyondtrust.wire.elements import instant, part
from connectors.xml import Element, by_name, children, text

BY_CUSTOMER = "customer"
BY_REPRESENTATIVE = "technician"
BY_TYPE = {"cust": BY_CUSTOMER, "rep": BY_REPRESENTATIVE}


@dataclass(frozen=True, slots=True)
class ExitSurvey:
    """One survey of SupportCustExitSurvey or SupportRepExitSurvey."""

    lsid: str
    session_started_at: datetime | None
    submitted_by: str
    public_site: str
    survey: Survey


def exit_survey(element: Element, by: str) -> ExitSurvey:
    """An `<exit_survey>`; `by` says whose report it is, where the element does not say whose survey."""
    parts = by_name(element)
    submitted = parts.get("submitted_by")
    who = by if submitted is None else BY_TYPE.get(submitted.get("type", ""), by)
    return ExitSurvey(
        lsid=element.get("lsid", ""),
        session_started_at=instant(element.get("ts", "")),
        submitted_by=part(parts, "submitted_by"),
        public_site=part(parts, "public_site"),
        survey=survey_of(element, who),
    )


def surveys_in(lists: Element | None, by: str) -> Iterator[Survey]:
    """The answered surveys of a session's `<cust_survey_list>` or `<rep_survey_list>`."""
    for element in () if lists is None else lists:
        survey = survey_of(element, by)
        if survey.answers:
            yield survey


def survey_of(element: Element, by: str) -> Survey:
    """What was answered; questions without an answer are left out.

    The report has questions with answer lists; older appliances put `<value name="…" value="…"/>` into the session.
    """
    found = [*_questions(element), *_values(element)]
    return Survey(by, tuple(Answer(question, answer) for question, answer in found if answer))


def _questions(element: Element) -> Iterator[tuple[str, str]]:
    for question in element.iter("{*}question"):
        parts = by_name(question)
        asked = part(parts, "label") or part(parts, "report_header") or part(parts, "name")
        answers = children(parts["answer_list"], "answer") if "answer_list" in parts else []
        yield asked, _joined(text(answer) for answer in answers)


def _values(element: Element) -> Iterator[tuple[str, str]]:
    for value in children(element, "value"):
        yield value.get("name", ""), _joined([value.get("value", "")])


def _joined(answers: Iterable[str]) -> str:
    """Several answers to one question side by side. The appliance writes a line break as a backslash and an n."""
    spoken = (answer.replace("\\r\\n", "\n").replace("\\n", "\n").strip() for answer in answers)
    return ", ".join(answer for answer in spoken if answer)
