"""The main job on every ticket system: its own webhook in, the invitation, the session, the card with all it has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, update

from bridge.effects import EffectState, TicketKey
from connectors import registry
from connectors.contract import Capability, Role
from connectors.http import new_client
from sandbox.driver import Customer, Technician
from sandbox.serve import Sandbox
from sandbox.settings import SandboxSettings
from store import inbox, ledger
from store.schema import connections
from tests.contract.desk import Desk, ServedDesk, Shown, Webhook
from tests.harness import RunningBridge, running_bridge, until
from tests.whole.systems import OPENINGS, as_toml
from workers.reconcile import reconcile

HOOK = "/hooks/desk"
RESCUE = """
[connections.rescue]
kind = "rescue"
base_url = "{rescue}"
join_url = "{rescue}"
authcode = "${{RESCUE_AUTHCODE}}"
hook_secret = "${{RESCUE_HOOK_SECRET}}"
report_seconds = 0.01
"""
NUMBERED = ("dynamics", "help_scout", "salesforce", "servicenow", "zammad")
"""Kinds whose tickets have another id than what people call them by."""
LONG = 300_000
LONG_AGO = 1_767_225_600.0
"""2026-01-01: some fakes live on a clock of their own."""


@dataclass(frozen=True)
class Joined:
    """A ticket system, the bridge and Rescue."""

    desk: ServedDesk
    bridge: RunningBridge
    customer: Customer
    technician: Technician

    def can(self, capability: Capability) -> bool:
        return capability in self.bridge.services.house.ticket_systems["desk"].capabilities

    @property
    def hook(self) -> str:
        """The address that the vendor knows, and may sign."""
        return self.bridge.services.house.settings.public_url.rstrip("/") + HOOK

    def send(self, webhooks: list[Webhook]) -> list[httpx.Response]:
        """As the vendor sends them."""
        return [
            httpx.post(
                f"{self.bridge.url}{HOOK}?{hook.query}".rstrip("?"),
                content=hook.body,
                headers=dict(hook.headers),
                trust_env=False,
                timeout=30,
            )
            for hook in webhooks
        ]

    def asked(self) -> list[Webhook]:
        """The ticket asks, and the vendor tells. What it sent."""
        sent = list(self.desk.ask(self.hook))
        answers = self.send(sent)
        assert [answer.status_code for answer in answers] == [200] * len(sent), [a.text for a in answers]
        return sent

    def invitation(self) -> Shown:
        return until(lambda: next((shown for shown in self.desk.notes() if "PIN code" in shown.text), None))

    def card(self) -> Shown:
        return until(lambda: next(iter(self.cards()), None))

    def cards(self) -> list[Shown]:
        return [shown for shown in self.desk.notes() if "Customer 1" in shown.text and "Session:" in shown.text]

    def pin(self) -> str:
        found = re.search(r"\b\d{6}\b", self.invitation().text)
        assert found
        return found[0]

    def help(self, *chat: str, pin: str = "") -> None:
        """A whole session by the invitation's PIN."""
        self.technician.pick_up(self.customer.join(pin or self.pin()))
        for said in chat:
            self.customer.say(said)
        self.technician.note("Cleared the tray.")
        self.technician.end(("Yes",))

    def settle(self) -> None:
        """Wait until nothing is left to do."""
        until(lambda: self._quiet() and self._quiet())

    def _quiet(self) -> bool:
        with self.bridge.database.read() as connection:
            waiting = inbox.oldest_due(connection) is not None or ledger.next_due(connection) is not None
        return self.bridge.sandbox.drain() and not waiting


Join = Callable[..., Joined]


@pytest.fixture
def joined(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Join]:
    """Joins a kind of ticket system with Rescue; `more` are further lines of the route."""
    monkeypatch.setattr("workers.perform.BACKOFF_SECONDS", (0.1, 0.2, 0.3))
    with ExitStack() as stack:

        def open_all(kind: str, more: str = "", database_url: str = "") -> Joined:
            desk = stack.enter_context(OPENINGS[kind](stack.enter_context(new_client())))
            settings = SandboxSettings()
            settings.rescue.pin_interval_seconds = 0.0
            settings.rescue.report_interval_seconds = 0.0
            sandbox = stack.enter_context(Sandbox(settings))
            config = RESCUE + escaped(of(kind, desk) + more)
            bridge = stack.enter_context(running_bridge(sandbox, database_url or sqlite_url, config))
            return Joined(
                desk,
                bridge,
                stack.enter_context(Customer(sandbox.rescue_url)),
                stack.enter_context(Technician(sandbox.rescue_url)),
            )

        yield open_all


def of(kind: str, desk: ServedDesk) -> str:
    """The connection and its route in bridge.toml."""
    keys = "".join(f"{name} = {as_toml(value)}\n" for name, value in desk.keys().items())
    public = Capability.PUBLIC_NOTES in registry.kind(kind).capabilities
    return f"""
[connections.desk]
kind = "{kind}"
base_url = "{desk.url}"
hook_secret = "{desk.hook_secret}"
{keys}
[[routes]]
name = "help"
ticket = "desk"
platform = "rescue"
when = {desk.when()}
invitation = {{ visibility = "{"public" if public else "internal"}", fields = {{ cfield0 = "Customer 1" }} }}
session = {{ time_entry = {{ minimum_minutes = 15, round_to_minutes = 15 }} }}
"""


def escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


ELSEWHERE = {
    "generic": "tests/examples, tests/whole/test_generic.py",
    "request_tracker": "tests/realrt: the real one",
    "zendesk": "tests/whole/test_main_job.py: the sandbox",
}
"""Ticket systems that are joined with the whole bridge by other tests."""


def test_every_ticket_system_is_joined_with_the_whole_bridge() -> None:
    kinds = {name for name in registry.names() if registry.kind(name).role is Role.TICKETS}
    assert OPENINGS.keys() | ELSEWHERE.keys() == kinds


@pytest.mark.parametrize("kind", OPENINGS)
def test_the_main_job_on_every_ticket_system(joined: Join, kind: str, database_url: str) -> None:
    office = joined(kind, database_url=database_url)
    sent = office.asked()
    assert office.invitation().public is office.can(Capability.PUBLIC_NOTES)
    office.help("Grüße <b>aus</b> Köln", "مرحبا", "😀 " * 3)
    card = office.card()
    office.settle()
    words = " ".join(card.text.split())
    for part in ("Grüße <b>aus</b> Köln", "مرحبا", "😀", "Cleared the tray.", "Question 1: Yes"):
        assert part in words
    assert not card.public
    assert len([shown for shown in office.desk.notes() if "PIN code" in shown.text]) == len(office.cards()) == 1
    if office.can(Capability.ADD_TIME):
        assert [entry.minutes for entry in office.desk.times()] == [15]
    # the same again, and all that it led to, changes nothing
    before = office.desk.notes()
    office.send(sent)
    replay(office)
    assert office.desk.notes() == before
    if office.can(Capability.ADD_TIME):
        assert len(office.desk.times()) == 1


def replay(office: Joined) -> None:
    with office.bridge.database.write() as connection:
        assert sum(inbox.replay(connection, number, 0.0) for number in range(1, 30))
    office.bridge.drain.wake()
    office.settle()


@pytest.mark.parametrize("kind", OPENINGS)
def test_every_write_that_was_cut_shows_once(joined: Join, kind: str) -> None:
    """The vendor did it, and the answer was lost: the invitation, the card, the time."""
    office = joined(kind)
    office.desk.cut_after(office.desk.note_write)
    office.asked()
    office.invitation()
    office.settle()
    office.desk.cut_after(office.desk.note_write)
    if office.can(Capability.FIND_TIME):
        office.desk.cut_after(office.desk.time_write)
    office.help("Hello")
    office.card()
    office.settle()
    assert office.desk.faults.pending() == 0, "every cut happened"
    assert len([shown for shown in office.desk.notes() if "PIN code" in shown.text]) == 1
    assert len(office.cards()) == 1
    if office.can(Capability.FIND_TIME):
        assert len(office.desk.times()) == 1


@pytest.mark.parametrize("kind", OPENINGS)
def test_a_transcript_of_300_000_characters_ends_on_every_ticket_system(joined: Join, kind: str) -> None:
    office = joined(kind)
    office.asked()
    line = "😀 שלום مرحبا e\u0301 what somebody said "
    office.help(*[line * (LONG // 20 // len(line)) for _ in range(20)], "and this is the end")
    card = office.card()
    office.settle()
    assert "more lines" in card.text
    assert "\N{REPLACEMENT CHARACTER}" not in card.text
    if office.can(Capability.ATTACH):
        [file] = office.desk.files()
        assert not file.public
        text = file.content.decode()
        assert text.count(line.strip()) >= LONG // 20 // len(line) * 20 - 20
        assert "and this is the end" in text


@pytest.mark.parametrize("kind", OPENINGS)
def test_a_ticket_whose_webhook_was_lost_is_found_when_somebody_looks_for_it(joined: Join, kind: str) -> None:
    office = joined(kind)
    if not office.can(Capability.TICKETS_SINCE):
        pytest.skip("this system cannot list tickets")
    house = office.bridge.services.house
    since = house.clock() - 3600
    with house.database.write() as connection:
        # Of the ticket system only: a year of Rescue's reports is not what is looked for here.
        connection.execute(update(connections).where(connections.c.name != "rescue").values(known_since=1.0))
    office.desk.ask(office.hook)  # and nothing of it is sent
    office.desk.catch_up()
    assert reconcile(house, min(since, LONG_AGO), deep=True).unasked == ()
    office.bridge.drain.wake()
    assert office.invitation()
    office.settle()
    assert len(office.desk.notes()) == 1


@pytest.mark.parametrize("kind", NUMBERED)
def test_a_ticket_that_people_call_by_a_number_tells_it_and_is_read_by_it(kind: str) -> None:
    with new_client() as client, OPENINGS[kind](client) as desk:
        system = desk.connector()
        ticket = system.fetch_ticket(desk.ticket_id)
        assert ticket.called != ticket.id == desk.ticket_id
        if not registry.kind(kind).numbered:
            assert system.fetch_ticket(ticket.called).id == desk.ticket_id


@pytest.mark.parametrize("kind", OPENINGS)
def test_a_sender_without_the_secret_is_turned_away_everywhere(joined: Join, kind: str) -> None:
    office = joined(kind)
    url = f"{office.bridge.url}{HOOK}"
    bare = [
        httpx.post(url, content=hook.body, headers=_unproved(hook), trust_env=False)
        for hook in office.desk.ask(office.hook)
    ]
    assert {answer.status_code for answer in bare} == {401}


def _unproved(hook: Webhook) -> dict[str, str]:
    return {name: value for name, value in hook.headers.items() if name.lower() == "content-type"}


@pytest.mark.parametrize("kind", OPENINGS)
def test_the_card_follows_a_ticket_that_was_merged(joined: Join, kind: str) -> None:
    office = joined(kind)
    if type(office.desk).merge_ticket is Desk.merge_ticket:
        pytest.skip("this vendor does not merge tickets, or does not tell")
    office.asked()
    pin = office.pin()
    office.settle()
    into = office.desk.merge_ticket()
    office.help("Hello", pin=pin)
    office.settle()
    tickets = office.bridge.services.house.ticket_systems["desk"]
    key = TicketKey("desk", into)
    with office.bridge.database.read() as connection:
        [card] = [e for e in ledger.of_ticket(connection, key) + lane(connection, office) if e.key.startswith("card:")]
    assert card.state is EffectState.DONE
    assert tickets.find_note(into, card.key)


@pytest.mark.parametrize("kind", OPENINGS)
def test_the_documents_tell_the_limits(kind: str) -> None:
    told = (Path(__file__).parents[2] / "docs/features.md").read_text(encoding="utf-8")
    [row] = [line for line in told.splitlines() if line.startswith(f"| {kind} | ") and line.count("|") == 5]
    with new_client() as client, OPENINGS[kind](client) as desk:
        limits = desk.connector().limits
    assert f"| {limits.length:,} {UNITS[limits.unit]}" in row
    megabytes = f"{limits.attachment_bytes / 1_000_000:.1f}".removesuffix(".0")
    assert f"| {megabytes} MB" in row or not limits.attachment_bytes or f"{limits.attachment_bytes // 2**20} MB" in row


UNITS = {"characters": "characters", "bytes": "bytes", "utf16": "UTF-16 units"}


def lane(connection: Connection, office: Joined) -> list[ledger.StoredEffect]:
    return ledger.of_ticket(connection, TicketKey("desk", office.desk.ticket_id))
