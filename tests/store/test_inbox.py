"""A delivery is stored once, claimed by one worker, and can be replayed."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.model import Delivery
from store import inbox
from store.database import Database
from store.inbox import DeliveryState, NewDelivery

NOW = 1_000_000.0


def new(key: str = "k", connection: str = "zendesk") -> NewDelivery:
    received = datetime.fromtimestamp(NOW, UTC)
    delivery = Delivery(connection, "POST", "https://x/hooks", {"a": "b"}, {}, b"\x00\xff body", received)
    return NewDelivery(delivery, key, "corr")


def store(database: Database, delivery: NewDelivery) -> inbox.Receipt:
    with database.write() as connection:
        return inbox.store(connection, delivery)


def claim(database: Database, now: float = NOW) -> list[inbox.StoredDelivery]:
    with database.write() as connection:
        return inbox.claim(connection, now, 10)


def test_it_comes_back_byte_for_byte(database: Database) -> None:
    receipt = store(database, new())
    with database.read() as connection:
        stored = inbox.get(connection, receipt.id)
    assert stored is not None
    assert stored.delivery == new().delivery


def test_a_double_has_the_first_ones_id_and_correlation(database: Database) -> None:
    first = store(database, new())
    again = store(database, new())
    assert (again.id, again.correlation) == (first.id, first.correlation)
    assert again.double
    assert not first.double
    assert len(claim(database)) == 1


def test_the_same_key_of_another_connection_is_another_delivery(database: Database) -> None:
    assert store(database, new()).id != store(database, new(connection="other")).id


def test_a_claim_lasts_for_its_lease_and_the_fence_keeps_the_late_one_out(database: Database) -> None:
    store(database, new())
    first = claim(database)[0]
    assert not claim(database, NOW + 1)
    second = claim(database, NOW + inbox.LEASE_SECONDS)[0]
    with database.write() as connection:
        assert not inbox.finish(connection, first, DeliveryState.DONE, NOW)
        assert inbox.finish(connection, second, DeliveryState.DONE, NOW)
    assert second.attempts == 2


def test_a_replay_starts_over(database: Database) -> None:
    receipt = store(database, new())
    with database.write() as connection:
        assert not inbox.replay(connection, receipt.id, NOW), "it is not finished yet"
    stored = claim(database)[0]
    with database.write() as connection:
        inbox.finish(connection, stored, DeliveryState.DONE, NOW)
        assert inbox.replay(connection, receipt.id, NOW)
    assert claim(database)[0].replays == 1


def test_a_refused_delivery_is_kept_and_not_worked_off(database: Database) -> None:
    refused = NewDelivery(new().delivery, "k", "corr", DeliveryState.REFUSED, "no ticket_id")
    store(database, refused)
    assert not claim(database)
    with database.read() as connection:
        assert inbox.counts(connection) == {"refused": 1}


def test_a_group_is_stored_at_once_and_doubles_within_it_are_counted(database: Database) -> None:
    group = [new("a"), new("b"), new("a"), new("c"), new("a")]
    with database.write() as connection:
        receipts = inbox.store_many(connection, group)
    assert [receipt.double for receipt in receipts] == [False, False, True, False, True]
    assert receipts[0].id == receipts[2].id == receipts[4].id
    assert len({receipt.id for receipt in receipts}) == 3
