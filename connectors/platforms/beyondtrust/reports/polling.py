"""Which sessions began, ended or were surveyed lately: the second way in beside the appliance's events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bridge.model import SessionSummary
from connectors.platforms.beyondtrust.reports import Reports
from connectors.platforms.beyondtrust.reports.report_values import ListedSession
from connectors.platforms.beyondtrust.reports.selection import began_since, ended_since
from connectors.platforms.beyondtrust.wire.api import Api

SURVEY_LAG = timedelta(hours=1)
"""The survey reports go by the session's times and not by the survey's, so they are asked further back."""


def summaries_since(api: Api, moment: datetime) -> Iterator[SessionSummary]:
    """Sessions that began, ended or were surveyed since then: four reports, streamed one after the other.

    A session may come several times: at most once from the listings, once for each survey.
    """
    reports = Reports(api)
    seen = set()
    for ended in reports.session_listing(ended_since(moment)):
        seen.add(ended.lsid)
        yield _summary(ended, ended=True)
    for began in reports.session_listing(began_since(moment)):
        if began.lsid not in seen:
            yield _summary(began, ended=False)
    surveyed = ended_since(moment - SURVEY_LAG)
    for surveys in (reports.customer_surveys, reports.representative_surveys):
        for survey in surveys(surveyed):
            # One without an answer leaves nothing to tell, so it would be news at every look.
            if survey.survey.answers:
                yield SessionSummary(
                    survey.lsid,
                    started_at=survey.session_started_at,
                    ended=True,
                    surveyed_by=frozenset({survey.survey.by}),
                )


def _summary(listed: ListedSession, *, ended: bool) -> SessionSummary:
    return SessionSummary(listed.lsid, reference=listed.external_key, ended=ended)
