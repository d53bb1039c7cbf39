"""The areas of reports: which sessions stand in each, and in which columns.

Source: the numbers of the areas that clients use. Areas 2 to 7, 9, 10 and 16 have columns of our own guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sandbox.rescue.history import Timeline
from sandbox.rescue.model import Code, RescueSession
from sandbox.rescue.reports import cells
from sandbox.rescue.reports.cells import Columns, Entry
from sandbox.rescue.reports.conversation import ReportSettings
from sandbox.rescue.state import RescueState
from sandbox.settings import RescueSettings

Table = tuple[Sequence[str], Iterator[list[str]]]
FAILED = ("Aborted", "Expired", "Timed out", "Declined", "Revoked", "Not available")


@dataclass(frozen=True, slots=True)
class Area:
    """Where its sessions are found by time, which of them belong to it, and its columns."""

    timeline: Callable[[RescueState], Timeline]
    columns: Callable[[RescueSettings], Columns]
    belongs: Callable[[RescueSession], bool] = lambda session: not session.open


def report(state: RescueState, settings: ReportSettings, inside: Callable[[RescueSession], bool]) -> Table:
    """The header and the rows; `inside` says which sessions belong to the node that was asked for."""
    if settings.area == LOGIN:
        return LOGIN_COLUMNS, _logins(state, settings)
    area = AREAS.get(settings.area)
    if area is None:
        raise Code("ERROR")
    entries = _entries(state, settings, area, inside)
    if settings.area == PERFORMANCE or settings.summary:
        return SUMMARY_COLUMNS, _summary(entries)
    columns = area.columns(state.settings)
    return tuple(columns), ([cell(entry) for cell in columns.values()] for entry in entries)


def _entries(
    state: RescueState, settings: ReportSettings, area: Area, inside: Callable[[RescueSession], bool]
) -> Iterator[Entry]:
    for at, identity in area.timeline(state).between(*settings.bounds()):
        session = state.sessions[identity]
        if settings.contains(at) and area.belongs(session) and inside(session):
            yield _entry(state, settings, session, at)


def _entry(state: RescueState, settings: ReportSettings, session: RescueSession, at: datetime) -> Entry:
    group, channel = state.group_name(session.technician), state.channel_name(session.channel_id)
    return Entry(session, at, session.technician, settings, state.settings, group, channel)


def _logins(state: RescueState, settings: ReportSettings) -> Iterator[list[str]]:
    """When consoles were opened and closed, by the time of the opening."""
    begin, end = settings.bounds()
    for one in state.console_logins:
        if begin <= one.begun_at < end and settings.contains(one.begun_at):
            user, until = one.technician, one.ended_at or state.clock.now()
            people = (user.name, str(user.id), user.email, state.group_name(user))
            ended = settings.written(one.ended_at) if one.ended_at else ""
            spent = cells.duration(until - one.begun_at)
            yield [settings.written(one.begun_at), ended, *people, spent, "0:00:00", "0:00:00", "192.0.2.10"]


def _summary(entries: Iterator[Entry]) -> Iterator[list[str]]:
    """A row for each technician."""
    by_technician = sorted(entries, key=lambda entry: entry.technician.id)
    for _, own in groupby(by_technician, key=lambda entry: entry.technician.id):
        mine = list(own)
        whole = sum((cells.total(entry.session) for entry in mine), timedelta())
        waiting = sum((cells.waited(entry.session) for entry in mine), timedelta())
        active = whole - sum((cells.held(entry.session) for entry in mine), timedelta())
        yield [
            *(cell(mine[0]) for cell in cells.PEOPLE.values()),
            str(len(mine)),
            cells.duration(whole),
            cells.duration(waiting / len(mine)),
            cells.duration(whole / len(mine)),
            cells.duration(active / len(mine)),
            cells.duration(active),
            cells.duration(active),
        ]


LOGIN, PERFORMANCE = 2, 4
LOGIN_COLUMNS = ("Start Time", "End Time", *cells.PEOPLE, "Total Login Time", "Busy Time", "Away Time", "IP Address")
SUMMARY_COLUMNS = (
    *cells.PEOPLE,
    "Number of Sessions",
    "Total Login Time",
    "Average Pick-up Speed",
    "Average Duration",
    "Average Work Time",
    "Total Active Time",
    "Total Work Time",
)
AREAS = {
    0: Area(lambda state: state.history.started, cells.session_columns),
    1: Area(
        lambda state: state.history.customer_surveys,
        lambda settings: cells.survey_columns(settings, settings.customer_questions, customer=True),
    ),
    3: Area(lambda state: state.history.missed, cells.missed_columns),
    4: Area(lambda state: state.history.started, cells.session_columns),
    5: Area(lambda state: state.history.started, cells.chat_columns),
    6: Area(lambda state: state.history.started, cells.custom_field_columns),
    7: Area(lambda state: state.history.started, cells.transfer_columns, lambda session: bool(session.transferred_to)),
    8: Area(
        lambda state: state.history.closed,
        lambda settings: cells.survey_columns(settings, settings.technician_questions, customer=False),
        lambda session: bool(session.technician_survey),
    ),
    9: Area(lambda state: state.history.started, cells.chat_columns, lambda session: bool(session.collaborators)),
    10: Area(
        lambda state: state.history.closed, cells.failed_columns, lambda session: session.status.startswith(FAILED)
    ),
    16: Area(lambda state: state.history.started, cells.transfer_columns, lambda session: bool(session.transferred_to)),
}
