"""Any help desk that sends signed JSON webhooks and takes notes over HTTP: the operator writes down how."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.model import Delivery, TicketEvent
from connectors.contract import Capability, ConnectionConfig, Kind, Role, Workshop
from connectors.signatures import STANDARD_WEBHOOKS, Scheme, build_scheme, verify_shared_secret
from connectors.tickets.generic import webhook
from connectors.tickets.generic.challenge import greeting
from connectors.tickets.generic.client import BY_CALL, GenericClient, capabilities
from connectors.tickets.generic.schema import SHARED_SECRET, GenericSchema

JSON_ONLY = ("application/json",)


class Generic(GenericClient):
    """A TicketSystem made of the operator's own words."""

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        super().__init__(workshop, config.keys)
        self._secrets = config.hook_secrets
        self._scheme = scheme(config)
        self._reader = webhook.Reader(config.keys, with_ticket=Capability.FETCH_TICKET not in self.capabilities)
        signed = self._scheme or Scheme("")
        self._id_header = (config.keys.get("delivery_header") or signed.id_header).lower()
        self._moment_header = signed.timestamp_header.lower()
        self.media_types = frozenset(config.keys.get("media_types") or JSON_ONLY)
        self.own_actors = frozenset(actor.lower() for actor in config.keys.get("own_actors") or ())

    def verify(self, delivery: Delivery) -> None:
        """Raise BadSignature unless the body is signed, or the shared secret shown, as `verify` says."""
        if self._scheme is None:
            verify_shared_secret(delivery, self._secrets)
        else:
            self._scheme.verify(delivery, self._secrets)

    def delivery_key(self, delivery: Delivery) -> str:
        """The id in its header or body, else a digest."""
        return self._reader.delivery_key(delivery, self._id_header, self._moment_header)

    def parse(self, delivery: Delivery) -> Sequence[TicketEvent]:
        return self._reader.parse(delivery)


def scheme(config: ConnectionConfig) -> Scheme | None:
    """How this connection signs; None when it only shows a shared secret."""
    table = config.keys.get("verify")
    if table is None:
        return STANDARD_WEBHOOKS
    return None if table == {"scheme": SHARED_SECRET} else build_scheme(table)


KIND = Kind(
    name="generic",
    title="Any other help desk",
    role=Role.TICKETS,
    schema=GenericSchema,
    capabilities=frozenset({*BY_CALL.values(), Capability.TAGS}),
    capabilities_of=capabilities,
    secret_keys=frozenset({"headers"}),
    build=Generic,
    greeting=greeting,
)
