"""What every command works with: the appliance of the connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

from connectors.command_line import desk
from connectors.contract import ConnectionConfig
from connectors.platforms.beyondtrust.commands import Commands
from connectors.platforms.beyondtrust.configuration.config_api import ConfigApi
from connectors.platforms.beyondtrust.reports import Reports
from connectors.platforms.beyondtrust.wire.api import Api


@dataclass(frozen=True)
class Appliance:
    """One opened connection."""

    config: ConnectionConfig
    api: Api

    @property
    def commands(self) -> Commands:
        return Commands(self.api)

    @property
    def configuration(self) -> ConfigApi:
        return ConfigApi(self.api)

    @property
    def reports(self) -> Reports:
        return Reports(self.api)

    @property
    def site(self) -> str:
        """The public site's address, for links."""
        public = self.config.keys.get("public_hostname")
        return f"https://{public}" if public else self.config.base_url


@dataclass(frozen=True)
class Desk(desk.Desk):
    """What the group's options said."""

    @contextmanager
    def appliance(self) -> Iterator[Appliance]:
        with self.opener(self.connection) as (config, workshop):
            yield Appliance(config, Api(config, workshop))


pass_desk = click.make_pass_decorator(Desk)
