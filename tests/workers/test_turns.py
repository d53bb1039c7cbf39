"""Turns of a rate limit: who is sent away, and who waits."""

from __future__ import annotations

import time

from connectors.contract import ConnectionConfig
from store.database import Database
from workers.turns import Turns, interruptible, one_piece_of_work, patiently

SLOW = ConnectionConfig("appliance", "beyondtrust", "https://support.example.com", keys={"requests_per_second": 20.0})


def test_who_begins_is_sent_away_where_there_is_no_turn(database: Database) -> None:
    turns = Turns(SLOW, database, time.time)
    assert turns.throttle("requests") == 0
    with one_piece_of_work():
        assert turns.throttle("requests") > 0


def test_who_has_begun_waits_for_every_further_turn(database: Database) -> None:
    turns = Turns(SLOW, database, time.time)
    with one_piece_of_work():
        assert [turns.throttle("requests") for _ in range(4)] == [0] * 4


def test_a_turn_of_another_bucket_or_connection_is_no_beginning(database: Database) -> None:
    turns = Turns(SLOW, database, time.time)
    other = Turns(ConnectionConfig("other", "beyondtrust", SLOW.base_url, keys=SLOW.keys), database, time.time)
    assert turns.throttle("requests") == 0
    with one_piece_of_work():
        assert other.throttle("requests") == 0
        assert turns.throttle("requests") > 0


def test_work_that_is_done_leaves_nothing_behind(database: Database) -> None:
    turns = Turns(SLOW, database, time.time)
    with one_piece_of_work():
        assert turns.throttle("requests") == 0
    assert turns.throttle("requests") > 0


def test_who_is_held_waits_in_spite_of_a_burst(database: Database) -> None:
    now = [1_000_000.0]
    rescue = ConnectionConfig("rescue", "rescue", "https://rescue.example.com")
    turns = Turns(rescue, database, lambda: now[0])
    turns.hold("logins", 180)
    assert turns.throttle("logins") == 180
    now[0] += 180
    assert turns.throttle("logins") == 0


def test_who_waits_patiently_waits_no_longer_than_they_may(database: Database) -> None:
    keys = {"reports_per_second": 1 / 3600}
    turns = Turns(ConnectionConfig("rescue", "rescue", "https://rescue.example.com", keys=keys), database, time.time)
    asked: list[float] = []

    def stopping() -> bool:
        asked.append(turns.throttle("others"))
        return True

    assert turns.throttle("reports") == 0
    with interruptible(stopping), patiently():
        assert turns.throttle("reports") > 3000, "sent away, though the turn is an hour off"
    assert asked == [0], "it was asked before any waiting"
