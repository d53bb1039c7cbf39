"""Notes, their files, and who sees them."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from bridge.document import Facts, Heading, Lines, Link, Paragraph
from bridge.errors import Rejected, TicketClosed, TicketMerged, UnknownOutcome
from bridge.model import Attachment
from connectors.contract import TicketSystem
from tests.connectors.dynamics.answers import CASE, always, answering
from tests.connectors.dynamics.desk import DynamicsDesk
from tests.connectors.dynamics.tables import Row
from tests.contract.tickets import MARK, note

FILES = tuple(Attachment(f"{name}.txt", "text/plain", name.encode()) for name in ("one", "two", "three"))


def test_a_second_writer_changes_nothing(desk: DynamicsDesk, connector: TicketSystem) -> None:
    first = connector.add_note(desk.ticket_id, note(Paragraph("first")))
    again = desk.connector().add_note(desk.ticket_id, note(Paragraph("second")))
    assert first == again
    [shown] = desk.notes()
    assert "first" in shown.text


def test_files_stand_beside_the_note_which_comes_last(desk: DynamicsDesk, connector: TicketSystem) -> None:
    connector.add_note(desk.ticket_id, replace(note(), attachments=FILES))
    assert {file.name: file.content for file in desk.files()} == {f.filename: f.content for f in FILES}
    assert not any(file.public for file in desk.files())
    assert [bool(row["notetext"]) for row in desk.rows()] == [False, False, True]


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_cut_between_files_is_made_whole(
    desk: DynamicsDesk, connector: TicketSystem, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    whole = replace(note(), attachments=FILES)
    original, written = desk.org.upsert, count(1)

    def upsert(*args: Any, **kwargs: Any) -> Row:
        made = original(*args, **kwargs)
        if next(written) == cut:
            raise RuntimeError("the work is done, the answer is lost")
        return made

    monkeypatch.setattr(desk.org, "upsert", upsert)
    with pytest.raises(UnknownOutcome):
        connector.add_note(desk.ticket_id, whole)
    if not connector.find_note(desk.ticket_id, MARK):
        connector.add_note(desk.ticket_id, whole)
    assert sorted(file.name for file in desk.files()) == ["one.txt", "three.txt", "two.txt"]
    assert len(desk.notes()) == 1


def test_files_of_a_public_note_are_public(desk: DynamicsDesk, connector: TicketSystem) -> None:
    connector.add_note(desk.ticket_id, replace(note(public=True), attachments=FILES))
    assert [file.public for file in desk.files()] == [True] * 3
    assert [shown.public for shown in desk.notes()] == [True]


@pytest.mark.parametrize(
    "typed",
    [
        "*WEB* hello",
        "look: *web*",
        "*WÉB*",
        "＊ＷＥＢ＊",
        "*W\N{ZERO WIDTH SPACE}EB*",
        "*\N{SOFT HYPHEN}WE\N{COMBINING ACUTE ACCENT}B*",
        "*WEB*WEB*",
    ],
)
def test_nobody_can_type_a_note_public(desk: DynamicsDesk, connector: TicketSystem, typed: str) -> None:
    everywhere = (
        Paragraph(typed),
        Lines("transcript", (typed, "next line")),
        Facts(((typed, typed),)),
        Link(typed, f"https://example.com/{typed}"),
        Heading(typed),
    )
    connector.add_note(desk.ticket_id, replace(note(), document=everywhere))
    [shown] = desk.notes()
    assert not shown.public
    assert "next line" in shown.text


def test_what_does_not_fit_stays_private_too(desk: DynamicsDesk, connector: TicketSystem) -> None:
    lines = tuple(f"{number:06} *WEB* said somebody" for number in range(8_000))
    connector.add_note(desk.ticket_id, note(Lines("transcript", lines)))
    [file], [shown] = desk.files(), desk.notes()
    assert not file.public
    assert not shown.public


def test_other_stars_stay_as_they_were_typed(desk: DynamicsDesk, connector: TicketSystem) -> None:
    typed = "*very* important * WEB * *WEB page* **"
    connector.add_note(desk.ticket_id, note(Paragraph(typed)))
    [shown] = desk.notes()
    assert typed in shown.text


def test_a_merged_case_takes_no_note(desk: DynamicsDesk, connector: TicketSystem) -> None:
    into = desk.merge_ticket()
    with pytest.raises(TicketMerged) as merged:
        connector.add_note(desk.ticket_id, note())
    assert merged.value.into == into
    assert not desk.faults.requests(method="PATCH")


def test_a_note_is_found_where_a_merge_moved_it(desk: DynamicsDesk, connector: TicketSystem) -> None:
    written = connector.add_note(desk.ticket_id, note())
    into = desk.merge_ticket()
    assert connector.find_note(into, MARK) == written


def test_a_merge_that_names_nobody_is_an_end() -> None:
    body = {"incidentid": CASE, "merged": True, "_masterid_value": None, "statecode": 2}
    with answering(always(200, body)) as client, pytest.raises(TicketClosed):
        client.add_note(CASE, note())


def test_a_resolved_case_that_refuses_notes_is_closed(desk: DynamicsDesk, connector: TicketSystem) -> None:
    desk.org.notes_when_inactive = False
    desk.close_ticket()
    with pytest.raises(TicketClosed):
        connector.add_note(desk.ticket_id, note())
    connector.reopen(desk.ticket_id)
    connector.add_note(desk.ticket_id, note())
    assert len(desk.notes()) == 1


def test_a_long_file_name_keeps_its_ending(desk: DynamicsDesk, connector: TicketSystem) -> None:
    name = "x" * 300 + ".log"
    connector.add_note(desk.ticket_id, replace(note(), attachments=(Attachment(name, "text/plain", b"1"),)))
    [file] = desk.files()
    assert len(file.name) == 255
    assert file.name.endswith("x.log")


def test_the_largest_attachment_that_dataverse_takes(desk: DynamicsDesk, connector: TicketSystem) -> None:
    def sent(size: int, mark: str) -> None:
        file = Attachment("x.bin", "application/octet-stream", bytes(size))
        connector.add_note(desk.ticket_id, replace(note(mark=mark), attachments=(file,)))

    sent(connector.limits.attachment_bytes, "fits")
    with pytest.raises(Rejected):
        sent(connector.limits.attachment_bytes + 3, "does-not")
