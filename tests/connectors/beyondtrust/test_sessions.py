"""A session of the SupportSession report as the bridge's session: whole, in progress, abnormal, and its quirks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from bridge.model import Answer, Participant, Person, Recording, Session, Survey
from connectors.platforms.beyondtrust.reports import system
from connectors.platforms.beyondtrust.reports.sessions import END_LAG, session_of
from connectors.xml import Element
from tests.connectors.beyondtrust.reporting import (
    LSID,
    STARTED_AT,
    details,
    element,
    event,
    session_element,
    session_with,
)

URL = "https://appliance.example.com"


@pytest.fixture(scope="module")
def session() -> Session:
    return session_of(session_element())


def test_who_when_and_which_ticket(session: Session) -> None:
    assert (session.id, session.reference) == (LSID, "4711")
    assert session.started_at == datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    assert session.ended_at == datetime(2026, 1, 5, 9, 30, 30, tzinfo=UTC)
    assert (session.ended, session.patience_seconds) == (True, 0.0)
    assert session.technician == Person(name="Bea Lindholm", id="7", username="bea")
    assert session.customer == Person(name="Nora Quist", description="Acme Paper (ACP)")
    assert session.device == "LT-0042 (Windows 11 Pro (23H2))"


def test_owners_work_and_the_customer_waits(session: Session) -> None:
    assert (session.work_seconds, session.waiting_seconds) == (1500, 75)


def test_a_representative_who_came_twice_is_one_participant(session: Session) -> None:
    adam = Person(name="Adam Berg", email="adam@acme.example", id="5", username="adam@acme.example")
    guest = Person(name="Guest", id="9", username="guest")
    assert session.participants == (
        Participant(adam, owner=True, seconds=645),
        Participant(session.technician, owner=True, seconds=900),
        Participant(guest, owner=False, seconds=120),
    )


def test_the_chat_says_who_and_when(session: Session) -> None:
    (part,) = session.chat
    assert part.whole
    assert [(line.author, line.text) for line in part.lines] == [
        ("", "Adam has joined the session."),
        ("Adam Berg", "Hello Nora, what is %name% <b>doing</b>?"),
        ("Nora Quist", "The printer says Grüße\x07\x1b"),
    ]
    assert part.lines[0].at == datetime(2026, 1, 5, 9, 1, 16, tzinfo=UTC)


def test_notes_name_their_authors_where_there_are_several(session: Session) -> None:
    assert session.notes == "Adam Berg: Driver was too old.\n\nBea Lindholm: Installed the new one; it prints."


def test_files_are_told_with_their_size_and_way(session: Session) -> None:
    assert session.files == (
        "driver.zip (2.0 MB) uploaded to Nora Quist",
        "spool.log (812 bytes) downloaded from Nora Quist",
        "big.iso could not be uploaded to Nora Quist (The disk is full.)",
        "photo.png (1.4 KB) shared by Nora Quist",
        "folder shared by Nora Quist",
    )


def test_the_machine_in_a_few_words(session: Session) -> None:
    assert session.system == {
        "Host name": "LT-0042",
        "Operating system": "Windows 11 Pro (23H2)",
        "Model": "Acme Slate 5",
        "Memory": "16 GB",
        "Drives C:\\": "Type: Local Disk, Percent Used: 60%",
        "Drives D:\\": "Type: CD-ROM",
        "Services": "9 entries",
    }


def test_attributes_go_by_the_name_that_people_see(session: Session) -> None:
    assert session.attributes == {"Asset": "LT-0042", "Asset (asset_old)": "LT-0007"}


def test_recordings_can_be_looked_at_and_fetched(session: Session) -> None:
    assert session.recordings == (
        Recording("Session recording", f"{URL}/session_download?lsid=l%3D0a1b%3Bm%3Dvideo&view=1", "session"),
        Recording("Representative's screen 1", f"{URL}/screen/0?view=1", "screen:0"),
        Recording("Command shell 1", f"{URL}/shell/1?view=1", "shell:0"),
        Recording("Command shell 2", f"{URL}/shell/2", "shell:1"),
        Recording("Chat transcript", f"{URL}/session_download?lsid=l%3D0a1b%3Bm%3Dchat&dl_action=chat&view=1"),
    )


def test_the_survey_inside_the_session(session: Session) -> None:
    answers = (Answer("rating", "5"), Answer("comments", "Quick.\nThank you!"))
    assert session.surveys == (Survey("customer", answers),)


def test_a_session_that_closed_abnormally_has_not_ended_and_is_asked_for_again() -> None:
    session = session_of(session_element("session_abnormal.xml"))
    assert (session.ended, session.ended_at, session.patience_seconds) == (False, None, END_LAG)
    assert session.customer == Person(name="KIOSK-1")
    assert (session.device, session.reference, session.technician, session.participants) == ("", "", Person(), ())
    assert (session.work_seconds, session.waiting_seconds) == (None, None)


def test_the_event_tells_of_the_end_where_the_report_does_not() -> None:
    found = session_of(session_with("<end_time/>", details(event("Session End", at=STARTED_AT + 60))))
    assert found.ended
    assert found.ended_at == datetime(2026, 1, 5, 9, 1, tzinfo=UTC)
    assert found.patience_seconds == END_LAG


def test_a_session_of_nothing_is_one() -> None:
    assert session_of(session_with()) == Session(LSID, patience_seconds=END_LAG)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ('<start_time timestamp="1767603600">x</start_time>', datetime(2026, 1, 5, 9, tzinfo=UTC)),
        ("<start_time>2026-01-05T10:00:00+01:00</start_time>", datetime(2026, 1, 5, 9, tzinfo=UTC)),
        ('<start_time timestamp="">2026-01-05T09:00:00Z</start_time>', datetime(2026, 1, 5, 9, tzinfo=UTC)),
        ('<start_time timestamp="0"></start_time>', None),
        ('<start_time timestamp="99999999999999">later</start_time>', None),
    ],
)
def test_moments(written: str, moment: datetime | None) -> None:
    assert session_of(session_with(written)).started_at == moment


@pytest.mark.parametrize(
    ("primary", "name"),
    [
        ('<primary_rep gsnumber="2" id="8">Somebody</primary_rep>', "Two"),
        ('<primary_rep gsnumber="9" id="7">Somebody</primary_rep>', "One"),
        ('<primary_rep gsnumber="9" id="9">Somebody</primary_rep>', "Somebody"),
        ("", "Two"),
    ],
)
def test_the_technician_is_the_last_owner(primary: str, name: str) -> None:
    found = session_of(
        session_with(
            primary,
            '<rep_list><representative gsnumber="1" id="7"><public_display_name>One</public_display_name>'
            '</representative><representative gsnumber="2" id="8"><private_display_name>Two</private_display_name>'
            "<public_display_name>2</public_display_name><primary_rep>1</primary_rep></representative></rep_list>",
        )
    )
    assert found.technician.name == name


@pytest.mark.parametrize(
    ("who", "joined"),
    [
        ('<performed_by type="representative" gsnumber="2">A</performed_by>', 30),
        ('<destination type="representative" gsnumber="2">A</destination>', 30),
        ('<performed_by type="system" gsnumber="0">B</performed_by><data><value name="user_id" value="5"/></data>', 30),
        (
            '<performed_by type="customer" gsnumber="3">C</performed_by><data><value name="user_id" value="5"/></data>',
            None,
        ),
        ("", None),
    ],
)
def test_the_customer_waits_until_a_representative_comes(who: str, joined: int | None) -> None:
    events = (event("Session Start"), event("Conference Member Added", who, at=STARTED_AT + 30))
    assert session_of(session_with(details(*events))).waiting_seconds == joined


def note(text: str, author: str = "Ann") -> str:
    who = f'<performed_by type="representative" gsnumber="2">{author}</performed_by>'
    return event("Session Note Added", who, f"<body>{text}</body>")


def test_notes_of_one_author_stand_alone() -> None:
    assert session_of(session_with(details(note("one"), note("two")))).notes == "one\n\ntwo"


def test_an_encoded_body_that_is_not_base64_is_nothing() -> None:
    broken = event("Chat Message", "<encoded_body>not base64!</encoded_body>")
    assert session_of(session_with(details(broken))).chat == ()


def test_a_nameless_speaker_has_the_name_of_the_list() -> None:
    who = '<rep_list><representative gsnumber="2"><username>ann</username></representative></rep_list>'
    said = event("Chat Message", '<performed_by type="representative" gsnumber="2"/>', "<body>hi</body>")
    (part,) = session_of(session_with(who, details(said))).chat
    assert part.lines[0].author == "ann"


def test_gsnumber_0_is_the_system_whatever_it_is_called() -> None:
    said = event("Chat Message", '<performed_by gsnumber="0">Bomgar</performed_by>', "<body>hi</body>")
    (part,) = session_of(session_with(details(said))).chat
    assert part.lines[0].author == ""


@pytest.mark.parametrize(("instances", "ids"), [("12", ["shell:0", "shell:1"]), ("01", ["shell:0", "shell:1"])])
def test_shells_are_counted_from_0_whatever_the_report_counts_from(instances: str, ids: list[str]) -> None:
    shells = "".join(
        f'<command_shell_recording instance="{n}"><view_url>https://x/{n}</view_url></command_shell_recording>'
        for n in instances
    )
    found = session_of(session_with(f"<command_shell_recordings>{shells}</command_shell_recordings>"))
    assert [one.id for one in found.recordings] == ids


def test_a_recording_without_a_download_can_only_be_linked() -> None:
    found = session_of(session_with("<session_recording_view_url>https://x/</session_recording_view_url>"))
    assert found.recordings == (Recording("Session recording", "https://x/"),)


def category(rows: int, cells: int = 1, size: int = 1) -> Element:
    row = f"<row>{'<field>' + 'x' * size + '</field>'}{'<field>y</field>' * (cells - 1)}</row>"
    return element(f'<s><category name="Programs"><data>{row * rows}</data></category></s>')


def test_a_long_table_is_only_counted() -> None:
    assert system.facts(category(system.LONG_TABLE + 1)) == {"Programs": f"{system.LONG_TABLE + 1} entries"}


def test_facts_are_bounded_in_number_and_length() -> None:
    fields = "".join(f'<field id="f{n}">{"v " * 1000}</field>' for n in range(500))
    found = system.facts(element(f"<s><category><data><row>{fields}</row></data></category></s>"))
    assert len(found) == system.MAX_FACTS
    assert {len(value) for value in found.values()} == {system.MAX_TEXT}


@pytest.mark.parametrize(
    ("columns", "cells", "fact"),
    [
        (("Name", "Value"), ("Memory", "16 GB"), ("System Memory", "16 GB")),
        (("Drive", "Type", "Used"), ("C:", "Local", "60%"), ("System C:", "Type: Local, Used: 60%")),
    ],
)
def test_a_table_of_two_columns_needs_no_name_for_the_second(
    columns: Sequence[str], cells: Sequence[str], fact: tuple[str, str]
) -> None:
    def fields(texts: Sequence[str]) -> str:
        return "".join(f"<field>{one}</field>" for one in texts)

    rows = f"<row>{fields(cells)}</row><row>{fields(['x'] * len(cells))}</row>"
    xml = f"<i><category name='System'><description>{fields(columns)}</description><data>{rows}</data></category></i>"
    assert fact in system.facts(element(xml)).items()
