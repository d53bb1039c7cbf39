"""Sessions: the list, chat, notes, and whether anybody is there.

Source: Rescue API Reference Guide, chapters getSession, getChat, getNote, isAnyTechAvailableOnChannel.
"""

from __future__ import annotations

import re

from sandbox.rescue.asked import Asked
from sandbox.rescue.listing import session_table
from sandbox.rescue.methods.caller import Method, caller, ok
from sandbox.rescue.model import Code, RescueSession
from sandbox.rescue.state import CHANNEL_ID, RescueState


def _asked_session(state: RescueState, asked: Asked) -> RescueSession:
    caller(state, asked)
    identity = asked.get("session")
    session = state.sessions.get(int(identity)) if re.fullmatch(r"[0-9]{1,18}", identity) else None
    if session is None:
        raise Code(state.settings.unknown_session_code)
    return session


def _get_chat(state: RescueState, asked: Asked) -> str:
    return ok(f"CHATLOG:{_asked_session(state, asked).transcript()}")


def _get_note(state: RescueState, asked: Asked) -> str:
    return ok(f"NOTE:{_asked_session(state, asked).note}")


def _get_session(state: RescueState, asked: Asked) -> str:
    caller(state, asked)
    return ok(session_table(state, asked.get("node"), asked.get("noderef", "NODE").upper()))


def _is_any_tech_available(state: RescueState, asked: Asked) -> str:
    caller(state, asked)
    if asked.get("channelid") != str(CHANNEL_ID):
        raise Code("ERROR")
    return str(any(one.console_open for one in state.technicians.values())).upper()


METHODS: dict[str, Method] = {
    "getchat": _get_chat,
    "getnote": _get_note,
    "getsession_v3": _get_session,
    "isanytechavailableonchannel": _is_any_tech_available,
}
