"""Freshdesk and Freshservice: tickets ask by a rule's webhook, notes go back as private notes, PINs as replies."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from marshmallow import Schema

from bridge.model import Delivery, TicketEvent
from connectors.contract import Capability, ConnectionConfig, Kind, Role, Workshop
from connectors.signatures import verify_shared_secret
from connectors.tickets.freshdesk import dialects, webhook
from connectors.tickets.freshdesk.client import FreshClient
from connectors.tickets.freshdesk.dialects import Dialect
from connectors.tickets.freshdesk.schema import FreshdeskSchema, FreshserviceSchema

CAPABILITIES = frozenset(
    {
        Capability.ADD_TAGS,
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


class Fresh(FreshClient):
    """A TicketSystem that is one account of Freshdesk or Freshservice."""

    capabilities = CAPABILITIES
    media_types = frozenset({"application/json"})

    def __init__(self, config: ConnectionConfig, workshop: Workshop, dialect: Dialect) -> None:
        super().__init__(workshop.transport, config.keys, dialect)
        self._secrets = config.hook_secrets
        known_as = (config.keys.get("agent_email"), config.keys.get("user_id"))
        self.own_actors = frozenset(str(name).lower() for name in known_as if name)

    def verify(self, delivery: Delivery) -> None:
        """Raise BadSignature unless the request carries the secret: neither product signs anything."""
        verify_shared_secret(delivery, self._secrets)

    def delivery_key(self, delivery: Delivery) -> str:
        return webhook.delivery_key(delivery)

    def parse(self, delivery: Delivery) -> Sequence[TicketEvent]:
        return webhook.parse(delivery, self._dialect)


def _builder(dialect: Dialect) -> Callable[[ConnectionConfig, Workshop], Fresh]:
    return lambda config, workshop: Fresh(config, workshop, dialect)


def _kind(dialect: Dialect, schema: type[Schema]) -> Kind:
    return Kind(
        name=dialect.kind,
        title=dialect.title,
        role=Role.TICKETS,
        schema=schema,
        capabilities=CAPABILITIES,
        secret_keys=frozenset({"api_key"}),
        build=_builder(dialect),
    )


FRESHDESK = _kind(dialects.FRESHDESK, FreshdeskSchema)
FRESHSERVICE = _kind(dialects.FRESHSERVICE, FreshserviceSchema)
