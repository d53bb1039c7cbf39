"""Sessions: the list, chat, notes, and whether anybody is there.

Source: Rescue API Reference Guide, chapters getSession, getChat, getNote, isAnyTechAvailableOnChannel.
"""

from __future__ import annotations

import re

from sandbox.rescue.asked import Asked
from sandbox.rescue.listing import session_table
from sandbox.rescue.methods.caller import Method, caller, ok, version_of
from sandbox.rescue.model import Code, RescueSession
from sandbox.rescue.state import RescueState
from sandbox.rescue.tree import Channel


def asked_session(state: RescueState, asked: Asked) -> RescueSession:
    caller(state, asked)
    identity = asked.get("session")
    session = state.sessions.get(int(identity)) if re.fullmatch(r"[0-9]{1,18}", identity) else None
    if session is None:
        raise Code(state.settings.unknown_session_code)
    return session


def _get_chat(state: RescueState, asked: Asked) -> str:
    return ok(f"CHATLOG:{asked_session(state, asked).transcript()}")


def _get_note(state: RescueState, asked: Asked) -> str:
    return ok(f"NOTE:{asked_session(state, asked).note}")


def _get_session(state: RescueState, asked: Asked) -> str:
    caller(state, asked)
    version = version_of(asked)
    return ok(session_table(state, asked.get("node"), asked.get("noderef", "NODE").upper(), version))


def anybody_there(state: RescueState, asked: Asked) -> bool:
    """Whether a technician of the channel has the console open; who is away or busy can be left out."""
    caller(state, asked)
    channel = state.tree.find(asked.get("channelid"))
    if not isinstance(channel, Channel):
        raise Code("ERROR")
    wanted = {"Online"} if asked.get("excludingawayandbusy").lower() == "true" else {"Online", "Away", "Busy"}
    return any(one.status in wanted for one in state.tree.of_channel(channel))


def _is_any_tech_available(state: RescueState, asked: Asked) -> str:
    return str(anybody_there(state, asked)).upper()


METHODS: dict[str, Method] = {
    "getchat": _get_chat,
    "getnote": _get_note,
    "getsession": _get_session,
    "getsession_v2": _get_session,
    "getsession_v3": _get_session,
    "isanytechavailableonchannel": _is_any_tech_available,
}
