"""A help desk's ticket that is closed, merged or busy: what belongs on it is told all the same, once."""

from __future__ import annotations

import time

import pytest

from bridge.document import Paragraph
from bridge.effects import AddNote, Effect, EffectState, Purpose, TicketKey
from bridge.model import Note
from demo import CONFIG
from sandbox.settings import SandboxSettings
from store import ledger
from tests.harness import until
from tests.whole.conftest import OpenOffice
from tests.whole.office import Office

ROUTE_END = 'session = {{ visibility = "internal" }}\n'


def with_policy(text: str) -> str:
    assert ROUTE_END in CONFIG
    return CONFIG.replace(ROUTE_END, f"{ROUTE_END}if_ticket = {{{{ {text} }}}}\n")


def follow_ups(office: Office, ticket: int) -> list[int]:
    desk = office.sandbox.helpdesk
    return [
        one.id for one in desk.tickets.values() if one.id != ticket and one.subject.startswith(f"Follow-up to {ticket}")
    ]


def test_the_card_of_a_closed_ticket_stands_on_its_follow_up(open_office: OpenOffice, database_url: str) -> None:
    office = open_office(database_url, with_policy('closed = "follow_up"'))
    ticket, invitation = office.invited()
    office.desk.close_ticket(ticket)
    office.settle()
    office.sandbox.faults.helpdesk.cut_after("/api/v2/tickets.json", method="POST")
    office.help(invitation.pin, ("said on the closed ticket",))
    [follow_up] = until(lambda: follow_ups(office, ticket))
    assert "said on the closed ticket" in office.card(follow_up).text
    office.settle()
    assert follow_ups(office, ticket) == [follow_up], "the answer was cut, and still there is one only"
    assert not office.cards(ticket)
    assert all(comment.internal for comment in office.ours(follow_up))
    tickets = office.sandbox.helpdesk.tickets
    assert tickets[follow_up].requester == tickets[ticket].requester


def test_the_card_of_a_merged_ticket_stands_on_the_one_that_lives_on(office: Office) -> None:
    ticket, invitation = office.invited()
    other = office.desk.open_ticket("The same printer", "It still blinks.")
    desk = office.sandbox.helpdesk
    desk.merge_tickets(desk.agent, ticket, other)
    office.settle()
    office.help(invitation.pin, ("said after the merge",))
    assert "said after the merge" in office.card(other).text
    office.settle()
    assert len(office.cards(other)) == 1


def test_a_busy_ticket_holds_up_only_itself_and_loses_nothing(
    settings: SandboxSettings, open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.helpdesk.updates_per_ticket = 3
    settings.helpdesk.updates_window = 4.0
    office = open_office()
    busy, calm = (office.desk.open_ticket(name, "It blinks.") for name in ("Busy", "Calm"))
    office.settle()
    began = time.monotonic()
    notes = [Note(f"card:{n}", (Paragraph(f"note number {n}."),)) for n in range(12)]
    effects = [
        Effect(note.mark, "zendesk", TicketKey("zendesk", str(busy)), AddNote(Purpose.CARD, note), "remote help")
        for note in notes
    ]
    on_calm = Note("calm", (Paragraph("nobody holds me up"),))
    effects.append(
        Effect("calm", "zendesk", TicketKey("zendesk", str(calm)), AddNote(Purpose.CARD, on_calm), "remote help")
    )
    with office.bridge.database.write() as connection:
        ledger.add(connection, effects, rank=1, delivery_id=None, correlation="c", now=time.time())
    office.bridge.drain.wake()
    assert until(lambda: office.ours(calm))
    assert time.monotonic() - began < settings.helpdesk.updates_window, "the other ticket did not wait"
    text = until(lambda: whole if (whole := text_of(office, busy)).count("note number") == 12 else "")
    office.settle()
    told = [text.index(f"note number {n}.") for n in range(12)]
    assert told == sorted(told), "in order"
    assert len(office.ours(busy)) == 4, "three before the limit, all others as one"
    with office.bridge.database.read() as connection:
        states = [stored.state for stored in ledger.of_ticket(connection, TicketKey("zendesk", str(busy)))]
    assert states.count(EffectState.SKIPPED) == 8


def text_of(office: Office, ticket: int) -> str:
    return "\n".join(comment.text for comment in office.ours(ticket))
