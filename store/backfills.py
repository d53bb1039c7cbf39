"""How far the bringing of past sessions got, so that it goes on where it was interrupted."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from store.database import upsert
from store.schema import backfills


@dataclass(frozen=True, slots=True)
class Progress:
    """One connection's backfill. Times are seconds since the epoch."""

    connection: str
    since: float
    until: float
    done_until: float
    """Everything before it was asked for."""
    known_before: int = 0
    """Sessions of the platform that the bridge knew when the backfill began."""
    listed: int = 0
    brought: int = 0
    surveys: int = 0
    troubles: int = 0

    @property
    def finished(self) -> bool:
        return self.done_until >= self.until

    def after(self, done_until: float, *, listed: int, brought: int, surveys: int, troubles: int) -> Progress:
        """One look further."""
        return replace(
            self,
            done_until=done_until,
            listed=self.listed + listed,
            brought=self.brought + brought,
            surveys=self.surveys + surveys,
            troubles=self.troubles + troubles,
        )


def find(connection: Connection, name: str) -> Progress | None:
    """The connection's newest backfill."""
    row = connection.execute(select(backfills).where(backfills.c.connection == name)).one_or_none()
    return Progress(**row._mapping) if row else None


def save(connection: Connection, progress: Progress) -> None:
    values = {column.name: getattr(progress, column.name) for column in backfills.columns}
    connection.execute(
        upsert(connection, backfills)
        .values(**values)
        .on_conflict_do_update(index_elements=[backfills.c.connection], set_=values)
    )
