"""What happened in a session, as lines for the chat of the customer's or the representative's page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sandbox.beyondtrust.state.model import Actor, ApplianceSession, Event

CHAT = "Chat Message"
NOTE = "Session Note Added"
TOLD = {
    "Conference Member Added": "{by} joined",
    "Conference Member Departed": "{by} left",
    "Conference Owner Changed": "{to} has the session now",
    "File Download": "{by} gave the file {file}",
    "File Upload": "{by} sent the file {file}",
    "Files Shared": "{by} shared the file {file}",
    "Session End": "The session ended",
    "Session Start": "The session began",
    "System Information Retrieved": "System information was read",
}
"""What customers see beside the chat. Notes, keys and the rest are for representatives only."""
INSIDE = {
    "Command Shell Session Started": "{by} opened a command shell",
    "Customer Exit Survey": "{by} answered the survey",
    "External Key": "External key: {body}",
    "Representative Exit Survey": "{by} answered the survey",
    "Show My Screen Recording": "{by} showed their screen",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page; without a speaker it is the appliance's."""

    at: datetime
    speaker: str
    text: str
    look: Literal["", "note", "system"]


def lines(session: ApplianceSession, *, customer: bool = False) -> list[Line]:
    """All that the customer, or else a representative, sees of the session."""
    return list(_lines(session, customer=customer))


def _lines(session: ApplianceSession, *, customer: bool) -> Iterator[Line]:
    for event in session.events:
        speaker = _name(session, event.performed_by, customer=customer)
        if event.type == CHAT:
            yield Line(event.at, speaker, event.body, "" if speaker else "system")
        elif event.type == NOTE and not customer:
            yield Line(event.at, f"{speaker}, note", event.body, "note")
        elif event.type in TOLD or not customer:
            to = _name(session, event.destination, customer=customer)
            yield Line(event.at, "", _words(event, speaker, to), "system")


def _words(event: Event, by: str, to: str) -> str:
    if event.type == "Conference Owner Changed" and not to:
        return "Waiting for a representative"
    words = {**TOLD, **INSIDE}.get(event.type)
    if words is None:
        return event.type
    return words.format(by=by, to=to, file=event.filename, body=event.body or "none")


def _name(session: ApplianceSession, actor: Actor | None, *, customer: bool) -> str:
    """Customers know representatives by their public names."""
    if actor is None or actor.kind == "system":
        return ""
    if actor.kind == "customer":
        return actor.name or "Customer"
    if customer:
        known = (one.rep.public_name for one in session.members if one.gsnumber == actor.gsnumber)
        return next(known, "Representative")
    return actor.name
