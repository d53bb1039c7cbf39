"""Groups of users, and the channels that users and groups serve."""

from __future__ import annotations

from typing import Any

import click

from bridge.errors import BridgeError
from connectors.command_line.options import several, unless_told
from connectors.command_line.output import say
from connectors.platforms.rescue.administration import Administration
from connectors.platforms.rescue.command_line.desk import Desk, pass_desk
from connectors.platforms.rescue.directory import GroupChange

_told = several(
    click.option("--name", help="What it is called."),
    click.option("--description"),
    click.option("--enabled/--disabled", default=None, help="Whether its members may sign in."),
    click.option(
        "--permission", "permissions", multiple=True, help="What its members may; may be given several times."
    ),
    click.option(
        "--locked-permission",
        "locked",
        multiple=True,
        help="What only a master administrator may change; may be given several times.",
    ),
    click.option("--standard-limit", type=click.IntRange(min=0), help="Technicians at once."),
    click.option("--mobile-limit", type=click.IntRange(min=0), help="The same with the mobile add-on."),
    click.option("--rpat-limit", type=click.IntRange(min=0), help="The same with the RPAT add-on."),
)
"""What a group is to be; each may be left out."""


@click.group()
def group() -> None:
    """Show, create and change groups."""


@group.command(name="show")
@click.argument("node")
@pass_desk
def show(desk: Desk, node: str) -> None:
    """Tell all of a group."""
    with desk.rescue() as rescue:
        told = rescue.administration.group(node)
    desk.show(
        told,
        {
            "Node": told.id,
            "Name": told.name,
            "Type": told.type,
            "Description": told.description,
            "Enabled": told.enabled,
            "Permissions": told.permissions,
            "Locked permissions": told.locked_permissions,
            "Technicians at once": told.standard_limit,
            "with mobile add-on": told.mobile_limit,
            "with RPAT add-on": told.rpat_limit,
        },
    )


@group.command(name="create")
@click.argument("parent")
@_told
@pass_desk
def create(desk: Desk, /, parent: str, **told: Any) -> None:
    """Make a group below another one of its kind. Without any option it is empty, to be filled by `group set`."""
    with desk.rescue() as rescue:
        node = rescue.administration.create_group(parent)
        if _anything(told):
            try:
                _set(rescue.administration, node, told)
            except BridgeError:
                say(f"Group {node} is there, but nothing of it is set.", err=True)
                raise
    desk.done(f"Group {node} is created.", node=node)


@group.command(name="set")
@click.argument("node")
@_told
@pass_desk
def set_(desk: Desk, /, node: str, **told: Any) -> None:
    """Change a group. What no option names stays as it is."""
    if not _anything(told):
        raise click.UsageError("say what shall be changed")
    with desk.rescue() as rescue:
        _set(rescue.administration, node, told)
    desk.done(f"Group {node} is changed.")


def _anything(told: dict[str, Any]) -> bool:
    return any(value not in (None, ()) for value in told.values())


def _set(administration: Administration, node: str, told: dict[str, Any]) -> None:
    """Rescue takes a group as a whole: what is not told is what it was."""
    was = administration.group(node)
    change = GroupChange(
        name=unless_told(told["name"], was.name),
        enabled=unless_told(told["enabled"], was.enabled),
        standard_limit=unless_told(told["standard_limit"], was.standard_limit),
        mobile_limit=unless_told(told["mobile_limit"], was.mobile_limit),
        rpat_limit=unless_told(told["rpat_limit"], was.rpat_limit or 0),
        description=unless_told(told["description"], was.description),
        # An empty list is refused.
        permissions=told["permissions"] or was.permissions or None,
        locked_permissions=told["locked"] or was.locked_permissions or None,
    )
    administration.set_group(node, change)


@click.group()
def channel() -> None:
    """Say who serves a channel, and ask whether somebody is there."""


@channel.command(name="assign")
@click.argument("channel")
@click.argument("node")
@pass_desk
def assign(desk: Desk, channel: str, node: str) -> None:
    """Let a technician or a group take sessions of a channel."""
    with desk.rescue() as rescue:
        rescue.administration.assign_channel(node, channel)
    desk.done(f"Node {node} serves channel {channel} now.")


@channel.command(name="unassign")
@click.argument("channel")
@click.argument("node")
@pass_desk
def unassign(desk: Desk, channel: str, node: str) -> None:
    """Let a technician or a group take no more sessions of a channel."""
    with desk.rescue() as rescue:
        rescue.administration.unassign_channel(node, channel)
    desk.done(f"Node {node} does not serve channel {channel} any more.")


@channel.command(name="available")
@click.argument("channel")
@click.option("--busy-too", is_flag=True, help="Technicians who are away or busy count, too.")
@pass_desk
def available(desk: Desk, channel: str, busy_too: bool) -> None:
    """Tell whether a technician could take a session of a channel now: yes or no."""
    with desk.rescue() as rescue:
        found = rescue.sessions.anybody_on(channel, only_free=not busy_too)
    desk.line("available", "yes" if found else "no")
