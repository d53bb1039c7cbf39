"""Archives of the live model: a snapshot each half hour, and what happened in each ten minutes, as gzip.

Source: Remote Support 23.2 API guide, chapters ArchiveListing and Archive. How a line of an event archive holds
its tables is a guess: the guide prints the names of the tables and fields, and no line.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree

from sandbox.beyondtrust.api.action import whole
from sandbox.beyondtrust.api.answers import add, add_time, element
from sandbox.beyondtrust.live import Change, LiveModel, Tables
from sandbox.beyondtrust.live.tables import NAMES
from sandbox.beyondtrust.reports import periods
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import ApiError, ApplianceSession, Event

Values = Mapping[str, str]
STATE, EVENT = timedelta(minutes=30), timedelta(minutes=10)
NAMED = {
    "Chat Message": "chat_message",
    "Session Note Added": "session_note_added",
    "File Upload": "file_upload",
    "File Download": "file_download",
    "Files Shared": "files_shared",
    "System Information Retrieved": "system_information_retrieved",
    "Command Shell Session Started": "command_shell_session_started",
    "Show My Screen Recording": "show_my_screen_recording",
    "Customer Exit Survey": "customer_exit_survey",
    "Representative Exit Survey": "representative_survey",
}
"""What the report calls it, and what the archive does; other events show in the tables alone."""


@dataclass(frozen=True, slots=True)
class _Slot:
    """One archive: its number on its day, from 1, and the time that it is about."""

    index: int
    begin: datetime
    end: datetime


class Archives:
    """What the live model remembers, cut into files."""

    def __init__(self, live: LiveModel) -> None:
        self._live = live

    def listing(self, _state: ApplianceState, values: Values) -> etree._Element:
        day = periods.date(values, "date")
        root = element("archives")
        events = list(self._slots(day, EVENT))
        for slot in self._slots(day, STATE):
            one = add(root, "state_archive")
            add_time(one, "time", slot.begin)
            add(one, "index", str(slot.index))
            following = [event.index for event in events if event.begin >= slot.begin]
            add(one, "event_archive_index", str(following[0] if following else len(events) + 1))
        for slot in events:
            one = add(root, "event_archive")
            add_time(one, "time", slot.begin)
            add_time(one, "end_time", slot.end)
            add(one, "index", str(slot.index))
        return root

    def archive(self, _state: ApplianceState, values: Values) -> bytes:
        day = periods.date(values, "date")
        lengths = {"state": STATE, "event": EVENT}
        if values["type"] not in lengths:
            raise ApiError("Invalid value of type.")
        index = whole(values, "index", 1)
        for slot in self._slots(day, lengths[values["type"]]):
            if slot.index == index:
                text = self._snapshot(slot) if values["type"] == "state" else self._happened(slot)
                return gzip.compress(text.encode(), mtime=0)
        raise ApiError("There is no such archive.")

    def _slots(self, day: datetime, length: timedelta) -> Iterator[_Slot]:
        """The archives of that day that exist by now, from the one in which the appliance began."""
        state = self._live.state
        began = max(day, _floor(state.started_at, length))
        until = state.clock.now() - timedelta(seconds=state.settings.archive_lag_seconds)
        at, index = began, 1
        while at < day + timedelta(days=1) and (at if length == STATE else at + length) <= until:
            yield _Slot(index, at, at + length)
            at, index = at + length, index + 1

    def _snapshot(self, slot: _Slot) -> str:
        tables: Tables = {}
        for change in self._live.changes:
            if change.at < slot.begin:
                tables = _replayed(tables, change)
        return json.dumps({name: tables.get(name) or None for name in NAMES})

    def _happened(self, slot: _Slot) -> str:
        lines = [
            (change.at, line)
            for change in self._live.changes
            if slot.begin <= change.at < slot.end
            for line in _lines(change)
        ]
        for session in self._live.state.sessions.values():
            lines += [
                (event.at, _session_event(session, event))
                for event in session.events
                if slot.begin <= event.at < slot.end and event.type in NAMED
            ]
        lines.sort(key=lambda pair: pair[0])
        return "".join(f"{json.dumps(line)}\n" for _, line in lines)


def _floor(moment: datetime, length: timedelta) -> datetime:
    return datetime.fromtimestamp(moment.timestamp() // length.total_seconds() * length.total_seconds(), UTC)


def _replayed(tables: Tables, change: Change) -> Tables:
    if change.truncated:
        return {}
    after = {name: dict(found) for name, found in tables.items()}
    for name, added in change.insert.items():
        after.setdefault(name, {}).update(added)
    for name, changed in change.update.items():
        for key, fields in changed.items():
            after[name][key] = {**after[name][key], **fields}
    for name, removed in change.delete.items():
        for key in removed:
            del after[name][key]
    return after


def _lines(change: Change) -> Iterator[dict[str, Any]]:
    at = int(change.at.timestamp())
    if change.truncated:
        yield {"type": "truncate_model", "timestamp": at}
    if change.insert:
        yield {"type": "model_insert", "timestamp": at, "data": change.insert}
    if change.update:
        yield {"type": "model_update", "timestamp": at, "data": change.update}
    if change.delete:
        yield {"type": "model_delete", "timestamp": at, "data": change.delete}


def _session_event(session: ApplianceSession, event: Event) -> dict[str, Any]:
    data: dict[str, Any] = dict(event.data)
    by = event.performed_by
    data["performed_by"] = {"type": by.kind, "gsnumber": by.gsnumber, "name": by.name}
    if event.body:
        data["body"] = event.body
    if event.filename:
        data |= {"name": event.filename, "size": event.filesize}
    at = int(event.at.timestamp())
    return {"type": "session_event", "timestamp": at, "lsid": session.lsid, "name": NAMED[event.type], "data": data}
