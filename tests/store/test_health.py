"""The breaker, the throttle, heartbeats."""

from __future__ import annotations

from dataclasses import replace

import pytest

from store import health
from store.database import Database
from store.health import ConnectionState, Refusal

NOW = 1_000_000.0
REFUSED = Refusal("zendesk", "refused", "old", NOW)


@pytest.fixture
def registered(database: Database) -> Database:
    with database.write() as connection:
        health.register(connection, {"zendesk": "old"}, NOW)
    return database


def state(database: Database, now: float = NOW) -> ConnectionState:
    with database.read() as connection:
        return health.all_connections(connection, now)["zendesk"].state


def test_the_breaker_opens_after_failures_in_a_row_and_closes_with_a_success(registered: Database) -> None:
    with registered.write() as connection:
        for _ in range(health.BREAKER_FAILURES - 1):
            health.failed(connection, "zendesk", NOW, "down")
    assert state(registered) is ConnectionState.OK
    with registered.write() as connection:
        health.failed(connection, "zendesk", NOW, "down")
    assert state(registered) is ConnectionState.RESTING
    assert state(registered, NOW + health.BREAKER_SECONDS + 1) is ConnectionState.OK
    with registered.write() as connection:
        health.succeeded(connection, "zendesk", NOW)
    assert state(registered) is ConnectionState.OK


def test_new_credentials_lift_a_stop(registered: Database) -> None:
    with registered.write() as connection:
        health.stop(connection, REFUSED)
        assert health.register(connection, {"zendesk": "old"}, NOW) == []
    assert state(registered) is ConnectionState.STOPPED
    with registered.write() as connection:
        assert health.register(connection, {"zendesk": "new"}, NOW) == ["zendesk"]
    assert state(registered) is ConnectionState.OK


@pytest.mark.parametrize("lift", ["by an operator", "by new credentials"])
def test_a_refusal_of_before_a_stop_was_lifted_is_old_news(registered: Database, lift: str) -> None:
    with registered.write() as connection:
        health.stop(connection, REFUSED)
        if lift == "by an operator":
            assert health.resume(connection, "zendesk", NOW + 5)
        else:
            health.register(connection, {"zendesk": "new"}, NOW + 5)
        late = replace(REFUSED, fingerprint="old" if lift == "by an operator" else "new", asked_at=NOW + 4)
        assert health.is_old_news(connection, late)
        health.stop(connection, late)
    assert state(registered) is ConnectionState.OK
    with registered.write() as connection:
        later = replace(late, asked_at=NOW + 6)
        assert not health.is_old_news(connection, later)
        health.stop(connection, later)
    assert state(registered) is ConnectionState.STOPPED


def test_a_process_with_replaced_credentials_stops_nobody(registered: Database) -> None:
    with registered.write() as connection:
        health.register(connection, {"zendesk": "new"}, NOW + 5)
        late = replace(REFUSED, asked_at=NOW + 60)
        assert health.is_old_news(connection, late)
        health.stop(connection, late)
    assert state(registered) is ConnectionState.OK


def test_a_bucket_gives_one_turn_per_interval(database: Database) -> None:
    with database.write() as connection:
        assert health.take(connection, "rescue", "pins", 1.0, NOW) == 0
        assert health.take(connection, "rescue", "pins", 1.0, NOW + 0.25) == pytest.approx(0.75)
        assert health.take(connection, "rescue", "other", 1.0, NOW + 0.25) == 0
        assert health.take(connection, "rescue", "pins", 1.0, NOW + 1.0) == 0


def test_only_processes_heard_of_lately_are_alive(database: Database) -> None:
    with database.write() as connection:
        health.beat(connection, "a", "worker", NOW)
        health.beat(connection, "b", "worker", NOW - health.ALIVE_SECONDS - 1)
        assert health.alive(connection, NOW) == {"worker": 1}
        health.gone(connection, "a")
        assert health.alive(connection, NOW) == {}


def test_a_bucket_with_a_burst_gives_that_many_at_once_and_then_its_rate(database: Database) -> None:
    with database.write() as connection:
        given = [health.take(connection, "appliance", "requests", 10.0, NOW, burst=3) for _ in range(4)]
        assert given[:3] == [0, 0, 0]
        assert given[3] == pytest.approx(0.1)
        assert health.take(connection, "appliance", "requests", 10.0, NOW + 0.1, burst=3) == 0


def test_no_window_sees_more_than_burst_and_rate_allow(database: Database) -> None:
    taken = []
    with database.write() as connection:
        for step in range(400):
            now = NOW + step * 0.01
            if health.take(connection, "appliance", "requests", 15.0, now, burst=5) == 0:
                taken.append(now)
    assert max(sum(1 for other in taken if one <= other < one + 1.0) for one in taken) <= 20


def test_a_bucket_that_is_held_gives_no_turn_before_its_time(database: Database) -> None:
    with database.write() as connection:
        health.hold(connection, "appliance", "requests", NOW + 30)
        assert health.take(connection, "appliance", "requests", 10.0, NOW, burst=1) == pytest.approx(30)
        assert health.take(connection, "appliance", "requests", 10.0, NOW + 31, burst=1) == 0
