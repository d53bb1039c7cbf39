"""`deskbridge remotepc …`: what an operator would do with a reseller account by hand.

`commands` is given an `Opener` as the context's object (`connectors.command_line.desk.Opener`).
"""

from __future__ import annotations

import click

from connectors.command_line.desk import Told
from connectors.platforms.remotepc.command_line import users
from connectors.platforms.remotepc.command_line.desk import Desk


@click.group(cls=Told)
@click.option("--connection", metavar="NAME", help="Which connection, if there are several of this kind.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
@click.pass_context
def commands(ctx: click.Context, connection: str | None, as_json: bool) -> None:
    """Work with the users of a RemotePC reseller account."""
    ctx.obj = Desk(ctx.obj, connection, as_json)


for _command in (users.users, users.invite, users.add, users.signin_link):
    commands.add_command(_command)
