"""Every report with every parameter of its chapter: what goes to the appliance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime

import pytest

from connectors.platforms.beyondtrust.reports import Reports
from connectors.platforms.beyondtrust.reports.selection import Limit, Period
from tests.connectors.beyondtrust.reporting import LSID, STARTED_AT, reports

DAY, MOMENT = date(2026, 1, 5), datetime(2026, 1, 5, 9, tzinfo=UTC)
OTHER = "1" * 32
PERIODS: dict[str, tuple[Period, str]] = {
    "start_date": (Period(start_date=DAY, duration=31), "2026-01-05"),
    "start_time": (Period(start_time=MOMENT, duration=31), str(STARTED_AT)),
    "end_date": (Period(end_date=DAY, duration=31), "2026-01-05"),
    "end_time": (Period(end_time=MOMENT, duration=31), str(STARTED_AT)),
}
EVER = PERIODS["start_date"][0]

Rows = Iterable[object]

BY_PERIOD: dict[str, Callable[[Reports, Period], Rows]] = {
    "SupportSession": lambda r, period: r.support_sessions(period),
    "SupportSessionListing": lambda r, period: r.session_listing(period),
    "SupportSessionSummary": lambda r, period: r.session_summary(period, "rep"),
    "SupportCustExitSurvey": lambda r, period: r.customer_surveys(period),
    "SupportRepExitSurvey": lambda r, period: r.representative_surveys(period),
    "SupportTeam": lambda r, period: r.team_activity(period),
    "PresentationSession": lambda r, period: r.presentation_sessions(period),
    "PresentationSessionListing": lambda r, period: r.presentation_listing(period),
    "VaultAccountActivity": lambda r, period: r.vault_account_activity(period),
}
BY_ID: dict[str, Callable[[Reports, Sequence[str]], Rows]] = {
    "SupportSession": lambda r, lsids: r.support_sessions(lsids=lsids),
    "SupportCustExitSurvey": lambda r, lsids: r.customer_surveys(lsids=lsids),
    "SupportRepExitSurvey": lambda r, lsids: r.representative_surveys(lsids=lsids),
    "PresentationSession": lambda r, lsids: r.presentation_sessions(lsids=lsids),
}


def sent(name: str, rows: Callable[[Reports], Rows]) -> dict[str, str]:
    """The parameters of the report without its name."""
    with reports(**{name: "<list/>"}) as (built, appliance):
        assert list(rows(built)) == []
    form = appliance.form()
    assert form.pop("generate_report") == name
    return form


@pytest.mark.parametrize("beginning", PERIODS)
@pytest.mark.parametrize("name", BY_PERIOD)
def test_a_period_from_each_of_four_beginnings(name: str, beginning: str) -> None:
    period, written = PERIODS[beginning]
    told = sent(name, lambda r: BY_PERIOD[name](r, period))
    assert {one: told.get(one) for one in (*PERIODS, "duration")} == {
        **dict.fromkeys(PERIODS),
        beginning: written,
        "duration": "31",
    }


@pytest.mark.parametrize("beginning", ["start_date", "start_time"])
def test_licenses_have_two_beginnings(beginning: str) -> None:
    period, written = PERIODS[beginning]
    told = sent("LicenseUsage", lambda r: r.license_usage(period, "day"))
    assert told == {beginning: written, "duration": "31", "group_by": "day"}


@pytest.mark.parametrize("name", BY_ID)
def test_one_session_or_several(name: str) -> None:
    one = sent(name, lambda r: BY_ID[name](r, [LSID]))
    two = sent(name, lambda r: BY_ID[name](r, [LSID, OTHER]))
    assert (one["lsid"], two["lsids"]) == (LSID, f"{LSID},{OTHER}")
    assert not {"lsids", *PERIODS, "duration", "id"} & set(one)
    assert not {"lsid", *PERIODS, "duration", "id"} & set(two)


@pytest.mark.parametrize(
    ("name", "ask", "filtered"),
    [
        ("SupportSession", lambda r: r.support_sessions(EVER, limit=Limit("team:all")), {"limit": "team:all"}),
        ("PresentationSession", lambda r: r.presentation_sessions(EVER, limit=Limit("site:1")), {"limit": "site:1"}),
        ("VaultAccountActivity", lambda r: r.vault_account_activity(EVER, Limit("rep:5")), {"limit": "rep:5"}),
        ("SupportTeam", lambda r: r.team_activity(EVER, 3), {"team_id": "3"}),
        ("SupportSessionSummary", lambda r: r.session_summary(EVER, "team"), {"report_type": "team"}),
        (
            "SupportCustExitSurvey",
            lambda r: r.customer_surveys(EVER, report_type="team", id=3, site_id=1),
            {"report_type": "team", "id": "3", "site_id": "1"},
        ),
        (
            "SupportRepExitSurvey",
            lambda r: r.representative_surveys(EVER, report_type="rep", id=5, site_id=1),
            {"report_type": "rep", "id": "5", "site_id": "1"},
        ),
    ],
)
def test_what_a_period_is_filtered_by(name: str, ask: Callable[[Reports], Rows], filtered: dict[str, str]) -> None:
    assert sent(name, ask) == {"start_date": "2026-01-05", "duration": "31", **filtered}
