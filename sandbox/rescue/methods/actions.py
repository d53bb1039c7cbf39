"""The methods that act on sessions.

Source: Rescue API Reference Guide, chapters startSession to cancelAction. They have no NOTLOGGEDIN, and
transferSession has no code for a session that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.rescue import actions
from sandbox.rescue.asked import Asked
from sandbox.rescue.methods.caller import Method, administrator
from sandbox.rescue.model import Code, RescueSession
from sandbox.rescue.state import RescueState
from sandbox.rescue.tree import Channel

Action = Callable[[RescueState, Asked], None]
NOT_ADMIN = "NOTLOGGEDINASADMIN"


def _session(state: RescueState, asked: Asked, refusal: str = "INVALIDPARAM_SESSION") -> RescueSession:
    try:
        administrator(state, asked, NOT_ADMIN)
    except Code as refused:
        raise Code(NOT_ADMIN if refused.code == "NOTLOGGEDIN" else refused.code) from None
    identity = asked.get("session")
    session = state.sessions.get(int(identity)) if identity.isascii() and identity.isdigit() else None
    if session is None:
        raise Code(refusal)
    return session


def start(state: RescueState, asked: Asked) -> None:
    session = _session(state, asked)
    actions.start(state, session, actions.technician_of(state, asked.get("node")))


def hold(state: RescueState, asked: Asked) -> None:
    actions.hold(state, _session(state, asked))


def transfer(state: RescueState, asked: Asked) -> None:
    session = _session(state, asked, "ERROR")
    reference = asked.get("noderef", "NODE").upper()
    if reference == "CHANNEL":
        channel = state.tree.find(asked.get("node"))
        if not isinstance(channel, Channel):
            raise Code("INVALIDPARAM_NODE")
        actions.transfer(state, session, channel, asked.get("comment"))
    elif reference == "NODE":
        technician = actions.technician_of(state, asked.get("node"))
        actions.transfer(state, session, technician, asked.get("comment"))
    else:
        raise Code("INVALIDPARAM_NODE")


def close(state: RescueState, asked: Asked) -> None:
    actions.close(state, _session(state, asked))


def cancel(state: RescueState, asked: Asked) -> None:
    actions.cancel(state, _session(state, asked))


def _method(action: Action) -> Method:
    def method(state: RescueState, asked: Asked) -> str:
        action(state, asked)
        return "OK"

    return method


ACTIONS: dict[str, Action] = {
    "startsession": start,
    "holdsession": hold,
    "transfersession": transfer,
    "closesession": close,
    "cancelaction": cancel,
}
METHODS: dict[str, Method] = {name: _method(action) for name, action in ACTIONS.items()}
