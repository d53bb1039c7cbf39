"""What the tests of the command line share: a command run against a stand-in for the appliance."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import httpx
from click.testing import CliRunner, Result

from connectors.contract import ConnectionConfig, Workshop
from connectors.platforms.beyondtrust.command_line import commands
from tests.connectors.beyondtrust.appliance import REPORTING_XML, Appliance, bench, xml
from tests.connectors.beyondtrust.config_yaml import DESCRIPTION

CONFIG = "/api/config/v1"
DONE = "<success>Well done</success>"
ARCHIVES = (
    "<archives><state_archive><time timestamp='1767603600'/><index>1</index>"
    "<event_archive_index>1</event_archive_index></state_archive>"
    "<event_archive><time timestamp='1767603600'/><index>1</index></event_archive></archives>"
)


def reported(body: str) -> httpx.Response:
    """A report."""
    return httpx.Response(200, text=xml(body, REPORTING_XML), headers={"content-type": "text/xml"})


def described(**answers: Any) -> Appliance:
    """An appliance with a Configuration API; `answers` by the path below it."""
    told = {f"{CONFIG}/{path.replace('_', '/')}": answer for path, answer in answers.items()}
    return Appliance({f"{CONFIG}/openapi.yaml": httpx.Response(200, content=DESCRIPTION), **told})


def run(appliance: Appliance, *arguments: str, typed: str | None = None, **keys: Any) -> Result:
    """`deskbridge beyondtrust` with these arguments; what it could not handle is raised."""

    @contextmanager
    def opener(name: str | None) -> Iterator[tuple[ConnectionConfig, Workshop]]:
        if name not in (None, "appliance"):
            raise click.ClickException("there is only the connection appliance")
        with bench(appliance, **keys) as given:
            yield given

    return CliRunner().invoke(commands, list(arguments), obj=opener, input=typed, catch_exceptions=False)


def ran(appliance: Appliance, *arguments: str, **more: Any) -> str:
    """What a command that must succeed prints."""
    result = run(appliance, *arguments, **more)
    assert result.exit_code == 0, result.output
    return result.stdout
