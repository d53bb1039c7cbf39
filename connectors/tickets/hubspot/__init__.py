"""HubSpot Service Hub: tickets ask by the webhooks of an app, notes go back to their timeline."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bridge.model import CrmEvent, CrmRecord, Delivery, Record, TicketEvent
from connectors.contract import Capability, ConnectionConfig, Kind, Rate, Role, Workshop, chosen
from connectors.signatures import HUBSPOT_V3
from connectors.tickets.hubspot import webhook
from connectors.tickets.hubspot.client import HubSpotClient
from connectors.tickets.hubspot.records import Records
from connectors.tickets.hubspot.schema import HubSpotSchema

NEEDS = {Capability.CREATE_TICKET: "mark_property", Capability.FIND_TICKET: "mark_property"}
"""Only with a property to find them by."""
CAPABILITIES = frozenset(NEEDS) | {
    Capability.ATTACH,
    Capability.FETCH_TICKET,
    Capability.FIND_NOTE,
    Capability.PEOPLE,
    Capability.RECORDS,
    Capability.REOPEN,
    Capability.TICKETS_SINCE,
    Capability.UPDATE_FIELDS,
}
REQUESTS = Rate(per_second=9.0, burst=10)
"""100 in any ten seconds, the least that HubSpot grants an app in an account."""
SEARCHES = Rate(per_second=3.0, burst=1)
"""HubSpot grants four or five a second, and says nothing of searches in its headers."""


class HubSpot(HubSpotClient):
    """A TicketSystem that is one HubSpot account."""

    media_types = frozenset({"application/json"})

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        super().__init__(workshop.transport, config.keys)
        self._secrets = config.hook_secrets
        self._records = Records(self._read, self._write)
        self.capabilities = capabilities(config.keys)
        app = config.keys.get("app_id")
        self.own_actors = frozenset({str(app), f"appid:{app}"} if app else ())

    def verify(self, delivery: Delivery) -> None:
        """Raise BadSignature unless the whole request and its moment are signed with the app's client secret."""
        HUBSPOT_V3.verify(delivery, self._secrets)

    def delivery_key(self, delivery: Delivery) -> str:
        return webhook.delivery_key(delivery)

    def parse(self, delivery: Delivery) -> Sequence[TicketEvent | CrmEvent]:
        return webhook.parse(delivery)

    def fetch_record(self, kind: CrmRecord, record_id: str, fields: Collection[str]) -> Record:
        return self._records.fetch(kind, record_id, fields)

    def update_record(self, kind: CrmRecord, record_id: str, fields: Mapping[str, object]) -> None:
        self._records.update(kind, record_id, fields)

    def find_records(self, kind: CrmRecord, email: str, fields: Collection[str]) -> Sequence[Record]:
        return self._records.find(kind, email, fields)


def capabilities(keys: Mapping[str, Any]) -> frozenset[Capability]:
    """What a connection with these keys can do."""
    return chosen(CAPABILITIES, NEEDS, keys)


KIND = Kind(
    name="hubspot",
    title="HubSpot",
    role=Role.TICKETS,
    schema=HubSpotSchema,
    capabilities=CAPABILITIES,
    capabilities_of=capabilities,
    secret_keys=frozenset({"access_token"}),
    build=HubSpot,
    rates={"requests": (REQUESTS,), "search": (SEARCHES,)},
    split=webhook.split,
)
