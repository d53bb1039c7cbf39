"""What the three examples have in common under the contract of ticket systems."""

from __future__ import annotations

from connectors.contract import TicketSystem
from tests.contract.desk import Desk
from tests.contract.tickets import TicketContract
from tests.examples.example import ExampleDesk, capabilities_of


class ExampleContract(TicketContract):
    secret = "made-up-hook-secret-of-today"
    new_secret = "made-up-hook-secret-of-tomorrow"

    def test_the_registry_advertises_what_the_connector_can(self, desk: Desk, connector: TicketSystem) -> None:
        """The kind can do whatever any connection of it can."""
        assert isinstance(desk, ExampleDesk)
        assert connector.capabilities == capabilities_of(desk.keys())
