"""What every command works with: the account of the connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

from connectors.command_line import desk
from connectors.contract import ConnectionConfig, Workshop
from connectors.platforms.rescue.administration import Administration
from connectors.platforms.rescue.api import Api
from connectors.platforms.rescue.invitations import Invitations
from connectors.platforms.rescue.reports.conversation import Reports
from connectors.platforms.rescue.reports.listing import node_of
from connectors.platforms.rescue.sessions import Sessions


@dataclass(frozen=True)
class Opened:
    """One opened connection."""

    config: ConnectionConfig
    workshop: Workshop

    @property
    def _api(self) -> Api:
        return Api(self.config, self.workshop)

    @property
    def administration(self) -> Administration:
        return Administration(self._api)

    @property
    def sessions(self) -> Sessions:
        return Sessions(self._api)

    @property
    def reports(self) -> Reports:
        return Reports(self.config, self.workshop)

    @property
    def report_node(self) -> str:
        return node_of(self.config, self.administration, self.workshop.vault)

    @property
    def invitations(self) -> Invitations:
        return Invitations(self._api)


@dataclass(frozen=True)
class Desk(desk.Desk):
    """What the group's options said."""

    @contextmanager
    def rescue(self) -> Iterator[Opened]:
        with self.opener(self.connection) as (config, workshop):
            yield Opened(config, workshop)


pass_desk = click.make_pass_decorator(Desk)
