"""The appliance itself: its health, its failover, our account, its Jump shortcuts, its licenses of today."""

from __future__ import annotations

import types
from dataclasses import MISSING, Field, fields
from typing import Any, Union, get_args, get_origin, get_type_hints

import click

from connectors.command_line.desk import sure
from connectors.command_line.options import pairs
from connectors.command_line.options import yes as yes_option
from connectors.command_line.output import Column
from connectors.platforms.beyondtrust.command_line.desk import Desk, pass_desk
from connectors.platforms.beyondtrust.commands.inputs import WrongInput
from connectors.platforms.beyondtrust.commands.jump import KINDS, JumpShortcut

APPLIANCES: list[Column] = [
    ("ID", lambda one: one.id),
    ("NAME", lambda one: one.name),
    ("HOST", lambda one: one.public_hostname),
    ("CLUSTER", lambda one: one.cluster_role),
    ("FAILOVER", lambda one: one.failover_role),
    ("TAKES CONNECTIONS", lambda one: one.accepting_connections),
]


@click.command()
@pass_desk
def info(desk: Desk) -> None:
    """Tell the API's version and what our account may do."""
    with desk.appliance() as appliance:
        told = appliance.commands.get_api_info()
    desk.show(
        told,
        {
            "API": told.api_version,
            "Company": told.company_name,
            "Its clock (UTC)": told.timestamp,
            **{name.removeprefix("perm_").replace("_", " "): value for name, value in told.permissions.items()},
        },
    )


@click.command()
@pass_desk
def appliances(desk: Desk) -> None:
    """List the appliances of a failover pair or a cluster."""
    with desk.appliance() as appliance:
        desk.show_list(appliance.commands.get_appliances(), APPLIANCES)


@click.command()
@click.option("--page", is_flag=True, help="Ask the page that needs no account, and says only yes or no.")
@pass_desk
def health(desk: Desk, page: bool) -> None:
    """Say whether the appliance is well; exit code 1 when it is not."""
    with desk.appliance() as appliance:
        if page:
            well = appliance.api.health_page()
            desk.show({"success": well}, {"Well": well})
        else:
            told = appliance.commands.check_health()
            well = told.success
            desk.show(
                told,
                {
                    "Well": told.success,
                    "Appliance": told.appliance,
                    "Version": told.version,
                    "Error": told.error_message,
                    "Failover": told.failover_role,
                    "Shared addresses": told.enabled_shared_ips,
                    "Last synchronised (UTC)": told.last_data_sync_time,
                    "Synchronisation": told.last_data_sync_status,
                },
            )
    if not well:
        click.get_current_context().exit(1)


@click.command()
@click.argument("role", type=click.Choice(["primary", "backup"]))
@click.option("--sync/--no-sync", default=None, help="Synchronise before; disconnects every user until it is done.")
@click.option("--force", is_flag=True, help="Become the backup even when the other one cannot be reached.")
@yes_option
@pass_desk
def failover(desk: Desk, role: str, sync: bool | None, force: bool, yes: bool) -> None:
    """Make the appliance the primary or the backup of its failover pair."""
    sure(f"Make this appliance the {role}? Running sessions are disturbed.", yes)
    with desk.appliance() as appliance:
        said = appliance.commands.set_failover_role(role, data_sync_first=sync, force=force)
    desk.done(f"The role is set to {role}.", said)


@click.command(name="import-jump")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("values", nargs=-1, metavar="NAME=VALUE...")
@pass_desk
def import_jump(desk: Desk, kind: str, values: tuple[str, ...]) -> None:
    """Make a Jump shortcut of one of eight kinds; without values, list what the kind takes.

    Such as: import-jump remote_jump name=Router hostname=r1 jumpoint=london group=net
    """
    if not values:
        taken = [{"name": one.name, "needed": _needed(one)} for one in fields(KINDS[kind])]
        desk.show_list(taken, [("NAME", lambda one: one["name"]), ("NEEDED", lambda one: one["needed"])])
        return
    shortcut = jump_shortcut(kind, pairs(values))
    with desk.appliance() as appliance:
        desk.done("The shortcut is made.", appliance.commands.import_jump_shortcut(shortcut))


def jump_shortcut(kind: str, given: dict[str, str]) -> JumpShortcut:
    """A shortcut of typed texts."""
    made = KINDS[kind]
    known = {one.name: one for one in fields(made)}
    for name in given:
        if name not in known:
            raise WrongInput("a value", f"is not known to this kind; it takes: {', '.join(known)}")
    for name, one in known.items():
        if _needed(one) and not given.get(name):
            raise WrongInput(name, "is needed")
    hints = get_type_hints(made)
    return made(**{name: _typed(name, value, hints[name]) for name, value in given.items()})


def _needed(one: Field[Any]) -> bool:
    return one.default is MISSING


def _typed(name: str, value: str, hint: Any) -> Any:
    kinds = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    if bool in kinds:
        if value not in ("yes", "no"):
            raise WrongInput(name, "must be yes or no")
        return value == "yes"
    if int in kinds:
        if not (value.isascii() and value.isdecimal()):
            raise WrongInput(name, "must be a whole number")
        return int(value)
    return value
