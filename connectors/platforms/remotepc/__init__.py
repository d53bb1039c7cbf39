"""RemotePC: users of a reseller account, invited or added through its reseller API."""

from __future__ import annotations

from connectors.contract import Capability, ConnectionConfig, Kind, Rate, Role, Workshop
from connectors.platforms.remotepc.client import RemotePcClient
from connectors.platforms.remotepc.schema import SECRET_KEYS, RemotePcSchema

CAPABILITIES = frozenset({Capability.ADD_USER, Capability.INVITE_USER, Capability.LIST_USERS})
REQUESTS = Rate(per_second=2.0, burst=5)
"""Our own modesty: RemotePC publishes no limit."""


class RemotePc(RemotePcClient):
    """An AccountProvider that is one reseller account."""

    capabilities = CAPABILITIES

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        super().__init__(workshop.transport, config.keys["api_key"])


KIND = Kind(
    name="remotepc",
    title="RemotePC",
    role=Role.ACCOUNTS,
    schema=RemotePcSchema,
    capabilities=CAPABILITIES,
    secret_keys=SECRET_KEYS,
    build=RemotePc,
    rates={"requests": (REQUESTS,)},
    command_line="connectors.platforms.remotepc.command_line",
)
