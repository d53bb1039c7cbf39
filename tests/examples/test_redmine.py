"""docs/examples/redmine.toml under the contract of ticket systems, against a fake of Redmine."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import pytest

from bridge.document import Lines, Paragraph
from bridge.errors import AccessDenied, NotFound, Rejected
from bridge.model import Attachment, Delivery, TicketEvent, TicketStatus
from connectors.contract import Capability
from connectors.signatures import REDMINE, sign
from tests.contract.desk import Desk
from tests.contract.tickets import MARK, MOMENT, note
from tests.examples.contract import ExampleContract
from tests.examples.redmine import AGENT, OURS, Journal, Redmine, RedmineDesk

URL = "https://bridge.example.com/hooks/redmine"
ISSUE = Redmine().ticket


class TestRedmineContract(ExampleContract):
    good_body = Redmine().payload(ISSUE, "issue.updated", Journal(17, "", private=False, user=AGENT))
    other_body = Redmine().payload(ISSUE, "issue.created")
    unknown_event_body = Redmine().payload(ISSUE, "issue.deleted")
    too_old = None

    def signed(self, body: bytes, secret: str, moment: datetime, delivery_id: str = "one") -> Delivery:
        proof = sign(REDMINE, secret, body, moment=moment)
        return Delivery("redmine", "POST", URL, {"content-type": "application/json", **proof}, {}, body, MOMENT)

    @pytest.fixture
    def desk(self, redmine_desk: RedmineDesk) -> Desk:
        return redmine_desk


def test_a_note_that_redmine_left_out_is_told(redmine_desk: RedmineDesk) -> None:
    redmine_desk.redmine.rights.discard("add_notes")
    with pytest.raises(Rejected, match="does not show it"):
        redmine_desk.connector().add_note(redmine_desk.ticket_id, note())


def test_a_private_note_that_everybody_reads_stops_the_connection(redmine_desk: RedmineDesk) -> None:
    redmine_desk.redmine.rights.discard("set_notes_private")
    with pytest.raises(AccessDenied, match="who reads"):
        redmine_desk.connector().add_note(redmine_desk.ticket_id, note())


def test_a_public_note_needs_no_right_to_private_ones(redmine_desk: RedmineDesk) -> None:
    redmine_desk.redmine.rights.discard("set_notes_private")
    redmine_desk.connector().add_note(redmine_desk.ticket_id, note(public=True))


def test_a_field_that_redmine_left_out_is_told(redmine_desk: RedmineDesk) -> None:
    redmine_desk.redmine.rights.discard("edit_issues")
    with pytest.raises(Rejected, match="did not set 5"):
        redmine_desk.connector().update_fields(redmine_desk.ticket_id, {"5": "done"})


def test_an_issue_that_our_user_may_not_touch_stops_only_itself(redmine_desk: RedmineDesk) -> None:
    redmine_desk.redmine.ticket.forbidden = True
    with pytest.raises(Rejected):
        redmine_desk.connector().add_note(redmine_desk.ticket_id, note())


def test_a_number_that_only_rails_would_read(redmine_desk: RedmineDesk) -> None:
    with pytest.raises(NotFound):
        redmine_desk.connector().add_note(f"{redmine_desk.ticket_id}abc", note())


def test_a_closed_issue_is_solved(redmine_desk: RedmineDesk) -> None:
    redmine_desk.close_ticket()
    assert redmine_desk.connector().fetch_ticket(redmine_desk.ticket_id).status is TicketStatus.SOLVED


@pytest.mark.parametrize("typed", ["{{include(Secrets)}}", "[[Wiki]]", "mail @alex now", "@alex"])
def test_what_redmine_would_do_something_with(redmine_desk: RedmineDesk, typed: str) -> None:
    redmine_desk.connector().add_note(redmine_desk.ticket_id, note(Paragraph(typed), Lines("chat", (typed,))))
    [journal] = redmine_desk.redmine.ticket.journals
    for source in (r"\{\{include", r"\[\[", r"(?:^|\W)@[A-Za-z0-9]"):
        assert not re.search(source, journal.notes)
    assert redmine_desk.notes()[0].text.count(typed) == 2


def test_time_is_found_on_the_second_page(redmine_desk: RedmineDesk) -> None:
    redmine_desk.redmine.ticket.hours = [{"id": n, "hours": 1, "comments": "x"} for n in range(130)]
    redmine_desk.redmine.ticket.hours[120]["comments"] = f"Remote support (Deskbridge reference {MARK})"
    found = redmine_desk.connector().find_time(redmine_desk.ticket_id, MARK)
    assert found
    assert found.id == "120"


def test_our_own_note_is_an_echo(redmine_desk: RedmineDesk) -> None:
    connector = redmine_desk.connector()
    connector.add_note(redmine_desk.ticket_id, note())
    sent = redmine_desk.webhook(redmine_desk.redmine.ticket.journals[-1])
    [event] = connector.parse(Delivery("redmine", "POST", URL, sent.headers, {}, sent.body, MOMENT))
    assert isinstance(event, TicketEvent)
    assert (event.actor, str(OURS)) == (str(OURS), event.actor)
    assert event.actor in connector.own_actors


def with_files(desk: RedmineDesk) -> RedmineDesk:
    """The example with its commented lines taken in."""
    text = re.sub(r"(?m)^# (?=\[connections.redmine.calls.attach\]|(path|headers|raw|upload|each) = )", "", desk.text())
    [instead] = re.findall(r"and write (json = .*) in add_note\.", text)
    text = re.sub(r"(?m)^json = \{ issue = \{ notes = .*$", lambda _: instead, text)
    desk.text = lambda: text  # type: ignore[method-assign]  # this once
    return desk


def test_files_go_up_first_where_the_operator_allows_it(redmine_desk: RedmineDesk) -> None:
    connector = with_files(redmine_desk).connector()
    assert Capability.ATTACH in connector.capabilities
    name = 'Gespräch & "mehr" \N{BUG}.txt'
    connector.add_note(
        redmine_desk.ticket_id, replace(note(), attachments=(Attachment(name, "text/plain", b"\x00all of it"),))
    )
    assert [(file.name, file.content) for file in redmine_desk.files()] == [(name, b"\x00all of it")]
    connector.add_note(redmine_desk.ticket_id, note(mark="db-2"))
    assert len(redmine_desk.notes()) == 2


def test_without_them_nothing_is_attached(redmine_desk: RedmineDesk) -> None:
    assert Capability.ATTACH not in redmine_desk.connector().capabilities
