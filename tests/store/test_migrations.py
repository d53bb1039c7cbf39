"""The migrations make the tables that the code declares."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from store.database import Database
from store.migrate import is_current, migrate
from store.schema import metadata


def test_the_migrated_tables_are_the_declared_ones(database: Database) -> None:
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert is_current(connection)


def test_migrating_again_changes_nothing(database: Database) -> None:
    migrate(database)
    with database.read() as connection:
        assert is_current(connection)


def test_an_empty_database_is_not_current(database_url: str) -> None:
    empty = Database(database_url)
    with empty.read() as connection:
        assert not is_current(connection)
    empty.close()
