"""The engine and its transactions, for SQLite and PostgreSQL alike."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

# What the drivers raise when the database is away, locked for too long or out of connections.
DatabaseAway = (OperationalError, InterfaceError, PoolTimeout)

SQLITE_BUSY_SECONDS = 10


def upsert(connection: Connection, table: Table) -> sqlite.Insert:
    """An insert that can say what to do on a conflict: both databases spell it alike."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    # The two classes share no base, but every method used here is the same in both.
    return cast(sqlite.Insert, postgresql.insert(table))


class Database:
    """One database. `write` runs a transaction that may change something, `read` one that does not."""

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(parsed) if self.is_sqlite else _server_engine(parsed, pool_size)
        # SQLite has one writer: threads of a process queue here, fairly, instead of polling the file lock.
        self._writer = threading.Lock() if self.is_sqlite else None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction, committed when the block ends, rolled back when it raises."""
        if self._writer is None:
            with self.engine.begin() as connection:
                yield connection
            return
        with self._writer, self.engine.connect() as connection:
            # IMMEDIATE, because a reader that turns writer late is refused at once when another one wrote.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def _sqlite_engine(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        pool_size=20,
        max_overflow=60,
        connect_args={"timeout": SQLITE_BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        # FULL: an acknowledged delivery survives a power cut.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def _server_engine(url: URL, pool_size: int) -> Engine:
    return create_engine(
        url,
        # What a failing statement was about, a PIN or a chat, must not end in a log or at Sentry.
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=2,
        pool_timeout=10,
        # A connection that died while idle is replaced instead of failing the first query after it.
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5},
    )
