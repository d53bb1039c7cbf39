"""The bridges that the faults happen to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from store import health
from tests.faultkit.inside import Inside, bridge_inside


@pytest.fixture
def inside(database_url: str) -> Iterator[Inside]:
    """A bridge in this process, on SQLite and on PostgreSQL."""
    with bridge_inside(database_url) as running:
        yield running


@pytest.fixture
def inside_sqlite(sqlite_url: str) -> Iterator[Inside]:
    """The same on SQLite alone, where the database makes no difference."""
    with bridge_inside(sqlite_url) as running:
        yield running


@pytest.fixture
def no_breaker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many faults at once would open the circuit breaker, and each test would wait for it to close."""
    monkeypatch.setattr(health, "BREAKER_FAILURES", 1_000_000)
