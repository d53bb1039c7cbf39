"""What administrators do to sessions by API: start, hold, transfer, close, and cancel a transfer.

Source: Rescue API Reference Guide, chapters startSession, holdSession, transferSession, closeSession, cancelAction.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.rescue.model import ACTIVE, CLOSED_BY_TECHNICIAN, ON_HOLD, TRANSFERRING, WAITING, Code, RescueSession
from sandbox.rescue.model import Technician as User
from sandbox.rescue.state import NOBODY, RescueState
from sandbox.rescue.tree import TECHNICIAN, Channel

FAILED = "ACTIONFAILED"
TO_PICK_UP = (WAITING, ON_HOLD, TRANSFERRING)


@dataclass(frozen=True, slots=True)
class Before:
    """Where a session was before its transfer."""

    status: str
    technician: User
    channel_id: int


def start(state: RescueState, session: RescueSession, technician: User) -> None:
    """The technician picks the session up, or goes on with it."""
    _check_console(technician)
    if session.status not in TO_PICK_UP:
        raise Code(FAILED)
    state.pick_up(session.id, technician.id)


def hold(state: RescueState, session: RescueSession) -> None:
    _check_console(session.technician)
    if session.status != ACTIVE:
        raise Code(FAILED)
    now = state.clock.now()
    session.status, session.held_at, session.changed_at = ON_HOLD, now, now


def transfer(state: RescueState, session: RescueSession, target: User | Channel, comment: str) -> None:
    """A waiting session only waits elsewhere; a running one is being transferred until somebody picks it up."""
    if isinstance(target, User):
        _check_console(target)
    if session.status not in (WAITING, ACTIVE, ON_HOLD):
        raise Code(FAILED)
    state.resume(session)
    session.before_transfer = Before(session.status, session.technician, session.channel_id)
    if isinstance(target, Channel):
        session.channel_id, session.technician = target.id, NOBODY
    else:
        session.technician = target
    session.status = WAITING if session.status == WAITING else TRANSFERRING
    session.transferred_to, session.transfer_comment = target.name, comment
    session.changed_at = state.clock.now()


def cancel(state: RescueState, session: RescueSession) -> None:
    """Undo a transfer that nobody has picked up yet."""
    before = session.before_transfer
    if not isinstance(before, Before):
        raise Code(FAILED)
    if before.technician is not NOBODY:
        _check_console(before.technician)
    session.status, session.technician, session.channel_id = before.status, before.technician, before.channel_id
    session.transferred_to = session.transfer_comment = ""
    session.before_transfer, session.changed_at = None, state.clock.now()


def close(state: RescueState, session: RescueSession) -> None:
    """As if the technician had ended it; one that nobody had picked up posts nothing."""
    if not session.open:
        raise Code(FAILED)
    if session.technician is not NOBODY:
        _check_console(session.technician)
    state.close(session, CLOSED_BY_TECHNICIAN, "The technician ended the session.")


def technician_of(state: RescueState, node: str) -> User:
    """Whoever is an administrator, too, is meant as the technician, by that id."""
    found = state.tree.find(node)
    if not isinstance(found, User) or found.type != TECHNICIAN:
        raise Code("INVALIDPARAM_NODE")
    return found


def _check_console(technician: User) -> None:
    if not technician.console_open or technician.disabled:
        raise Code(FAILED)
