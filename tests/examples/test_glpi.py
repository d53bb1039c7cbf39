"""docs/examples/glpi.toml under the contract of ticket systems, against a fake of GLPI."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import pytest

from bridge.document import Paragraph
from bridge.errors import AccessDenied, NotFound, Rejected, TicketClosed
from bridge.model import Attachment, Delivery, NewTicket, TicketStatus
from connectors.signatures import GLPI, sign
from tests.contract.desk import Desk
from tests.contract.tickets import MARK, MOMENT, note
from tests.examples.contract import ExampleContract
from tests.examples.example import VARIABLES
from tests.examples.glpi import Glpi, GlpiDesk

URL = "https://bridge.example.com/hooks/glpi"


class TestGlpiContract(ExampleContract):
    good_body = Glpi().payload(Glpi().ticket, "update")
    other_body = Glpi().payload(Glpi().ticket, "new")
    unknown_event_body = Glpi().payload(Glpi().ticket, "delete")
    too_old = timedelta(days=1, seconds=1)

    def signed(self, body: bytes, secret: str, moment: datetime, delivery_id: str = "one") -> Delivery:
        proof = sign(GLPI, secret, body, moment=moment)
        return Delivery("glpi", "POST", URL, {"content-type": "application/json", **proof}, {}, body, MOMENT)

    @pytest.fixture
    def desk(self, glpi_desk: GlpiDesk) -> Desk:
        return glpi_desk


def test_all_calls_share_one_session(glpi_desk: GlpiDesk) -> None:
    for connector in (glpi_desk.connector(), glpi_desk.connector()):
        connector.fetch_ticket(glpi_desk.ticket_id)
        connector.add_note(glpi_desk.ticket_id, note())
    assert glpi_desk.glpi.signed_in == 1
    assert set(glpi_desk.vault.seconds.values()) == {1200.0}


def test_a_session_that_ended_is_renewed_without_a_second_note(glpi_desk: GlpiDesk) -> None:
    connector = glpi_desk.connector()
    connector.fetch_ticket(glpi_desk.ticket_id)
    glpi_desk.glpi.sessions.clear()
    connector.add_note(glpi_desk.ticket_id, note())
    assert glpi_desk.glpi.signed_in == 2
    assert len(glpi_desk.notes()) == 1


def test_a_wrong_application_token_stops_the_connection(glpi_desk: GlpiDesk) -> None:
    text = glpi_desk.text().replace("${GLPI_APP_TOKEN}", "another-app-token")
    glpi_desk.text = lambda: text  # type: ignore[method-assign]  # this once
    with pytest.raises(AccessDenied):
        glpi_desk.connector().fetch_ticket(glpi_desk.ticket_id)


def test_a_ticket_that_our_user_may_not_see_stops_only_itself(glpi_desk: GlpiDesk) -> None:
    glpi_desk.glpi.ticket.forbidden = True
    with pytest.raises(Rejected) as refused:
        glpi_desk.connector().add_note(glpi_desk.ticket_id, note())
    assert not isinstance(refused.value, TicketClosed)


@pytest.mark.parametrize("ending", ["abc", " ", "?x=1"])
def test_a_number_that_only_php_would_read(glpi_desk: GlpiDesk, ending: str) -> None:
    with pytest.raises(NotFound):
        glpi_desk.connector().add_note(glpi_desk.ticket_id + ending, note())
    assert glpi_desk.notes() == []


def test_several_files_come_with_one_private_note(glpi_desk: GlpiDesk) -> None:
    files = tuple(Attachment(f"log {number} \N{BUG}.txt", "text/plain", b"x" * number) for number in range(1, 4))
    glpi_desk.connector().add_note(glpi_desk.ticket_id, replace(note(), attachments=files))
    assert [(file.name, file.content, file.public) for file in glpi_desk.files()] == [
        (file.filename, file.content, False) for file in files
    ]
    assert len(glpi_desk.faults.requests("*/ITILFollowup", method="POST")) == 1


def test_marks_are_found_behind_many_notes(glpi_desk: GlpiDesk) -> None:
    connector = glpi_desk.connector()
    connector.add_note(glpi_desk.ticket_id, note())
    glpi_desk.glpi.ticket.followups[:0] = [replace(glpi_desk.glpi.ticket.followups[0], content="x")] * 200
    assert connector.find_note(glpi_desk.ticket_id, MARK)
    assert connector.find_note(glpi_desk.ticket_id, "db-none") is None


@pytest.mark.parametrize("mark", ["follow-up:glpi:7", "follow-up:my_glpi:7"])
def test_a_new_ticket_is_found_whatever_the_connection_is_called(glpi_desk: GlpiDesk, mark: str) -> None:
    connector = glpi_desk.connector()
    made = connector.create_ticket(NewTicket(mark, "Follow-up", (Paragraph("x"),)))
    assert connector.find_ticket(mark) == made


def test_a_solved_ticket_still_takes_notes(glpi_desk: GlpiDesk) -> None:
    glpi_desk.glpi.ticket.fields["status"] = 5
    connector = glpi_desk.connector()
    assert connector.fetch_ticket(glpi_desk.ticket_id).status is TicketStatus.SOLVED
    connector.add_note(glpi_desk.ticket_id, note())


def test_the_category_asks_for_a_session(glpi_desk: GlpiDesk) -> None:
    glpi_desk.ask(URL)
    assert glpi_desk.connector().fetch_ticket(glpi_desk.ticket_id).fields["itilcategories_id"] == "12"


def test_the_user_token_only_opens_the_session(glpi_desk: GlpiDesk, client: httpx.Client) -> None:
    headers = {"App-Token": VARIABLES["GLPI_APP_TOKEN"], "Session-Token": VARIABLES["GLPI_USER_TOKEN"]}
    assert client.get(f"{glpi_desk.url}/apirest.php/getMyProfiles", headers=headers).status_code == 401
