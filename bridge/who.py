"""The whole mapping as a table: each technician in each ticket system that the routes join, and whom nobody is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bridge.model import Person
from bridge.people import Fault, Match, People, fold, named
from bridge.route import Route


@dataclass(frozen=True, slots=True)
class Row:
    """A technician of a platform, and whom a ticket system knows as them."""

    platform: str
    technician: Person
    system: str
    match: Match


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An agent whom no technician of these platforms is."""

    system: str
    agent: Person


def joined(routes: Iterable[Route]) -> list[tuple[str, str]]:
    """Each platform and ticket system that a route joins, once."""
    return list(dict.fromkeys((route.platform, route.ticket) for route in routes))


def called(person: Person) -> str:
    """Name and what tells two of one name apart."""
    more = person.email or person.username or person.id
    return f"{person.name} ({more})" if person.name and more else person.label


def rows(people: People, pairs: Iterable[tuple[str, str]]) -> Iterator[Row]:
    """Every technician for each pair of a platform and a ticket system."""
    for platform, system in pairs:
        for technician in technicians(people, platform):
            yield Row(platform, technician, system, people.match(platform, technician, system))


def technicians(people: People, platform: str) -> list[Person]:
    """Those whom the platform lists, and those whom only the table names."""
    listed = people.directories.get(platform)
    found = [one.person for one in listed.members if one.active] if listed else []
    words = {fold(word): word for agent in people.agents if fold(word := agent.known_as.get(platform, ""))}
    missing = [word for word in words.values() if listed is None or listed.called(word) is Fault.NOBODY]
    return sorted(found, key=lambda one: fold(one.label)) + [named(word) for word in missing]


def unmatched(people: People, pairs: Iterable[tuple[str, str]], found: Iterable[Row]) -> Iterator[Unmatched]:
    """Listed agents of each ticket system whom nobody of the platforms joined with it is, by the rows of the pairs."""
    known = {(row.system, fold(row.match.person.id)) for row in found if row.match.person}
    for system in dict.fromkeys(system for _, system in pairs):
        listed = people.directories.get(system)
        for one in sorted(listed.members if listed else (), key=lambda one: fold(one.person.label)):
            if one.active and (system, fold(one.person.id)) not in known:
                yield Unmatched(system, one.person)
