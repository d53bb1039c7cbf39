"""Short-lived credentials shared by all workers, kept in the database."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from sqlalchemy import Connection, Update, delete, or_, select, update

from bridge.errors import Unavailable
from store.database import Database, upsert
from store.schema import vault

LOCK_SECONDS = 30.0
MARGIN_SECONDS = 10.0
"""So much longer a lock is waited for than its holder may keep it."""


class DatabaseVault:
    """The vault of one connection. Implements `connectors.contract.Vault`."""

    def __init__(self, database: Database, connection: str, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._connection = connection
        self._clock = clock

    def get(self, name: str) -> str | None:
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
        with self._database.write() as connection:
            self._make_row(connection, name)
            connection.execute(self._row(name).values(value=value, expires_at=expires))

    def forget(self, name: str, value: str) -> None:
        with self._database.write() as connection:
            connection.execute(
                delete(vault).where(
                    vault.c.connection == self._connection, vault.c.name == name, vault.c.value == value
                )
            )

    def lock(self, name: str, *, seconds: float = LOCK_SECONDS) -> VaultLock:
        return VaultLock(self, f"lock:{name}", seconds)

    def try_lock(self, name: str, seconds: float) -> float | None:
        """Until when the lock is ours (seconds since the epoch); None while it is somebody else's."""
        now = self._clock()
        until = now + seconds
        with self._database.write() as connection:
            self._make_row(connection, name)
            free = self._row(name).where(vault.c.locked_until <= now).values(locked_until=until)
            return until if connection.execute(free).rowcount == 1 else None

    def unlock(self, name: str, until: float) -> None:
        """Give it back, unless it ran out and is somebody else's by now."""
        with self._database.write() as connection:
            connection.execute(self._row(name).where(vault.c.locked_until == until).values(locked_until=0))

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

    Entering raises Unavailable when it is not free within as long again and a little more.
    """

    def __init__(self, owner: DatabaseVault, name: str, seconds: float) -> None:
        self._owner = owner
        self._name = name
        self._seconds = seconds
        self._until = 0.0

    def __enter__(self) -> VaultLock:
        patience = self._seconds + MARGIN_SECONDS
        deadline = time.monotonic() + patience
        while (until := self._owner.try_lock(self._name, self._seconds)) is None:
            if time.monotonic() > deadline:
                raise Unavailable(f"{self._name} was not free for {patience:.0f} s", code="lock")
            time.sleep(0.1)
        self._until = until
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._owner.unlock(self._name, self._until)
