"""Who works in the connected systems, as they were listed last."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from sqlalchemy import Connection, delete, select, update

from bridge.model import Person
from bridge.people import Member
from store.database import upsert
from store.schema import directories, people

KEPT_SECONDS = 90 * 86400.0
"""How long somebody is remembered who is not listed any more, so that old sessions say why nobody is found."""
AT_ONCE = 500
"""Rows of one statement: SQLite takes 32,766 values."""
KEY_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """How a connection's list stands. Times are seconds since the epoch."""

    listed_at: float | None
    """When it was last listed with success."""
    tried_at: float
    trouble: str = ""
    """Why the last try failed; empty when it did not."""

    @property
    def moment(self) -> datetime | None:
        """When it was last listed, as a time of day in UTC."""
        return datetime.fromtimestamp(self.listed_at, UTC) if self.listed_at else None


NEVER = Listed(None, 0.0)
"""How a list stands that nobody asked for yet."""


def save(connection: Connection, name: str, found: Iterable[Person], now: float) -> int:
    """Keep the connection's people as just listed; others are inactive, and forgotten in time. How many there are."""
    rows = {key: _row(name, key, one, now) for one in found if (key := _key(one))}
    connection.execute(update(people).where(people.c.connection == name).values(active=False))
    for part in _parts(list(rows.values())):
        statement = upsert(connection, people).values(list(part))
        told = {column: statement.excluded[column] for column in ("name", "email", "username", "sso_id", "active")}
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[people.c.connection, people.c.id],
                set_={**told, "seen_at": statement.excluded["seen_at"]},
            )
        )
    forgotten = ~people.c.active & (people.c.seen_at < now - KEPT_SECONDS)
    connection.execute(delete(people).where(people.c.connection == name, forgotten))
    _tell(connection, name, tried_at=now, listed_at=now, trouble="")
    return len(rows)


def failed(connection: Connection, name: str, trouble: str, now: float) -> None:
    """Keep the people as they are, and why they could not be listed."""
    _tell(connection, name, tried_at=now, trouble=trouble)


def keep_only(connection: Connection, names: Collection[str]) -> None:
    """Forget the people of connections that are no longer configured."""
    for table in (people, directories):
        connection.execute(delete(table).where(table.c.connection.not_in(list(names))))


def members(connection: Connection) -> dict[str, tuple[Member, ...]]:
    """Everybody, by connection."""
    found: dict[str, list[Member]] = {}
    for row in connection.execute(select(people).order_by(people.c.connection, people.c.id)):
        person = Person(row.name, row.email, row.id, username=row.username, sso_id=row.sso_id)
        found.setdefault(row.connection, []).append(Member(person, row.active))
    return {name: tuple(listed) for name, listed in found.items()}


def lists(connection: Connection) -> dict[str, Listed]:
    """How each list stands, by connection."""
    rows = connection.execute(select(directories))
    return {row.connection: Listed(row.listed_at, row.tried_at, row.trouble) for row in rows}


def _key(person: Person) -> str:
    return _storable(person.id or person.username or person.email)[:KEY_LENGTH]


def _storable(text: str) -> str:
    """The text without what no database keeps: NUL, and halves of surrogate pairs, which JSON can carry."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _row(name: str, key: str, one: Person, now: float) -> dict[str, object]:
    return {
        "connection": name,
        "id": key,
        "name": _storable(one.name),
        "email": _storable(one.email),
        "username": _storable(one.username),
        "sso_id": _storable(one.sso_id),
        "active": True,
        "seen_at": now,
    }


def _parts(rows: Sequence[dict[str, object]]) -> Iterator[Iterable[dict[str, object]]]:
    left = iter(rows)
    while part := list(islice(left, AT_ONCE)):
        yield part


def _tell(connection: Connection, name: str, **values: object) -> None:
    connection.execute(
        upsert(connection, directories)
        .values(connection=name, **values)
        .on_conflict_do_update(index_elements=[directories.c.connection], set_=values)
    )
