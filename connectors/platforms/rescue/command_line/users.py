"""Users: who they are, new ones, and what becomes of them."""

from __future__ import annotations

from typing import Any, TextIO

import click

from bridge.errors import BridgeError
from connectors.command_line.options import several, unless_told
from connectors.command_line.output import Column, say
from connectors.command_line.passwords import password_file, password_from
from connectors.platforms.rescue.administration import Administration
from connectors.platforms.rescue.command_line.desk import Desk, pass_desk
from connectors.platforms.rescue.command_line.user_file import Unreadable, users_in
from connectors.platforms.rescue.directory import UserChange
from connectors.platforms.rescue.words import NodeStatus

CREATED: list[Column] = [
    ("LINE", lambda one: one["line"]),
    ("E-MAIL", lambda one: one["email"]),
    ("NODE", lambda one: one["node"]),
    ("RESULT", lambda one: one["problem"] or "created"),
]


_told = several(
    click.option("--name"),
    click.option("--nick", help="The name that customers see."),
    click.option("--email"),
    click.option("--sso-id", help="The ID for single sign-on."),
    click.option("--description"),
    click.option("--enabled/--disabled", default=None, help="Whether the user may sign in."),
    click.option("--mobile-addon/--no-mobile-addon", default=None),
    click.option("--rpat-addon/--no-rpat-addon", default=None),
    click.option("--new-password", is_flag=True, help="Ask for a new password, or read --password-file."),
    click.option("--current-password", is_flag=True, help="Ask for the password until now."),
    password_file,
)
"""What a user is to be; each may be left out."""


@click.group()
def user() -> None:
    """Show, create and change users."""


@user.command(name="show")
@click.argument("node", required=False, default="")
@click.option("--email", default="", help="By e-mail address instead.")
@pass_desk
def show(desk: Desk, node: str, email: str) -> None:
    """Tell all of a user."""
    if bool(node) == bool(email):
        raise click.UsageError("say either the user's node or --email")
    with desk.rescue() as rescue:
        told = rescue.administration.user(node, email=email)
    desk.show(
        told,
        {
            "Node": told.id,
            "Name": told.name,
            "Nickname": told.nick,
            "E-mail": told.email,
            "Single sign-on ID": told.sso_id,
            "Description": told.description,
            "Type": told.type,
            "Status": told.status,
            "Mobile add-on": told.has_mobile_addon,
            "RPAT add-on": told.has_rpat_addon,
            "Account holder": told.is_account_holder,
        },
    )


@user.command(name="create")
@click.argument("parent")
@_told
@pass_desk
def create(desk: Desk, /, parent: str, **told: Any) -> None:
    """Make a user below a group. Without any option it is empty, to be filled by `user set`."""
    passwords = _passwords(told)
    with desk.rescue() as rescue:
        node = rescue.administration.create_user(parent)
        if _anything(told):
            try:
                _set(rescue.administration, node, told, passwords)
            except BridgeError:
                say(f"User {node} is there, but nothing of it is set.", err=True)
                raise
    desk.done(f"User {node} is created.", node=node)


@user.command(name="create-many")
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
@pass_desk
@click.pass_context
def create_many(ctx: click.Context, desk: Desk, file: TextIO) -> None:
    """Make the users of a file, CSV with a heading or JSON lines; - is the standard input.

    parent, name, email and password of each; nick, sso_id, description, status (enabled or disabled) and
    mobile_addon (true or false) if wanted.
    """
    try:
        users = users_in(file)
    except Unreadable as wrong:
        raise click.ClickException(str(wrong)) from None
    with desk.rescue() as rescue:
        made = {one.unique_id: one for one in rescue.administration.create_users(users).users}
    results = []
    for one in users:
        found = made.get(one.unique_id)
        problem = "Rescue says nothing of this one" if found is None else found.problem and str(found.problem)
        results.append(
            {
                "line": one.unique_id,
                "email": one.email,
                "node": found.id if found else "",
                "problem": problem or "",
            }
        )
    desk.show_list(results, CREATED)
    if any(one["problem"] for one in results):
        ctx.exit(1)


@user.command(name="set")
@click.argument("node")
@_told
@pass_desk
def set_(desk: Desk, /, node: str, **told: Any) -> None:
    """Change a user. What no option names stays as it is."""
    if not _anything(told):
        raise click.UsageError("say what shall be changed")
    passwords = _passwords(told)
    with desk.rescue() as rescue:
        _set(rescue.administration, node, told, passwords)
    desk.done(f"User {node} is changed.")


@user.command(name="status")
@click.argument("node")
@click.argument("status", type=click.Choice(("enabled", "disabled")))
@pass_desk
def status(desk: Desk, node: str, status: str) -> None:
    """Let a user sign in, or no more."""
    with desk.rescue() as rescue:
        rescue.administration.set_user_status(node, enabled=status == "enabled")
    desk.done(f"User {node} is {status}.")


def _anything(told: dict[str, Any]) -> bool:
    return any(value not in (None, False) or (value is False and name in _SWITCHES) for name, value in told.items())


_SWITCHES = ("enabled", "mobile_addon", "rpat_addon")


def _passwords(told: dict[str, Any]) -> tuple[str | None, str | None]:
    """The new one and the one until now; None for those that were not asked for."""
    wanted = told["new_password"] or told["password_file"]
    new = password_from(told["password_file"], confirm=True, what="New password") if wanted else None
    current = password_from(None, confirm=False, what="Password until now") if told["current_password"] else None
    return new, current


def _set(
    administration: Administration, node: str, told: dict[str, Any], passwords: tuple[str | None, str | None]
) -> None:
    """Rescue takes a user as a whole: what is not told is what it was."""
    was = administration.user(node)
    change = UserChange(
        name=unless_told(told["name"], was.name),
        email=unless_told(told["email"], was.email),
        enabled=unless_told(told["enabled"], was.status is not NodeStatus.DISABLED),
        mobile_addon=unless_told(told["mobile_addon"], was.has_mobile_addon),
        rpat_addon=unless_told(told["rpat_addon"], bool(was.has_rpat_addon)),
        nick=unless_told(told["nick"], was.nick),
        sso_id=unless_told(told["sso_id"], was.sso_id),
        description=unless_told(told["description"], was.description),
        password=passwords[0],
        current_password=passwords[1],
    )
    administration.set_user(node, change)
