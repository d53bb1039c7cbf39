"""Who is who: the technicians of the platforms as the agents that the help desk knows.

First the table of bridge.toml, then the ticket's own assignee: by e-mail address, by user name. Nobody is guessed
from parts of a name, because time is billed by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
class People:
    agents: tuple[Agent, ...] = ()

    def agent(self, platform: str, technician: Person, assignee: Person) -> Person:
        """The technician as the help desk names them; as they are where nobody is known."""
        names = {word.casefold() for word in (technician.email, technician.id, technician.username) if word}
        for agent in self.agents:
            if agent.known_as.get(platform, "").casefold() in names or agent.email.casefold() in names:
                return _as(technician, agent.name, agent.email)
        if {word.casefold() for word in (assignee.email, assignee.username) if word} & names:
            return _as(technician, assignee.name, assignee.email)
        return technician


def _as(technician: Person, name: str, email: str) -> Person:
    return Person(name or technician.name, email, technician.id, technician.description, technician.username)


NOBODY = People()
