"""What all methods share: who calls, and how a success is written."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.rescue.asked import Asked
from sandbox.rescue.model import Code, Technician
from sandbox.rescue.state import RescueState

Method = Callable[[RescueState, Asked], str]


def caller(state: RescueState, asked: Asked) -> Technician:
    """The technician who calls, or the code that the vendor answers."""
    return state.accounts.caller(asked.authcode, asked.bearer, asked.cookie)


def ok(body: str) -> str:
    return f"OK\n\n{body}"


def administrator(state: RescueState, asked: Asked, refusal: str = "ERROR") -> Technician:
    """The caller, who must be a Master administrator, too."""
    user = caller(state, asked)
    if not state.is_administrator():
        raise Code(refusal)
    return user


def version_of(asked: Asked) -> int:
    """1 to 3, from the end of the method's name."""
    return int(asked.method[-1]) if asked.method[-2:] in ("v2", "v3") else 1
