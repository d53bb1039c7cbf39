"""Users: who there is, who is invited or added, and a link that signs somebody in."""

from __future__ import annotations

from typing import TextIO

import click

from bridge.accounts import AccountRequest, Standing, new_password
from connectors.command_line.options import yes as yes_option
from connectors.command_line.output import Column
from connectors.command_line.passwords import must_be_wanted, password_from
from connectors.command_line.passwords import password_file as password_file_option
from connectors.platforms.remotepc.client import Invited
from connectors.platforms.remotepc.command_line.desk import Desk, pass_desk

USERS: list[Column] = [
    ("USER", lambda one: one.email),
    ("ALLOTTED", lambda one: one.computers_allotted),
    ("USED", lambda one: one.computers_used),
    ("ACTIVE", lambda one: one.active),
    ("SINCE", lambda one: one.created_on),
]
INVITED: list[Column] = [("USER", lambda one: one.email), ("ANSWER", lambda one: TOLD.get(one.standing, one.word))]

TOLD: dict[Standing | None, str] = {
    Standing.INVITED: "invited",
    Standing.ALREADY_INVITED: "was invited before",
    Standing.ADDED: "added",
    Standing.EXISTS: "is a user already",
}

computers_option = click.option(
    "--computers", type=click.IntRange(min=0), default=1, show_default=True, help="How many they may reach."
)


@click.command()
@pass_desk
def users(desk: Desk) -> None:
    """List all users, with the computers that they may reach and those that they use."""
    with desk.account() as account:
        desk.show_list(account.users(), USERS, nothing="There is no user.")


@click.command()
@click.argument("emails", metavar="EMAIL...", nargs=-1, required=True)
@computers_option
@pass_desk
@click.pass_context
def invite(ctx: click.Context, desk: Desk, emails: tuple[str, ...], computers: int) -> None:
    """Have RemotePC invite people by letter. Whoever is invited or a user already is no failure."""
    with desk.account() as account:
        answers: list[Invited] = list(account.invite_users(AccountRequest(one, computers) for one in emails))
    desk.show_list(answers, INVITED)
    if any(one.standing is None for one in answers):
        ctx.exit(1)


@click.command()
@click.argument("email")
@click.option("--first-name", required=True)
@click.option("--last-name", required=True)
@computers_option
@password_file_option
@click.option("--generate", is_flag=True, help="Make a password that only RemotePC's letter to the user tells.")
@click.option("--no-letter", is_flag=True, help="RemotePC does not write to the user.")
@pass_desk
def add(
    desk: Desk,
    email: str,
    first_name: str,
    last_name: str,
    computers: int,
    password_file: TextIO | None,
    generate: bool,
    no_letter: bool,
) -> None:
    """Make somebody a user at once, with a password."""
    if generate and (password_file or no_letter):
        raise click.UsageError("--generate goes neither with --password-file nor with --no-letter")
    password = new_password() if generate else password_from(password_file, confirm=True)
    request = AccountRequest(email, computers, first_name, last_name)
    with desk.account() as account:
        standing = account.add_user(request, password, tell_user=not no_letter)
    desk.done(f"{email}: {TOLD[standing]}", standing=standing.value)


@click.command(name="signin-link")
@click.argument("email")
@password_file_option
@yes_option
@pass_desk
def signin_link(desk: Desk, email: str, password_file: TextIO | None, yes: bool) -> None:
    """Print a link that signs the user in without a further question: treat it as a password."""
    must_be_wanted(f"Whoever has the link is signed in as {email}. Show it?", yes)
    password = password_from(password_file, confirm=False)
    with desk.account() as account:
        link = account.sign_in_link(email, password)
    desk.line("rpc_redirect_link", link.url)
