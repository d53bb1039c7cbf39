"""Every report of the Reporting API as a method, rows one by one; nothing is held in memory whole.

Rows come while the report is read, so an error may come after some of them. Every method raises the ConnectorErrors
of `Api`, and Rejected (code `parameters`) for what breaks the guide's rules, before anything is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import date

from bridge.model import Session
from connectors.platforms.beyondtrust.reports import report_rows
from connectors.platforms.beyondtrust.reports.reading import Rows
from connectors.platforms.beyondtrust.reports.recordings import Files
from connectors.platforms.beyondtrust.reports.report_values import (
    ArchiveListing,
    LicensePeak,
    ListedPresentation,
    ListedSession,
    Presentation,
    Statistics,
    TeamActivity,
    VaultActivity,
)
from connectors.platforms.beyondtrust.reports.selection import (
    VAULT_LIMITS,
    Limit,
    Period,
    one_of,
    refused,
    selected,
    whole,
)
from connectors.platforms.beyondtrust.reports.sessions import session_of
from connectors.platforms.beyondtrust.reports.surveys import BY_CUSTOMER, BY_REPRESENTATIVE, ExitSurvey, exit_survey
from connectors.xml import local


class Reports(Files):
    """The appliance's reports; `Files` has those that are files. Safe to share between threads."""

    def support_sessions(
        self, period: Period | None = None, *, lsids: Sequence[str] = (), limit: Limit | None = None
    ) -> Rows[Session]:
        """SupportSession: whole sessions of a period or by their ids."""
        params = selected(period, lsids, limit)
        return self.rows("SupportSession", params, session_of, "session")

    def support_session(self, session_id: str) -> Session | None:
        """SupportSession for one id; None where the report does not hold it (yet)."""
        with closing(self.support_sessions(lsids=[session_id])) as found:
            return next((one for one in found if one.id in (session_id, "")), None)

    def session_listing(self, period: Period) -> Rows[ListedSession]:
        """SupportSessionListing: ids, external keys, whether there is a recording."""
        return self.rows("SupportSessionListing", period.params(), report_rows.listed_session, "session_summary")

    def session_summary(self, period: Period, report_type: str) -> Rows[Statistics]:
        """SupportSessionSummary by `rep`, `team` or `site`."""
        kind = one_of(report_type, "report_type", "rep", "team", "site")
        params = {**period.params(), "report_type": kind}
        return self.rows("SupportSessionSummary", params, report_rows.statistics, "summary")

    def customer_surveys(
        self,
        period: Period | None = None,
        *,
        lsids: Sequence[str] = (),
        report_type: str = "rep",
        id: int | str = "all",
        site_id: int | None = None,
    ) -> Rows[ExitSurvey]:
        """SupportCustExitSurvey of a period or of sessions.

        `id` is a representative's or a team's (`report_type`), or `all`; it goes with a period only.
        """
        params = _survey_params(period, lsids, report_type, id, site_id)
        return self.rows("SupportCustExitSurvey", params, lambda one: exit_survey(one, BY_CUSTOMER), "exit_survey")

    def representative_surveys(
        self,
        period: Period | None = None,
        *,
        lsids: Sequence[str] = (),
        report_type: str = "rep",
        id: int | str = "all",
        site_id: int | None = None,
    ) -> Rows[ExitSurvey]:
        """SupportRepExitSurvey; parameters as for `customer_surveys`."""
        params = _survey_params(period, lsids, report_type, id, site_id)
        return self.rows("SupportRepExitSurvey", params, lambda one: exit_survey(one, BY_REPRESENTATIVE), "exit_survey")

    def team_activity(self, period: Period, team_id: int | str | None = None) -> Rows[TeamActivity]:
        """SupportTeam: who was logged in and what happened, team by team; of one team if it is named."""
        params = period.params() | ({} if team_id is None else {"team_id": whole(team_id, "team_id")})
        return self.rows("SupportTeam", params, report_rows.team_activity, "event", "representative")

    def presentation_sessions(
        self, period: Period | None = None, *, lsids: Sequence[str] = (), limit: Limit | None = None
    ) -> Rows[Presentation]:
        """PresentationSession: whole presentations of a period or by their ids."""
        params = selected(period, lsids, limit)
        return self.rows("PresentationSession", params, report_rows.presentation, "session")

    def presentation_listing(self, period: Period) -> Rows[ListedPresentation]:
        """PresentationSessionListing. The guide's own example runs the element's name and its attribute together."""
        names = ("presentation_summary", "presentation_summary_lsid")
        return self.rows("PresentationSessionListing", period.params(), report_rows.listed_presentation, *names)

    def license_usage(self, period: Period, group_by: str) -> Rows[LicensePeak]:
        """LicenseUsage by `hour`, `day` or `month`, of a period that has a beginning and no end."""
        if period.by_end:
            raise refused("license usage is asked for by start_date or start_time")
        params = {**period.params(), "group_by": one_of(group_by, "group_by", "hour", "day", "month")}
        return self.rows("LicenseUsage", params, report_rows.license_peak, "license_time_interval")

    def vault_account_activity(self, period: Period, limit: Limit | None = None) -> Rows[VaultActivity]:
        """VaultAccountActivity; the limit is `all`, `rep:<id>` or `account:<id>`."""
        params = period.params() | (limit.params(VAULT_LIMITS) if limit else {})
        return self.rows("VaultAccountActivity", params, report_rows.vault_activity, "vault_account_activity")

    def archive_listing(self, day: date) -> ArchiveListing:
        """ArchiveListing: the state and event archives of a day."""
        params = {"date": day.isoformat()}
        states, events = [], []
        with closing(self.elements("ArchiveListing", params, "state_archive", "event_archive")) as found:
            for element in found:
                if local(element) == "state_archive":
                    states.append(report_rows.state_archive(element))
                else:
                    events.append(report_rows.event_archive(element))
        return ArchiveListing(tuple(states), tuple(events))


def _survey_params(
    period: Period | None, lsids: Sequence[str], report_type: str, id: int | str, site_id: int | None
) -> dict[str, str]:
    """`report_type` goes with both, `id` with a period only."""
    params = selected(period, lsids) | {"report_type": one_of(report_type, "report_type", "rep", "team")}
    if period is not None:
        params["id"] = "all" if id == "all" else whole(id, "id")
    elif id != "all":
        raise refused("the id of a representative or team says nothing beside session ids")
    return params if site_id is None else {**params, "site_id": whole(site_id, "site_id")}
