"""Everything a process needs to work: the store, the configuration, and a connector for each connection."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import httpx

from bridge.decide import Rules
from bridge.errors import AccessDenied, ConnectorError
from config.bridge_toml import Bridge
from config.settings import Settings
from connectors import registry
from connectors.contract import (
    AccountProvider,
    Capability,
    ConnectionConfig,
    Role,
    SupportPlatform,
    TicketSystem,
    Workshop,
)
from connectors.http import Transport, new_client
from store import health, journal
from store.database import Database
from store.health import Refusal
from store.journal import Subject
from store.sealing import Sealer
from store.vault import DatabaseVault
from workers.people import Held
from workers.turns import Turns

# Set while an effect is performed: raises LeaseLost when the effect is no longer ours.
lease_guard: ContextVar[Callable[[], None]] = ContextVar("lease_guard")


# Set while an effect is performed: told that one of its writes was answered well.
written: ContextVar[Callable[[], None]] = ContextVar("written")


class LeaseLost(ConnectorError):
    """Somebody else took the effect over: whatever we were about to do is theirs now."""


@dataclass(frozen=True)
class House:
    settings: Settings
    bridge: Bridge
    database: Database
    client: httpx.Client
    platforms: Mapping[str, SupportPlatform]
    ticket_systems: Mapping[str, TicketSystem]
    clock: Callable[[], float] = time.time
    account_providers: Mapping[str, AccountProvider] = field(default_factory=dict)

    def inbound(self, name: str) -> SupportPlatform | TicketSystem | None:
        """What takes deliveries under that name; None for an account provider, too, which sends none."""
        return self.platforms.get(name) or self.ticket_systems.get(name)

    def connected(self, name: str) -> bool:
        """Whether the connection is in the configuration."""
        return self.inbound(name) is not None or name in self.account_providers

    def probes(self) -> dict[str, Callable[[], str]]:
        """Something harmless to ask of each connection, by its name."""
        found: dict[str, Callable[[], str]] = {}
        for several in (self.platforms, self.ticket_systems, self.account_providers):
            found |= {name: connector.probe for name, connector in several.items()}
        return found

    def rules(self, source: str, connection: str = "") -> Rules:
        """What decisions lean on now. `source` names the delivery and its replay."""
        inbound = self.inbound(connection)
        return Rules(
            routes=self.bridge.routes,
            reference_keys=tuple(self.settings.secret_keys),
            now=datetime.fromtimestamp(self.clock(), UTC),
            source=source,
            own_actors=inbound.own_actors if inbound else frozenset(),
            typing_platforms=self.typing_platforms,
            following_platforms=self.following_platforms,
            numbered_systems=self.numbered_systems,
            timed_systems=self.timed_systems,
            people=self.held_people.people(),
            provisioning=self.bridge.provisioning,
        )

    @cached_property
    def held_people(self) -> Held:
        return Held(self.database, self.bridge)

    @property
    def systems(self) -> Mapping[str, SupportPlatform | TicketSystem]:
        """All connections, by name."""
        return {**self.platforms, **self.ticket_systems}

    @cached_property
    def typing_platforms(self) -> frozenset[str]:
        return self.platforms_that_can(Capability.TYPED_KEYS)

    @cached_property
    def following_platforms(self) -> frozenset[str]:
        return self.platforms_that_can(Capability.SET_ATTRIBUTES)

    @cached_property
    def numbered_systems(self) -> frozenset[str]:
        configs = self.bridge.connections.values()
        return frozenset(config.name for config in configs if registry.kind(config.kind).numbered)

    @cached_property
    def timed_systems(self) -> frozenset[str]:
        able = [name for name, system in self.ticket_systems.items() if Capability.ADD_TIME in system.capabilities]
        return frozenset(able)

    def platforms_that_can(self, capability: Capability) -> frozenset[str]:
        """Names of the connections whose platform can."""
        return frozenset(name for name, platform in self.platforms.items() if capability in platform.capabilities)

    @cached_property
    def fingerprints(self) -> Mapping[str, str]:
        """What tells the credentials of one time from those of another, by connection."""
        key = self.settings.secret_keys[0]
        return {name: _fingerprint(config, key) for name, config in self.bridge.connections.items()}

    def register(self) -> Sequence[str]:
        """Tell the store which connections there are. Returns those that were stopped and have new credentials."""
        with self.database.write() as connection:
            return health.register(connection, self.fingerprints, self.clock())

    def refusal(self, name: str, error: AccessDenied, asked_at: float) -> Refusal:
        """That a connection's credentials were refused to somebody here who began to ask then."""
        return Refusal(name, str(error), self.fingerprints[name], asked_at)

    def close(self) -> None:
        self.client.close()
        self.database.close()


def open_house(settings: Settings, bridge: Bridge, *, threads: int, clock: Callable[[], float] = time.time) -> House:
    """Open the store and build a connector for each connection. Nothing outside is asked yet.

    `threads` is how many of this process will use the database at the same time.
    """
    sealer = Sealer(settings.secret_keys)
    database = Database(settings.database_url, pool_size=threads)
    client = new_client()
    built: dict[Role, dict[str, Any]] = {role: {} for role in Role}
    for name, config in bridge.connections.items():
        kind = registry.kind(config.kind)
        built[kind.role][name] = kind.build(config, _workshop(config, database, client, sealer, clock))
    platforms, ticket_systems, providers = (built[role] for role in (Role.PLATFORM, Role.TICKETS, Role.ACCOUNTS))
    return House(settings, bridge, database, client, platforms, ticket_systems, clock, providers)


def workshop_of(house: House, connection: str) -> Workshop:
    """What a connector of that connection works with, for somebody who asks outside of deliveries and effects."""
    sealer = Sealer(house.settings.secret_keys)
    return _workshop(house.bridge.connections[connection], house.database, house.client, sealer, house.clock)


def _workshop(
    config: ConnectionConfig,
    database: Database,
    client: httpx.Client,
    sealer: Sealer,
    clock: Callable[[], float],
) -> Workshop:
    turns = Turns(config, database, clock)
    transport = Transport(
        config.name,
        config.base_url,
        client=client,
        throttle=turns.throttle,
        hold=turns.hold,
        may_write=lambda: lease_guard.get(_free)(),
        written=lambda: written.get(_free)(),
    )
    vault = DatabaseVault(database, config.name, sealer, clock)
    return Workshop(transport, vault, renewed=lambda: _renewed(database, config.name, clock()))


def _renewed(database: Database, name: str, now: float) -> None:
    with database.write() as connection:
        health.resume(connection, name, now)
        journal.tell(connection, Subject(), now, f"connection {name} goes on: somebody authorized it")


def _free() -> None:
    """Outside of an effect (a probe, a command) nobody else can hold the work."""


def _fingerprint(config: ConnectionConfig, key: str) -> str:
    text = json.dumps([config.kind, config.base_url, dict(config.keys)], sort_keys=True, default=str)
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
