"""What a person does in the console, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from bridge.errors import Rejected
from bridge.model import ChatLine, ChatPart, Person, Session, Ticket
from store import people
from tests.browser.conftest import Open
from tests.web.desk import TOKEN, Desk

Served = tuple[Desk, str]
OVERRIDE = "\N{RIGHT-TO-LEFT OVERRIDE}"
CHAT = (
    ChatPart(
        1,
        (
            ChatLine("The session began."),
            ChatLine("Hello, my printer burns", "Ada", "10:31"),
            ChatLine("<script>document.title = 'broken'</script>{{7*7}}", "Ada", "10:32"),
            ChatLine(f"{OVERRIDE}olleh \N{ARABIC LETTER ALEF}\N{FIRE}", "Ada", "10:33"),
            ChatLine("x" * 200_000, "Tess", "10:34"),
            ChatLine("a\0b", "Tess", "10:35"),
        ),
    ),
)
ADA = Person("Ada Lovelace", "ada@example.com")


def fill(desk: Desk) -> None:
    """A ticket with its session, an orphan, a parked note; people of both systems."""
    with desk.services.house.database.write() as connection:
        for name in ("desk", "remote"):
            people.save(connection, name, [ADA, Person("x" * 400, f"{name}@example.com")], 1_767_571_200.0)
    desk.ask(Ticket("7", "Printer on fire", tags=frozenset({"remote"}), requester=ADA))
    desk.work()
    desk.tell(Session("s1", desk.reference("7"), Person("Tess"), ADA, chat=CHAT, ended=True, work_seconds=754))
    desk.tell(Session("s2", technician=Person("Tess"), customer=ADA, device="Windows 11", chat=CHAT, ended=True))
    desk.work()
    desk.ask(Ticket("8", f"Locked {OVERRIDE}out", requester=Person("Bob")))
    desk.work_until_note(Rejected("the ticket is locked"))


def sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Administrator token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Overview").wait_for()


def test_an_orphan_finds_its_ticket_without_javascript(served: Served, opened: Open) -> None:
    desk, url = served
    fill(desk)
    with opened(url, javascript=False) as page:
        sign_in(page)
        page.get_by_label("Where is my transcript?").fill("s2")
        page.get_by_role("button", name="Find").click()
        assert "no ticket is known for this session" in page.inner_text("main")
        page.get_by_role("link", name="Orphans", exact=True).click()
        page.get_by_role("button", name="Link to desk #7").click()
        assert "linked to ticket desk:7 by an administrator (console)" in page.inner_text("main")
        desk.work()
        page.reload()
        assert "On ticket desk:7, in the session card." in page.inner_text("main")


def test_a_parked_note_is_tried_again(served: Served, opened: Open) -> None:
    desk, url = served
    fill(desk)
    with opened(url) as page:
        sign_in(page)
        page.get_by_role("link", name="1 effects parked").click()
        assert "the ticket is locked" in page.inner_text("main")
        page.get_by_role("button", name="Try again").click()
        assert "It will be tried again in a moment." in page.inner_text("main")
        desk.work()
        page.goto("/tickets/desk/8")
        assert "parked" not in page.inner_text("table")


def test_what_people_typed_runs_nowhere(served: Served, opened: Open) -> None:
    desk, url = served
    fill(desk)
    with opened(url) as page:
        sign_in(page)
        page.goto("/sessions/1")
        assert page.title() == "Session s1 · Deskbridge"
        chat = page.inner_text(".chat")
        assert "<script>document.title = 'broken'</script>{{7*7}}" in chat
        assert "a\N{SYMBOL FOR NULL}b" in chat


PATHS = ["/", "/deliveries", "/deliveries/2", "/sessions", "/sessions/1", "/tickets", "/tickets/desk/7", "/orphans"]
PATHS += ["/effects", "/effects?state=parked", "/effects/5", "/invitations", "/people", "/connections", "/search?q=7"]


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_its_window(served: Served, opened: Open, width: int) -> None:
    desk, url = served
    fill(desk)
    with opened(url, width=width) as page:
        sign_in(page)
        for path in PATHS:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_has_enough_contrast(served: Served, opened: Open, dark: bool) -> None:
    desk, url = served
    fill(desk)
    with opened(url, dark=dark) as page:
        sign_in(page)
        for path in ("/", "/sessions/1", "/effects?state=parked", "/people", "/connections"):
            page.goto(path)
            assert page.evaluate(WEAK_CONTRASTS) == [], path


# WCAG 2.2, 1.4.3: 4.5 to 1 between a text and what is behind it.
WEAK_CONTRASTS = """() => {
  const light = c => {
    const [r, g, b] = c.map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const parts = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = parts(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const weak = [];
  for (const element of document.querySelectorAll("main *, header *")) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.getClientRects().length) continue;
    const pair = [light(parts(getComputedStyle(element).color).slice(0, 3)), light(behind(element))].sort();
    const ratio = (Math.max(...pair) + .05) / (Math.min(...pair) + .05);
    if (ratio < 4.5) weak.push(`${element.tagName} ${element.className} ${ratio.toFixed(2)}`);
  }
  return weak;
}"""
