"""A memory of the calls that came, for tests of pace and of interleaving; without any secret."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sandbox.rescue.asked import Asked

REMEMBERED = 20_000
SECRET = frozenset({"authcode", "pwd", "confpwd", "oldpwd", "password", "pincode", "phonenumber", "ticket"})


@dataclass(frozen=True, slots=True)
class Call:
    """One call; `caller` is a digest of what it signed in with, `method` is in lower case."""

    at: datetime
    method: str
    caller: str
    values: Mapping[str, str]


class Calls:
    """The last calls, oldest first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._calls: deque[Call] = deque(maxlen=REMEMBERED)

    def add(self, asked: Asked, at: datetime) -> None:
        values = {name: value for name, value in asked.values.items() if name not in SECRET}
        with self._lock:
            self._calls.append(Call(at, asked.method, asked.conversation, values))

    def all(self, method: str = "") -> list[Call]:
        """All of them, or those of one method."""
        with self._lock:
            return [one for one in self._calls if not method or one.method == method.lower()]

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()
