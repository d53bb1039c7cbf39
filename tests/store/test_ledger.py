"""Effects happen once, in order on their ticket, and nobody waits for a stranger."""

from __future__ import annotations

import threading

from bridge.effects import Effect, EffectState, ReadSession, ReadTicket, TicketKey, UpdateFields
from bridge.model import SessionEventKind, TicketEvent, TicketEventKind
from store import health, ledger
from store.database import Database
from store.health import Refusal

NOW = 1_000_000.0


def effect(key: str, ticket: str = "1", connection: str = "zendesk", give_up_seconds: float = 3600.0) -> Effect:
    return Effect(key, connection, TicketKey("zendesk", ticket), UpdateFields({}), give_up_seconds=give_up_seconds)


def add(database: Database, *effects: Effect, rank: int = 1) -> int:
    with database.write() as connection:
        return ledger.add(connection, effects, rank=rank, delivery_id=None, correlation="c", now=NOW)


def claim(database: Database, now: float = NOW, limit: int = 10, **busy: int) -> list[ledger.Claim]:
    with database.write() as connection:
        return ledger.claim(connection, now, limit, busy=busy, most=3)


def keys(claims: list[ledger.Claim]) -> list[str]:
    return [each.effect.key for each in claims]


def finish(database: Database, claimed: ledger.Claim, state: EffectState = EffectState.DONE) -> bool:
    with database.write() as connection:
        return ledger.finish(connection, claimed.effect, state, NOW)


def test_the_same_key_is_decided_once(database: Database) -> None:
    assert add(database, effect("a")) == 1
    assert add(database, effect("a"), rank=2) == 0
    assert keys(claim(database)) == ["a"]


def test_an_action_comes_back_as_it_was(database: Database) -> None:
    event = TicketEvent(TicketEventKind.CHANGED, "1", "ticket.updated", actor="agent@example.com")
    add(database, Effect("r", "zendesk", TicketKey("zendesk", "1"), ReadTicket(event)))
    assert claim(database)[0].effect.action == ReadTicket(event)


def test_a_claimed_effect_is_not_claimed_again_before_its_lease_ends(database: Database) -> None:
    add(database, effect("a"))
    assert claim(database)
    assert not claim(database, NOW + ledger.LEASE_SECONDS - 0.1)


def test_after_its_lease_it_is_taken_over_and_must_be_looked_for(database: Database) -> None:
    add(database, effect("a"))
    first = claim(database)[0]
    assert not first.look
    second = claim(database, NOW + ledger.LEASE_SECONDS)[0]
    assert second.look
    assert not finish(database, first), "the fence keeps the first worker out"
    assert finish(database, second)


def test_a_read_is_never_looked_for(database: Database) -> None:
    action = ReadSession("7", SessionEventKind.ENDED)
    add(database, Effect("r", "rescue", TicketKey("zendesk", "1"), action))
    claim(database)
    assert not claim(database, NOW + ledger.LEASE_SECONDS)[0].look


def test_a_renewed_lease_holds(database: Database) -> None:
    add(database, effect("a"))
    held = claim(database)[0].effect
    with database.write() as connection:
        assert ledger.renew(connection, {held.id: held.fence}, NOW + 5) == {held.id}
        assert ledger.renew(connection, {held.id: held.fence + 1}, NOW + 5) == set()
    assert not claim(database, NOW + ledger.LEASE_SECONDS)


def test_one_ticket_is_worked_in_order_and_tickets_side_by_side(database: Database) -> None:
    add(database, effect("second"), rank=2)
    add(database, effect("first"), rank=1)
    add(database, effect("other", ticket="2"), rank=3)
    claims = claim(database)
    assert sorted(keys(claims)) == ["first", "other"]
    finish(database, next(c for c in claims if c.effect.key == "first"))
    assert keys(claim(database)) == ["second"]


def test_what_follows_an_effect_comes_before_a_later_delivery(database: Database) -> None:
    add(database, effect("invite"), rank=1)
    add(database, effect("card"), rank=2)
    finish(database, claim(database)[0])
    add(database, effect("invitation"), rank=1)
    assert keys(claim(database)) == ["invitation"]


def test_a_parked_effect_holds_up_nothing(database: Database) -> None:
    add(database, effect("poison"), rank=1)
    add(database, effect("next"), rank=2)
    finish(database, claim(database)[0], EffectState.PARKED)
    assert keys(claim(database)) == ["next"]


def test_a_stopped_or_resting_connection_is_left_alone(database: Database) -> None:
    add(database, effect("a", connection="zendesk"), effect("b", ticket="2", connection="rescue"))
    with database.write() as connection:
        health.register(connection, {"zendesk": "f", "rescue": "f"}, NOW)
        health.stop(connection, Refusal("zendesk", "refused", "f", NOW))
        health.rest(connection, "rescue", NOW + 60, "busy")
    assert not claim(database)
    assert keys(claim(database, NOW + 61)) == ["b"]


def test_time_that_is_up_is_noticed_even_while_the_connection_is_stopped(database: Database) -> None:
    add(database, effect("a", give_up_seconds=10))
    with database.write() as connection:
        health.register(connection, {"zendesk": "f"}, NOW)
        health.stop(connection, Refusal("zendesk", "refused", "f", NOW))
    assert keys(claim(database, NOW + 10)) == ["a"]


def test_no_connection_gets_more_than_its_part(database: Database) -> None:
    many = [effect(f"z{n}", ticket=str(n)) for n in range(9)]
    add(database, *many, effect("r", ticket="r", connection="rescue"))
    assert keys(claim(database, zendesk=3)) == ["r"]
    assert keys(claim(database, zendesk=2)) == ["z0"]
    assert keys(claim(database)) == ["z1", "z2", "z3"]


def test_postponed_for_sure_is_pending_and_unsure_must_be_looked_for(database: Database) -> None:
    add(database, effect("sure"), effect("unsure", ticket="2"))
    for claimed in claim(database):
        with database.write() as connection:
            unsure = claimed.effect.key == "unsure"
            assert ledger.postpone(connection, claimed.effect, NOW + 1, reason="busy", unsure=unsure)
    again = {c.effect.key: c for c in claim(database, NOW + 1)}
    assert not again["sure"].look
    assert again["unsure"].look


def test_an_administrator_retries_and_skips(database: Database) -> None:
    add(database, effect("a"), effect("b", ticket="2"))
    for claimed in claim(database):
        finish(database, claimed, EffectState.PARKED)
    with database.write() as connection:
        assert ledger.retry(connection, 1, NOW)
        assert ledger.skip(connection, 2, NOW, "not wanted")
        assert not ledger.retry(connection, 2, NOW), "a skipped one stays skipped"
    again = claim(database)
    assert keys(again) == ["a"]
    assert again[0].look, "it may have been done before it was parked"


def test_many_workers_never_claim_the_same_effect(database: Database) -> None:
    add(database, *(effect(f"e{n}", ticket=str(n)) for n in range(60)))
    seen: list[str] = []
    lock = threading.Lock()

    def work() -> None:
        for _ in range(30):
            claimed = keys(claim(database, limit=4))
            with lock:
                seen.extend(claimed)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == sorted(f"e{n}" for n in range(60))
