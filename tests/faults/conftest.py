"""The bridges that the faults happen to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from store import health
from tests.conftest import new_postgres_database
from tests.faultkit.inside import Inside, bridge_inside
from tests.faultkit.outside import Outside, bridge_outside
from tests.faultkit.servers import PostgresServer


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


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.database.SQLITE_BUSY_SECONDS", 0.5)


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[PostgresServer]:
    """The server of the tests, running again afterwards whatever happens."""
    server = PostgresServer(Path(postgres_server))
    yield server
    server.start()


@pytest.fixture(scope="session")
def outsides(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[Callable[[str], Outside]]:
    """Bridges of real processes by database and Redis, each started once and kept to the end."""
    with ExitStack() as stack:
        found: dict[str, Outside] = {}

        def get(kind: str) -> Outside:
            if kind not in found:
                folder = tmp_path_factory.mktemp(kind)
                url = f"sqlite:///{folder}/deskbridge.sqlite3"
                if kind.startswith("postgres"):
                    url = new_postgres_database(postgres_server)
                found[kind] = stack.enter_context(bridge_outside(folder, url, redis=kind.endswith("redis")))
            return found[kind]

        yield get


@pytest.fixture
def outside(request: pytest.FixtureRequest, outsides: Callable[[str], Outside]) -> Outside:
    """One of them, healed of what the test before did to it."""
    running = outsides(request.param)
    running.heal()
    return running
