"""What all methods share: who calls, and how a success is written."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.rescue.asked import Asked
from sandbox.rescue.model import Technician
from sandbox.rescue.state import RescueState

Method = Callable[[RescueState, Asked], str]


def caller(state: RescueState, asked: Asked) -> Technician:
    """The technician who calls, or the code that the vendor answers."""
    return state.accounts.caller(asked.authcode, asked.bearer, asked.cookie)


def ok(body: str) -> str:
    return f"OK\n\n{body}"
