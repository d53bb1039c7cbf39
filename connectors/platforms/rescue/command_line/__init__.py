"""`deskbridge rescue …`: what an administrator would do with an account by hand.

`commands` is given an `Opener` as the context's object (`connectors.command_line.desk.Opener`).
"""

from __future__ import annotations

import click

from connectors.command_line.desk import Told
from connectors.platforms.rescue.command_line import account, authorize, groups, pins, reports, sessions, users
from connectors.platforms.rescue.command_line.desk import Desk


@click.group(cls=Told)
@click.option("--connection", metavar="NAME", help="Which connection, if there are several of this kind.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
@click.pass_context
def commands(ctx: click.Context, connection: str | None, as_json: bool) -> None:
    """Work with a Rescue account."""
    ctx.obj = Desk(ctx.obj, connection, as_json)


for _command in (
    authorize.authorize,
    authorize.logout,
    account.account,
    account.hierarchy,
    account.move,
    account.delete,
    account.login_ticket,
    users.user,
    groups.group,
    groups.channel,
    sessions.sessions,
    sessions.session,
    pins.pin,
    pins.lens_pin,
    pins.email_text,
    reports.report,
):
    commands.add_command(_command)
