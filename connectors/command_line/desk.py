"""What every kind's commands work with: the connection, the way to print, and what went wrong in one line."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from typing import Any, TypeAlias

import click

from bridge.errors import (
    AccessDenied,
    BridgeError,
    MalformedPayload,
    NotAuthorized,
    RateLimited,
    Unavailable,
    UnknownOutcome,
)
from connectors.command_line import output
from connectors.command_line.output import Column
from connectors.contract import ConnectionConfig, Workshop

Opener: TypeAlias = Callable[[str | None], AbstractContextManager[tuple[ConnectionConfig, Workshop]]]
"""Opens the connection of that name, or the only one of this kind; its words say which there are."""

ADVICE: Sequence[tuple[type[BridgeError], str]] = (
    (NotAuthorized, ""),
    (AccessDenied, "An administrator must renew the credentials, or give the API account the permission."),
    (UnknownOutcome, "It may have been done: look before you ask again."),
    (RateLimited, "Try again in a moment."),
    (Unavailable, "Try again later; if it stays so, see whether that system is up."),
    (MalformedPayload, "This version of Deskbridge cannot read that."),
)
"""Who must act, the first that fits."""


@dataclass(frozen=True)
class Desk:
    """What the options of a kind's group said. Each kind has its own, which opens what its commands work on."""

    opener: Opener
    connection: str | None = None
    json: bool = False

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


class Told(click.Group):
    """Turns what went wrong into one clear line that says who must act, and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BridgeError as error:
            output.say(f"Error: {in_one_line(error)}", err=True)
            ctx.exit(1)


def group_of(desk: type[Desk], what: str, members: Iterable[click.Command]) -> click.Group:
    """The commands of one kind, which work on what its desk opens. The context's object is an `Opener`."""

    @click.group(cls=Told, help=what)
    @click.option("--connection", metavar="NAME", help="Which connection, if there are several of this kind.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
    @click.pass_context
    def commands(ctx: click.Context, connection: str | None, as_json: bool) -> None:
        ctx.obj = desk(ctx.obj, connection, as_json)

    for member in members:
        commands.add_command(member)
    return commands


def in_one_line(error: BridgeError) -> str:
    advice = next((words for kind, words in ADVICE if isinstance(error, kind)), "")
    return f"{str(error).strip().rstrip('.')}. {advice}".strip()


def sure(question: str, yes: bool) -> None:
    """Ask before something that cannot be undone; without a terminal and without --yes, it is not done."""
    if not yes:
        click.confirm(question, abort=True, err=True)
