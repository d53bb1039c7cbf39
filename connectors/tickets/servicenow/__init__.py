"""ServiceNow: tickets ask by a business rule, notes go back as work notes and comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.model import Delivery, TicketEvent
from connectors.contract import Capability, ConnectionConfig, Kind, Role, Workshop, chosen
from connectors.tickets.servicenow import webhook
from connectors.tickets.servicenow.client import ServiceNowClient
from connectors.tickets.servicenow.schema import ServiceNowSchema

CAPABILITIES = frozenset(
    {
        Capability.ADD_TIME,
        Capability.ATTACH,
        Capability.CREATE_TICKET,
        Capability.FETCH_TICKET,
        Capability.FIND_NOTE,
        Capability.FIND_TICKET,
        Capability.FIND_TIME,
        Capability.PEOPLE,
        Capability.PUBLIC_NOTES,
        Capability.TAGS,
        Capability.REOPEN,
        Capability.TICKETS_SINCE,
        Capability.UPDATE_FIELDS,
    }
)
NEEDS = {
    Capability.ATTACH: "attachments",
    Capability.REOPEN: "reopen_state",
    Capability.TAGS: "labels",
    Capability.TICKETS_SINCE: "labels",
}
"""What needs a key of the connection."""


def capabilities_of(keys: Mapping[str, Any]) -> frozenset[Capability]:
    """What the operator's choices leave of it."""
    return chosen(CAPABILITIES, NEEDS, keys)


class ServiceNow(ServiceNowClient):
    """A TicketSystem that is one table of a ServiceNow instance."""

    media_types = frozenset({"application/json"})

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        super().__init__(config, workshop)
        self.capabilities = capabilities_of(config.keys)
        self._secrets = config.hook_secrets
        known_as = (config.keys.get("username"), config.keys.get("email"))
        self.own_actors = frozenset(str(name).lower() for name in known_as if name)

    def verify(self, delivery: Delivery) -> None:
        """Raise BadSignature unless the business rule signed it, or the shared secret is shown."""
        webhook.verify(delivery, self._secrets)

    def delivery_key(self, delivery: Delivery) -> str:
        return webhook.delivery_key(delivery)

    def parse(self, delivery: Delivery) -> Sequence[TicketEvent]:
        return webhook.parse(delivery)


KIND = Kind(
    name="servicenow",
    title="ServiceNow",
    role=Role.TICKETS,
    schema=ServiceNowSchema,
    capabilities=CAPABILITIES,
    capabilities_of=capabilities_of,
    secret_keys=frozenset({"password", "client_secret"}),
    build=ServiceNow,
)
