"""The clock's threads: what each of them does ends soon once the clock stops."""

from __future__ import annotations

from connectors.contract import ConnectionConfig
from tests.workers.conftest import Hands
from workers.bell import Bell
from workers.clock import Clock
from workers.turns import Turns, patiently


def test_nobody_in_the_clock_waits_for_a_turn_once_it_stops(hands: Hands) -> None:
    house = hands.house
    keys = {"reports_per_second": 1 / 3600}
    config = ConnectionConfig("rescue", "rescue", "https://rescue.example.com", keys=keys)
    turns = Turns(config, house.database, house.clock)
    assert turns.throttle("reports") == 0
    clock = Clock(house, Bell(None))
    told: list[float] = []

    def wait() -> None:
        with patiently():
            clock.stop()
            told.append(turns.throttle("reports"))

    clock._soon_over(wait)
    assert told[0] > 3000, "sent away, though the turn is an hour off"
