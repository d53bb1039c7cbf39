"""Jira Service Management (Cloud): tickets ask by webhook or Automation rule, notes go back as comments."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.model import Delivery, TicketEvent
from connectors.contract import ConnectionConfig, Kind, Role, Workshop
from connectors.signatures import JIRA, verify_shared_secret
from connectors.tickets.jira import webhook
from connectors.tickets.jira.client import CAPABILITIES, JiraClient, capabilities
from connectors.tickets.jira.schema import JiraSchema


class Jira(JiraClient):
    """A TicketSystem that is one Jira Cloud site."""

    media_types = frozenset({"application/json"})

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        super().__init__(workshop.transport, config.keys)
        self._secrets = config.hook_secrets
        known_as = (config.keys.get("account_id"), config.keys.get("email"))
        self.own_actors = frozenset(str(name).lower() for name in known_as if name)

    def verify(self, delivery: Delivery) -> None:
        """Raise BadSignature unless an admin webhook is signed, or an Automation rule shows the secret."""
        if JIRA.signature_header in delivery.headers:
            JIRA.verify(delivery, self._secrets)
        else:
            verify_shared_secret(delivery, self._secrets)

    def delivery_key(self, delivery: Delivery) -> str:
        return webhook.delivery_key(delivery)

    def parse(self, delivery: Delivery) -> Sequence[TicketEvent]:
        return webhook.parse(delivery)


KIND = Kind(
    name="jira",
    title="Jira Service Management",
    role=Role.TICKETS,
    schema=JiraSchema,
    capabilities=CAPABILITIES,
    secret_keys=frozenset({"api_token", "oauth_token"}),
    build=Jira,
    capabilities_of=capabilities,
)
