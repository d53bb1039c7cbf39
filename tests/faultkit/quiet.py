"""Whether the bridge has nothing left to do."""

from __future__ import annotations

from sqlalchemy import text

from store.database import Database

WAITING = "SELECT count(*) FROM deliveries WHERE state = 'new'"
OPEN = "SELECT count(*) FROM effects WHERE state IN ('pending', 'sending')"


def open_work(database: Database) -> int:
    """How many deliveries and effects are still to be done.

    Deliveries are counted first: what is understood between the two looks is an effect by the second one.
    """
    with database.read() as connection:
        return int(sum(connection.execute(text(query)).scalar_one() for query in (WAITING, OPEN)))
