"""Lists of people: kept as listed last, inactive when missing, forgotten in time."""

from __future__ import annotations

from bridge.model import Person
from bridge.people import Member
from store import people
from store.database import Database
from store.people import KEPT_SECONDS, Listed

ONE = Person("Agent 1", "agent1@example.com", "1", username="one", sso_id="S-1")
TWO = Person("Agent 2", "agent2@example.com", "2")


def kept(database: Database) -> dict[str, tuple[Member, ...]]:
    with database.read() as connection:
        return people.members(connection)


def save(database: Database, *found: Person, at: float, name: str = "desk") -> int:
    with database.write() as connection:
        return people.save(connection, name, found, at)


def test_what_was_listed_is_kept_whole(database: Database) -> None:
    assert save(database, ONE, TWO, at=10.0) == 2
    save(database, TWO, at=11.0, name="other")
    assert kept(database) == {"desk": (Member(ONE), Member(TWO)), "other": (Member(TWO),)}
    with database.read() as connection:
        assert people.lists(connection)["desk"] == Listed(10.0, 10.0)


def test_who_is_missing_is_inactive_and_comes_back(database: Database) -> None:
    save(database, ONE, TWO, at=10.0)
    save(database, Person("Renamed", id="2"), at=20.0)
    assert kept(database)["desk"] == (Member(ONE, active=False), Member(Person("Renamed", id="2")))
    save(database, ONE, at=30.0)
    assert kept(database)["desk"][0] == Member(ONE)


def test_who_is_missing_for_long_is_forgotten(database: Database) -> None:
    save(database, ONE, TWO, at=10.0)
    save(database, TWO, at=10.0 + KEPT_SECONDS)
    assert len(kept(database)["desk"]) == 2
    save(database, TWO, at=11.0 + KEPT_SECONDS)
    assert kept(database)["desk"] == (Member(TWO),)


def test_somebody_listed_twice_or_without_anything_is_no_second_row(database: Database) -> None:
    assert save(database, ONE, ONE, Person("Nameless"), Person(username="three"), at=10.0) == 2


def test_what_no_database_keeps_is_left_out(database: Database) -> None:
    assert save(database, Person("A\0gent \ud83d", "a\0@example.com", "1\0"), Person("Nobody", id="\0"), at=10.0) == 1
    assert kept(database)["desk"] == (Member(Person("Agent ?", "a@example.com", "1")),)


def test_very_many_people(database: Database) -> None:
    many = [Person(f"Agent {number}", id=str(number)) for number in range(1_203)]
    assert save(database, *many, at=10.0) == len(many)
    assert save(database, *many, at=11.0) == len(many)
    assert sum(member.active for member in kept(database)["desk"]) == len(many)


def test_a_failure_keeps_them_and_says_so(database: Database) -> None:
    save(database, ONE, at=10.0)
    with database.write() as connection:
        people.failed(connection, "desk", "AccessDenied: no", 20.0)
        people.failed(connection, "never", "Unavailable: down", 20.0)
        told = people.lists(connection)
    assert kept(database)["desk"] == (Member(ONE),)
    assert told == {"desk": Listed(10.0, 20.0, "AccessDenied: no"), "never": Listed(None, 20.0, "Unavailable: down")}
    save(database, ONE, at=30.0)
    with database.read() as connection:
        assert people.lists(connection)["desk"] == Listed(30.0, 30.0)


def test_people_of_a_connection_that_is_gone_are_forgotten(database: Database) -> None:
    save(database, ONE, at=10.0)
    save(database, ONE, at=10.0, name="other")
    with database.write() as connection:
        people.keep_only(connection, {"desk"})
        assert set(people.lists(connection)) == {"desk"}
    assert set(kept(database)) == {"desk"}
