"""Help Scout: conversations ask by webhook, notes go back as notes, public ones as replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.model import Delivery, TicketEvent
from connectors.contract import Capability, ConnectionConfig, Kind, Rate, Role, Workshop, chosen
from connectors.signatures import HELP_SCOUT
from connectors.tickets.help_scout import webhook
from connectors.tickets.help_scout.client import HelpScoutClient
from connectors.tickets.help_scout.schema import HelpScoutSchema

NEEDS = {Capability.CREATE_TICKET: "mailbox_id", Capability.FIND_TICKET: "mailbox_id"}
"""Only with an inbox to make them in."""
CAPABILITIES = frozenset(NEEDS) | {
    Capability.ADD_TAGS,
    Capability.ATTACH,
    Capability.FETCH_TICKET,
    Capability.FIND_NOTE,
    Capability.PEOPLE,
    Capability.PUBLIC_NOTES,
    Capability.REOPEN,
    Capability.TAGS,
    Capability.TICKETS_SINCE,
    Capability.UPDATE_FIELDS,
}
REQUESTS = Rate(per_second=3.0, burst=15)
"""Below 200 a minute, the least that a plan with the API has. A write counts twice there: headers tell the rest."""


class HelpScout(HelpScoutClient):
    """A TicketSystem that is one Help Scout account."""

    media_types = frozenset({"application/json"})

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        super().__init__(workshop.transport, workshop.vault, config.keys)
        self._secrets = config.hook_secrets
        self.capabilities = capabilities(config.keys)
        email = config.keys.get("email")
        self.own_actors = frozenset({email.lower()} if email else ())

    def verify(self, delivery: Delivery) -> None:
        """Raise BadSignature unless the body is signed with the webhook's secret key."""
        HELP_SCOUT.verify(delivery, self._secrets)

    def delivery_key(self, delivery: Delivery) -> str:
        return webhook.delivery_key(delivery)

    def parse(self, delivery: Delivery) -> Sequence[TicketEvent]:
        return webhook.parse(delivery)


def capabilities(keys: Mapping[str, Any]) -> frozenset[Capability]:
    """What a connection with these keys can do."""
    return chosen(CAPABILITIES, NEEDS, keys)


KIND = Kind(
    name="help_scout",
    title="Help Scout",
    role=Role.TICKETS,
    schema=HelpScoutSchema,
    capabilities=CAPABILITIES,
    capabilities_of=capabilities,
    secret_keys=frozenset({"client_secret"}),
    build=HelpScout,
    rates={"requests": (REQUESTS,)},
    numbered=True,
)
