"""Calls by the operator's templates, against a strict made-up help desk."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.document import Lines, Paragraph
from bridge.errors import AccessDenied, NotFound, Rejected, Unavailable, UnknownOutcome
from bridge.model import Attachment, NoteRef, TicketStatus
from connectors.contract import Capability
from tests.connectors.generic.desk import CONNECTION, GenericDesk, connection
from tests.contract.tickets import MARK, OTHER_MARK, note


def calls(**changes: Any) -> dict[str, Any]:
    """The desk's connection with other calls; None takes one away."""
    merged = {**connection()["calls"], **changes}
    return {**connection(), "calls": {name: call for name, call in merged.items() if call is not None}}


ADD_NOTE = connection()["calls"]["add_note"]
FIND_NOTE = connection()["calls"]["find_note"]


def test_each_call_makes_its_capability(desk: GenericDesk) -> None:
    assert desk.connector().capabilities == {
        Capability.ADD_TAGS,
        Capability.FETCH_TICKET,
        Capability.FIND_NOTE,
        Capability.PUBLIC_NOTES,
        Capability.TAGS,
        Capability.UPDATE_FIELDS,
    }


def test_without_calls_there_are_no_capabilities(desk: GenericDesk) -> None:
    only_note = {"add_note": {**ADD_NOTE, "json": {"text": "{body}"}}}
    assert desk.build({**connection(), "calls": only_note}).capabilities == frozenset()


@pytest.mark.parametrize("word", ["{public}", "{internal}", "{visibility}"])
def test_public_notes_need_a_call_that_can_say_so(desk: GenericDesk, word: str) -> None:
    keys = calls(add_note={**ADD_NOTE, "json": {"text": "{body}", "kind": [word]}})
    assert Capability.PUBLIC_NOTES in desk.build(keys).capabilities


def test_a_public_note_is_never_written_by_a_call_that_cannot_say_so(desk: GenericDesk) -> None:
    keys = calls(add_note={**ADD_NOTE, "json": {"text": "{body}"}})
    with pytest.raises(Rejected, match="public"):
        desk.build(keys).add_note("4711", note(public=True))


def test_a_note_as_the_desk_gets_it(desk: GenericDesk) -> None:
    reference = desk.connector().add_note("4711", note(Paragraph("Joined.")))
    assert desk.remarks == [
        {
            "id": 1,
            "text": f"Joined.\n\nDeskbridge reference {MARK}",
            "hidden": True,
            "audience": "for internal readers",
        }
    ]
    assert reference == NoteRef("1")


def test_a_call_with_its_own_place_for_the_mark_keeps_it_out_of_the_text(desk: GenericDesk) -> None:
    remark = {"text": "{body}", "hidden": "{internal}", "key": "deskbridge:{mark}"}
    keys = calls(add_note={**ADD_NOTE, "json": {"remark": remark}}, find_note={**FIND_NOTE, "text": "key"})
    connector = desk.build(keys)
    connector.add_note("4711", note(Paragraph("Joined.")))
    assert desk.remarks[0]["text"] == "Joined."
    assert connector.find_note("4711", MARK) == NoteRef("1")


def test_the_mark_survives_the_shortening(desk: GenericDesk) -> None:
    desk.connector().add_note("4711", note(Lines("transcript", ("word " * 20,) * 3_000)))
    assert desk.remarks[0]["text"].endswith(f"Deskbridge reference {MARK}")
    assert 19_000 < len(desk.remarks[0]["text"]) <= 20_000


def test_an_answer_without_an_id_leaves_the_mark_as_reference(desk: GenericDesk) -> None:
    keys = calls(add_note={name: value for name, value in ADD_NOTE.items() if name != "note_id"})
    assert desk.build(keys).add_note("4711", note()) == NoteRef(MARK)


def test_a_page_instead_of_the_answer_is_an_unknown_outcome(desk: GenericDesk) -> None:
    desk.fail_after_write(200)
    with pytest.raises(UnknownOutcome):
        desk.connector().add_note("4711", note())


def test_marks_are_looked_for_on_every_page(desk: GenericDesk) -> None:
    connector = desk.connector()
    for mark in ("db-1", "db-2", "db-3", "db-4", MARK):
        connector.add_note("4711", note(mark=mark))
    assert connector.find_note("4711", MARK) == NoteRef("5")
    assert connector.find_note("4711", OTHER_MARK) is None


def test_a_next_page_elsewhere_is_not_asked(desk: GenericDesk) -> None:
    keys = calls(find_note={**FIND_NOTE, "next": "remarks.0.text"})
    desk.remarks.append({"id": 1, "text": "https://evil.example.com/steal"})
    with pytest.raises(Rejected, match="another host"):
        desk.build(keys).find_note("4711", MARK)


def test_pages_without_an_end_are_never_taken_for_none(desk: GenericDesk) -> None:
    keys = calls(find_note={**FIND_NOTE, "next": "remarks.0.text"})
    desk.remarks.append({"id": 1, "text": "/api/requests/4711/remarks"})
    with pytest.raises(Rejected, match="too many notes"):
        desk.build(keys).find_note("4711", MARK)


def test_an_answer_without_the_list_is_not_an_empty_list(desk: GenericDesk) -> None:
    with pytest.raises(Unavailable, match="without a list"):
        desk.build(calls(find_note={**FIND_NOTE, "items": "notes"})).find_note("4711", MARK)


def test_a_ticket_in_our_words(desk: GenericDesk) -> None:
    ticket = desk.connector().fetch_ticket("4711")
    assert (ticket.id, ticket.subject, ticket.url) == ("4711", "Drucker <b>", "https://desk.example.com/4711")
    assert (ticket.status, ticket.vendor_status) == (TicketStatus.OPEN, "waiting")
    assert ticket.tags == {"printer"}
    assert ticket.fields == {"Asset": "PC-0042", "Floors": "1, 2"}
    assert (ticket.requester.name, ticket.requester.email) == ("Chris Customer", "chris@example.com")


def test_a_closed_ticket_by_its_word(desk: GenericDesk) -> None:
    desk.close_ticket()
    assert desk.connector().fetch_ticket("4711").status is TicketStatus.CLOSED


def test_without_a_call_a_ticket_cannot_be_asked_for(desk: GenericDesk) -> None:
    with pytest.raises(NotFound, match="by webhook only"):
        desk.build(calls(fetch_ticket=None)).fetch_ticket("4711")


@pytest.mark.parametrize("name", ["find_note", "update_fields", "add_tags"])
def test_a_missing_call_is_said(desk: GenericDesk, name: str) -> None:
    connector = desk.build(calls(**{name: None}))
    argument: Any = {"find_note": MARK, "update_fields": {"a": 1}, "add_tags": ["a"]}[name]
    with pytest.raises(Rejected, match=f"no {name} call"):
        getattr(connector, name)("4711", argument)


def test_fields_and_tags(desk: GenericDesk) -> None:
    connector = desk.connector()
    connector.update_fields("4711", {"Asset tag": 'PC-"7"', "Done": True})
    connector.add_tags("4711", ["helped"])
    assert desk.extra == {"Asset tag": 'PC-"7"', "Done": True, "Floors": [1, 2]}
    assert desk.labels == ["printer", "helped"]


def test_nothing_to_set_is_nothing_to_send(desk: GenericDesk) -> None:
    desk.connector().update_fields("4711", {})
    desk.connector().add_tags("4711", [])
    assert desk.asked == []


def test_attachments_are_not_dropped_in_silence(desk: GenericDesk) -> None:
    with pytest.raises(Rejected, match="attach"):
        desk.connector().add_note("4711", replace(note(), attachments=(Attachment("a", "text/plain", b"x"),)))


def test_headers_of_the_connection_and_of_a_call(desk: GenericDesk) -> None:
    keys = calls(probe={"method": "GET", "path": "/api/whoami", "headers": {"Authorization": "Bearer other"}})
    with pytest.raises(AccessDenied):
        desk.build(keys).probe()


def test_the_probe(desk: GenericDesk) -> None:
    assert desk.connector().probe() == "the probe call was answered 200"
    assert "nothing was asked" in desk.build(calls(probe=None)).probe()


def test_a_path_keeps_its_query(desk: GenericDesk) -> None:
    keys = calls(find_note={**FIND_NOTE, "path": "/api/requests/{ticket_id}/remarks?q={mark}"})
    desk.build(keys).find_note("4711", "db 1&x=2")
    assert desk.asked == ["GET /base/api/requests/4711/remarks?q=db%201%26x%3D2"]


def test_the_example_of_a_connection_is_whole() -> None:
    assert connection(CONNECTION)["calls"].keys() == {
        "add_note",
        "find_note",
        "fetch_ticket",
        "update_fields",
        "add_tags",
        "probe",
    }
