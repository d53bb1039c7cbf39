"""The states of tickets: an admin names them as he likes, and Zammad goes by their types."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.bodies import as_text

KEPT_SECONDS = 600.0


@dataclass(slots=True)
class States:
    """Type by state, read once in a while. Safe to share between threads: at worst it is read twice."""

    read: Callable[[], Sequence[Mapping[str, Any]]]
    """The rows of `GET ticket_states?expand=true`."""
    _rows: Sequence[Mapping[str, Any]] = ()
    _until: float = field(default=0.0)

    def type_of(self, ticket: Mapping[str, Any]) -> str:
        """`new`, `open`, `pending reminder`, `pending action`, `closed`, `merged` or `removed`."""
        number = as_text(ticket.get("state_id"))
        found = self._type(number) if time.monotonic() < self._until else ""
        if not found:
            self._rows, self._until = self.read(), time.monotonic() + KEPT_SECONDS
            found = self._type(number)
        return found or as_text(ticket.get("state"))

    def open_state(self) -> str:
        """The id of the state that a follow-up opens a ticket in, else of the first open one; empty for none."""
        rows = [row for row in self.read() if row.get("state_type") == "open" and row.get("active", True)]
        rows.sort(key=lambda row: not row.get("default_follow_up"))
        return as_text(rows[0].get("id")) if rows else ""

    def _type(self, number: str) -> str:
        return next((as_text(row.get("state_type")) for row in self._rows if as_text(row.get("id")) == number), "")
