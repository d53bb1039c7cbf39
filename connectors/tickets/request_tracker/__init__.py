"""Request Tracker 5: tickets ask by a Scrip, notes go back as comments and correspondence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.model import Delivery, TicketEvent
from connectors.contract import Capability, ConnectionConfig, Kind, Role, Workshop, chosen
from connectors.signatures import STANDARD_WEBHOOKS
from connectors.tickets.request_tracker import mapping, webhook
from connectors.tickets.request_tracker.client import RequestTrackerClient
from connectors.tickets.request_tracker.schema import RequestTrackerSchema

NEEDS = {
    Capability.CREATE_TICKET: "queue",
    Capability.FIND_TICKET: "queue",
    Capability.PEOPLE: "agents_group",
    Capability.TAGS: "tags_field",
}
"""What needs a key of the connection."""

CAPABILITIES = frozenset(NEEDS) | {
    Capability.ADD_TIME,
    Capability.ATTACH,
    Capability.FETCH_TICKET,
    Capability.FIND_NOTE,
    Capability.FIND_TIME,
    Capability.PUBLIC_NOTES,
    Capability.REOPEN,
    Capability.TICKETS_SINCE,
    Capability.UPDATE_FIELDS,
}


def capabilities_of(keys: Mapping[str, Any]) -> frozenset[Capability]:
    """What a connection with these keys can do."""
    return chosen(CAPABILITIES, NEEDS, keys)


class RequestTracker(RequestTrackerClient):
    """A TicketSystem that is one Request Tracker."""

    media_types = frozenset({"application/json"})

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        super().__init__(workshop.transport, config.keys)
        self.capabilities = capabilities_of(config.keys)
        self._secrets = config.hook_secrets
        # The Scrip names people by their number, and a token begins with that of its user.
        self.own_actors = frozenset({user} if (user := mapping.user_of(config.keys["api_token"])) else ())

    def verify(self, delivery: Delivery) -> None:
        """Raise BadSignature unless the id, the moment and the body are signed with the Scrip's secret."""
        STANDARD_WEBHOOKS.verify(delivery, self._secrets)

    def delivery_key(self, delivery: Delivery) -> str:
        return webhook.delivery_key(delivery)

    def parse(self, delivery: Delivery) -> Sequence[TicketEvent]:
        return webhook.parse(delivery)


KIND = Kind(
    name="request_tracker",
    title="Request Tracker",
    role=Role.TICKETS,
    schema=RequestTrackerSchema,
    capabilities=CAPABILITIES,
    secret_keys=frozenset({"api_token"}),
    build=RequestTracker,
    capabilities_of=capabilities_of,
)
