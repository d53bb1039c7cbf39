"""Who works in the help desk: agents by address and by number, each asked for once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bridge.errors import NotFound, Rejected
from bridge.model import Person
from connectors.bodies import field_text
from connectors.tickets.freshdesk import mapping
from connectors.tickets.freshdesk.wire import Wire

MAX_KEPT = 1_000
MAX_PAGES = 300


class Agents:
    """Agents as far as the API key may see them. Safe to share between threads."""

    def __init__(self, wire: Wire, user_id: int | None) -> None:
        self._wire = wire
        self._own_id = user_id
        self._kept: dict[str, Person] = {}

    def all(self) -> Iterator[Person]:
        """Every agent who may sign in. Freshservice tells who is not `active`, Freshdesk who is `deactivated`.

        Freshdesk's `contact.active` says only that an address was confirmed.
        """
        for rows in self._wire.pages("agents", "agents", limit=MAX_PAGES):
            for row in rows:
                if row.get("active") is not False and row.get("deactivated") is not True:
                    yield replace(mapping.person(row), sso_id=field_text(row.get("external_id")))

    def me(self) -> Person:
        """Whom the API key belongs to. Raises NotFound where the account does not tell."""
        return mapping.person(self._wire.one(self._wire.get("agents/me"), "agent"))

    def own_id(self) -> int | None:
        """Our own number, as configured or as told; None where it is neither."""
        if self._own_id is None:
            try:
                self._own_id = int(self.me().id)
            except (NotFound, Rejected):
                return None
        return self._own_id

    def id_of(self, email: str) -> int | None:
        """The number of the agent with this address; None where there is none, or we may not know."""
        if not email:
            return None
        kept = self._kept.get(email.lower()) or self._keep(email.lower(), self._with_address(email))
        return int(kept.id) if kept.id else None

    def named(self, number: str) -> Person:
        """The agent with this number, as much as we may know."""
        if not number:
            return Person()
        return self._kept.get(number) or self._keep(number, self._with_number(number))

    def _with_address(self, email: str) -> Person:
        try:
            rows = self._wire.many(self._wire.get("agents", email=email), "agents")
        except (NotFound, Rejected):
            return Person()
        people = map(mapping.person, rows)
        return next((person for person in people if person.email.lower() == email.lower()), Person())

    def _with_number(self, number: str) -> Person:
        try:
            return mapping.person(self._wire.one(self._wire.get(f"agents/{number}"), "agent"))
        except (NotFound, Rejected):
            return Person(id=number)

    def _keep(self, key: str, person: Person) -> Person:
        """Keep whom we found. Who is missing today may be hired tomorrow."""
        if person.name or person.email:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            self._kept[key] = person
        return person
