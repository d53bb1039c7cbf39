"""Post-to-URL: what Rescue sends at the start and at the end of a session.

Source: Rescue API Reference Guide, chapter "Handling Pre-Session and Post-Session Data", with the names
and the XML as they are really sent: mixed case in forms, `<session>` with lower-case names in XML.
"""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import quote_plus

from lxml import etree

from sandbox.clock import us_second
from sandbox.rescue.model import RescueSession
from sandbox.rescue.state import SURVEY_QUESTIONS, RescueState
from sandbox.sender import Hook, HookSender, Policy

NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def policy(state: RescueState) -> Policy:
    """Once, whatever comes back; a harness may ask for more."""
    return Policy(redeliver=state.settings.redeliver)


def connect(state: RescueState, sender: HookSender) -> None:
    """From now on every session is posted at its start and at its end."""
    held: dict[int, Hook] = {}

    def start(session: RescueSession) -> None:
        hook = None if lost(session) else prepared(state, session, ended=False)
        if hook is not None and state.settings.post_reorder:
            held[session.id] = hook
        elif hook is not None:
            send(hook)

    def end(session: RescueSession) -> None:
        hook = None if lost(session) else prepared(state, session, ended=True)
        for one in (hook, held.pop(session.id, None)):
            if one is not None:
                send(one)

    def lost(session: RescueSession) -> bool:
        return session.lost or state.settings.lose_posts

    def send(hook: Hook) -> None:
        for _ in range(state.settings.post_copies):
            sender.submit(hook, state.settings.post_delay_seconds)

    state.on_start, state.on_end = start, end


def prepared(state: RescueState, session: RescueSession, *, ended: bool) -> Hook | None:
    """The request for this moment of the session; the chat in it is counted as posted."""
    settings = state.settings
    if not settings.hook_url:
        return None
    values = fields(session, settings.post_chat_separator, settings.post_note_field, ended=ended)
    session.posted_lines = len(session.chat)
    if settings.post_format == "xml":
        return Hook(settings.hook_url, {"Content-Type": settings.post_xml_type}, as_xml(values))
    body = as_form(values, settings.post_charset)
    kind = "application/x-www-form-urlencoded"
    if settings.post_charset != "utf-8":
        kind += f"; charset={settings.post_charset}"
    return Hook(settings.hook_url, {"Content-Type": kind}, body)


def fields(session: RescueSession, separator: str, note_field: str, *, ended: bool) -> dict[str, str]:
    """Names and values in the order of the reference. Much is empty at the start, the surveys are missing."""
    technician = session.technician
    picked_up = session.picked_up_at or session.created_at
    values = {
        "SessionID": str(session.id),
        "TechID": str(technician.id),
        "TechSSOID": technician.sso_id,
        "TechName": technician.name,
        "TechEmail": technician.email,
        "TechDescr": technician.description,
        **{f"CField{number}": value for number, value in enumerate(session.fields)},
        "Tracking0": session.tracking,
        "ChatLog": session.transcript(separator, since=session.posted_lines),
        note_field: session.note if ended else "",
        "WaitingTime": str(_seconds(session.created_at, picked_up)),
        "PickupTime": us_second(picked_up),
        "ClosingTime": us_second(session.closed_at) if session.closed_at else "",
        "WorkTime": str(_seconds(picked_up, session.closed_at)) if session.closed_at else "",
        "LastActionTime": us_second(session.last_action_at) if ended and session.last_action_at else "",
        "Transmitted": str(session.transmitted) if ended else "",
        "Platform": session.platform,
    }
    if ended:
        answers = [*session.technician_survey, *[""] * SURVEY_QUESTIONS][:SURVEY_QUESTIONS]
        values |= {f"TSurvey{number}": answer for number, answer in enumerate(answers)}
    return values


def as_form(values: dict[str, str], charset: str) -> bytes:
    """Names in ASCII, values in the charset; what it cannot hold becomes a question mark."""
    pairs = (f"{name}={quote_plus(value, encoding=charset, errors='replace')}" for name, value in values.items())
    return "&".join(pairs).encode("ascii")


def as_xml(values: dict[str, str]) -> bytes:
    """The same in lower case under one root."""
    root = etree.Element("session")
    for name, value in values.items():
        etree.SubElement(root, name.lower()).text = NOT_XML.sub("", value)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _seconds(begin: datetime, end: datetime) -> int:
    return int((end - begin).total_seconds())
