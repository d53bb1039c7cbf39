"""The live model: the tables as they change, for those who are connected and for the archives.

Source: Remote Support 23.2 API guide, chapter "Protocol of the Real-Time State API".
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from threading import Condition
from typing import Any

from sandbox.beyondtrust.live.tables import ARCHIVE_ONLY, NAMES, Fields, Natural, people, session_rows
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import ApplianceSession, Happening

FIRST_ID = 2**63 + 4_711
"""Ids are 64-bit unsigned integers; these do not fit into a signed one, nor into a float."""
REMEMBERED = 50_000
Tables = dict[str, dict[str, Fields]]


@dataclass(frozen=True, slots=True)
class Change:
    """What became different at one moment. `truncated` means that everything before is void."""

    at: datetime
    insert: Tables = field(default_factory=dict)
    update: Tables = field(default_factory=dict)
    delete: dict[str, list[str]] = field(default_factory=dict)
    truncated: bool = False

    def message(self, tables: frozenset[str]) -> dict[str, Any] | None:
        """As the web socket tells it, of these tables only; None where it says nothing of them."""
        if self.truncated:
            return {"type": "truncate_model"}
        parts = {
            "insert": _shown(self.insert, tables),
            "update": _shown(self.update, tables),
            "delete": {name: ids for name, ids in self.delete.items() if name in tables},
        }
        said = {name: part for name, part in parts.items() if part}
        return {"type": "model_update", **said} if said else None


class Reader:
    """Somebody who is connected, and gets every change of the tables that they subscribed to. `wake` is called
    whenever there is something to send.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self.tables: frozenset[str] = frozenset()
        self.backlog: deque[bytes] = deque()
        self.cut = False
        self._wake = wake

    def tell(self, message: Mapping[str, Any] | None, most: int) -> None:
        """Put a message into the backlog; a reader with too much of it is cut off."""
        if message is not None:
            self.backlog.append(json.dumps(message, ensure_ascii=False).encode() + b"\n")
            self.cut = self.cut or len(self.backlog) > most
            self._wake()

    def end(self) -> None:
        self.cut = True
        self._wake()


class LiveModel:
    """Looks at the state after each thing that happens, and tells what is different."""

    def __init__(self, state: ApplianceState) -> None:
        self.state = state
        self.changes: deque[Change] = deque(maxlen=REMEMBERED)
        """Since the appliance began, for the archives."""
        self._ids: dict[Natural, int] = {}
        self._next_id = count(FIRST_ID)
        self._tables: Tables = {name: {} for name in NAMES}
        self._groups: dict[str, dict[Natural, Fields]] = {}
        """The rows of each session by its lsid, and all others by an empty one: only what was touched is
        looked at again.
        """
        self._connected: list[Reader] = []
        self._closing = False
        self._gone = Condition(state.lock)
        with state.lock:
            state.on_event.append(self._hear)
            self._look(None)

    def come(self, reader: Reader) -> None:
        """Somebody is connected; they are told nothing before they subscribe."""
        with self.state.lock:
            self._connected.append(reader)
            reader.cut = self._closing

    def subscribe(self, reader: Reader, tables: frozenset[str]) -> bool:
        """Tell it everything, and from now on each change; False when there are too many already."""
        with self.state.lock:
            if self.readers >= self.state.settings.live_connections:
                return False
            reader.tables = tables
            whole = Change(self.state.clock.now(), insert=self._tables)
            reader.tell(whole.message(reader.tables), self.state.settings.live_backlog)
            return True

    def leave(self, reader: Reader) -> None:
        with self._gone:
            self._connected.remove(reader)
            self._gone.notify_all()

    @property
    def readers(self) -> int:
        """How many are subscribed."""
        with self.state.lock:
            return sum(1 for reader in self._connected if reader.tables)

    def truncate(self) -> None:
        """What a restart of the appliance's processes does: all rows go, and come again under other ids."""
        with self.state.lock:
            self._ids.clear()
            self._groups.clear()
            for rows in self._tables.values():
                rows.clear()
            self._publish(Change(self.state.clock.now(), truncated=True))
            self._look(None)
            for session in self.state.sessions.values():
                self._look(session)

    def cut(self) -> None:
        """Break every connection."""
        with self.state.lock:
            for reader in self._connected:
                reader.end()

    def close(self) -> None:
        """Break every connection, take no more, and wait until nobody is left."""
        with self.state.lock:
            self._closing = True
        self.cut()
        with self._gone:
            self._gone.wait_for(lambda: not self._connected, 10)

    def _hear(self, happening: Happening) -> None:
        self._look(happening.session)

    def _look(self, session: ApplianceSession | None) -> None:
        """Find out what is different about a session, or about the people."""
        group = session.lsid if session is not None else ""
        told = people(self.state, self._row_id) if session is None else session_rows(self.state, session, self._row_id)
        before, now = self._groups.pop(group, {}), dict(told)
        if now:
            self._groups[group] = now
        change = Change(self.state.clock.now())
        for natural, fields in now.items():
            self._note(change, natural, before.get(natural), fields)
        for natural in before.keys() - now.keys():
            self._forget(change, natural)
        if change.insert or change.update or change.delete:
            self._publish(change)

    def _note(self, change: Change, natural: Natural, before: Fields | None, fields: Fields) -> None:
        table, key = natural[0], str(self._row_id(*natural))
        if before is None:
            change.insert.setdefault(table, {})[key] = fields
        elif before != fields:
            changed = {name: value for name, value in fields.items() if before[name] != value}
            change.update.setdefault(table, {})[key] = changed
        self._tables[table][key] = fields

    def _forget(self, change: Change, natural: Natural) -> None:
        table, key = natural[0], str(self._ids.pop(natural))
        change.delete.setdefault(table, []).append(key)
        del self._tables[table][key]

    def _publish(self, change: Change) -> None:
        self.changes.append(change)
        for reader in (one for one in self._connected if one.tables):
            reader.tell(change.message(reader.tables), self.state.settings.live_backlog)

    def _row_id(self, table: str, name: str) -> int:
        known = self._ids.get((table, name))
        if known is None:
            known = self._ids[table, name] = next(self._next_id)
        return known


def _shown(tables: Tables, wanted: frozenset[str]) -> Tables:
    """Without the fields that only archives know."""
    shown: Tables = {}
    for table, found in tables.items():
        if table in wanted:
            hidden = ARCHIVE_ONLY.get(table, frozenset())
            stripped = {key: {n: v for n, v in fields.items() if n not in hidden} for key, fields in found.items()}
            kept = {key: fields for key, fields in stripped.items() if fields}
            if kept:
                shown[table] = kept
    return shown
