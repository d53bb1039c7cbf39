"""The help desk's pages: who sees what, and that nothing typed becomes markup."""

from __future__ import annotations

import httpx
import pytest

from sandbox.driver import HelpdeskUser, Refusal
from sandbox.helpdesk.markup import sanitised, text_of
from sandbox.serve import Sandbox


def test_internal_notes_are_for_the_agent_only(desk: HelpdeskUser, ticket: int) -> None:
    desk.reply(ticket, "for us", internal=True)
    desk.reply(ticket, "for all")
    desk.reply(ticket, "thanks", customer=True)
    seen = [(one.text, one.internal) for one in desk.comments(ticket)]
    assert seen == [("It blinks.", False), ("for us", True), ("for all", False), ("thanks", False)]
    assert [one.text for one in desk.comments(ticket, customer=True)] == ["It blinks.", "for all", "thanks"]


def test_the_buttons_add_and_remove_the_tag(sandbox: Sandbox, desk: HelpdeskUser, ticket: int) -> None:
    desk.ask_for_session(ticket)
    assert sandbox.helpdesk.ticket(ticket).tags == ["remote-support"]
    desk.withdraw_request(ticket)
    assert sandbox.helpdesk.ticket(ticket).tags == []


def test_each_platform_has_a_button_and_a_tag_of_its_own(sandbox: Sandbox, desk: HelpdeskUser, ticket: int) -> None:
    desk.ask_for_session(ticket, "beyondtrust")
    assert sandbox.helpdesk.ticket(ticket).tags == ["remote-support-appliance"]
    desk.ask_for_session(ticket)
    desk.withdraw_request(ticket, "beyondtrust")
    assert sandbox.helpdesk.ticket(ticket).tags == ["remote-support"]
    with pytest.raises(Refusal, match=r"422 .*no such platform"):
        desk.ask_for_session(ticket, "fax")


def test_the_agent_changes_the_subject_and_the_asset(sandbox: Sandbox, desk: HelpdeskUser, ticket: int) -> None:
    desk.change(ticket, "Printer on floor 2", "PRN-7")
    changed = sandbox.helpdesk.ticket(ticket)
    assert changed.subject == "Printer on floor 2"
    assert "PRN-7" in changed.custom_fields.values()
    desk.change(ticket, "Printer on floor 2")
    assert set(changed.custom_fields.values()) == {None}


def test_a_closed_ticket_says_so(desk: HelpdeskUser, ticket: int) -> None:
    desk.close_ticket(ticket)
    with pytest.raises(Refusal, match=r"422 .*closed prevents ticket update"):
        desk.reply(ticket, "late")


@pytest.mark.parametrize(
    ("markup", "safe"),
    [
        ("<script>alert(1)</script>after", "<div>after</div>"),
        ("<p onclick=x style=y>a</p>", "<div><p>a</p></div>"),
        ('<a href="javascript:x">a</a>', "<div><a>a</a></div>"),
        ("<img src=x onerror=y>b", "<div>b</div>"),
        ("<b>a</b></div></body><i>b</i>", "<div><b>a</b></div><i>b</i>"),
        ("a < b & c", "<div>a &lt; b &amp; c</div>"),
        ("<svg><script>x</script></svg><!-- c -->d", "<div>d</div>"),
        ('<p dir="rtl">a<br>b</p>', '<div><p dir="rtl">a<br>b</p></div>'),
        ("<plaintext>a", "<div>a</div>"),
    ],
)
def test_only_the_allow_list_is_left(markup: str, safe: str) -> None:
    assert sanitised(markup) == safe


def test_links_leave_without_a_trace() -> None:
    link = '<div><a href="https://example.com/?a=1&amp;b=%22" rel="noopener noreferrer nofollow">x</a></div>'
    assert sanitised('<a href="https://example.com/?a=1&b=%22" onclick="x">x</a>') == link


def test_html_as_text() -> None:
    markup = "<h1>One</h1><ul><li>two</li><li>three &amp; four</li></ul><table><tr><td>a</td><td>b</td></tr></table>"
    assert text_of(markup) == "One\n\ntwo\n\nthree & four\n\na b"


def test_what_was_typed_is_text_on_every_page(sandbox: Sandbox, zendesk: httpx.Client, desk: HelpdeskUser) -> None:
    nasty = "<script>alert(1)</script>{{7*7}}\"'"
    ticket = desk.open_ticket(nasty, nasty)
    zendesk.put(f"/api/v2/tickets/{ticket}.json", json={"ticket": {"tags": ["<b>x"]}})
    for path in ("/", f"/tickets/{ticket}", f"/requests/{ticket}"):
        page = httpx.get(sandbox.helpdesk_url + path, trust_env=False)
        assert "<script>alert" not in page.text
        assert "<b>x" not in page.text
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert desk.comments(ticket)[0].text == nasty


def test_attachments_are_saved_and_never_shown(sandbox: Sandbox, zendesk: httpx.Client, ticket: int) -> None:
    name = 'a"/../<b>.html'
    sent = zendesk.post("/api/v2/uploads.json", params={"filename": name}, content=b"<script>x</script>")
    token = sent.json()["upload"]["token"]
    zendesk.put(f"/api/v2/tickets/{ticket}.json", json={"ticket": {"comment": {"body": "f", "uploads": [token]}}})
    identity = sent.json()["upload"]["attachment"]["id"]
    answer = httpx.get(f"{sandbox.helpdesk_url}/attachments/{identity}/x", trust_env=False)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_forms_from_strange_sites_are_refused(sandbox: Sandbox, ticket: int) -> None:
    address = f"{sandbox.helpdesk_url}/tickets/{ticket}/close"
    answer = httpx.post(address, headers={"Origin": "https://evil.example"}, trust_env=False)
    assert answer.status_code == 403
    assert sandbox.helpdesk.ticket(ticket).status == "new"
