"""Shared credentials: kept for a while, renewed by one, and read by nobody who only has the database."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text, update

from bridge.errors import Unavailable
from store import vault as store_vault
from store.database import Database
from store.schema import vault as table
from store.sealing import Sealer
from store.vault import DatabaseVault

NOW = 1_000_000.0
SECRET = "made-up-secret-of-at-least-32-characters"
ANOTHER = "another-made-up-secret-of-32-characters!"
TOKEN = "made-up-token-that-signs-in"


def vault_of(
    database: Database, *secrets: str, connection: str = "rescue", now: list[float] | None = None
) -> DatabaseVault:
    clock = now or [NOW]
    return DatabaseVault(database, connection, Sealer(secrets or [SECRET]), lambda: clock[0])


def rows(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(select(table.c.value).where(table.c.value != "")).scalars())


def test_a_credential_is_shared_expires_and_is_forgotten_only_if_it_is_still_the_same(database: Database) -> None:
    now = [NOW]
    one, other = (vault_of(database, now=now) for _ in range(2))
    one.put("authcode", "first", seconds=60)
    assert other.get("authcode") == "first"
    one.put("authcode", "second", seconds=60)
    other.forget("authcode", "first")
    assert other.get("authcode") == "second"
    other.forget("authcode", "second")
    assert one.get("authcode") is None
    one.put("authcode", "third", seconds=60)
    now[0] += 60
    assert other.get("authcode") is None


def test_what_has_no_time_is_kept_for_ever(database: Database) -> None:
    now = [NOW]
    vault = vault_of(database, now=now)
    vault.put("refresh", TOKEN)
    now[0] += 10 * 365 * 86_400
    assert vault.get("refresh") == TOKEN


def test_nobody_reads_it_in_the_database(database: Database) -> None:
    vault = vault_of(database)
    vault.put("authcode", TOKEN)
    [first] = rows(database)
    assert TOKEN not in first
    vault.put("authcode", TOKEN)
    assert rows(database) != [first], "the same text is sealed differently each time"
    assert vault_of(database, ANOTHER).get("authcode") is None


def test_a_secret_is_rotated_by_listing_both(database: Database) -> None:
    vault_of(database, SECRET).put("refresh", TOKEN)
    rotating = vault_of(database, ANOTHER, SECRET)
    assert rotating.get("refresh") == TOKEN
    rotating.put("refresh", TOKEN)
    assert vault_of(database, ANOTHER).get("refresh") == TOKEN


def test_what_an_older_version_left_in_clear_counts_as_not_there(database: Database) -> None:
    vault = vault_of(database)
    vault.put("authcode", "x")
    with database.write() as connection:
        connection.execute(update(table).values(value="clear-authcode"))
    assert vault.get("authcode") is None
    vault.forget("authcode", "clear-authcode")
    vault.put("authcode", TOKEN)
    assert vault.get("authcode") == TOKEN


@pytest.mark.parametrize("row", [{"connection": "other"}, {"name": "other"}])
def test_a_row_that_was_copied_elsewhere_opens_nothing_there(database: Database, row: dict[str, str]) -> None:
    vault_of(database).put("authcode", TOKEN)
    with database.write() as connection:
        connection.execute(update(table).values(**row))
    there = vault_of(database, connection=row.get("connection", "rescue"))
    assert there.get(row.get("name", "authcode")) is None


def test_a_row_that_was_tampered_with_opens_nothing(database: Database) -> None:
    vault = vault_of(database)
    vault.put("authcode", TOKEN)
    with database.write() as connection:
        connection.execute(text("UPDATE vault SET value = substr(value, 1, length(value) - 5)"))
    assert vault.get("authcode") is None


def test_there_must_be_a_secret() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Sealer(())


def test_a_lock_is_held_by_one_and_lost_with_its_holder(database: Database) -> None:
    now = [NOW]
    vault = vault_of(database, now=now)
    with vault.lock("login"):
        assert not vault.try_lock("lock:login", "another", 30.0)
        now[0] += store_vault.LOCK_SECONDS + 1
        assert vault.try_lock("lock:login", "another", 30.0), "whoever died with it has lost it"
    assert not vault.try_lock("lock:login", "third", 30.0), "whoever lost it does not open it for the others"
    vault.unlock("lock:login", "another")
    assert vault.try_lock("lock:login", "third", 30.0)


def test_a_lock_that_stays_taken_is_not_waited_for_without_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_vault, "MARGIN_SECONDS", 0.0)
    vault = vault_of(database)
    with vault.lock("login"), pytest.raises(Unavailable), vault.lock("login", seconds=0.0):
        pass


def test_a_lock_rests_before_anybody_gets_it_again(database: Database) -> None:
    now = [NOW]
    vault = vault_of(database, now=now)
    with vault.lock("reports", rest=5.0):
        pass
    assert not vault.try_lock("lock:reports", "the same", 30.0), "others may have waited"
    now[0] += 5.0
    assert vault.try_lock("lock:reports", "another", 30.0)
