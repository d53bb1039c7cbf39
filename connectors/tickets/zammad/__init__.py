"""Zammad: tickets ask by trigger and webhook, notes go back as articles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.model import Delivery, TicketEvent
from connectors.contract import Capability, ConnectionConfig, Kind, Role, Workshop, chosen
from connectors.signatures import ZAMMAD
from connectors.tickets.zammad import webhook
from connectors.tickets.zammad.client import ZammadClient
from connectors.tickets.zammad.schema import ZammadSchema

NEEDS = {Capability.CREATE_TICKET: "group", Capability.FIND_TICKET: "group"}
"""Only with a `group` to make them in."""
CAPABILITIES = frozenset(NEEDS) | {
    Capability.ADD_TAGS,
    Capability.ADD_TIME,
    Capability.ATTACH,
    Capability.FETCH_TICKET,
    Capability.FIND_NOTE,
    Capability.FIND_TIME,
    Capability.PEOPLE,
    Capability.PUBLIC_NOTES,
    Capability.REOPEN,
    Capability.TAGS,
    Capability.TICKETS_SINCE,
    Capability.UPDATE_FIELDS,
}


class Zammad(ZammadClient):
    """A TicketSystem that is one Zammad."""

    media_types = frozenset({"application/json"})

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        super().__init__(workshop.transport, config.keys)
        self._secrets = config.hook_secrets
        self.capabilities = capabilities(config.keys)
        email = config.keys.get("email")
        self.own_actors = frozenset({email.lower()} if email else ())

    def verify(self, delivery: Delivery) -> None:
        """Raise BadSignature unless the body is signed with the webhook's signature token."""
        ZAMMAD.verify(delivery, self._secrets)

    def delivery_key(self, delivery: Delivery) -> str:
        return webhook.delivery_key(delivery)

    def parse(self, delivery: Delivery) -> Sequence[TicketEvent]:
        return webhook.parse(delivery)


def capabilities(keys: Mapping[str, Any]) -> frozenset[Capability]:
    """What a connection with these keys can do."""
    return chosen(CAPABILITIES, NEEDS, keys)


KIND = Kind(
    name="zammad",
    title="Zammad",
    role=Role.TICKETS,
    schema=ZammadSchema,
    capabilities=CAPABILITIES,
    capabilities_of=capabilities,
    secret_keys=frozenset({"api_token"}),
    build=Zammad,
    numbered=True,
)
