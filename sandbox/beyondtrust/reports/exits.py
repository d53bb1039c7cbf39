"""The exit surveys of customers and representatives.

Source: Remote Support 23.2 API guide, chapter SupportCustExitSurvey and SupportRepExitSurvey.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lxml import etree

from sandbox.beyondtrust.api.action import chosen, whole
from sandbox.beyondtrust.api.answers import add, add_all, element, unix
from sandbox.beyondtrust.reports import periods
from sandbox.beyondtrust.reports.participants import PUBLIC_SITE, add_people
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import (
    CUSTOMER_QUESTIONS,
    REPRESENTATIVE_QUESTIONS,
    ApiError,
    ApplianceSession,
    Question,
    Survey,
)

Values = Mapping[str, str]


def by_customers(state: ApplianceState, values: Values) -> etree._Element:
    return _report(state, values, "cust", CUSTOMER_QUESTIONS)


def by_representatives(state: ApplianceState, values: Values) -> etree._Element:
    return _report(state, values, "rep", REPRESENTATIVE_QUESTIONS)


def _report(state: ApplianceState, values: Values, who: str, questions: Sequence[Question]) -> etree._Element:
    by = chosen(values, "report_type", among=frozenset({"rep", "team"}), default="")
    wanted = None if periods.by_id(values) is not None else _wanted(values)
    root = element("exit_survey_list")
    for session in periods.sessions(state, values):
        found = session.customer_survey if who == "cust" else session.representative_survey
        survey = periods.survey(state, found)
        if survey is not None and _matches(session, by, wanted) and values.get("site_id", "1") == "1":
            _add_exit_survey(root, state, session, survey, who, questions)
    return root


def _wanted(values: Values) -> int | None:
    """The representative or team that was asked for; None for all of them."""
    if "id" not in values:
        raise ApiError("Missing required parameter: id.")
    return None if values["id"] == "all" else whole(values, "id")


def _matches(session: ApplianceSession, by: str, wanted: int | None) -> bool:
    if wanted is None:
        return True
    if by == "rep":
        return session.primary is not None and session.primary.rep.id == wanted
    return session.team_ids[-1:] == [wanted]


def _add_exit_survey(
    root: etree._Element,
    state: ApplianceState,
    session: ApplianceSession,
    survey: Survey,
    who: str,
    questions: Sequence[Question],
) -> None:
    one = add(root, "exit_survey", lsid=session.lsid, ts=unix(session.started_at))
    add(one, "session_type", "support")
    add(one, "public_site", PUBLIC_SITE, id="1")
    add(one, "submitted_by", survey.by, type=who)
    add_people(one, state, session)
    primary = one.find("primary_customer")
    if primary is not None:
        primary.set("id", "0")
    add(one, "rep_resolved", "0")
    add_survey(one, state, questions, survey)


def add_survey(parent: etree._Element, state: ApplianceState, questions: Sequence[Question], survey: Survey) -> None:
    """`<question_list>`. Real ones write a line break as a backslash and an n, and may leave `answer_list` out."""
    outer = add(parent, "question_list")
    for question, answers in zip(questions, survey.answers, strict=True):
        one = add(outer, "question", id=str(question.id))
        add_all(one, name=question.name, type=question.kind, label=question.label, report_header=question.report_header)
        if answers or not state.settings.sparse:
            inner = add(one, "answer_list")
            for answer in answers or ("",):
                add(inner, "answer", answer.replace("\r\n", "\n").replace("\n", "\\n"))
