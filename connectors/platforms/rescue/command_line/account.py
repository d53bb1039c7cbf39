"""The account itself: who we are, what stands in it, and links that sign somebody in."""

from __future__ import annotations

from typing import TextIO

import click

from connectors.command_line.desk import sure
from connectors.command_line.options import yes as yes_option
from connectors.command_line.output import Column
from connectors.command_line.passwords import must_be_wanted, password_file, password_from
from connectors.platforms.rescue.command_line.desk import Desk, pass_desk

NODES: list[Column] = [
    ("ID", lambda node: node.id),
    ("PARENT", lambda node: node.parent_id),
    ("TYPE", lambda node: node.type),
    ("STATUS", lambda node: node.status),
    ("NAME", lambda node: node.name),
    ("E-MAIL", lambda node: node.email),
    ("DESCRIPTION", lambda node: node.description),
]


@click.command()
@pass_desk
def account(desk: Desk) -> None:
    """Tell which account it is, and whom the bridge works as."""
    with desk.rescue() as rescue:
        told = rescue.administration.account()
    desk.show(
        told,
        {
            "Account": told.id,
            "Organization": told.organization,
            "Administrator": told.administrator_id,
            "Technician": told.technician_id,
            "E-mail": told.email,
        },
    )


@click.command()
@click.option("--node", default="", help="Only this one.")
@click.option("--online", is_flag=True, help="Without technicians who are offline.")
@pass_desk
def hierarchy(desk: Desk, node: str, online: bool) -> None:
    """List users, groups, links and channels, each with the node that it stands below."""
    with desk.rescue() as rescue:
        desk.show_list(rescue.administration.hierarchy(node, without_offline=online), NODES)


@click.command()
@click.argument("node")
@click.argument("target")
@pass_desk
def move(desk: Desk, node: str, target: str) -> None:
    """Hang a user or a group below another group."""
    with desk.rescue() as rescue:
        rescue.administration.move(node, target)
    desk.done(f"Node {node} stands below {target} now.")


@click.command()
@click.argument("node")
@yes_option
@pass_desk
def delete(desk: Desk, node: str, yes: bool) -> None:
    """Delete a user or a group. There is no way back."""
    with desk.rescue() as rescue:
        if not yes:
            found = rescue.administration.hierarchy(node)
            what = ", ".join(f"{one.type} {one.name}" for one in found if one.id == node)
            sure(f"Delete node {node} ({what or 'unknown'}) for good?", yes)
        rescue.administration.delete(node)
    desk.done(f"Node {node} is deleted.")


@click.command(name="login-ticket")
@click.argument("sso_id")
@click.option("--company", default="", help="The account's number; else the connection's company_id.")
@click.option("--console", is_flag=True, help="For the desktop technician console instead of the site.")
@click.option("--32-bit", "narrow", is_flag=True, help="The console for a 32-bit Windows.")
@password_file
@yes_option
@pass_desk
def login_ticket(
    desk: Desk, sso_id: str, company: str, console: bool, narrow: bool, password_file: TextIO | None, yes: bool
) -> None:
    """Print a link that signs a technician in by single sign-on: treat it as a password.

    The company's password for single sign-on is the connection's sso_password, else it is read or asked for.
    """
    if narrow and not console:
        raise click.UsageError("--32-bit is about the console: say --console")
    must_be_wanted(f"Whoever has the link is signed in as {sso_id}. Show it?", yes)
    with desk.rescue() as rescue:
        keys = rescue.config.keys
        number = company or keys["company_id"]
        if not number:
            raise click.UsageError("the connection has no company_id: say --company")
        given = "" if password_file else keys["sso_password"]
        password = given or password_from(password_file, confirm=False, what="The company's password")
        tickets = rescue.administration
        if console:
            link = tickets.console_ticket(sso_id, password, number, bits64=not narrow)
        else:
            link = tickets.login_ticket(sso_id, password, number)
    desk.line("url", link.url)
