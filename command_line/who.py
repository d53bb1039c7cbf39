"""`deskbridge people`: who is matched with whom, who is not and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bridge.who import Row, Unmatched, called, joined, rows, unmatched
from connectors.command_line.output import Column, json_lines, say, table
from store import people as kept
from store.people import NEVER, Listed
from workers import people
from workers.house import House

MATCHES: list[Column] = [
    ("TECHNICIAN", lambda row: called(row.technician)),
    ("AGENT", lambda row: called(row.match.person) if row.match.person else "-"),
    ("BY", lambda row: row.match.how or "nobody: " + "; ".join(map(str, row.match.why))),
]
AGENTS: list[Column] = [("AGENT WITHOUT A TECHNICIAN", lambda one: called(one.agent))]


def show(house: House, *, connection: str | None, agents: bool, as_json: bool) -> None:
    """Print the table for the pairs that the routes join, or for those of one connection."""
    pairs = [pair for pair in joined(house.bridge.routes) if connection in (None, *pair)]
    with house.database.read() as reading:
        lists = kept.lists(reading)
    held = house.held_people.people(fresh=True)
    found = list(rows(held, pairs))
    lonely = list(unmatched(held, pairs, found)) if agents else []
    if as_json:
        _print_json(found, lonely, {name: lists.get(name, NEVER) for name in dict.fromkeys(sum(pairs, ()))})
        return
    if not pairs:
        say("No route joins such a platform and ticket system.")
    for platform, system in pairs:
        here = [row for row in found if (row.platform, row.system) == (platform, system)]
        say(f"{_listed(house, platform, lists)}; {_listed(house, system, lists)}")
        table(here, MATCHES, nothing="No technician is known.")
        for row in here:
            for warning in row.match.warnings:
                say(f"WARNING  {called(row.technician)}: {warning}")
        say("")
    for system in dict.fromkeys(one.system for one in lonely):
        say(system)
        table((one for one in lonely if one.system == system), AGENTS)
        say("")


def refresh(house: House, connection: str | None) -> None:
    """List the people of all connections, or of one, and say how it went."""
    people.forget_others(house.database, house.bridge)
    wanted = {name: one for name, one in house.systems.items() if connection in (None, name)}
    for done in people.refresh(house.database, wanted, house.clock):
        trouble = done.trouble and f"TROUBLE  {done.name}: {done.trouble}; whom it listed before is kept"
        say(trouble or f"ok       {done.name}: {done.count} people", err=True)


def _listed(house: House, name: str, lists: Mapping[str, Listed]) -> str:
    """`zendesk, listed 2026-07-01 02:00 UTC`."""
    if name not in people.listing(house.systems):
        return f"{name}, which lists nobody"
    told = lists.get(name, NEVER)
    when = f"listed {told.moment:%Y-%m-%d %H:%M} UTC" if told.moment else "never listed: see --refresh"
    trouble = f" (since then in vain: {told.trouble})" if told.trouble else ""
    return f"{name}, {when}{trouble}"


def _print_json(found: Iterable[Row], lonely: Iterable[Unmatched], lists: Mapping[str, Listed]) -> None:
    """A line for each list, each technician and each agent without one."""
    json_lines({"list": name, "listed_at": told.moment, "trouble": told.trouble} for name, told in lists.items())
    json_lines(_row(row) for row in found)
    json_lines({"system": one.system, "agent": one.agent} for one in lonely)


def _row(row: Row) -> dict[str, Any]:
    return {
        "platform": row.platform,
        "technician": row.technician,
        "system": row.system,
        "agent": row.match.person,
        "by": row.match.how,
        "why": [str(why) for why in row.match.why],
        "warnings": row.match.warnings,
    }
