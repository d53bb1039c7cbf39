"""What every command works with: the reseller account of the connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

from connectors.command_line import desk
from connectors.platforms.remotepc.client import RemotePcClient


@dataclass(frozen=True)
class Desk(desk.Desk):
    """What the group's options said."""

    @contextmanager
    def account(self) -> Iterator[RemotePcClient]:
        with self.opener(self.connection) as (config, workshop):
            yield RemotePcClient(workshop.transport, config.keys["api_key"])


pass_desk = click.make_pass_decorator(Desk)
