"""What an agent sees of our notes on Request Tracker's own page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from bridge.document import Facts, Heading, Lines, Link, Paragraph
from bridge.model import Note
from tests.connectors.request_tracker.desk import RequestTrackerDesk
from tests.contract.tickets import spent
from tests.realrt.server import PASSWORD

TYPED = '<b>it blinks</b> & "blinks" {$Ticket->Subject} $RT::DatabasePassword'
LONG = "08:00:00 Chris Customer:   " + "and it blinks " * 40 + "x" * 400
RECORDING = "https://secure.example.com/recordings/1007"
CARD = (
    Heading("Remote support session"),
    Facts((("Session", "1007"), ("Customer", "Chris Customer"), ("Duration", "12 min"))),
    Heading("Technician's notes"),
    Paragraph(f"Cleared tray 2.\n{TYPED}"),
    Heading("Recordings"),
    Link("The first recording", RECORDING),
    Heading("Transcript"),
    Lines("transcript-1007", (LONG, *(f"08:00:00 Chris Customer: {number:04} {TYPED}" for number in range(1_000)))),
)


@pytest.fixture
def page(desk: RequestTrackerDesk, chromium: Browser) -> Iterator[Page]:
    """The agent's browser, signed in."""
    opened = chromium.new_page(viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(30_000)
    opened.goto(desk.tracker.url)
    opened.fill("input[name=user]", "agent")
    opened.fill("input[name=pass]", PASSWORD)
    opened.click("input[type=submit]")
    yield opened
    opened.close()


def test_a_card_is_readable_and_its_mark_is_not(desk: RequestTrackerDesk, page: Page, tmp_path: Path) -> None:
    connector = desk.connector()
    card = connector.add_note(desk.ticket_id, Note("card:rescue:1007:rt:1", CARD))
    time = connector.add_time(desk.ticket_id, spent())
    page.goto(f"{desk.tracker.url}/Ticket/Display.html?id={desk.ticket_id}")
    shown = page.locator(f"[data-transaction-id='{card.id}']")
    shown.wait_for()
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    words = shown.inner_text()
    for part in (
        "Remote support session",
        "Cleared tray 2.",
        f"0000 {TYPED}",
        "more lines: the whole text is attached",
    ):
        assert part in words
    assert LONG[24:].split()[-1] in words
    for size in ("[el.scrollWidth, el.clientWidth]", "[document.body.scrollWidth, innerWidth]"):
        needed, there = shown.locator(".messagebody").first.evaluate(f"el => {size}")
        assert needed <= there, "long lines wrap"
    assert "transcript-1007.txt" in words
    assert shown.get_by_role("link", name="The first recording").get_attribute("href") == RECORDING
    # The text itself is not hidden; the attached transcript is, once.
    assert words.count("not shown because it is too large") == 1
    assert "deskbridge reference" not in page.content()
    assert "45 minutes" in page.locator(f"[data-transaction-id='{time.id}']").inner_text()
