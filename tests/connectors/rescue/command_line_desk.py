"""What the tests of the command line share: a command run against a script of captured answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from click.testing import CliRunner, Result

from connectors.contract import ConnectionConfig, Workshop
from connectors.platforms.rescue.command_line import commands
from connectors.platforms.rescue.schema import KeysSchema
from tests.connectors.rescue.calls import asked_as, captured
from tests.connectors.rescue.support import AUTHCODE, BASE_URL, Api
from tests.contract.workshop import workshop


def answering(*methods: str, **answers: Any) -> Api:
    """A script that answers each of these methods as it was captured, and others as told."""
    return Api(**{asked_as(one, soap=False): captured(f"{one}.txt") for one in methods}, **answers)


def run(api: Api, *arguments: str, typed: str | None = None, **keys: Any) -> Result:
    """`deskbridge rescue` with these arguments; what it could not handle is raised."""

    @contextmanager
    def opener(name: str | None) -> Iterator[tuple[ConnectionConfig, Workshop]]:
        if name not in (None, "rescue"):
            raise click.ClickException("there is only the connection rescue")
        with workshop(BASE_URL, api) as given:
            loaded = KeysSchema().load({"authcode": AUTHCODE, **keys})
            yield ConnectionConfig("rescue", "rescue", BASE_URL, (), loaded), given

    return CliRunner().invoke(commands, list(arguments), obj=opener, input=typed, catch_exceptions=False)


def ran(api: Api, *arguments: str, typed: str | None = None, **keys: Any) -> str:
    """What a command that must succeed prints."""
    result = run(api, *arguments, typed=typed, **keys)
    assert result.exit_code == 0, result.output
    return result.stdout
