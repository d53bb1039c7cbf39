"""Who is who: the technicians of the platforms as the agents that the help desk knows, and the other way round.

By e-mail address first, then by SSO id, then by the table of bridge.toml; for a session also by the assignee of its
ticket. Nobody is guessed from parts of a name, because time is billed by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import NamedTuple

from bridge.model import Person


@dataclass(frozen=True, slots=True)
class Agent:
    """One entry of the table: an agent, and what the platforms call them."""

    email: str
    """The agent's address in the ticket systems."""
    name: str = ""
    known_as: Mapping[str, str] = field(default_factory=dict)
    """Connection of a platform to the user name, address or id there."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody whom a connection listed."""

    person: Person
    active: bool = True
    """False for somebody who was listed once and is not any more."""


class How(StrEnum):
    """By what two accounts are known to be one person, in the order in which it is asked."""

    EMAIL = "e-mail address"
    SSO = "SSO id"
    TABLE = "[[people]]"


class Fault(StrEnum):
    """Why one of them finds nobody."""

    NOT_KNOWN = "none is known"
    NOBODY = "nobody has it"
    SHARED = "several people share it"
    INACTIVE = "its owner is inactive"
    NOT_NAMED = "does not name them"
    CONTRADICTS = "names several people for them"
    STRANGER = "names somebody who is not listed"


class Why(NamedTuple):
    how: How
    fault: Fault

    def __str__(self) -> str:
        return f"{self.how} {self.fault}" if self.how is How.TABLE else f"{self.how}: {self.fault}"


DOUBTFUL = frozenset({Fault.SHARED, Fault.INACTIVE, Fault.CONTRADICTS, Fault.STRANGER})
"""Faults that say that somebody is meant, only not who: then nothing weaker decides."""


@dataclass(frozen=True, slots=True)
class Match:
    """Whom somebody is in the other system, and how that is known; or nobody, and why."""

    person: Person | None = None
    how: How | None = None
    why: tuple[Why, ...] = ()
    """For nobody: what each way found."""
    warnings: tuple[str, ...] = ()
    """Other ways that say something else."""


def fold(word: str) -> str:
    """The word as it is compared: without spaces around it and without regard to case."""
    return word.strip().casefold()


class Directory:
    """The people of one connection, found by address, SSO id, user name or id. Immutable."""

    def __init__(self, members: Iterable[Member]) -> None:
        self.members = tuple(members)
        self._emails = _index(self.members, lambda one: (one.email,))
        self._logins = _index(self.members, lambda one: (one.sso_id, one.username))
        self._sso_ids = _index(self.members, lambda one: (one.sso_id,))
        self._ids = _index(self.members, lambda one: (one.id,))
        self._names = _index(self.members, lambda one: (one.email, one.sso_id, one.username, one.id))
        self.hides_emails = any(one.active and not fold(one.person.email) for one in self.members)
        """Whether somebody's address is not told: then an address that is not listed may be theirs."""

    def with_email(self, email: str) -> Person | Fault:
        return _only(self._emails, (email,))

    def with_login(self, sso_id: str) -> Person | Fault:
        """The one whose SSO id, or user name, is this SSO id."""
        return _only(self._logins, (sso_id,))

    def with_sso_id(self, logins: Iterable[str]) -> Person | Fault:
        """The one whose SSO id is one of these SSO ids and user names."""
        return _only(self._sso_ids, logins)

    def called(self, name: str) -> Person | Fault:
        """The one with this id, user name, address or SSO id."""
        return _only(self._names, (name,))

    def whole(self, person: Person) -> Person:
        """The person with what is listed of the same id or user name, where that contradicts nothing."""
        found = _only(self._ids, (person.id,))
        if isinstance(found, Fault) and not fold(person.id):
            found = _only(self._logins, (person.username,))
        if isinstance(found, Fault) or _contradict(person, found):
            return person
        return _filled(person, found)


@dataclass(frozen=True, slots=True)
class People:
    agents: tuple[Agent, ...] = ()
    directories: Mapping[str, Directory] = field(default_factory=dict, repr=False)
    """By connection: the people of those that list them."""

    def match(self, platform: str, technician: Person, system: str) -> Match:
        """Whom the ticket system knows as the technician."""
        technician = self._whole(platform, technician)
        agents = self.directories.get(system) or self._table()
        found: dict[How, Person | Fault] = {
            How.EMAIL: agents.with_email(_address(technician)),
            How.SSO: agents.with_login(technician.sso_id),
            How.TABLE: self._by_table(platform, technician, system),
        }
        for how, one in found.items():
            if not isinstance(one, Fault):
                return Match(self._called(one), how, warnings=_others(how, one, found))
        return Match(why=tuple(Why(how, one) for how, one in found.items() if isinstance(one, Fault)))

    def agent(self, platform: str, technician: Person, assignee: Person, system: str = "") -> Person:
        """The technician as the help desk names them; as they are where nobody is known.

        An assignee with the same address or user name is the technician too, where nothing else says who is.
        """
        match = self.match(platform, technician, system)
        found = match.person
        if found is None and not any(why.fault in DOUBTFUL for why in match.why):
            same = {fold(word) for word in (technician.email, technician.id, technician.username)} - {""}
            found = assignee if same & {fold(assignee.email), fold(assignee.username)} else None
        if found is None:
            return technician
        name = found.name or technician.name
        return replace(found, name=name, known_as=technician.name if fold(technician.name) != fold(name) else "")

    def technician(self, assignee: Person, platform: str, system: str = "") -> Person:
        """Whom the platform knows as the assignee, with their id there; nobody where that is not sure.

        Without a list of the platform's people only what the table calls them is known.
        """
        assignee = self._whole(system, assignee)
        names = [agent.known_as.get(platform, "") for agent in self.agents if fold(agent.email) == fold(assignee.email)]
        called = {fold(name): name for name in names if fold(name) and fold(assignee.email)}
        listed = self.directories.get(platform)
        if listed is None:
            return named(next(iter(called.values()))) if len(called) == 1 else Person()
        ways = (
            listed.with_email(_address(assignee)),
            listed.with_sso_id((assignee.sso_id, assignee.username)),
            listed.called(next(iter(called.values()))) if len(called) == 1 else Fault.NOT_NAMED,
        )
        return next((one for one in ways if not isinstance(one, Fault)), Person())

    def _by_table(self, platform: str, technician: Person, system: str) -> Person | Fault:
        names = {fold(word) for word in (technician.email, technician.id, technician.username, technician.sso_id)}
        entries = [agent for agent in self.agents if fold(agent.known_as.get(platform, "")) in names - {""}]
        if not entries:
            return Fault.NOT_NAMED
        if len({fold(entry.email) for entry in entries}) > 1:
            return Fault.CONTRADICTS
        said = Person(entries[0].name, entries[0].email)
        listed = self.directories.get(system)
        if listed is None:
            return said
        found = listed.with_email(said.email)
        if found is Fault.NOBODY:
            return said if listed.hides_emails else Fault.STRANGER
        return found

    def _whole(self, connection: str, person: Person) -> Person:
        listed = self.directories.get(connection)
        return listed.whole(person) if listed else person

    def _table(self) -> Directory:
        """The agents of the table, in place of a system that lists nobody."""
        return Directory(Member(Person(agent.name, agent.email)) for agent in self.agents)

    def _called(self, person: Person) -> Person:
        """The person by the name that the table gives to their address, if it gives one."""
        email = fold(person.email)
        name = next((agent.name for agent in self.agents if agent.name and fold(agent.email) == email), "")
        return replace(person, name=name) if name and email else person


def _index(members: Sequence[Member], words: Callable[[Person], Iterable[str]]) -> dict[str, list[Member]]:
    found: dict[str, list[Member]] = {}
    for one in members:
        for word in {fold(word) for word in words(one.person)} - {""}:
            found.setdefault(word, []).append(one)
    return found


def _only(index: Mapping[str, Sequence[Member]], words: Iterable[str]) -> Person | Fault:
    """The one active person with one of these words. The same person listed twice is one."""
    asked = {fold(word) for word in words} - {""}
    if not asked:
        return Fault.NOT_KNOWN
    found = [one for word in sorted(asked) for one in index.get(word, ())]
    active = {_identity(one.person): one.person for one in found if one.active}
    if len(active) > 1:
        return Fault.SHARED
    if active:
        return next(iter(active.values()))
    return Fault.INACTIVE if found else Fault.NOBODY


def _identity(person: Person) -> tuple[str, str]:
    return ("id", fold(person.id)) if fold(person.id) else ("email", fold(person.email))


def _same(one: Person, other: Person) -> bool:
    """Whether two entries, of which one may be of the table and have no id, are one person's."""
    if fold(one.id) and fold(other.id):
        return fold(one.id) == fold(other.id)
    return bool(fold(one.email)) and fold(one.email) == fold(other.email)


def _others(how: How, person: Person, found: Mapping[How, Person | Fault]) -> tuple[str, ...]:
    """What the other ways say against the one that decided."""
    told = []
    for other, one in found.items():
        if other is how:
            continue
        if isinstance(one, Fault):
            told += [str(Why(other, one))] if one in DOUBTFUL else []
        elif not _same(one, person):
            told.append(f"{other} says {one.label}, {how} says {person.label}")
    return tuple(told)


def _address(person: Person) -> str:
    """Their e-mail address; also where they sign in by it, or are known by it."""
    return next((word for word in (person.email, person.username, person.id) if "@" in word), "")


def _contradict(one: Person, other: Person) -> bool:
    pairs = ((one.username, other.username), (one.email, other.email), (one.sso_id, other.sso_id))
    return any(fold(a) and fold(b) and fold(a) != fold(b) for a, b in pairs)


def _filled(person: Person, listed: Person) -> Person:
    return Person(*(getattr(person, one.name) or getattr(listed, one.name) for one in fields(Person)))


def named(name: str) -> Person:
    """Somebody of whom only the table's word is known: an address, an id of digits, else a user name."""
    word = name.strip()
    if "@" in word:
        return Person(email=word)
    return Person(id=word) if word.isascii() and word.isdecimal() else Person(username=word)


NOBODY = People()
