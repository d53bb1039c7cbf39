"""A sandbox without the vendors' waiting times, a bridge, and the people who use both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from demo import CONFIG
from sandbox.driver import Customer, HelpdeskUser, ShownComment, Technician
from sandbox.serve import Sandbox
from sandbox.settings import SandboxSettings
from store import inbox, ledger
from tests.harness import RunningBridge, running_bridge, until


@dataclass(frozen=True)
class Office:
    """The people and the systems of one help desk."""

    bridge: RunningBridge
    desk: HelpdeskUser
    customer: Customer
    technician: Technician

    @property
    def sandbox(self) -> Sandbox:
        return self.bridge.sandbox

    def invited(self) -> tuple[int, ShownComment]:
        """A new ticket that asked for a session, and its invitation."""
        ticket = self.desk.open_ticket("Printer", "It blinks.")
        self.desk.ask_for_session(ticket)
        return ticket, self.invitation(ticket)

    def invitation(self, ticket: int, number: int = 1) -> ShownComment:
        return until(lambda: self._nth(self.invitations(ticket), number))

    def card(self, ticket: int, number: int = 1) -> ShownComment:
        return until(lambda: self._nth(self.cards(ticket), number))

    def invitations(self, ticket: int) -> list[ShownComment]:
        return [c for c in self.ours(ticket) if "PIN code" in c.text]

    def cards(self, ticket: int) -> list[ShownComment]:
        return [c for c in self.ours(ticket) if "Transcript" in c.text or "Session: " in c.text]

    def ours(self, ticket: int) -> list[ShownComment]:
        return [c for c in self.desk.comments(ticket) if c.author == "Deskbridge"]

    def help(self, pin: str, chat: tuple[str, ...] = ("Hello",), note: str = "Fixed.") -> int:
        """A whole session: joined, picked up, talked, noted, ended."""
        session = self.customer.join(pin)
        self.technician.pick_up(session)
        for text in chat:
            self.customer.say(text)
        self.technician.note(note)
        self.technician.end(("Yes",))
        return session

    def settle(self) -> None:
        """Wait until every webhook is out and the bridge has nothing left to do, so that nothing can follow."""
        until(lambda: self._quiet() and self._quiet())

    def _quiet(self) -> bool:
        return self.sandbox.drain() and not self.unfinished()

    def unfinished(self) -> bool:
        with self.bridge.database.read() as connection:
            return inbox.oldest_due(connection) is not None or ledger.next_due(connection) is not None

    @staticmethod
    def _nth(found: list[ShownComment], number: int) -> ShownComment | None:
        return found[number - 1] if len(found) >= number else None


OpenOffice = Callable[..., Office]


@pytest.fixture
def settings() -> SandboxSettings:
    found = SandboxSettings()
    found.rescue.pin_interval_seconds = 0.0
    return found


@pytest.fixture
def open_office(settings: SandboxSettings, sqlite_url: str) -> Iterator[OpenOffice]:
    """Opens an office with the settings as they are then, on SQLite unless told otherwise."""
    with ExitStack() as stack:

        def opened(database_url: str = sqlite_url, config: str = CONFIG) -> Office:
            sandbox = stack.enter_context(Sandbox(settings))
            bridge = stack.enter_context(running_bridge(sandbox, database_url, config))
            return Office(
                bridge,
                stack.enter_context(HelpdeskUser(sandbox.helpdesk_url)),
                stack.enter_context(Customer(sandbox.rescue_url)),
                stack.enter_context(Technician(sandbox.rescue_url)),
            )

        yield opened


@pytest.fixture
def office(open_office: OpenOffice) -> Office:
    return open_office()
