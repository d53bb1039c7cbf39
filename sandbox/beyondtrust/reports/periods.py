"""Which time a report is about, and which sessions of it may be seen yet.

Source: Remote Support 23.2 API guide, chapters "Download Reports with SupportSession" and its sisters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sandbox.beyondtrust.api.action import whole
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import ApiError, ApplianceSession, Survey

Values = Mapping[str, str]
STARTS = ("start_date", "start_time")
ENDS = ("end_date", "end_time")
LAST_SECOND = 253_402_300_799
"""Of the year 9999."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `begin` on, up to `end` where there is one. `by_end` looks at when a session ended."""

    begin: datetime
    end: datetime | None
    by_end: bool

    def holds(self, moment: datetime | None) -> bool:
        return moment is not None and moment >= self.begin and (self.end is None or moment < self.end)


def period(values: Values, names: tuple[str, ...] = STARTS + ENDS) -> Period:
    """Exactly one beginning, and how long: days for a date, seconds for a time, 0 for until now."""
    given = [name for name in names if name in values]
    if len(given) != 1 or "duration" not in values:
        raise ApiError(f"One of {', '.join(names)} must be given, with duration.")
    name = given[0]
    duration = whole(values, "duration", 0) or 0
    begin = date(values, name) if name.endswith("date") else datetime.fromtimestamp(_seconds(values, name), UTC)
    length = timedelta(days=duration) if name.endswith("date") else timedelta(seconds=duration)
    try:
        return Period(begin, begin + length if duration else None, name in ENDS)
    except OverflowError:
        raise ApiError("Invalid value of duration.") from None


def date(values: Values, name: str) -> datetime:
    """Midnight, UTC, of a day written as 2016-10-01."""
    try:
        return datetime.strptime(values.get(name, ""), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise ApiError(f"Invalid value of {name}.") from None


def _seconds(values: Values, name: str) -> int:
    return whole(values, name, 0, LAST_SECOND) or 0


def reported(state: ApplianceState, session: ApplianceSession) -> bool:
    """Whether any report holds the session yet. Without a lag a running one is there, too."""
    lag = state.settings.report_appears_seconds
    over = session.ended_at or session.dropped_at
    return lag <= 0 or (over is not None and state.clock.now() >= over + timedelta(seconds=lag))


def end_time(state: ApplianceState, session: ApplianceSession) -> datetime | None:
    """Its end as far as it is written down by now."""
    ended, lag = session.ended_at, timedelta(seconds=state.settings.report_end_seconds)
    return ended if ended is not None and state.clock.now() >= ended + lag else None


def survey(state: ApplianceState, found: Survey | None) -> Survey | None:
    """The survey as far as it is written down by now."""
    lag = timedelta(seconds=state.settings.report_survey_seconds)
    return found if found is not None and state.clock.now() >= found.at + lag else None


def sessions(state: ApplianceState, values: Values) -> list[ApplianceSession]:
    """The sessions that were asked for by id or by time, oldest first."""
    everything = [one for one in state.sessions.values() if reported(state, one)]
    asked = by_id(values)
    if asked is not None:
        return [one for one in everything if one.lsid in asked]
    wanted = period(values)
    return [one for one in everything if wanted.holds(end_time(state, one) if wanted.by_end else one.started_at)]


def by_id(values: Values) -> frozenset[str] | None:
    """The ids that were asked for; None where a time was."""
    if not ({"lsid", "lsids"} & values.keys()):
        return None
    if {"lsid", "lsids"} <= values.keys() or set(STARTS + ENDS) & values.keys():
        raise ApiError("Sessions are asked for by lsid, by lsids or by time.")
    return frozenset([values["lsid"]] if "lsid" in values else values["lsids"].split(","))


def limited(state: ApplianceState, values: Values) -> Callable[[ApplianceSession], bool]:
    """What `limit` lets through; it says nothing beside lsid and lsids."""
    text = values.get("limit", "all")
    kind, _, name = text.partition(":")
    if text == "all" or by_id(values) is not None:
        return lambda session: True
    if text == "team:all":
        return lambda session: bool(session.team_ids)
    if not name.isdecimal() or kind not in ("rep", "team", "members", "site"):
        raise ApiError("Invalid value of limit.")
    number = int(name)
    members = state.teams[number].members if kind == "members" and number in state.teams else ()
    return {
        "rep": lambda session: _owned_by(session, (number,)),
        "team": lambda session: number in session.team_ids,
        "members": lambda session: _owned_by(session, members),
        "site": lambda session: number == 1,
    }[kind]


def _owned_by(session: ApplianceSession, rep_ids: tuple[int, ...]) -> bool:
    return any(one.owner and one.rep.id in rep_ids for one in session.members)
