"""Zendesk Support: tickets ask by trigger or event subscription, notes go back as comments."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.model import Delivery, TicketEvent
from connectors.contract import Capability, ConnectionConfig, Kind, Role, Workshop
from connectors.signatures import ZENDESK
from connectors.tickets.zendesk import webhook
from connectors.tickets.zendesk.client import ZendeskClient
from connectors.tickets.zendesk.schema import ZendeskSchema

CAPABILITIES = frozenset(
    {
        Capability.ADD_TAGS,
        Capability.ATTACH,
        Capability.CREATE_TICKET,
        Capability.FETCH_TICKET,
        Capability.FIND_NOTE,
        Capability.FIND_TICKET,
        Capability.PEOPLE,
        Capability.PUBLIC_NOTES,
        Capability.TAGS,
        Capability.TICKETS_SINCE,
        Capability.UPDATE_FIELDS,
    }
)


class Zendesk(ZendeskClient):
    """A TicketSystem that is one Zendesk account."""

    capabilities = CAPABILITIES
    media_types = frozenset({"application/json"})

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        super().__init__(workshop.transport, config.keys)
        self._secrets = config.hook_secrets
        known_as = (config.keys.get("email"), config.keys.get("user_id"))
        self.own_actors = frozenset(str(name).lower() for name in known_as if name)

    def verify(self, delivery: Delivery) -> None:
        """Raise BadSignature unless the body and its moment are signed with the webhook's signing secret."""
        ZENDESK.verify(delivery, self._secrets)

    def delivery_key(self, delivery: Delivery) -> str:
        return webhook.delivery_key(delivery)

    def parse(self, delivery: Delivery) -> Sequence[TicketEvent]:
        return webhook.parse(delivery)


KIND = Kind(
    name="zendesk",
    title="Zendesk",
    role=Role.TICKETS,
    schema=ZendeskSchema,
    capabilities=CAPABILITIES,
    secret_keys=frozenset({"api_token", "oauth_token"}),
    build=Zendesk,
)
