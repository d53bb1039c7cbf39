"""The whole job with a real Request Tracker: a field asks, Rescue invites, the session comes back to the ticket."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from demo import CONFIG
from sandbox.driver import Customer, Technician
from sandbox.serve import Sandbox
from sandbox.settings import SandboxSettings
from store import inbox, ledger
from tests.connectors.request_tracker.desk import FIELD, RequestTrackerDesk, name_of
from tests.contract.served import served
from tests.harness import RunningBridge, running_bridge, until
from tests.needs import lacking
from tests.realrt.catcher import Catcher
from tests.realrt.proxy import Proxy
from tests.realrt.server import HOOK_SECRET, RequestTracker, missing

ROUTE = """
[connections.rt]
kind = "request_tracker"
base_url = "RT_URL"
api_token = "RT_TOKEN"
hook_secret = "RT_SECRET"
queue = "Helpdesk"

[[routes]]
name = "help from RT"
ticket = "rt"
platform = "rescue"
when = {{ field = {{ name = "RemoteSession", value = "requested" }} }}
[routes.invitation]
visibility = "public"
fields = {{ cfield0 = "{{requester.name}}", cfield1 = "{{ticket.subject}}" }}
[routes.session]
time_entry = {{ minimum_minutes = 15, round_to_minutes = 15 }}
set_fields = {{ RemoteSession = "done" }}
"""


@dataclass(frozen=True)
class RtOffice:
    """A Request Tracker with one ticket, the bridge behind it, Rescue, and the people."""

    bridge: RunningBridge
    tracker: RequestTracker
    desk: RequestTrackerDesk
    customer: Customer
    technician: Technician

    def written(self, way: str) -> list[dict[str, Any]]:
        """What Deskbridge wrote on the ticket: `Comment` or `Correspond`."""
        return [row for row in self.desk.said() if row["Type"] == way and row["Creator"]["id"] == "deskbridge"]

    def card(self) -> dict[str, Any]:
        return until(lambda: next((row for row in self.written("Comment") if not int(row["TimeTaken"])), None))

    def invited(self) -> str:
        """The agent asks for a session; the PIN that the customer gets."""
        self.desk.change(CustomFields={FIELD: "requested"})
        [letter] = until(lambda: self.written("Correspond"))
        [pin] = re.findall(r"PIN code:</strong> (\d{6})", self.desk.source(letter["id"]))
        return str(pin)

    def settle(self) -> None:
        """Wait until nothing is left to do."""
        until(lambda: self._quiet() and self._quiet())

    def _quiet(self) -> bool:
        with self.bridge.database.read() as connection:
            waiting = inbox.oldest_due(connection) is not None or ledger.next_due(connection) is not None
        return self.bridge.sandbox.drain() and not waiting

    def deliveries(self) -> list[str]:
        """What the Scrip sent to the bridge."""
        query = text("SELECT body FROM deliveries WHERE connection = 'rt' ORDER BY id")
        with self.bridge.database.read() as connection:
            return [bytes(row.body).decode() for row in connection.execute(query)]


@pytest.fixture
def office(tmp_path: Path, sqlite_url: str) -> Iterator[RtOffice]:
    if reason := missing():
        lacking(reason)
    settings = SandboxSettings()
    settings.rescue.pin_interval_seconds = 0.0
    with ExitStack() as stack:
        tracker = stack.enter_context(RequestTracker(tmp_path / "rt"))
        proxy = Proxy(tracker.url)
        stack.callback(proxy.close)
        door = stack.enter_context(served(proxy))
        sandbox = stack.enter_context(Sandbox(settings))
        route = ROUTE.replace("RT_URL", door.url).replace("RT_SECRET", HOOK_SECRET)
        config = CONFIG + route.replace("RT_TOKEN", tracker.tokens["deskbridge"])
        bridge = stack.enter_context(running_bridge(sandbox, sqlite_url, config))
        tracker.start(f"{bridge.url}/hooks/rt")
        desk = RequestTrackerDesk(door.url, door.faults, proxy.client, tracker, Catcher())
        stack.callback(desk.close)
        customer = stack.enter_context(Customer(sandbox.rescue_url))
        technician = stack.enter_context(Technician(sandbox.rescue_url))
        yield RtOffice(bridge, tracker, desk, customer, technician)


def test_a_field_a_pin_a_session_a_card_its_transcript_and_its_time(office: RtOffice) -> None:
    desk = office.desk
    pin = office.invited()
    session = office.customer.join(pin)
    office.technician.pick_up(session)
    for number in range(120):
        office.customer.say(f"{number:03} Gr\u00fc\u00dfe <b>& mehr</b> " + "it blinks and blinks " * 12)
    office.technician.note("Cleared tray 2.")
    desk.faults.cut_after("*/comment", method="POST")  # the answer to the card is lost
    office.technician.end(("Yes",))
    card = office.card()
    until(desk.times)
    until(lambda: desk.value_of(FIELD) == "done")
    office.settle()

    # once, and each where it belongs
    assert len(office.written("Correspond")) == 1
    assert len(office.written("Comment")) == 2, "the card and the time"
    [text_of_card] = [note.text for note in desk.notes() if "Cleared tray 2." in note.text]
    for words in ("Customer: Chris Customer", "Technician:", "000 Gr\u00fc\u00dfe <b>& mehr</b>", "more lines"):
        assert words in text_of_card
    [transcript] = [part for part in desk.parts(card["id"]) if name_of(part)]
    assert name_of(transcript) == f"transcript-{session}.txt"
    [file] = desk.files()
    assert file.content.decode().count("Gr\u00fc\u00dfe <b>& mehr</b>") == 120
    assert [entry.minutes for entry in desk.times()] == [15]
    assert desk.shown()["TimeWorked"] == "15"

    # the customer sees the invitation and nothing else of ours, on the pages and by mail
    told = {row["Type"] for row in desk.history(reader=desk.customer)}
    assert "Correspond" in told
    assert "Comment" not in told
    assert desk.customer.get(f"REST/2.0/transaction/{card['id']}").status_code == 403
    assert pin in office.tracker.mails
    assert "Cleared tray 2." not in office.tracker.mails

    # what we wrote made no echo
    actors = re.findall(r'"actor":"(\d+)"', "\n".join(office.deliveries()))
    assert office.tracker.ids["deskbridge"] not in actors
    assert "error" not in office.tracker.log.lower()
