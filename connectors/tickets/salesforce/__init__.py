"""Salesforce: cases ask by outbound message, notes go back as case comments or posts of the feed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bridge.errors import BadSignature
from bridge.model import CrmEvent, CrmRecord, Delivery, Record, TicketEvent
from connectors.contract import Capability, ConnectionConfig, Kind, Role, Workshop
from connectors.signatures import verify_shared_secret
from connectors.tickets.salesforce import webhook
from connectors.tickets.salesforce.client import SalesforceClient
from connectors.tickets.salesforce.records import Records
from connectors.tickets.salesforce.schema import SECRET_KEYS, SalesforceSchema

CAPABILITIES = frozenset(
    {
        Capability.ATTACH,
        Capability.CREATE_TICKET,
        Capability.FETCH_TICKET,
        Capability.FIND_NOTE,
        Capability.FIND_TICKET,
        Capability.PEOPLE,
        Capability.PUBLIC_NOTES,
        Capability.RECORDS,
        Capability.REOPEN,
        Capability.TICKETS_SINCE,
        Capability.UPDATE_FIELDS,
    }
)


class Salesforce(SalesforceClient):
    """A TicketSystem that is one Salesforce organization."""

    capabilities = CAPABILITIES
    media_types = frozenset({"text/xml", "application/soap+xml"})

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        super().__init__(workshop.transport, workshop.vault, config.keys)
        self._secrets = config.hook_secrets
        self._records = Records(self._api)
        self.own_actors = frozenset({self._user_id.lower()} - {""})

    def verify(self, delivery: Delivery) -> None:
        """Raise BadSignature unless the secret is right, and the message is from `organization_id` where that is set.

        Nothing is signed. The body is only read for somebody who knows the secret.
        """
        verify_shared_secret(delivery, self._secrets)
        if self._organization_id and webhook.organization(delivery) != self._organization_id:
            raise BadSignature("the sender did not prove itself")

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
    name="salesforce",
    title="Salesforce",
    role=Role.TICKETS,
    schema=SalesforceSchema,
    capabilities=CAPABILITIES,
    secret_keys=SECRET_KEYS,
    build=Salesforce,
    split=webhook.split,
    acknowledgement=("text/xml; charset=utf-8", webhook.ACKNOWLEDGEMENT),
)
