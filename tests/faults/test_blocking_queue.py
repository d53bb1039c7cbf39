"""An appliance sends nothing more until its oldest event is answered with 200: only the database may stop it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from connectors import registry
from connectors.contract import Rate
from demo import APPLIANCE_CONFIG, CONFIG
from tests.faultkit.appliance import DOUBLED, EVENTS_OF_A_SESSION, Representatives, tireless
from tests.faultkit.inside import Inside, bridge_inside, generous
from tests.faultkit.servers import PostgresServer, locked
from tests.harness import until

SESSIONS = 45
EVENTS = SESSIONS * (EVENTS_OF_A_SESSION + 1) + -(-SESSIONS * EVENTS_OF_A_SESSION // DOUBLED)
"""Of the sessions, as many strange ones, and the doubles."""
RETRY_SECONDS = 0.2
QUIET_SECONDS = 90.0
CONFIGURATION = CONFIG + APPLIANCE_CONFIG.replace(
    'platform = "appliance"', 'platform = "appliance"\ntrust_typed_keys = true'
)

Away = AbstractContextManager[None]


@pytest.fixture(autouse=True)
def _an_appliance_without_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.kind("beyondtrust").rates, "requests", (Rate(1000, burst=1000),))


@pytest.fixture
def away(request: pytest.FixtureRequest, database_url: str) -> Callable[[], Away]:
    """The database goes away for as long as the block lasts."""
    if database_url.startswith("sqlite"):
        request.getfixturevalue("short_patience")
        return lambda: locked(database_url)
    server: PostgresServer = request.getfixturevalue("postgres")
    return lambda: _stopped(server)


@contextmanager
def _stopped(server: PostgresServer) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextmanager
def bridge_with_appliance(database_url: str) -> Iterator[tuple[Inside, Representatives]]:
    settings = generous()
    settings.appliance = tireless(RETRY_SECONDS)
    with bridge_inside(database_url, settings, CONFIGURATION) as inside:
        yield inside, Representatives(inside.sandbox, inside.people)


def test_the_queue_stands_still_no_longer_than_the_database_is_away(
    database_url: str, away: Callable[[], Away]
) -> None:
    with bridge_with_appliance(database_url) as (inside, people):
        cases = [inside.people.open_ticket(f"case {number}", ask=False) for number in range(SESSIONS)]
        people.send_doubles()
        people.hold_sessions(cases)
        until(lambda: people.taken() >= EVENTS // 4)
        gone_at = time.monotonic()
        with away():
            until(lambda: len(people.refused()) >= 3, 60)
        back_at = time.monotonic()
        until(lambda: people.queue.drain(1), QUIET_SECONDS)

        refused = people.refused()
        assert {attempt.status for attempt in refused} == {503}
        assert all(attempt.at > gone_at for attempt in refused), "nothing is refused while the database is there"
        late = [attempt for attempt in refused if attempt.at > back_at]
        assert len(late) <= 1, "only what was on its way when the database came back"
        assert (people.queue.dropped, people.taken()) == (0, EVENTS)
        assert EVENTS >= 500

        until(inside.all_quiet, QUIET_SECONDS)
        assert [wrong for case in cases for wrong in people.wrong_with(case)] == []


def test_nothing_that_an_appliance_can_send_is_refused(sqlite_url: str) -> None:
    with bridge_with_appliance(sqlite_url) as (inside, people):
        cases = [inside.people.open_ticket(f"case {number}", ask=False) for number in range(10)]
        people.hold_sessions(cases)
        until(lambda: people.queue.drain(1), 30)
        assert not people.refused()
        until(inside.all_quiet, 60)
        assert [wrong for case in cases for wrong in people.wrong_with(case)] == []
