"""Reports that count: sessions by representative, team or site; what went on in teams; licences; the vault.

Source: Remote Support 23.2 API guide, chapters SupportSessionSummary, SupportTeam, LicenseUsage,
EndpointLicenseUsage, VaultAccountActivity.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import timedelta

from lxml import etree

from sandbox.beyondtrust.api.action import chosen, whole
from sandbox.beyondtrust.api.answers import add, add_all, add_time, clock_time, element, iso, unix
from sandbox.beyondtrust.reports import periods
from sandbox.beyondtrust.reports.listing import add_body
from sandbox.beyondtrust.reports.participants import PUBLIC_SITE
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import ApiError, ApplianceSession, Event, Team

Values = Mapping[str, str]
SITE = (1, PUBLIC_SITE)


def summary(state: ApplianceState, values: Values) -> etree._Element:
    kind = chosen(values, "report_type", among=frozenset({"rep", "team", "site"}), default="")
    groups: dict[tuple[int, str], list[ApplianceSession]] = {}
    for session in periods.sessions(state, values):
        for group in _groups(state, session, kind):
            groups.setdefault(group, []).append(session)
    root = element("summary_list")
    for (number, name), found in groups.items():
        one = add(root, "summary", id=str(number), type=kind)
        lengths = [_length(state, session) for session in found]
        weekdays = {session.started_at.date() for session in found if session.started_at.weekday() < 5}
        busy = sum(1 for session in found if session.started_at.weekday() < 5)
        add_all(
            one,
            display_name=name,
            total_sessions=str(len(found)),
            avg_sessions_per_weekday=f"{busy / max(1, len(weekdays)):.1f}",
            avg_duration=clock_time(sum(lengths) / len(lengths)),
        )
    return root


def _groups(state: ApplianceState, session: ApplianceSession, kind: str) -> list[tuple[int, str]]:
    if kind == "site":
        return [SITE]
    if kind == "team":
        return [(team_id, state.teams[team_id].name) for team_id in session.team_ids]
    owners = {one.rep.id: one.rep.private_name for one in session.members if one.owner}
    return list(owners.items())


def _length(state: ApplianceState, session: ApplianceSession) -> float:
    end = periods.end_time(state, session) or session.dropped_at or state.clock.now()
    return (end - session.started_at).total_seconds()


def teams(state: ApplianceState, values: Values) -> etree._Element:
    wanted = periods.period(values)
    only = whole(values, "team_id")
    root = element("team_activity_list")
    add_time(root, "start_time", wanted.begin)
    add_time(root, "end_time", wanted.end or state.clock.now())
    for team in state.teams.values():
        events = [event for event in state.team_events.get(team.id, []) if wanted.holds(event.at)]
        if events and only in (None, team.id):
            _add_team(root, state, team, events)
    return root


def _add_team(root: etree._Element, state: ApplianceState, team: Team, events: list[Event]) -> None:
    one = add(root, "team_activity", id=str(team.id), name=team.name)
    before = add(one, "logged_in_representatives")
    for rep in (state.representatives[rep_id] for rep_id in team.members):
        if rep.logged_in_since is not None and rep.logged_in_since < events[0].at:
            child = add(before, "representative", gsnumber=str(rep.gsnumber), id=str(rep.id))
            add_all(child, display_name=rep.private_name, public_display_name=rep.public_name)
            add_all(child, private_display_name=rep.private_name, public_ip=rep.public_ip, private_ip=rep.private_ip)
    outer = add(one, "events")
    for event in events:
        child = add(outer, "event", timestamp=unix(event.at), event_type=event.type)
        by = event.performed_by
        add(child, "performed_by", by.name, gsnumber=str(by.gsnumber), type=by.kind)
        if event.destination is not None:
            to = event.destination
            add(add(child, "destinations"), "destination", to.name, gsnumber=str(to.gsnumber))
        if event.body:
            add_body(child, event.body)
        data = add(child, "data")
        for name, value in event.data.items():
            add(data, "value", name=name, value=value)


def licences(state: ApplianceState, values: Values) -> etree._Element:
    wanted = periods.period(values, periods.STARTS)
    by = chosen(values, "group_by", among=frozenset({"hour", "day", "month"}), default="")
    root = element("license_usage")
    add_time(root, "start_time", wanted.begin)
    add_time(root, "end_time", wanted.end or state.clock.now())
    add(root, "group_by", by)
    intervals = add(root, "license_time_intervals")
    at = state.started_at.replace(minute=0, second=0, microsecond=0)
    if wanted.holds(at):
        one = add(intervals, "license_time_interval", timestamp=unix(at), datetime=iso(at))
        used = str(sum(1 for rep in state.representatives.values() if rep.logged_in))
        add(one, "license_count", used, license_type="Full")
        add(one, "license_count", used, license_type="Full", reason="login")
        add(one, "license_count", "0", license_type="Full", reason="extended_contact")
    return root


def endpoints(state: ApplianceState, _values: Values) -> bytes:
    """A ZIP file of three tables."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        items = [f"{item.get('name', '')},{item.get('group', '')}" for item in state.jump_shortcuts]
        archive.writestr("jump_items.csv", "\n".join(["Name,Jump Group", *items, ""]))
        archive.writestr("daily_counts.csv", f"Date,Operations,Licenses\n{state.started_at:%Y-%m-%d},0,{len(items)}\n")
        archive.writestr("summary.csv", f"Appliance,Endpoint Licenses\n{state.settings.appliance_id},{len(items)}\n")
    return packed.getvalue()


VAULT = (("Account Created", "representative", ""), ("Password Changed", "system", "Rotate after check in"))


def vault(state: ApplianceState, values: Values) -> etree._Element:
    """Two events of one account, a minute apart."""
    wanted = periods.period(values)
    kind, _, name = values.get("limit", "all").partition(":")
    if kind not in ("all", "rep", "account") or (kind != "all" and not name.isdecimal()):
        raise ApiError("Invalid value of limit.")
    root = element("vault_account_activity_list")
    for number, (event, who, data) in enumerate(VAULT):
        at = state.started_at + timedelta(minutes=number)
        mine = (
            kind == "all" or (kind == "account" and name == "7") or (kind == "rep" and name == "1" and who != "system")
        )
        if wanted.holds(at) and mine:
            one = add(root, "vault_account_activity", timestamp=unix(at), account="7", event_type=event)
            add(one, "performed_by", "" if who == "system" else "Technician One", id="1", type=who)
            add(one, "data", data)
    return root
