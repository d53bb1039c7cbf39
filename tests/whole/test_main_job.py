"""The main job over real HTTP: a ticket asks, Rescue invites, the session comes back to the ticket, once."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import update

from bridge.document import Paragraph
from bridge.effects import AddNote, Effect, EffectState, Purpose, TicketKey
from bridge.model import InvitationState, Note
from demo import CONFIG
from sandbox.play import play
from sandbox.settings import SandboxSettings
from store import health, inbox, ledger, records
from store.health import ConnectionState
from store.inbox import DeliveryState
from store.schema import deliveries
from tests.harness import ADMIN_TOKEN, until
from tests.whole.conftest import OpenOffice
from tests.whole.office import Office
from workers import commands


def test_the_play_is_whole_on_both_databases(open_office: OpenOffice, database_url: str) -> None:
    office = open_office(database_url)
    told: list[str] = []
    result = play(office.sandbox, office.bridge.url, ADMIN_TOKEN, told.append, settle=0.5)
    assert result.success, "\n".join(told)


@pytest.mark.parametrize(
    "quirks",
    [
        {"post_note_field": "Notes"},
        {"post_chat_separator": ""},
        {"post_charset": "utf-16-le"},
        {"post_format": "xml", "post_xml_type": "text/xml"},
        {"post_format": "xml", "post_xml_type": "application/xml", "post_chat_separator": ""},
        {"post_copies": 3},
        {"post_reorder": True},
    ],
    ids=lambda quirks: ",".join(f"{k}={v}" for k, v in quirks.items()),
)
def test_every_form_of_post_leads_to_one_whole_card(
    settings: SandboxSettings, open_office: OpenOffice, quirks: dict[str, object]
) -> None:
    for name, value in quirks.items():
        setattr(settings.rescue, name, value)
    office = open_office()
    ticket, invitation = office.invited()
    office.help(invitation.pin, ("Grüße aus Köln", "10:30 would suit me"), "Done & dusted")
    card = office.card(ticket)
    office.settle()
    for part in ("Grüße aus Köln", "10:30 would suit me", "Done & dusted", "Question 1: Yes", "ended the session"):
        assert part in card.text
    assert card.internal
    assert len(office.cards(ticket)) == 1
    assert len(office.ours(ticket)) == 2


def test_the_fixed_event_format_asks_too(settings: SandboxSettings, open_office: OpenOffice) -> None:
    settings.helpdesk.hook_form = "event"
    office = open_office()
    ticket, invitation = office.invited()
    office.settle()
    assert invitation.pin
    assert len(office.ours(ticket)) == 1


def test_a_pin_keeps_its_leading_zeros(settings: SandboxSettings, open_office: OpenOffice) -> None:
    settings.rescue.next_pins.append("004711")
    settings.rescue.pin_versions = frozenset({1})
    _, invitation = open_office().invited()
    assert "004711" in invitation.text


def test_the_customer_sees_the_invitation_and_nothing_else_of_ours(office: Office) -> None:
    ticket, invitation = office.invited()
    office.help(invitation.pin)
    office.card(ticket)
    office.settle()
    seen = [c for c in office.desk.comments(ticket, customer=True) if c.author == "Deskbridge"]
    assert [c.id for c in seen] == [invitation.id]


def test_asking_again_after_a_session_makes_a_second_invitation_and_card(office: Office) -> None:
    ticket, first = office.invited()
    office.help(first.pin, ("first talk",))
    office.card(ticket)
    office.desk.withdraw_request(ticket)
    office.settle()
    office.desk.ask_for_session(ticket)
    second = office.invitation(ticket, 2)
    assert second.pin != first.pin
    office.help(second.pin, ("second talk",))
    assert "second talk" in office.card(ticket, 2).text
    office.settle()
    assert len(office.ours(ticket)) == 4


def test_replaying_everything_changes_nothing(office: Office) -> None:
    ticket, invitation = office.invited()
    office.help(invitation.pin)
    office.card(ticket)
    office.settle()
    before = office.desk.comments(ticket)
    assert office.replay_all(20) >= 4
    assert office.desk.comments(ticket) == before


def test_hostile_chat_ends_as_readable_text(office: Office) -> None:
    lines = (
        "<script>alert(1)</script><img src=x onerror=alert(2)>",
        "{{ticket.requester.email}} {%raw%} ${7*7} <%= 7*7 %>",
        "]]></chatlog><note>forged</note><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
        "مرحبا \u202etxt.exe 🖨️ \x00null",
        "x" * 200_000,
    )
    ticket, invitation = office.invited()
    office.help(invitation.pin, lines)
    card = office.card(ticket)
    office.settle()
    assert lines[0] in card.text
    assert "{{ticket.requester.email}} {%raw%} ${7*7} <%= 7*7 %>" in card.text
    assert "]]></chatlog><note>forged</note>" in card.text
    assert "مرحبا" in card.text
    assert "\x00" not in card.text
    assert "the whole text is attached" in card.text
    assert len(office.cards(ticket)) == 1


def test_a_forged_reference_is_an_orphan_until_an_administrator_links_it(office: Office) -> None:
    ticket, _ = office.invited()
    session = office.customer.start_in_channel("Somebody", f"DB1:AAAAAA:{ticket}:1:forgedforged")
    office.technician.pick_up(session)
    office.customer.say("whose ticket is this")
    office.technician.end()
    office.settle()
    assert len(office.ours(ticket)) == 1, "nothing of a stranger's session stands on the ticket"

    house = office.bridge.services.house
    commands.link(house, "rescue", str(session), TicketKey("zendesk", str(ticket)), "an administrator")
    office.bridge.drain.wake()
    assert "whose ticket is this" in office.card(ticket).text


def test_nobody_at_the_technician_console_is_told_to_the_agent(
    settings: SandboxSettings, open_office: OpenOffice
) -> None:
    office = open_office(config=CONFIG.replace('kind = "rescue"', 'kind = "rescue"\nno_technician_console = false'))
    office.technician.open_console(open_=False)
    ticket = office.desk.open_ticket("Printer", "It blinks.")
    office.desk.ask_for_session(ticket)
    (note,) = until(lambda: office.ours(ticket))
    assert note.internal
    assert "Open the technician console" in note.text
    office.technician.open_console()
    office.desk.withdraw_request(ticket)
    office.settle()
    office.desk.ask_for_session(ticket)
    assert office.invitation(ticket).pin


def test_a_closed_ticket_parks_its_card_and_the_next_ticket_is_served(office: Office) -> None:
    ticket, invitation = office.invited()
    office.desk.close_ticket(ticket)
    office.settle()
    office.help(invitation.pin)
    office.settle()
    assert not office.cards(ticket)
    with office.bridge.database.read() as connection:
        assert ledger.backlogs(connection)["zendesk"].parked == 1
    other, second = office.invited()
    office.help(second.pin)
    assert office.card(other)


def test_a_ticket_that_our_agent_may_not_touch_stops_nothing_else(office: Office) -> None:
    forbidden = office.desk.open_ticket("Secret", "For few.")
    office.settle()
    office.sandbox.faults.helpdesk.fail(f"/api/v2/tickets/{forbidden}.json", status=403, times=1)
    office.desk.ask_for_session(forbidden)
    office.settle()
    with office.bridge.database.read() as connection:
        assert ledger.backlogs(connection)["zendesk"].parked == 1
        assert health.all_connections(connection, time.time())["zendesk"].state is ConnectionState.OK
    assert office.invited()


def test_a_connection_that_left_the_configuration_parks_its_effects(office: Office) -> None:
    ticket = TicketKey("zendesk", "1")
    lost = Effect("lost", "former", ticket, AddNote(Purpose.CARD, Note("lost", (Paragraph("x"),))))
    with office.bridge.database.write() as connection:
        ledger.add(connection, [lost], rank=1, delivery_id=None, correlation="c", now=time.time())
    office.bridge.drain.wake()
    office.settle()
    with office.bridge.database.read() as connection:
        (stored,) = ledger.of_ticket(connection, ticket)
    assert (stored.state, stored.reason) == (
        EffectState.PARKED,
        "connection former is no longer in the configuration",
    )


def test_a_later_post_uses_no_invitation_of_the_ticket_that_an_administrator_chose(office: Office) -> None:
    first, invitation = office.invited()
    other, _ = office.invited()
    session = office.customer.join(invitation.pin)
    office.technician.pick_up(session)
    office.settle()
    house = office.bridge.services.house
    commands.link(house, "rescue", str(session), TicketKey("zendesk", str(other)), "an administrator")
    office.technician.end()
    assert office.card(other)
    office.settle()
    assert not office.cards(first)
    with office.bridge.database.read() as connection:
        (still_open,) = records.invitations_of(connection, TicketKey("zendesk", str(other)))
    assert still_open.state is InvitationState.ISSUED


def test_a_session_that_was_never_picked_up_leaves_its_card(office: Office) -> None:
    ticket, invitation = office.invited()
    office.customer.join(invitation.pin)
    office.customer.leave()
    office.settle()
    assert len(office.ours(ticket)) <= 2


def test_every_delivery_was_understood(office: Office) -> None:
    _, invitation = office.invited()
    office.help(invitation.pin)
    office.settle()
    with office.bridge.database.read() as connection:
        states = [inbox.get(connection, number) for number in range(1, 10)]
    assert {stored.state for stored in states if stored} == {DeliveryState.DONE}


def test_many_tickets_at_once_get_their_pins_at_the_vendors_pace(
    settings: SandboxSettings, open_office: OpenOffice
) -> None:
    settings.rescue.pin_interval_seconds = 0.19
    office = open_office(config=CONFIG.replace('kind = "rescue"', 'kind = "rescue"\npins_per_second = 5'))
    tickets = [office.desk.open_ticket("Printer", "It blinks.") for _ in range(8)]
    for ticket in tickets:
        office.desk.ask_for_session(ticket)
    pins = {office.invitation(ticket).pin for ticket in tickets}
    office.settle()
    assert len(pins) == 8
    asked = office.sandbox.faults.rescue.requests("/API/requestPINCode*")
    assert len(asked) == 8, "the vendor was never asked too often"


def test_a_delivery_that_takes_every_worker_down_is_parked_in_the_end(office: Office) -> None:
    office.desk.open_ticket("Printer", "It blinks.")
    office.settle()
    # As many claims as workers died with: none of them was ever finished.
    claimed = update(deliveries).values(state=DeliveryState.NEW, attempts=inbox.MAX_ATTEMPTS, due_at=0)
    with office.bridge.database.write() as connection:
        connection.execute(claimed)
    office.bridge.drain.wake()
    office.settle()
    with office.bridge.database.read() as connection:
        stored = inbox.get(connection, 1)
    assert stored is not None
    assert (stored.state, stored.reason) == (DeliveryState.PARKED, "whoever tried to understand it never came back")
