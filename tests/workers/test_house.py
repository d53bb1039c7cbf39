"""What a connector is given to work with."""

from __future__ import annotations

from sqlalchemy import text

from bridge.errors import NotAuthorized
from store import health
from store.health import ConnectionState
from tests.workers.conftest import START, Hands
from workers.house import workshop_of


def test_a_stopped_connection_goes_on_when_a_person_authorized_it(hands: Hands) -> None:
    def states() -> list[ConnectionState]:
        with hands.house.database.read() as connection:
            found = health.all_connections(connection, hands.now[0])
        return [found[name].state for name in ("appliance", "desk")]

    with hands.house.database.write() as connection:
        for name in ("appliance", "desk"):
            health.stop(connection, hands.house.refusal(name, NotAuthorized("nobody has authorized it"), START))
    assert states() == [ConnectionState.STOPPED] * 2
    workshop_of(hands.house, "appliance").renewed()
    assert states() == [ConnectionState.OK, ConnectionState.STOPPED]
    with hands.house.database.read() as connection:
        told = connection.execute(text("SELECT what FROM journal")).scalars().all()
    assert "connection appliance goes on: somebody authorized it" in told
