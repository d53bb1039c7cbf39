"""`archive`: the appliance's state as it was, and what happened since (guide, "Archive")."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from bridge.errors import NotFound
from connectors.command_line.options import MOMENT
from connectors.command_line.output import Column
from connectors.platforms.beyondtrust.command_line.desk import Appliance, Desk, pass_desk
from connectors.platforms.beyondtrust.command_line.files import force_option, progress, to_file, whole_file
from connectors.platforms.beyondtrust.live.tables import Tables
from connectors.platforms.beyondtrust.reports.archive import replay
from connectors.platforms.beyondtrust.reports.report_values import EventArchive, StateArchive

DAY = click.DateTime(["%Y-%m-%d"])
ARCHIVES: list[Column] = [
    ("KIND", lambda one: one["kind"]),
    ("INDEX", lambda one: one["index"]),
    ("AT (UTC)", lambda one: one["at"]),
    ("UNTIL (UTC)", lambda one: one["ends_at"]),
    ("EVENTS FROM", lambda one: one["event_archive_index"]),
]


@click.group()
def archive() -> None:
    """Look at the appliance's state as it was, up to seven active days back."""


@archive.command(name="list")
@click.argument("day", type=DAY)
@pass_desk
def list_(desk: Desk, day: datetime) -> None:
    """List the archives of a day, such as 2026-05-01."""
    with desk.appliance() as appliance:
        found = appliance.reports.archive_listing(day.date())
    rows = [*map(_row, found.states), *map(_row, found.events)]
    desk.show_list(rows, ARCHIVES, nothing="No archives of that day.")


def _row(one: StateArchive | EventArchive) -> dict[str, Any]:
    return {
        "kind": "state" if isinstance(one, StateArchive) else "event",
        "index": one.index,
        "at": one.at,
        "ends_at": getattr(one, "ends_at", None),
        "event_archive_index": getattr(one, "event_archive_index", None),
    }


@archive.command()
@click.argument("kind", type=click.Choice(["state", "event"]))
@click.argument("day", type=DAY)
@click.argument("index", type=int)
@to_file
@force_option
@pass_desk
def get(desk: Desk, kind: str, day: datetime, index: int, to: Path, force: bool) -> None:
    """Save an archive, unpacked."""
    with desk.appliance() as appliance, whole_file(to, force=force) as file, progress("Archive") as meter:
        size = appliance.reports.archive(kind, day.date(), index, file, progress=meter)
    desk.done(f"Saved to {to}, {size} bytes", file=str(to), size=size)


@archive.command()
@click.argument("day", type=DAY)
@click.argument("index", type=int)
@click.option("--at", type=MOMENT, help="Let the events happen up to this moment; else as it was archived.")
@click.option("--table", help="The rows of this table, as JSON; else the tables and how many rows they have.")
@pass_desk
def state(desk: Desk, day: datetime, index: int, at: datetime | None, table: str | None) -> None:
    """Show a state archive, or what became of it by the events."""
    with desk.appliance() as appliance:
        tables = appliance.reports.state_archive(day.date(), index)
        if at is not None:
            _let_happen(appliance, tables, day.date(), index, at)
    if table is None:
        rows = [{"table": name, "rows": len(tables.table(name))} for name in tables.names()]
        desk.show_list(rows, [("TABLE", lambda one: one["table"]), ("ROWS", lambda one: one["rows"])])
    else:
        found = [{"id": id, **row} for id, row in tables.table(table).items()]
        desk.show_list(found, [("ID", lambda one: one["id"]), ("ROW", _but_id)])


def _but_id(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}


def _let_happen(appliance: Appliance, tables: Tables, day: date, index: int, until: datetime) -> None:
    """Every event after that state, from all event archives of its day that begin before the moment."""
    listing = appliance.reports.archive_listing(day)
    first = next((one.event_archive_index for one in listing.states if one.index == index), None)
    if first is None:
        raise NotFound("the listing does not say which events follow this state")
    for number in _following([one for one in listing.events if one.index >= first], until):
        replay(tables, appliance.reports.event_archive(day, number), until)


def _following(archives: list[EventArchive], until: datetime) -> Iterator[int]:
    for one in sorted(archives, key=lambda one: one.index):
        if one.at is None or one.at <= until:
            yield one.index
