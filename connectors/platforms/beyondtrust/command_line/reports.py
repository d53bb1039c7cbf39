"""The reports: sessions, surveys, statistics, teams, presentations, licenses, vault."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from bridge.errors import NotFound
from connectors.command_line.output import Column, as_json, say
from connectors.platforms.beyondtrust.command_line import details
from connectors.platforms.beyondtrust.command_line.desk import Desk, pass_desk
from connectors.platforms.beyondtrust.command_line.periods import (
    chosen,
    ended_option,
    limit_of,
    limit_option,
    period_of,
    period_options,
)
from connectors.platforms.beyondtrust.reports import Reports
from connectors.platforms.beyondtrust.reports.selection import Period

SESSIONS: list[Column] = [
    ("SESSION", lambda one: one.id),
    ("EXTERNAL KEY", lambda one: one.reference),
    ("STARTED (UTC)", lambda one: one.started_at),
    ("ENDED (UTC)", lambda one: one.ended_at),
    ("REPRESENTATIVE", lambda one: one.technician.label),
    ("CUSTOMER", lambda one: one.customer.label),
]
LISTED: list[Column] = [
    ("SESSION", lambda one: one.lsid),
    ("EXTERNAL KEY", lambda one: one.external_key),
    ("RECORDING", lambda one: one.has_recording),
]
SURVEYS: list[Column] = [
    ("SESSION", lambda one: one.lsid),
    ("STARTED (UTC)", lambda one: one.session_started_at),
    ("BY", lambda one: one.submitted_by or one.survey.by),
    ("ANSWERS", lambda one: [f"{answer.question}: {answer.answer}" for answer in one.survey.answers]),
]
STATISTICS: list[Column] = [
    ("ID", lambda one: one.id),
    ("NAME", lambda one: one.name),
    ("SESSIONS", lambda one: one.total_sessions),
    ("A WEEKDAY", lambda one: one.sessions_per_weekday),
    ("AVERAGE SECONDS", lambda one: one.average_seconds),
]
ACTIVITY: list[Column] = [
    ("TEAM", lambda one: one.team),
    ("AT (UTC)", lambda one: one.event.at if one.event else None),
    ("WHAT", lambda one: one.event.kind if one.event else "was logged in"),
    ("WHO", lambda one: one.event.performed_by.name if one.event else one.logged_in and one.logged_in.name),
    ("TEXT", lambda one: one.event.text if one.event else ""),
]
PRESENTATIONS: list[Column] = [
    ("PRESENTATION", lambda one: one.lsid),
    ("STARTED (UTC)", lambda one: one.started_at),
    ("ENDED (UTC)", lambda one: one.ended_at),
    ("PRESENTERS", lambda one: [presenter.name for presenter in one.presenters]),
    ("ATTENDEES", lambda one: len(one.attendees)),
    ("RECORDING", lambda one: one.recording_view_url or one.recording_download_url),
]
PEAKS: list[Column] = [
    ("AT (UTC)", lambda one: one.at),
    ("IN USE", lambda one: [f"{_license(count)}: {count.count}" for count in one.counts]),
]
VAULT: list[Column] = [
    ("AT (UTC)", lambda one: one.at),
    ("ACCOUNT", lambda one: one.account),
    ("WHAT", lambda one: one.event_type),
    ("WHO", lambda one: one.performed_by.name),
    ("DATA", lambda one: one.data),
]


def _license(count: Any) -> str:
    return f"{count.license_type} ({count.reason})" if count.reason else count.license_type


@click.command()
@click.argument("lsid")
@pass_desk
def session(desk: Desk, lsid: str) -> None:
    """Show all that the report tells of one session."""
    with desk.appliance() as appliance:
        found = appliance.reports.support_session(lsid)
    if found is None:
        raise NotFound("the report does not hold this session; it may need some minutes after its end")
    if desk.json:
        say(as_json(found))
    else:
        details.say_session(found)


@dataclass(frozen=True, slots=True)
class _Kind:
    """Sessions or presentations: the report that tells all of them, and the one that only lists them."""

    whole: Callable[..., Iterable[Any]]
    columns: Sequence[Column]
    listing: Callable[[Reports, Period], Iterable[Any]]
    listed: Sequence[Column]
    nothing: str

    def show(
        self,
        desk: Desk,
        lsids: tuple[str, ...],
        since: datetime | None,
        until: datetime | None,
        ended: bool,
        limit: str | None,
        listing: bool,
    ) -> None:
        if listing and (lsids or limit):
            raise click.UsageError("--listing goes with a period alone")
        period = chosen(lsids, since, until, ended=ended)
        with desk.appliance() as appliance:
            if listing:
                rows = self.listing(appliance.reports, period_of(since, until, ended=ended))
                desk.show_list(rows, self.listed, nothing=self.nothing)
            else:
                found = self.whole(appliance.reports, period, lsids=lsids, limit=limit_of(limit))
                desk.show_list(found, self.columns, nothing=self.nothing)


SUPPORT = _Kind(Reports.support_sessions, SESSIONS, Reports.session_listing, LISTED, "No sessions.")
PRESENTED = _Kind(
    Reports.presentation_sessions,
    PRESENTATIONS,
    Reports.presentation_listing,
    [PRESENTATIONS[0], LISTED[2]],
    "No presentations.",
)


@click.command()
@click.argument("lsids", nargs=-1, metavar="[LSID]...")
@period_options
@ended_option
@limit_option
@click.option("--listing", is_flag=True, help="Only ids, external keys and whether there is a recording: quicker.")
@pass_desk
def sessions(desk: Desk, /, **asked: Any) -> None:
    """List the sessions of a period, or these."""
    SUPPORT.show(desk, **asked)


@click.command()
@click.argument("lsids", nargs=-1, metavar="[LSID]...")
@period_options
@ended_option
@click.option("--by-rep", is_flag=True, help="What representatives answered, instead of customers.")
@click.option("--rep", help="Of this representative's sessions only, by id.")
@click.option("--team", help="Of this team's sessions only, by id.")
@click.option("--site-id", type=int, help="Of this public site only.")
@pass_desk
def surveys(
    desk: Desk,
    lsids: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    ended: bool,
    by_rep: bool,
    rep: str | None,
    team: str | None,
    site_id: int | None,
) -> None:
    """List the exit surveys of a period, or of these sessions."""
    if rep and team:
        raise click.UsageError("--rep and --team exclude each other")
    period = chosen(lsids, since, until, ended=ended)
    with desk.appliance() as appliance:
        ask = appliance.reports.representative_surveys if by_rep else appliance.reports.customer_surveys
        report_type = "team" if team else "rep"
        found = ask(period, lsids=lsids, report_type=report_type, id=rep or team or "all", site_id=site_id)
        desk.show_list(found, SURVEYS, nothing="No surveys.")


@click.command()
@period_options
@ended_option
@click.option("--by", type=click.Choice(["rep", "team", "site"]), default="rep", show_default=True)
@pass_desk
def summary(desk: Desk, since: datetime | None, until: datetime | None, ended: bool, by: str) -> None:
    """Count the sessions of a period by representative, team or public site."""
    with desk.appliance() as appliance:
        desk.show_list(appliance.reports.session_summary(period_of(since, until, ended=ended), by), STATISTICS)


@click.command(name="team-activity")
@period_options
@ended_option
@click.option("--team", type=int, help="Of this team only, by id.")
@pass_desk
def team_activity(desk: Desk, since: datetime | None, until: datetime | None, ended: bool, team: int | None) -> None:
    """List what happened in the teams."""
    with desk.appliance() as appliance:
        desk.show_list(appliance.reports.team_activity(period_of(since, until, ended=ended), team), ACTIVITY)


@click.command()
@click.argument("lsids", nargs=-1, metavar="[LSID]...")
@period_options
@ended_option
@limit_option
@click.option("--listing", is_flag=True, help="Only ids and whether there is a recording: quicker.")
@pass_desk
def presentations(desk: Desk, /, **asked: Any) -> None:
    """List the presentations of a period, or these."""
    PRESENTED.show(desk, **asked)


@click.command()
@period_options
@click.option("--by", type=click.Choice(["hour", "day", "month"]), default="day", show_default=True)
@pass_desk
def licenses(desk: Desk, since: datetime | None, until: datetime | None, by: str) -> None:
    """Tell how many licenses were in use at most, interval by interval."""
    with desk.appliance() as appliance:
        desk.show_list(appliance.reports.license_usage(period_of(since, until), by), PEAKS)


@click.command(name="vault-activity")
@period_options
@ended_option
@click.option("--limit", help="all, rep:ID or account:ID.")
@pass_desk
def vault_activity(desk: Desk, since: datetime | None, until: datetime | None, ended: bool, limit: str | None) -> None:
    """List what was done with the vault's accounts."""
    with desk.appliance() as appliance:
        found = appliance.reports.vault_account_activity(period_of(since, until, ended=ended), limit_of(limit))
        desk.show_list(found, VAULT)
