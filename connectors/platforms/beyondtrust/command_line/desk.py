"""What every command works with: the appliance of the connection, the way to print, and what went wrong in one line."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeAlias

import click

from bridge.errors import (
    AccessDenied,
    BridgeError,
    MalformedPayload,
    RateLimited,
    Unavailable,
    UnknownOutcome,
)
from connectors.contract import ConnectionConfig, Workshop
from connectors.platforms.beyondtrust.command_line import output
from connectors.platforms.beyondtrust.command_line.output import Column
from connectors.platforms.beyondtrust.commands import Commands
from connectors.platforms.beyondtrust.configuration.config_api import ConfigApi
from connectors.platforms.beyondtrust.reports import Reports
from connectors.platforms.beyondtrust.wire.api import Api

Opener: TypeAlias = Callable[[str | None], AbstractContextManager[tuple[ConnectionConfig, Workshop]]]
"""Opens the connection of that name, or the only one of this kind; its words say which there are."""

ADVICE: Sequence[tuple[type[BridgeError], str]] = (
    (AccessDenied, "An administrator must renew the credentials, or give the API account the permission."),
    (UnknownOutcome, "It may have been done: look before you ask again."),
    (RateLimited, "Try again in a moment."),
    (Unavailable, "Try again later; if it stays so, see whether the appliance is up."),
    (MalformedPayload, "This version of Deskbridge cannot read that."),
)
"""Who must act, the first that fits."""


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
class Desk:
    """What the group's options said."""

    opener: Opener
    connection: str | None = None
    json: bool = False

    @contextmanager
    def appliance(self) -> Iterator[Appliance]:
        with self.opener(self.connection) as (config, workshop):
            yield Appliance(config, Api(config, workshop))

    def show_list(self, items: Iterable[Any], columns: Sequence[Column], *, nothing: str = "None.") -> None:
        with closing(items) if isinstance(items, Generator) else nullcontext():
            if self.json:
                output.json_lines(items)
            else:
                output.table(items, columns, nothing=nothing)

    def show(self, item: Any, told: Mapping[str, object]) -> None:
        """One thing: as JSON whole, else as labels and values."""
        if self.json:
            output.say(output.as_json(item))
        else:
            output.card(told)

    def line(self, name: str, value: str) -> None:
        """One text, alone on its line."""
        output.say(output.as_json({name: value}) if self.json else value)

    def done(self, what: str, said: str = "", **more: object) -> None:
        """What was done, and what the appliance said to it."""
        if self.json:
            output.say(output.as_json({"done": what, "said": said, **more}))
        else:
            output.say(f"{what}{f' ({said})' if said else ''}")


pass_desk = click.make_pass_decorator(Desk)


class Told(click.Group):
    """Turns what went wrong into one clear line that says who must act, and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BridgeError as error:
            output.say(f"Error: {in_one_line(error)}", err=True)
            ctx.exit(1)


def in_one_line(error: BridgeError) -> str:
    advice = next((words for kind, words in ADVICE if isinstance(error, kind)), "")
    return f"{str(error).strip().rstrip('.')}. {advice}".strip()


def sure(question: str, yes: bool) -> None:
    """Ask before something that cannot be undone; without a terminal and without --yes, it is not done."""
    if not yes:
        click.confirm(question, abort=True, err=True)
