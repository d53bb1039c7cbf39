"""Reports: any area, as it comes, at the pace of one a minute that all workers share."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from connectors.command_line import output
from connectors.command_line.options import MOMENT
from connectors.command_line.output import say
from connectors.platforms.rescue.command_line.desk import Desk, pass_desk
from connectors.platforms.rescue.reports.conversation import Wanted
from connectors.platforms.rescue.reports.tables import Area, Table

AREAS = {area.name.lower().replace("_", "-"): area for area in Area}


@click.command()
@click.argument("area", type=click.Choice(list(AREAS)))
@click.option("--since", type=MOMENT, default="24h", show_default=True, help="Its beginning: 2026-05-01, or 7d (ago).")
@click.option("--until", type=MOMENT, help="Its end; else now.")
@click.option("--node", default="", help="Whose: a technician, a group or a channel; else the whole account.")
@click.option("--channel", is_flag=True, help="NODE is a channel, not a technician or a group.")
@click.option("--summary", is_flag=True, help="Sums instead of single entries.")
@click.option("--second", is_flag=True, help="Ask by getReport_v2.")
@pass_desk
def report(
    desk: Desk,
    area: str,
    since: datetime,
    until: datetime | None,
    node: str,
    channel: bool,
    summary: bool,
    second: bool,
) -> None:
    """Print a report, times in UTC. It waits for its turn, which may be a minute."""
    with desk.rescue() as rescue:
        wanted = Wanted(
            AREAS[area],
            since,
            until or datetime.now(UTC),
            node or rescue.report_node,
            "CHANNEL" if channel else "NODE",
            "SUMMARY" if summary else "LISTALL",
            2 if second else 1,
        )
        found = rescue.reports.ask(wanted)
    _show(desk, found)
    if found.unreadable:
        say(f"Nobody can take {found.unreadable} more rows apart: a delimiter stands in a name.", err=True)
        raise SystemExit(1)


def _show(desk: Desk, table: Table) -> None:
    """One object a row, or the filled cells of each row below each other: no terminal is wide enough for thirty."""
    rows = [dict(zip(table.labels, row, strict=True)) for row in table.rows]
    if desk.json:
        output.json_lines(rows)
        return
    for row in rows:
        output.card(row)
        say("")
    if not rows:
        say("There is nothing in that time.")
