"""What happens on a ticket ends or moves its running session at Rescue, where the route says so."""

from __future__ import annotations

import pytest

from demo import CONFIG
from sandbox.rescue.model import ACTIVE, CLOSED_BY_TECHNICIAN
from sandbox.rescue.tree import CHANNEL_ID
from sandbox.settings import SandboxSettings
from tests.harness import until
from tests.whole.conftest import OpenOffice
from tests.whole.office import Office

ASSET = "custom_field_360000000001"
TRANSFER = f'transfer = {{{{ field = "{ASSET}", to = {{{{ "network" = "channel:{CHANNEL_ID}" }}}} }}}}'
RULES = f'{TRANSFER}, close_on = "ticket_closed"'
COMMANDING = CONFIG.replace('visibility = "internal" }}', f'visibility = "internal", {RULES} }}}}')


@pytest.fixture
def office(open_office: OpenOffice, settings: SandboxSettings) -> Office:
    assert COMMANDING != CONFIG
    return open_office(config=COMMANDING)


def running(office: Office) -> tuple[int, int]:
    """A ticket and its session, which a technician has picked up."""
    ticket, invitation = office.invited()
    session = office.customer.join(invitation.pin)
    office.technician.pick_up(session)
    office.settle()
    return ticket, session


def solve(office: Office, ticket: int) -> None:
    desk = office.sandbox.helpdesk
    desk.update_ticket(desk.agent, ticket, {"status": "solved"})


def status(office: Office, session: int) -> str:
    return office.sandbox.rescue.session(session).status


def test_a_session_ends_with_its_ticket_and_its_card_follows(office: Office) -> None:
    ticket, session = running(office)
    assert status(office, session) == ACTIVE
    solve(office, ticket)
    until(lambda: status(office, session) == CLOSED_BY_TECHNICIAN)
    assert office.card(ticket)
    office.settle()
    assert len(office.cards(ticket)) == 1
    closed = office.sandbox.rescue.calls.all("closesession")
    assert len(closed) == 1, "once, though the ticket was changed by its card too"


def test_a_session_goes_to_the_channel_of_its_tickets_new_group(office: Office) -> None:
    ticket, session = running(office)
    office.desk.change(ticket, "Printer", "printers")
    office.settle()
    assert not office.sandbox.rescue.calls.all("transfersession"), "no queue is named for that group"
    office.desk.change(ticket, "Printer", "network")
    until(lambda: office.sandbox.rescue.calls.all("transfersession"))
    office.settle()
    (moved,) = office.sandbox.rescue.calls.all("transfersession")
    assert (moved.values["session"], moved.values["node"], moved.values["noderef"]) == (
        str(session), str(CHANNEL_ID), "CHANNEL",
    )  # fmt: skip


def test_a_session_that_cannot_be_ended_holds_up_nothing(office: Office) -> None:
    ticket, session = running(office)
    office.sandbox.rescue.force("closesession", "ACTIONFAILED")
    solve(office, ticket)
    until(lambda: office.sandbox.rescue.calls.all("closesession"))
    office.settle()
    assert status(office, session) == ACTIVE
    office.technician.end(("Yes",))
    assert office.card(ticket)
