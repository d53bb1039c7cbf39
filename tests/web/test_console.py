"""The console's pages: empty, full, hostile; and what their forms do."""

from __future__ import annotations

import re

import pytest
from markupsafe import escape
from sqlalchemy.exc import OperationalError

from bridge.errors import AccessDenied, Rejected
from bridge.model import Answer, ChatLine, ChatPart, Person, Recording, Session, Survey, Ticket
from store.database import Database
from tests.web.desk import BASE_URL, Browser, Desk

LISTS = ("/", "/deliveries", "/sessions", "/tickets", "/orphans", "/effects", "/invitations", "/people", "/connections")
PARKED = "/effects?state=parked"
ASKING = Ticket("7", "Printer on fire", tags=frozenset({"remote"}), requester=Person("Ada", "ada@example.com"))
CHAT = (ChatPart(1, (ChatLine("hello", "Ada", "10:31"), ChatLine("The session is over."))),)


def ended(session_id: str = "s1", reference: str = "") -> Session:
    return Session(session_id, reference, Person("Tess"), Person("Ada", "ada@example.com"), chat=CHAT, ended=True)


def text_of(page: str) -> str:
    """What a reader sees: tags and white space removed."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.fixture
def full(desk: Desk) -> Desk:
    """One ticket with its session, one orphan, one parked effect."""
    desk.ask(ASKING)
    desk.work()
    desk.tell(ended(reference=desk.reference("7")))
    desk.tell(ended("s2"))
    desk.work()
    desk.ask(Ticket("8", "Locked"))
    desk.work_until_note(Rejected("the ticket is locked"))
    return desk


@pytest.mark.parametrize("path", [*LISTS, PARKED, "/search", "/search?q=nothing-like-it"])
def test_every_page_of_an_empty_bridge(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 200


PAGES = (*LISTS, PARKED, "/deliveries/1", "/sessions/1", "/sessions/2", "/tickets/desk/7", "/effects/1", "/effects/5")


@pytest.mark.parametrize("path", [*PAGES, "/search?q=7", "/search?q=s1"])
def test_every_page_of_a_full_bridge(full: Desk, browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 200
    assert "<h1>" in answer.text


@pytest.mark.parametrize("path", [*LISTS, "/sign-in", "/nowhere", "/console/static/console.css"])
def test_nothing_inline_runs_and_nothing_is_kept(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    text = answer.text
    # A static file stays open until it is read.
    answer.close()
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in text
    assert "style=" not in text


# -- what people typed is text ---------------------------------------------------------------------------------

NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{123457*7}} {% raw %} ${123457*7} {ticket.subject}",
    "a\0b\x1b[31m",
    "\N{RIGHT-TO-LEFT OVERRIDE}drowssap\N{ARABIC LETTER ALEF}",
    "</bdi></pre><h1>x",
]


@pytest.mark.parametrize("nasty", NASTY)
def test_hostile_texts_come_out_as_text(desk: Desk, browser: Browser, nasty: str) -> None:
    person = Person(nasty, nasty)
    ticket = Ticket("7", nasty, tags=frozenset({"remote", nasty}), requester=person, assignee=person, url=nasty)
    desk.ask(ticket)
    session = Session(
        "s<1>",
        "no reference " + nasty,
        person,
        person,
        {nasty: nasty},
        nasty,
        chat=(ChatPart(1, (ChatLine(nasty, nasty, nasty),)),),
        notes=nasty,
        surveys=(Survey("customer", (Answer(nasty, nasty),)),),
        recordings=(Recording(nasty, nasty),),
        files=(nasty,),
        ended=True,
    )
    desk.tell(session)
    desk.work()
    desk.system.refuse_notes = Rejected(nasty)
    browser.get("/orphans")
    browser.post("/sessions/1/link", connection="desk", ticket_id="7")
    desk.work()
    shown = nasty.replace("\0", "\N{SYMBOL FOR NULL}").replace("\x1b", "\N{SYMBOL FOR ESCAPE}")
    for path in (*LISTS, PARKED, "/deliveries/2", "/sessions/1", "/tickets/desk/7", "/effects/1"):
        page = browser.get(path).text
        assert "<script" not in page
        assert "<img" not in page
        assert "<h1>x" not in page
        assert "864199" not in page
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", page)
    assert str(escape(shown)) in browser.get("/sessions/1").text
    assert str(escape(shown)) in browser.get(PARKED).text


def test_every_typed_text_stands_in_its_own_direction(desk: Desk, browser: Browser) -> None:
    override = "\N{RIGHT-TO-LEFT OVERRIDE}"
    desk.tell(Session("s1", notes=f"{override}seton", technician=Person(f"{override}sset")))
    desk.work()
    page = browser.get("/sessions/1").text
    assert override in page
    # Wherever it stands, a <bdi> was opened and not yet closed.
    for place in (found.start() for found in re.finditer(override, page)):
        before = page[:place]
        assert before.count("<bdi") > before.count("</bdi>")


def test_a_line_of_200_kb_is_shown(desk: Desk, browser: Browser) -> None:
    desk.tell(Session("s1", chat=(ChatPart(1, (ChatLine("x" * 200_000, "Ada"),)),)))
    desk.work()
    assert "x" * 200_000 in browser.get("/sessions/1").text
    delivery = browser.get("/deliveries/1").text
    assert "The body is longer" in delivery
    assert len(delivery) < 100_000


def test_a_body_of_any_bytes_is_shown(desk: Desk, browser: Browser) -> None:
    assert desk.post_hook("desk", bytes(range(256))).status_code == 400
    page = browser.get("/deliveries/1").text
    assert "\N{SYMBOL FOR NULL}" in page
    assert "\N{REPLACEMENT CHARACTER}" in page


# -- stories ---------------------------------------------------------------------------------------------------


def test_where_is_my_transcript(full: Desk, browser: Browser) -> None:
    assert "On ticket desk:7, in the session card." in browser.get("/search?q=s1").text
    assert "no ticket is known for this session" in browser.get("/search?q=s2").text
    assert "On ticket desk:7, in the session card." in browser.get("/search?q=7").text


def test_a_transcript_on_its_way(desk: Desk, browser: Browser) -> None:
    desk.ask(ASKING)
    desk.work()
    desk.tell(Session("s1", desk.reference("7")))
    desk.work()
    assert "has not told that the session ended" in browser.get("/sessions/1").text
    desk.tell(ended(reference=desk.reference("7")))
    desk.work_until_note(Rejected("the ticket is locked"))
    assert "a person must act: the ticket is locked" in browser.get("/sessions/1").text


def test_the_story_of_a_delivery(full: Desk, browser: Browser) -> None:
    page = text_of(browser.get("/deliveries/1").text)
    for part in ("ticket.session_requested 7", "remote help", "read ticket", "invite", "invitation 1 issued"):
        assert part in page


def test_an_administrator_sees_the_pin(full: Desk, browser: Browser) -> None:
    assert "482915" in browser.get("/tickets/desk/7").text


def test_the_configuration_is_shown_without_secrets(browser: Browser) -> None:
    page = browser.get("/connections").text
    assert "https://desk.example.com" in page
    assert "a-very-secret-api-token" not in page
    assert "a-hook-secret" not in page


def test_pages_of_a_list_lead_to_each_other(desk: Desk, browser: Browser) -> None:
    for number in range(5):
        desk.tell(ended(f"s{number}"))
    desk.work()
    path, seen = "/sessions?limit=2&state=ended", []
    while path:
        page = browser.get(path).text
        seen += re.findall(r'href="/sessions/(\d+)"', page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert seen == ["5", "4", "3", "2", "1"]


def test_a_filter_that_is_not_right_is_told(browser: Browser) -> None:
    answer = browser.get("/deliveries?since=<yesterday>&_external=1")
    assert answer.status_code == 400
    assert "since: an ISO 8601" in answer.text
    assert "<yesterday>" not in answer.text


# -- what forms do ---------------------------------------------------------------------------------------------


def test_an_orphan_is_linked_with_one_click(full: Desk, browser: Browser) -> None:
    page = browser.get("/orphans").text
    assert "the customer has the e-mail address of the ticket&#39;s requester" in page
    answer = browser.post("/sessions/2/link", connection="desk", ticket_id="7")
    assert answer.location == "/sessions/2"
    assert "linked to ticket desk:7 by an administrator (console)" in browser.get("/sessions/2").text
    full.work()
    assert "No orphans" in browser.get("/orphans").text


def test_a_link_by_hand_to_nothing_is_told(full: Desk, browser: Browser) -> None:
    browser.get("/orphans")
    browser.post("/sessions/2/link", connection="remote", ticket_id="7")
    assert "Not done. connection: not a ticket system" in browser.get("/sessions/2").text


def test_a_parked_effect_is_retried(full: Desk, browser: Browser) -> None:
    effect = _parked(browser)
    assert browser.post(f"/effects/{effect}/retry", back=PARKED).location == PARKED
    full.work()
    page = browser.get(f"/effects/{effect}").text
    assert "state-done" in page
    assert "asked by an administrator (console)" in page


def test_a_parked_effect_is_skipped_with_a_reason(full: Desk, browser: Browser) -> None:
    effect = _parked(browser)
    browser.post(f"/effects/{effect}/skip", reason="")
    assert "Not done. reason: say why" in browser.get(PARKED).text
    browser.post(f"/effects/{effect}/skip", reason="<b>by phone</b>")
    page = browser.get(f"/effects/{effect}").text
    assert "state-skipped" in page
    assert "&lt;b&gt;by phone&lt;/b&gt;" in page
    browser.post(f"/effects/{effect}/retry")
    assert "Not done: the effect is skipped" in browser.get("/").text


def test_a_delivery_is_replayed(full: Desk, browser: Browser) -> None:
    browser.get("/deliveries/1")
    browser.post("/deliveries/1/replay")
    full.work()
    page = text_of(browser.get("/deliveries/1").text)
    assert "replayed, asked by an administrator (console)" in page
    assert "replayed 1 time" in page


def test_a_stopped_connection_is_resumed(desk: Desk, browser: Browser) -> None:
    desk.system.refuse = AccessDenied("the token is refused")
    desk.ask(ASKING)
    desk.work()
    assert "the token is refused" in browser.get("/connections").text
    assert browser.post("/connections/desk/resume").status_code == 303
    assert "state-stopped" not in browser.get("/connections").text


def test_an_invitation_is_asked_for(full: Desk, browser: Browser) -> None:
    browser.get("/tickets/desk/8")
    answer = browser.post("/invitations", connection="desk", ticket_id="8", route="remote help")
    assert answer.location == "/tickets/desk/8"
    full.work()
    assert "invite by an administrator (console)" in browser.get("/tickets/desk/8").text


@pytest.mark.parametrize("path", ["/deliveries/99/replay", "/effects/99/retry", "/sessions/99/link"])
def test_a_form_of_nothing_is_404(browser: Browser, path: str) -> None:
    browser.get("/")
    assert browser.post(path, connection="desk", ticket_id="7").status_code == 404


def _parked(browser: Browser) -> str:
    found = re.search(r"/effects/(\d+)/retry", browser.get(PARKED).text)
    assert found
    return found[1]


# -- when something goes wrong ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/nowhere", "/deliveries/99", "/tickets/desk/99", "/tickets/desk/%00", "/deliveries/x"]
)
def test_what_is_not_there_is_404(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_the_wrong_method_is_405(browser: Browser) -> None:
    assert browser.post("/deliveries").status_code == 405


def test_an_error_of_ours_says_nothing_of_the_inside(
    desk: Desk, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Database, "read", lambda _self: (_ for _ in ()).throw(RuntimeError("a secret of the inside")))
    for path in ("/", "/api/v1/deliveries"):
        headers = {"Authorization": f"Bearer {desk.services.house.settings.admin_token}"}
        answer = browser.client.get(path, base_url=BASE_URL, headers=headers)
        assert answer.status_code == 500
        assert "inside" not in answer.text
        assert "Traceback" not in answer.text


def test_a_database_that_is_away_is_503(desk: Desk, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    away = OperationalError("SELECT secret", {}, Exception("no route to host"))
    monkeypatch.setattr(Database, "read", lambda _self: (_ for _ in ()).throw(away))
    page = browser.get("/")
    program = desk.api("/deliveries")
    assert (page.status_code, program.status_code) == (503, 503)
    assert page.headers["Retry-After"] == program.headers["Retry-After"] == "5"
    assert program.json == {"error": "service unavailable"}
    assert "secret" not in page.text + program.text
