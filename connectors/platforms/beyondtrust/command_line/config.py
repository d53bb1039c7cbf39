"""`config`: the appliance's configuration, by its own description."""

from __future__ import annotations

import json
from typing import Any

import click

from connectors.command_line.desk import sure
from connectors.command_line.options import pairs
from connectors.command_line.options import yes as yes_option
from connectors.command_line.output import Column, card, say, table
from connectors.platforms.beyondtrust.command_line.desk import Desk, pass_desk

FIRST = ("id", "name", "code_name")
"""Columns that come before the others, where they are there."""
body_option = click.option("--body", help="The fields as one JSON object, beside or instead of NAME=VALUE.")


@click.group()
def config() -> None:
    """Read and change the appliance's configuration.

    A RESOURCE is a path that `config resources` lists, with the ids in it: jump-group, team/5/user.
    """


@config.command()
@click.argument("resource", required=False)
@pass_desk
def resources(desk: Desk, resource: str | None) -> None:
    """List what the appliance's own description has; of one RESOURCE, what it takes."""
    with desk.appliance() as appliance:
        api = appliance.configuration
        if resource is None:
            desk.show_list(
                api.resources(), [("RESOURCE", lambda one: one.path), ("METHODS", lambda one: list(one.methods))]
            )
        else:
            desk.show_list(
                api.fields(resource),
                [
                    ("METHOD", lambda one: one.method),
                    ("NAME", lambda one: one.name),
                    ("TYPE", lambda one: one.type),
                    ("NEEDED", lambda one: one.required),
                    ("WHAT", lambda one: one.description),
                ],
            )


@config.command(name="list")
@click.argument("resource")
@click.argument("query", nargs=-1, metavar="[NAME=VALUE]...")
@pass_desk
def list_(desk: Desk, resource: str, query: tuple[str, ...]) -> None:
    """List all of a RESOURCE, every page of it."""
    with desk.appliance() as appliance:
        found = appliance.configuration.list(resource, pairs(query))
        if desk.json:
            desk.show_list(found, [])
        else:
            _table(list(found))


@config.command()
@click.argument("resource")
@click.argument("id", required=False, default="")
@pass_desk
def get(desk: Desk, resource: str, id: str) -> None:
    """Show one."""
    with desk.appliance() as appliance:
        _show(desk, appliance.configuration.get(resource, id))


@config.command(name="set")
@click.argument("resource")
@click.argument("id")
@click.argument("values", nargs=-1, metavar="[NAME=VALUE]...")
@body_option
@pass_desk
def set_(desk: Desk, resource: str, id: str, values: tuple[str, ...], body: str | None) -> None:
    """Change these fields of one; the others stay."""
    with desk.appliance() as appliance:
        _show(desk, appliance.configuration.patch(resource, id, _fields(values, body)))


@config.command()
@click.argument("resource")
@click.argument("values", nargs=-1, metavar="[NAME=VALUE]...")
@body_option
@pass_desk
def create(desk: Desk, resource: str, values: tuple[str, ...], body: str | None) -> None:
    """Make one, or do what the RESOURCE does (vault/account/5/rotate)."""
    with desk.appliance() as appliance:
        _show(desk, appliance.configuration.create(resource, _fields(values, body)))


@config.command()
@click.argument("resource")
@click.argument("id", required=False, default="")
@yes_option
@pass_desk
def delete(desk: Desk, resource: str, id: str, yes: bool) -> None:
    """Delete one."""
    sure("Delete it from the appliance?", yes)
    with desk.appliance() as appliance:
        appliance.configuration.delete(resource, id)
    desk.done("Deleted.")


def _fields(values: tuple[str, ...], body: str | None) -> dict[str, Any]:
    return {**_object(body or "{}"), **pairs(values)}


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise click.UsageError("--body is no JSON") from None
    if not isinstance(found, dict):
        raise click.UsageError("--body is no JSON object")
    return found


def _show(desk: Desk, found: Any) -> None:
    if found is None:
        desk.done("Done.")
    elif isinstance(found, dict):
        desk.show(found, found)
    else:
        desk.show_list(found if isinstance(found, list) else [found], [("VALUE", lambda one: one)])


def _table(found: list[Any]) -> None:
    """The first few simple fields that most of them have; a single one whole."""
    if len(found) == 1 and isinstance(found[0], dict):
        card(found[0])
        return
    if not all(isinstance(one, dict) for one in found):
        for one in found:
            say(one)
        return
    told = [name for one in found for name, value in one.items() if not isinstance(value, dict)]
    names = sorted(dict.fromkeys(told), key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
    table(found, [_column(name) for name in names[:6]])


def _column(name: str) -> Column:
    return name.upper(), lambda one: one.get(name)
