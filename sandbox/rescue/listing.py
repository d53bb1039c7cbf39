"""The table of getSession, with nothing escaped, as the vendor leaves it, and its rows for SOAP.

Source: Rescue API Reference Guide, chapters getSession to getSession_v3; the trailing bars, the local words and
the repeated rows are from what accounts really answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sandbox.clock import us_minute
from sandbox.rescue.model import WAITING, RescueSession, Technician
from sandbox.rescue.state import RescueState
from sandbox.rescue.tree import ROOT_NODE_ID
from sandbox.rescue.words import status_word, yes_word

CUSTOM_FIELDS = {1: 3, 2: 3, 3: 6}
"""How many of them each version shows."""


def columns(version: int = 3) -> tuple[str, ...]:
    """16 names, or 19 in the third version."""
    return (
        *("ID", "Status", "Entry ID", "Entry", "Technician ID", "Technician", "Start Time", "Waiting Time"),
        *(f"Custom Field {number}" for number in range(CUSTOM_FIELDS[version])),
        *("Language", "Transferred To", "Transferred Comment", "Is Lead Technician", "HandingOff"),
    )


COLUMNS = columns()


@dataclass(frozen=True, slots=True)
class Row:
    """One technician in one session."""

    session: RescueSession
    technician: Technician
    lead: bool
    seconds: int
    """Since the status changed last, or until the technician came."""
    channel: str


def rows(state: RescueState, node: str, noderef: str, version: int = 3) -> list[Row]:
    """Open sessions of the node and those that ended lately, in the order in which they came."""
    inside = state.sessions_of(node if node or version > 1 else str(ROOT_NODE_ID), noderef)
    since = state.clock.now() - timedelta(seconds=state.settings.listed_after_close_seconds)
    listed = (*state.open_sessions.values(), *(state.sessions[one] for one in state.history.closed.since(since)))
    found: list[Row] = []
    for session in sorted(filter(inside, listed), key=lambda session: session.id):
        seconds, channel = _waited(state, session), state.channel_name(session.channel_id)
        found.append(Row(session, session.technician, True, seconds, channel))
        found.extend(Row(session, one, False, seconds, channel) for one in session.collaborators)
    return found


def session_table(state: RescueState, node: str, noderef: str, version: int = 3) -> str:
    """A header and a line for every row."""
    lines = [columns(version), *(_cells(state, row, version) for row in rows(state, node, noderef, version))]
    return "".join("".join(f"{cell}|" for cell in line) + "\n" for line in lines)


def _waited(state: RescueState, session: RescueSession) -> int:
    if session.status != WAITING and session.picked_up_at:
        return int((session.picked_up_at - session.created_at).total_seconds())
    return int((state.clock.now() - session.changed_at).total_seconds())


def _cells(state: RescueState, row: Row, version: int) -> tuple[str, ...]:
    session = row.session
    return (
        str(session.id),
        status_word(state.settings, session.status),
        str(session.channel_id),
        row.channel,
        str(row.technician.id),
        row.technician.name,
        us_minute(session.created_at),
        str(row.seconds),
        *session.fields[: CUSTOM_FIELDS[version]],
        session.language,
        session.transferred_to,
        session.transfer_comment,
        yes_word(state.settings) if row.lead else "",
        yes_word(state.settings) if handing_off(session) else "",
    )


def handing_off(session: RescueSession) -> bool:
    """While a transfer waits for who takes it over."""
    return session.before_transfer is not None
