"""What RQ runs: nothing but the doorbell of this process's drain."""

from __future__ import annotations

from workers.drain import Drain

_drains: list[Drain] = []


def answer(drain: Drain) -> None:
    """Let this process's rings wake the drain."""
    _drains.append(drain)


def ring() -> None:
    """There may be work."""
    for drain in _drains:
        drain.wake()
