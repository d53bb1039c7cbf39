"""The table of getSession_v3, with nothing escaped, as the vendor leaves it.

Source: Rescue API Reference Guide, chapter getSession_v3; the trailing bars, the local words and the
repeated rows are from what accounts really answer.
"""

from __future__ import annotations

from datetime import timedelta

from sandbox.clock import us_minute
from sandbox.rescue.model import WAITING, RescueSession, Technician
from sandbox.rescue.state import RescueState

COLUMNS = (
    "ID",
    "Status",
    "Entry ID",
    "Entry",
    "Technician ID",
    "Technician",
    "Start Time",
    "Waiting Time",
    *(f"Custom Field {number}" for number in range(6)),
    "Language",
    "Transferred To",
    "Transferred Comment",
    "Is Lead Technician",
    "HandingOff",
)


def session_table(state: RescueState, node: str, noderef: str) -> str:
    """A header and a row for every technician in every session of the node; closed ones too."""
    rows = [_row(COLUMNS)]
    for session in _sessions(state, node, noderef):
        rows.append(_row(_cells(state, session, session.technician, lead=True)))
        rows.extend(_row(_cells(state, session, one, lead=False)) for one in session.collaborators)
    return "".join(rows)


def _sessions(state: RescueState, node: str, noderef: str) -> list[RescueSession]:
    """The open ones and those that ended lately, in the order in which they came."""
    inside = state.sessions_of(node, noderef)
    since = state.clock.now() - timedelta(seconds=state.settings.listed_after_close_seconds)
    listed = (*state.open_sessions.values(), *(state.sessions[one] for one in state.history.closed.since(since)))
    return sorted(filter(inside, listed), key=lambda session: session.id)


def _cells(state: RescueState, session: RescueSession, technician: Technician, *, lead: bool) -> list[str]:
    settings = state.settings
    waited = int((state.clock.now() - session.changed_at).total_seconds())
    if session.status != WAITING and session.picked_up_at:
        waited = int((session.picked_up_at - session.created_at).total_seconds())
    return [
        str(session.id),
        settings.status_word(session.status),
        str(session.channel_id),
        state.channel_name(session.channel_id),
        str(technician.id),
        technician.name,
        us_minute(session.created_at),
        str(waited),
        *session.fields,
        "en",
        "",
        "",
        settings.yes if lead else "",
        "",
    ]


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return "".join(f"{cell}|" for cell in cells) + "\n"
