"""The time of the sandbox, which tests may push forward, and the ways the vendors write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Lock


class Clock:
    """UTC now, plus whatever a test has let pass."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ahead = timedelta()

    def now(self) -> datetime:
        with self._lock:
            return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        """Let that many seconds pass at once."""
        with self._lock:
            self._ahead += timedelta(seconds=seconds)


def iso(moment: datetime) -> str:
    """`2021-07-25T10:00:00Z`: whole seconds, as Zendesk writes every time."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def chat_time(moment: datetime) -> str:
    """`9:05 AM`: what stands before every line of a Rescue chat."""
    return f"{moment.hour % 12 or 12}:{moment:%M %p}"


def us_minute(moment: datetime) -> str:
    """`2/16/2012 4:49 PM`: start times in getSession."""
    return f"{moment.month}/{moment.day}/{moment.year} {chat_time(moment)}"


def us_second(moment: datetime) -> str:
    """`2/16/2012 4:49:07 PM`: the times of a Post-to-URL, UTC."""
    return f"{moment.month}/{moment.day}/{moment.year} {moment.hour % 12 or 12}:{moment:%M:%S %p}"
