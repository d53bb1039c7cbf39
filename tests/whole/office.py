"""A help desk, the bridge behind it, and the people who use both: with Rescue, or with an appliance."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
from sqlalchemy import text

from bridge.effects import TicketKey
from sandbox.beyondtrust.driver import ApplianceCustomer, ApplianceRepresentative
from sandbox.beyondtrust.state.model import ApplianceSession
from sandbox.driver import Customer, HelpdeskUser, ShownComment, Technician
from sandbox.serve import Sandbox
from store import inbox, ledger
from tests.harness import ADMIN_TOKEN, RunningBridge, until

CARD = "Remote support session"
ADDED = "Remote support session: added later"


@dataclass(frozen=True)
class Desk:
    """What every help desk with a bridge has."""

    bridge: RunningBridge
    desk: HelpdeskUser

    @property
    def sandbox(self) -> Sandbox:
        return self.bridge.sandbox

    def ours(self, ticket: int) -> list[ShownComment]:
        """What the bridge wrote, oldest first."""
        return [c for c in self.desk.comments(ticket) if c.author == "Deskbridge"]

    def settle(self) -> None:
        """Wait until every webhook is out and the bridge has nothing left to do, so that nothing can follow."""
        until(lambda: self._quiet() and self._quiet())

    def _quiet(self) -> bool:
        return self.sandbox.drain() and not self.unfinished()

    def unfinished(self) -> bool:
        with self.bridge.database.read() as connection:
            return inbox.oldest_due(connection) is not None or ledger.next_due(connection) is not None

    def replay_all(self, below: int) -> int:
        """Have every delivery below that number worked off again, to its end. How many there were."""
        with self.bridge.database.write() as connection:
            replayed = [inbox.replay(connection, number, 0.0) for number in range(1, below)]
        self.bridge.drain.wake()
        self.settle()
        return sum(replayed)

    @staticmethod
    def nth(found: Sequence[ShownComment], number: int) -> ShownComment | None:
        return found[number - 1] if len(found) >= number else None


@dataclass(frozen=True)
class Office(Desk):
    """A help desk with Rescue."""

    customer: Customer
    technician: Technician

    def invited(self) -> tuple[int, ShownComment]:
        """A new ticket that asked for a session, and its invitation."""
        ticket = self.desk.open_ticket("Printer", "It blinks.")
        self.desk.ask_for_session(ticket)
        return ticket, self.invitation(ticket)

    def invitation(self, ticket: int, number: int = 1) -> ShownComment:
        return until(lambda: self.nth(self.invitations(ticket), number))

    def card(self, ticket: int, number: int = 1) -> ShownComment:
        return until(lambda: self.nth(self.cards(ticket), number))

    def invitations(self, ticket: int) -> list[ShownComment]:
        return [c for c in self.ours(ticket) if "PIN code" in c.text]

    def cards(self, ticket: int) -> list[ShownComment]:
        return [c for c in self.ours(ticket) if "Transcript" in c.text or "Session: " in c.text]

    def help(self, pin: str, chat: tuple[str, ...] = ("Hello",), note: str = "Fixed.") -> int:
        """A whole session: joined, picked up, talked, noted, ended."""
        session = self.customer.join(pin)
        self.technician.pick_up(session)
        for said in chat:
            self.customer.say(said)
        self.technician.note(note)
        self.technician.end(("Yes",))
        return session


@dataclass(frozen=True)
class ApplianceOffice(Desk):
    """A help desk with a BeyondTrust appliance."""

    customer: ApplianceCustomer
    first: ApplianceRepresentative
    second: ApplianceRepresentative

    # what people do

    def asked(self, subject: str = "Printer", asset: str = "") -> int:
        """A new ticket that asks for a session."""
        ticket = self.desk.open_ticket(subject, "It blinks.")
        if asset:
            self.desk.change(ticket, subject, asset)
        self.desk.ask_for_session(ticket, "beyondtrust")
        return ticket

    def invited(self, subject: str = "Printer", asset: str = "") -> tuple[int, ShownComment]:
        ticket = self.asked(subject, asset)
        return ticket, self.invitation(ticket)

    def begun(self, key: str) -> ApplianceSession:
        """The customer joins with the key, and the first representative accepts."""
        lsid = self.customer.join(key, "Customer 1")
        self.first.accept(lsid)
        return self.session

    def chosen(self, external_key: str) -> ApplianceSession:
        """The customer picks a representative, who types an external key by hand."""
        self.first.accept(self.customer.choose(self.first.rep_id, "Customer 1"))
        self.first.edit_external_key(external_key)
        return self.session

    def whole_session(self, key: str) -> None:
        """A session with all that can happen in one, and both surveys."""
        lsid = self.begun(key).lsid
        self.customer.say("Grüße, it blinks <red> & green")
        self.first.say("Good morning {{ticket.id}}")
        for tool in ("system", "share", "show", "shell"):
            self.first.use(tool)
        self.first.send_file("driver & tray.zip")
        self.first.transfer("rep:2")
        self.second.accept(lsid)
        self.second.note("Cleared tray 2.")
        self.second.end()
        self.second.answer_survey("Yes", "Cleared it")
        self.customer.answer_survey("Very", ("Printer", "Network"), "Thank you")

    def set_status(self, ticket: int, status: str) -> None:
        desk = self.sandbox.helpdesk
        desk.update_ticket(desk.agent, ticket, {"status": status})

    @property
    def session(self) -> ApplianceSession:
        """The one that the customer is in."""
        return self.sandbox.appliance.session(self.customer.lsid)

    # what stands on the ticket

    def invitation(self, ticket: int, number: int = 1) -> ShownComment:
        return until(lambda: self.nth([c for c in self.ours(ticket) if c.key], number))

    def card(self, ticket: int, number: int = 1) -> ShownComment:
        return until(lambda: self.nth(self.cards(ticket), number))

    def addition(self, ticket: int, number: int = 1) -> ShownComment:
        return until(lambda: self.nth(self.additions(ticket), number))

    def cards(self, ticket: int) -> list[ShownComment]:
        return [c for c in self.ours(ticket) if c.text.split("\n", 1)[0].strip() == CARD and "Session: " in c.text]

    def additions(self, ticket: int) -> list[ShownComment]:
        return [c for c in self.ours(ticket) if c.text.startswith(ADDED)]

    def told(self, ticket: int, words: str) -> ShownComment:
        """The comment of ours that holds these words."""
        return until(lambda: next((c for c in self.ours(ticket) if words in c.text), None))

    # what the bridge knows

    def linked(self, session: ApplianceSession) -> TicketKey | None:
        """The ticket that the session belongs to by now."""
        query = text("SELECT link_connection, link_ticket FROM sessions WHERE session_id = :lsid")
        with self.bridge.database.read() as connection:
            row = connection.execute(query, {"lsid": session.lsid}).first()
        return TicketKey(row.link_connection, row.link_ticket) if row and row.link_ticket else None

    def patient_card(self, ticket: int) -> ShownComment:
        """The card of a session for whose end the bridge waits in vain: its patience is over again and again."""

        def look() -> ShownComment | None:
            with self.bridge.database.write() as connection:
                connection.execute(text("UPDATE effects SET created_at = created_at - 600 WHERE state = 'pending'"))
            return self.nth(self.cards(ticket), 1)

        return until(look)

    def api(self, path: str, send: object = None) -> httpx.Response:
        """Ask the bridge as its administrator."""
        method = "GET" if send is None else "POST"
        headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
        url = f"{self.bridge.url}/api/v1{path}"
        return httpx.request(method, url, headers=headers, json=send, trust_env=False, timeout=30)


# what differs from one telling of a story to the next
_CHANGING: tuple[tuple[str, str], ...] = (
    (r"https?://127\.0\.0\.1:\d+", "<host>"),
    (r"\b[0-9a-f]{32}\b", "<id>"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "<moment>"),
    (r"\d\d:\d\d:\d\d", "<time>"),
    (r"\b\d+ (?:h|min|s)\b(?: \d+ (?:min|s)\b)*", "<duration>"),
    (r"\b\d{7}\b", "<key>"),
)


def normalised(comment: ShownComment) -> tuple[bool, str]:
    """Whether it is internal, and its text without ids, addresses and times."""
    found = comment.text
    for pattern, name in _CHANGING:
        found = re.sub(pattern, name, found)
    return comment.internal, found
