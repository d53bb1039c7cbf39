"""What getSession lists, as a text table or by SOAP. Pure.

In the table, status and yes/no are in the account's language and nothing inside a field is escaped; SOAP says the
state by an enum and keeps fields apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors import xml
from connectors.http import Reply
from connectors.platforms.rescue import soap
from connectors.platforms.rescue.catalogue.sessions import COLUMNS_3
from connectors.platforms.rescue.replies import body_of
from connectors.platforms.rescue.rows import joined
from connectors.platforms.rescue.schema import seconds
from connectors.platforms.rescue.words import SessionState


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A row of getSession. One session has several when technicians work together on it."""

    session_id: str
    status: str
    """In the account's language: for eyes, never for decisions."""
    channel_id: str
    channel: str
    technician_id: str
    """`0` while it waits in a channel."""
    technician: str
    start_time: str
    """As written, without a zone; the table has no seconds."""
    waiting_seconds: int | None
    """Since the status changed."""
    fields: Mapping[str, str]
    language: str
    transferred_to: str
    transferred_comment: str
    is_lead: bool
    handing_off: bool
    state: SessionState | None = None
    """None from the table, which has no words to decide by."""

    @property
    def key(self) -> tuple[str, str]:
        return self.session_id, self.technician_id


@dataclass(frozen=True, slots=True)
class SessionListing:
    """What is listed, and what could not be read of it."""

    rows: tuple[SessionRow, ...]
    unreadable: int = 0
    """Rows that nobody can take apart: a delimiter stood inside one of their fields. SOAP tells them."""


_ROW_START = re.compile(r"[0-9]+\|")
_NUMBER = re.compile(r"[0-9]*")
_NUMBERS = ("Entry ID", "Technician ID", "Waiting Time")


def table_of(reply: Reply, columns: Sequence[str] = COLUMNS_3) -> SessionListing:
    """The rows of the text table, one for each session and technician, the last one told.

    A row that is too short goes on in the next line, one that is too long cannot be told apart and is counted.
    """
    rows: dict[tuple[str, str], SessionRow] = {}
    unreadable = 0
    lines = body_of(reply).replace("\r\n", "\n").split("\n")[1:]
    for text in joined(lines, "|", len(columns), _ROW_START.match):
        if row := _row(text, columns):
            rows[row.key] = row
        else:
            unreadable += 1
    return SessionListing(tuple(rows.values()), unreadable)


def _row(text: str, columns: Sequence[str]) -> SessionRow | None:
    cells = [cell.strip() for cell in text.rstrip().removesuffix("|").split("|")]
    if len(cells) != len(columns) or not cells[0].isdecimal():
        return None
    told = dict(zip(columns, cells, strict=True))
    if not all(_NUMBER.fullmatch(told[name]) for name in _NUMBERS):
        # Pieces of two rows that have the right length together.
        return None
    return SessionRow(
        session_id=told["ID"],
        status=told["Status"],
        channel_id=told["Entry ID"],
        channel=told["Entry"],
        technician_id=told["Technician ID"],
        technician=told["Technician"],
        start_time=told["Start Time"],
        waiting_seconds=seconds(told["Waiting Time"]),
        fields=_fields(told, "Custom Field "),
        language=told["Language"],
        transferred_to=told["Transferred To"],
        transferred_comment=told["Transferred Comment"],
        # False is an empty field, true a word in the account's language.
        is_lead=bool(told["Is Lead Technician"]),
        handing_off=bool(told["HandingOff"]),
    )


def elements_of(answer: xml.Element) -> SessionListing:
    """The rows of an answer by SOAP, one for each session and technician."""
    rows = [_from_element(one) for one in soap.items(answer, "aSessions")]
    whole = [row for row in rows if row.session_id.isdecimal()]
    return SessionListing(tuple({row.key: row for row in whole}.values()), len(rows) - len(whole))


def _from_element(element: xml.Element) -> SessionRow:
    told = {xml.local(child): xml.text(child).strip() for child in xml.children(element)}
    return SessionRow(
        session_id=told.get("iID", ""),
        status=told.get("sStatus", ""),
        channel_id=told.get("iEntry", ""),
        channel=told.get("sEntry", ""),
        technician_id=told.get("iTechnician", ""),
        technician=told.get("sTechnician", ""),
        start_time=told.get("sStartTime", ""),
        waiting_seconds=seconds(told.get("iWaitingTimeInSec", "")),
        fields=_fields(told, "sCustomField"),
        language=told.get("sLanguage", ""),
        transferred_to=told.get("sTransferredTo", ""),
        transferred_comment=told.get("sTransferredComment", ""),
        is_lead=told.get("bIsLead", "").casefold() == "true",
        handing_off=told.get("bHandingOff", "").casefold() == "true",
        state=SessionState(told.get("bStatus", "")),
    )


def _fields(told: Mapping[str, str], before: str) -> dict[str, str]:
    """The custom fields that say something, by our names."""
    return {
        f"cfield{name.removeprefix(before)}": value for name, value in told.items() if name.startswith(before) and value
    }
