"""The page of people: which technician is which agent, who is nobody and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from flask import render_template

from bridge.people import People
from bridge.who import Row, called, joined, rows, unmatched
from store import people as kept
from store.people import Listed
from web.console.blueprint import blueprint
from web.services import services
from workers.people import listing

MOST = 500
"""People of one table: whoever has more reads them by the command line."""


@dataclass(frozen=True, slots=True)
class ListView:
    """How the list of one connection's people stands."""

    name: str
    able: bool
    """Whether it tells who works there."""
    listed_at: datetime | None
    trouble: str


@dataclass(frozen=True, slots=True)
class PairView:
    """A platform and a ticket system that a route joins."""

    lists: tuple[ListView, ListView]
    rows: tuple[Row, ...]
    """Those whom nobody is first."""
    count: int
    matched: int
    lonely: tuple[str, ...]
    """Agents of the ticket system whom no technician of any of its platforms is."""


@blueprint.get("/people")
def people() -> str:
    house = services().house
    with house.database.read() as connection:
        lists = kept.lists(connection)
    able = listing(house.systems)
    known = house.held_people.people(fresh=True)
    pairs = joined(house.bridge.routes)
    lonely = _lonely(known, pairs)
    views = [
        _pair(known, pair, lambda name: _list(name, name in able, lists), lonely.get(pair[1], ())) for pair in pairs
    ]
    return render_template("console/people.html", pairs=views, most=MOST, called=called)


def _pair(known: People, pair: tuple[str, str], listed: Callable[[str], ListView], lonely: tuple[str, ...]) -> PairView:
    found = sorted(rows(known, [pair]), key=lambda row: row.match.person is not None)
    matched = sum(row.match.person is not None for row in found)
    return PairView((listed(pair[0]), listed(pair[1])), tuple(found[:MOST]), len(found), matched, lonely)


def _list(name: str, able: bool, lists: Mapping[str, Listed]) -> ListView:
    told = lists.get(name)
    at = datetime.fromtimestamp(told.listed_at, UTC) if told and told.listed_at else None
    return ListView(name, able, at, told.trouble if told else "")


def _lonely(known: People, pairs: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """By ticket system, those whom no technician is."""
    by_system = groupby(unmatched(known, pairs), key=lambda one: one.system)
    return {system: tuple(called(one.agent) for one in ones) for system, ones in by_system}
