"""The sessions that run now, seen in a copy of the appliance's state model. Pure.

Guide, "Tables in the Real-Time System State Model".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bridge.model import REFERENCE_ATTRIBUTE, Person, SessionSummary
from connectors.platforms.beyondtrust.live.tables import Row, Tables, row_id
from connectors.platforms.beyondtrust.reports.people import address
from connectors.platforms.beyondtrust.wire.elements import unix_second

SESSIONS = "support_session"
ATTRIBUTES = "support_session_attribute"
REPRESENTATIVES = "representative"
TABLES = (SESSIONS, ATTRIBUTES, REPRESENTATIVES)
"""The tables that must be kept to see it."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What makes a session worth telling of again when it changes."""

    reference: str
    started_at: datetime | None
    owner: Person
    """The representative in whose personal queue it is; nobody while it waits for a team."""


class Running:
    """Compares each state of the tables with the one before."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def changes(self, tables: Tables) -> Iterator[SessionSummary]:
        """Sessions that are new, have another external key or another owner, or whose row is gone.

        Raises MalformedPayload for rows that belong to nothing that could be a session.
        """
        before, self._seen = self._seen, _look(tables)
        for lsid, seen in self._seen.items():
            if before.get(lsid) != seen:
                yield SessionSummary(lsid, seen.reference, seen.started_at, technician=seen.owner)
        for lsid in before.keys() - self._seen.keys():
            yield SessionSummary(lsid, before[lsid].reference, before[lsid].started_at, ended=True)

    def forget(self) -> None:
        """The tables were emptied, which says nothing of how sessions ended: see them all as new again."""
        self._seen = {}


def _look(tables: Tables) -> dict[str, _Seen]:
    """Every session that has its lsid, by it."""
    references = _external_keys(tables)
    owners = _by_queue(tables)
    return {
        lsid: _Seen(
            references.get(key, ""),
            _moment(row.get("created_timestamp")),
            owners.get(row_id(row["queue_id"]), Person()) if _filled(row, "queue_id") else Person(),
        )
        for key, row in tables.table(SESSIONS).items()
        if (lsid := _text(row.get("lsid")))
    }


def _by_queue(tables: Tables) -> Mapping[str, Person]:
    """Representatives by the id of their personal queue."""
    return {
        row_id(row["queue_id"]): Person(
            name=_text(row.get("private_display_name")) or _text(row.get("public_display_name")),
            email=address(_text(row.get("username"))),
            id=_text(row.get("user_id")),
            username=_text(row.get("username")),
        )
        for row in tables.table(REPRESENTATIVES).values()
        if _filled(row, "queue_id")
    }


def _external_keys(tables: Tables) -> Mapping[str, str]:
    """External keys by the id of the session's row."""
    return {
        row_id(row["support_session_id"]): _text(row.get("value"))
        for row in tables.table(ATTRIBUTES).values()
        if row.get("code_name") == REFERENCE_ATTRIBUTE and _filled(row, "support_session_id")
    }


def _filled(row: Row, name: str) -> bool:
    return row.get(name) not in (None, "")


def _text(value: object) -> str:
    """A text as it is, a number as people write it: an external key of digits may come as one."""
    if isinstance(value, str):
        return value.replace("\0", "").strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _moment(value: object) -> datetime | None:
    """A UNIX time as UTC, which may come as a number or a text; None for 0 and for anything else."""
    found = unix_second(str(value).strip()) if isinstance(value, str | int | float) else None
    return found if found and found.timestamp() else None
