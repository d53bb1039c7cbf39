"""What no webhook told is found: a lost ticket event, a lost end of a session."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import update

from store.schema import connections
from tests.whole.office import Office
from workers import reconcile
from workers.reconcile import Found


def look(office: Office) -> Found:
    house = office.bridge.services.house
    found = reconcile.reconcile(house, house.clock() - 3600)
    office.bridge.drain.wake()
    return found


def test_a_ticket_whose_webhook_was_lost_is_found_and_invited_once(office: Office) -> None:
    hook = office.sandbox.settings.helpdesk.hook_url
    office.sandbox.connect(zendesk_hook="")
    ticket = office.desk.open_ticket("Printer", "It blinks.")
    office.desk.ask_for_session(ticket)
    office.settle()
    assert not office.ours(ticket)
    assert look(office).tickets == 1
    assert office.invitation(ticket).pin
    office.sandbox.connect(zendesk_hook=hook)
    office.settle()
    assert look(office) == Found()
    assert len(office.ours(ticket)) == 1


def test_what_asked_before_the_bridge_was_there_is_left_alone(office: Office) -> None:
    office.sandbox.connect(zendesk_hook="")
    office.desk.ask_for_session(office.desk.open_ticket("Old", "Long ago."))
    with office.bridge.database.write() as connection:
        connection.execute(update(connections).values(known_since=time.time() + 3600))
    assert look(office) == Found()


def test_a_system_that_cannot_be_asked_is_named(office: Office) -> None:
    office.sandbox.faults.helpdesk.fail("/api/v2/search*", status=500)
    found = look(office)
    assert found.tickets == 0
    assert "zendesk" in found.unasked[0]


def test_a_session_whose_end_was_lost_gets_its_card_and_a_late_end_is_added(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, invitation = office.invited()
    session = office.customer.join(invitation.pin)
    office.technician.pick_up(session)
    office.customer.say("is anybody there")
    office.settle()
    assert look(office).sessions == 0, "it may still be going on"
    monkeypatch.setattr(reconcile, "OVERDUE_SECONDS", -1.0)
    assert look(office).sessions == 1
    card = office.card(ticket)
    assert "is anybody there" in card.text
    assert "never reported the end" in card.text
    office.settle()
    assert look(office).sessions == 0
    office.technician.note("Solved.")
    office.technician.end()
    later = office.card(ticket, 2)
    assert "Solved." in later.text
    assert "is anybody there" not in later.text
