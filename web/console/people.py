"""The page of people: which technician is which agent, who is nobody and why."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template

from bridge.who import Row, called, joined, rows, unmatched
from store import people as kept
from store.people import NEVER, Listed
from web.console.blueprint import blueprint
from web.services import services
from workers.people import listing

MOST = 500
"""People of one table: whoever has more reads them by the command line."""


@dataclass(frozen=True, slots=True)
class PairView:
    """A platform and a ticket system that a route joins."""

    platform: str
    system: str
    rows: tuple[Row, ...]
    """Those whom nobody is first."""
    lonely: tuple[str, ...]
    """Agents of the ticket system whom no technician of any of its platforms is."""

    @property
    def matched(self) -> int:
        return sum(row.match.person is not None for row in self.rows)


@blueprint.get("/people")
def people() -> str:
    house = services().house
    with house.database.read() as connection:
        lists = kept.lists(connection)
    known = house.held_people.people(fresh=True)
    pairs = joined(house.bridge.routes)
    found = sorted(rows(known, pairs), key=lambda row: row.match.person is not None)
    lonely = tuple(unmatched(known, pairs, found))
    views = [
        PairView(
            platform,
            system,
            tuple(row for row in found if (row.platform, row.system) == (platform, system)),
            tuple(called(one.agent) for one in lonely if one.system == system),
        )
        for platform, system in pairs
    ]
    # Of those that list nobody there is none.
    told: dict[str, Listed] = {name: lists.get(name, NEVER) for name in listing(house.systems)}
    return render_template("console/people.html", pairs=views, lists=told, most=MOST, called=called)
