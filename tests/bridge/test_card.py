"""What the card shows of a session, and what it leaves as it is."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.card import addition_document, atoms, card_document
from bridge.document import Facts, Link
from bridge.markup import to_text
from bridge.model import ChatLine, ChatPart, Participant, Person, Recording, Session
from bridge.route import SessionRule, TimeEntry

CARD_LIKE = "4111111111111111ae32"
AT = datetime(2026, 7, 1, 12, 0, 5, tzinfo=UTC)
RULE = SessionRule(timezone="Europe/Berlin", time_entry=TimeEntry(5, 15))


def text(session: Session, rule: SessionRule = RULE) -> str:
    return to_text(card_document(session, atoms(session, rule), rule))


def test_the_platforms_id_and_addresses_are_not_taken_for_card_numbers() -> None:
    url = f"https://appliance.example/records/{CARD_LIKE}"
    session = Session(CARD_LIKE, recordings=(Recording("Screen", url),))
    document = card_document(session, atoms(session, RULE), RULE)
    assert ("Session", CARD_LIKE) in next(block for block in document if isinstance(block, Facts)).rows
    assert Link("Screen", url) in document


def test_everybody_who_took_part_is_named_with_their_time() -> None:
    people = (
        Participant(Person("First", "first@example.com"), owner=True, seconds=725),
        Participant(Person("Second"), seconds=60),
        Participant(Person(username="third"), owner=True),
    )
    told = text(Session("s", participants=people))
    assert "First (first@example.com) (owner, 12 min 5 s); Second (called in, 1 min); third (owner)" in told


def test_the_chat_has_the_time_of_the_reader() -> None:
    chat = (ChatPart(0, (ChatLine("hello", "Rep", at=AT), ChatLine("joined", at=AT)), whole=True),)
    told = text(Session("s", chat=chat))
    assert "14:00:05 Rep: hello" in told
    assert "14:00:05 joined" in told


def test_attributes_and_the_system_are_shown_where_the_route_includes_them() -> None:
    session = Session("s", attributes={"Asset": "PC-7", "Empty": ""}, system={"Memory": "16 GB"})
    told = text(session)
    assert "Asset: PC-7" in told
    assert "Memory: 16 GB" in told
    assert "Empty" not in told
    assert "PC-7" not in text(session, SessionRule(include=frozenset()))


def test_the_billed_time_names_the_agent() -> None:
    told = text(Session("s", technician=Person("Agent 1"), work_seconds=60))
    assert "Billed time: 15 min, Agent 1" in told


def test_what_came_later_names_its_session_as_it_is() -> None:
    assert CARD_LIKE in to_text(addition_document(Session(CARD_LIKE), ()))


def test_an_agent_whom_the_platform_calls_otherwise_has_both_names() -> None:
    agent = Person("A. Example", "agent@example.com", known_as="Technician 1")
    told = text(Session("s", technician=agent, work_seconds=60))
    assert "Technician: Technician 1 (agent: A. Example)\n" in told
    assert "Billed time: 15 min, A. Example" in told
