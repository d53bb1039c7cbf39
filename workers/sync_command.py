"""`deskbridge <kind> sync` of account providers: computers allotted and used, written to the CRM."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import click

from bridge.provisioning import ProvisioningRoute
from connectors.command_line.desk import Desk
from workers.house import House
from workers.sync import Synced, routes, sync

SHOWN_EVERY = 100


def sync_command(kind: str, opened: Callable[[], AbstractContextManager[House]]) -> click.Command:
    """The command for one kind of account provider."""

    @click.command(name="sync")
    @click.option("--route", "only", metavar="NAME", help="Only this route; else all that sync.")
    @click.option("--again", is_flag=True, help="From the first user, also where this night's sync is done.")
    @click.pass_obj
    def command(desk: Desk, only: str | None, again: bool) -> None:
        """Write the computers allotted and used to the CRM, as the clock does each night. Goes on where it ended."""
        with opened() as house:
            for route in _wanted(house, kind, desk.connection, only):
                _show(desk, _run(house, route, again=again))

    return command


def _wanted(house: House, kind: str, connection: str | None, only: str | None) -> list[ProvisioningRoute]:
    mine = [
        route
        for route in routes(house)
        if house.bridge.connections[route.accounts].kind == kind and connection in (None, route.accounts)
    ]
    found = [route for route in mine if only in (None, route.name)]
    if not found:
        known = ", ".join(route.name for route in mine) or "none"
        raise click.ClickException(f"no such [[provisioning]] route has `sync`; there is {known}.")
    return found


def _run(house: House, route: ProvisioningRoute, *, again: bool) -> Synced:
    progress = Synced(route.name, "")
    for progress in sync(house, route, again=again):
        if progress.looked and progress.looked % SHOWN_EVERY == 0 and not progress.finished:
            click.echo(f"{progress.looked} of {progress.users} users", err=True)
    return progress


def _show(desk: Desk, progress: Synced) -> None:
    told = {
        "Route": progress.route,
        "Users": progress.users,
        "Contacts changed": progress.written,
        "Without a contact": progress.strangers,
        "Refused": progress.refused,
    }
    desk.show({"route": progress.route, "users": progress.users, "written": progress.written,
               "strangers": progress.strangers, "refused": progress.refused}, told)  # fmt: skip
