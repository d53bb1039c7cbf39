"""Credentials shared by all workers, kept in the database, where nobody can read them without our secret."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from types import TracebackType

from sqlalchemy import Connection, Update, delete, or_, select, update

from bridge.errors import Throttled
from store.database import Database, upsert
from store.schema import vault
from store.sealing import Sealer

LOCK_SECONDS = 30.0
LOOK_SECONDS = 0.1
"""So often whoever waits for a lock looks whether it is free."""
MARGIN_SECONDS = 10.0
"""So much longer a lock is waited for than its holder may keep it."""


class DatabaseVault:
    """The vault of one connection. Implements `connectors.contract.Vault`."""

    def __init__(
        self, database: Database, connection: str, sealer: Sealer, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._connection = connection
        self._sealer = sealer
        self._clock = clock

    def get(self, name: str) -> str | None:
        """What is kept. What cannot be opened (another secret, a clear text of old) counts as not there."""
        sealed = self._sealed(name)
        return sealed and self._sealer.open(sealed, self._connection, name)

    def _sealed(self, name: str) -> str | None:
        with self._database.read() as connection:
            row = connection.execute(
                select(vault.c.value).where(
                    vault.c.connection == self._connection,
                    vault.c.name == name,
                    vault.c.value != "",
                    or_(vault.c.expires_at.is_(None), vault.c.expires_at > self._clock()),
                )
            ).one_or_none()
        return row.value if row else None

    def put(self, name: str, value: str, *, seconds: float | None = None) -> None:
        expires = None if seconds is None else self._clock() + seconds
        sealed = self._sealer.seal(value, self._connection, name)
        with self._database.write() as connection:
            self._make_row(connection, name)
            connection.execute(self._row(name).values(value=sealed, expires_at=expires))

    def forget(self, name: str, value: str) -> None:
        sealed = self._sealed(name)
        if not sealed or self._sealer.open(sealed, self._connection, name) != value:
            return
        with self._database.write() as connection:
            # No two sealings of a text are alike: what was put here in between stays, whatever it is.
            connection.execute(
                delete(vault).where(
                    vault.c.connection == self._connection, vault.c.name == name, vault.c.value == sealed
                )
            )

    def lock(self, name: str, *, seconds: float = LOCK_SECONDS, rest: float = 0.0) -> VaultLock:
        return VaultLock(self, f"lock:{name}", seconds, rest)

    def try_lock(self, name: str, holder: str, seconds: float) -> bool:
        """Take the lock for so long and for the holder, whose name no other one has."""
        now = self._clock()
        with self._database.write() as connection:
            self._make_row(connection, name)
            free = self._row(name).where(vault.c.locked_until <= now)
            return connection.execute(free.values(locked_until=now + seconds, value=holder)).rowcount == 1

    def unlock(self, name: str, holder: str, rest: float = 0.0) -> None:
        """Give it back, unless it was lost to somebody else; nobody gets it before that rest is over."""
        until = self._clock() + rest if rest else 0
        with self._database.write() as connection:
            connection.execute(self._row(name).where(vault.c.value == holder).values(locked_until=until, value=""))

    def _row(self, name: str) -> Update:
        return update(vault).where(vault.c.connection == self._connection, vault.c.name == name)

    def _make_row(self, connection: Connection, name: str) -> None:
        connection.execute(
            upsert(connection, vault)
            .values(connection=self._connection, name=name, value="", locked_until=0)
            .on_conflict_do_nothing()
        )


class VaultLock:
    """A lock over all workers. Whoever dies with it loses it after its seconds.

    Entering raises Throttled when it is not free within as long again and a little more.
    """

    def __init__(self, owner: DatabaseVault, name: str, seconds: float, rest: float) -> None:
        self._owner = owner
        self._name = name
        self._seconds = seconds
        self._rest = rest
        self._holder = secrets.token_hex(8)

    def __enter__(self) -> VaultLock:
        patience = self._seconds + MARGIN_SECONDS
        deadline = time.monotonic() + patience
        while not self._owner.try_lock(self._name, self._holder, self._seconds):
            if time.monotonic() > deadline:
                raise Throttled(f"{self._name} was not free for {patience:.0f} s", code="lock")
            time.sleep(LOOK_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._owner.unlock(self._name, self._holder, self._rest)
