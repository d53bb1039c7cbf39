"""Raw requests, read by the examples' connections: django-helpdesk's is a real one, the others follow their sources."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.errors import BadSignature
from bridge.model import TicketEvent, TicketEventKind
from connectors.contract import ConnectionConfig
from connectors.tickets.generic import KIND, Generic
from tests.contract.captured import captured
from tests.contract.workshop import no_network, workshop
from tests.examples.example import keys_of, text_of

CASES = [("glpi", "glpi", "101"), ("redmine", "redmine", "101"), ("django-helpdesk", "helpdesk", "1")]


@pytest.mark.parametrize(("name", "connection", "ticket_id"), CASES)
def test_a_raw_request(name: str, connection: str, ticket_id: str) -> None:
    keys = KIND.schema().load(keys_of(text_of(name), connection))
    config = ConnectionConfig(
        connection, "generic", "https://desk.example.com", ("made-up-hook-secret-of-today",), keys
    )
    delivery = captured(f"generic/{name}")
    with workshop(config.base_url, no_network) as given:
        connector = Generic(config, given)
        connector.verify(delivery)
        [event] = connector.parse(delivery)
        with pytest.raises(BadSignature):
            Generic(replace(config, hook_secrets=("another-secret",)), given).verify(delivery)
    assert isinstance(event, TicketEvent)
    assert (event.kind, event.ticket_id) == (TicketEventKind.CHANGED, ticket_id)
    assert bool(event.actor) == (name != "glpi"), "GLPI does not say who it was"
    assert delivery.media_type in connector.media_types
