"""Dynamics 365 Customer Service: cases ask by Dataverse's webhooks, notes go back to their timeline."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bridge.model import CrmEvent, CrmRecord, Delivery, Record, TicketEvent
from connectors.contract import Capability, ConnectionConfig, Kind, Rate, Role, Workshop
from connectors.signatures import verify_shared_secret
from connectors.tickets.dynamics import webhook
from connectors.tickets.dynamics.client import DynamicsClient
from connectors.tickets.dynamics.records import Records
from connectors.tickets.dynamics.schema import DynamicsSchema
from connectors.tickets.dynamics.wire import Dataverse

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
        Capability.RECORDS,
        Capability.REOPEN,
        Capability.TICKETS_SINCE,
        Capability.UPDATE_FIELDS,
    }
)


class Dynamics(DynamicsClient):
    """A TicketSystem that is one Dataverse organisation with Customer Service."""

    capabilities = CAPABILITIES
    media_types = frozenset({"application/json"})

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        super().__init__(Dataverse(config, workshop))
        self._secrets = config.hook_secrets
        self._records = Records(self._api)
        user = config.keys.get("user_id")
        self.own_actors = frozenset({str(user).lower()} if user else ())

    def verify(self, delivery: Delivery) -> None:
        """Raise BadSignature unless the endpoint's header or query parameter holds the secret."""
        verify_shared_secret(delivery, self._secrets)

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


KIND = Kind(
    name="dynamics",
    title="Dynamics 365",
    role=Role.TICKETS,
    schema=DynamicsSchema,
    capabilities=CAPABILITIES,
    secret_keys=frozenset({"client_secret"}),
    build=Dynamics,
    # 6,000 requests in five minutes for each user and web server, of which there is one at least.
    rates={"requests": (Rate(19.0, 300),)},
)
