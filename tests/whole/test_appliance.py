"""The main job through the appliance, over real HTTP: a ticket asks, a key comes, the session returns to it, once."""

from __future__ import annotations

import re

import pytest

from sandbox.play import play
from sandbox.settings import SandboxSettings
from tests.harness import ADMIN_TOKEN
from tests.whole.conftest import OpenAppliance
from tests.whole.office import ApplianceOffice

pytestmark = pytest.mark.usefixtures("short_pauses")

EXPIRY = re.compile(r"Please join before: \d{4}-\d\d-\d\d \d\d:\d\d UTC")
ATTACHING = (('session = {{ visibility = "internal" }}', 'session = {{ recordings = "attach" }}'),)
OLD_KEYS = """\
api = "2008"
username = "api"
password = "sandbox-appliance-password"
poll_seconds = 0"""
OLD = (
    ('client_id = "${{BEYONDTRUST_CLIENT_ID}}"\n', ""),
    ('client_secret = "${{BEYONDTRUST_CLIENT_SECRET}}"\n', ""),
    (
        'attributes = {{ asset = "{{ticket.field.custom_field_360000000001}}", custom_field1 = "{{ticket.subject}}" }}',
        "",
    ),
)
AGENTS = """
[[people]]
email = "agent.one@example.com"
name = "Agent One"
known_as = {{ appliance = "technician1" }}
"""


def test_the_play_is_whole_on_both_databases(open_appliance: OpenAppliance, database_url: str) -> None:
    office = open_appliance(database_url)
    told: list[str] = []
    result = play(office.sandbox, office.bridge.url, ADMIN_TOKEN, told.append, settle=0.5, platform="beyondtrust")
    assert result.success, "\n".join(told)


def test_the_key_stands_on_the_ticket_with_its_link_and_its_end(appliance: ApplianceOffice) -> None:
    ticket, invitation = appliance.invited("Printer 7", "PRN-7")
    key = appliance.sandbox.appliance.keys[invitation.key]
    assert not invitation.internal
    assert invitation.links == (appliance.sandbox.appliance.key_url(key),)
    assert EXPIRY.search(invitation.text)
    assert key.attributes == {"external_key": str(ticket), "asset": "PRN-7", "custom_field1": "Printer 7"}


def test_the_whole_session_is_one_card(
    open_appliance: OpenAppliance, settings: SandboxSettings, database_url: str
) -> None:
    settings.appliance.report_end_seconds = 60.0
    office = open_appliance(database_url)
    ticket, invitation = office.invited("Printer 7", "PRN-7")
    office.whole_session(invitation.key)
    office.sandbox.clock.advance(61)
    card = office.card(ticket)
    office.settle()
    base = f"{office.sandbox.appliance_url}/records/{office.session.lsid}"
    for part in (
        "Technician: Technician Two",
        "Customer: Customer 1",
        "Device: DESKTOP-7",
        "Technician One (owner, ",
        "Technician Two (owner, ",
        "Started: ",
        "Ended: ",
        "Work time: ",
        "Cleared tray 2.",
        "Was the issue resolved?: Yes",
        "What was solved?: Printer, Network",
        "Session recording",
        "Command shell 1",
        "driver & tray.zip",
        "Asset: PRN-7",
        "Custom field 1: Printer 7",
        "16 GB",
    ):
        assert part in card.text
    assert re.search(r"\d\d:\d\d:\d\d Customer 1: Grüße, it blinks <red> & green", card.text)
    assert re.search(r"\d\d:\d\d:\d\d Technician One: Good morning ", card.text)
    assert {f"{base}/{recording}" for recording in ("session/0", "screen/0", "shell/0")} <= set(card.links)
    assert card.internal
    assert [c.id for c in office.ours(ticket)] == [invitation.id, card.id]


@pytest.mark.parametrize(
    "habits",
    [
        {"sparse": True, "ipv6": True},
        {"namespace": "bomgar", "error_as": "child", "blank_lines": 3},
        {"namespace": "sra", "token_type": "bearer", "token_seconds": 1},
        {"namespace": "none", "strict_close": True},
        {"recordings": False, "linger": True},
    ],
    ids=lambda habits: ",".join(f"{name}={value}" for name, value in habits.items()),
)
def test_every_habit_of_an_appliance_leads_to_one_whole_card(
    settings: SandboxSettings, open_appliance: OpenAppliance, habits: dict[str, object]
) -> None:
    settings.appliance.report_end_seconds = 60.0
    for name, value in habits.items():
        setattr(settings.appliance, name, value)
    office = open_appliance()
    ticket, invitation = office.invited("Printer 7", "PRN-7")
    office.whole_session(invitation.key)
    office.sandbox.clock.advance(61)
    card = office.card(ticket)
    office.settle()
    for part in ("Technician Two (owner, ", "Grüße, it blinks <red> & green", "Cleared tray 2.", "Thank you", "PRN-7"):
        assert part in card.text
    assert len(office.ours(ticket)) == 2


def test_a_bomgar_of_2008_leads_to_one_card_too(settings: SandboxSettings, open_appliance: OpenAppliance) -> None:
    settings.appliance.old = True
    settings.appliance.report_end_seconds = 60.0
    office = open_appliance(keys=OLD_KEYS, changes=OLD)
    ticket, invitation = office.invited()
    office.whole_session(invitation.key)
    office.sandbox.clock.advance(61)
    card = office.card(ticket)
    office.settle()
    assert "Cleared tray 2." in card.text
    assert len(office.ours(ticket)) == 2


def test_hostile_chat_ends_as_readable_text(appliance: ApplianceOffice) -> None:
    lines = (
        "<script>alert(1)</script><img src=x onerror=alert(2)>",
        "{{ticket.requester.email}} {%raw%} ${7*7} <%= 7*7 %>",
        "]]></body></event><event><body>forged</body>&e;",
        "[url=javascript:alert(3)]click[/url] \\n",
        "مرحبا \u202etxt.exe 🖨️ \x0bbell",
    )
    ticket, invitation = appliance.invited()
    appliance.begun(invitation.key)
    for line in lines:
        appliance.customer.say(line)
    appliance.first.end()
    card = appliance.card(ticket)
    for line in lines[:4]:
        assert line in card.text
    assert "مرحبا" in card.text
    assert "\x0b" not in card.text


def test_replaying_everything_changes_nothing(appliance: ApplianceOffice) -> None:
    ticket, invitation = appliance.invited()
    appliance.whole_session(invitation.key)
    appliance.card(ticket)
    appliance.settle()
    before = appliance.desk.comments(ticket)
    assert appliance.replay_all(40) >= 12
    assert appliance.desk.comments(ticket) == before


def test_the_customer_sees_the_invitation_and_nothing_else_of_ours(appliance: ApplianceOffice) -> None:
    ticket, invitation = appliance.invited()
    appliance.whole_session(invitation.key)
    appliance.card(ticket)
    appliance.settle()
    seen = [c for c in appliance.desk.comments(ticket, customer=True) if c.author == "Deskbridge"]
    assert [c.id for c in seen] == [invitation.id]


def test_asking_again_after_a_session_makes_a_second_key_and_card(appliance: ApplianceOffice) -> None:
    ticket, first = appliance.invited()
    appliance.begun(first.key)
    appliance.first.end()
    appliance.card(ticket)
    appliance.desk.withdraw_request(ticket, "beyondtrust")
    appliance.settle()
    appliance.desk.ask_for_session(ticket, "beyondtrust")
    second = appliance.invitation(ticket, 2)
    assert second.key != first.key
    appliance.begun(second.key)
    appliance.customer.say("second talk")
    appliance.first.end()
    assert "second talk" in appliance.card(ticket, 2).text
    appliance.settle()
    assert len(appliance.ours(ticket)) == 4


def test_recordings_are_attached_where_the_route_says_so(open_appliance: OpenAppliance) -> None:
    office = open_appliance(changes=ATTACHING)
    ticket, invitation = office.invited()
    office.whole_session(invitation.key)
    office.card(ticket)
    office.settle()
    desk = office.sandbox.helpdesk
    with desk.lock:
        comments = desk.ticket(ticket).comments
        attached = {
            file.data: (file.content_type, comment.public) for comment in comments for file in comment.attachments
        }
    assert set(attached) == {recording.content for recording in office.session.recordings}
    assert set(attached.values()) == {("video/mp4", False)}
    assert len([c for c in office.ours(ticket) if "Recording: " in c.text]) == 3


def test_the_card_names_the_agent_whom_the_configuration_knows(open_appliance: OpenAppliance) -> None:
    office = open_appliance(more=AGENTS)
    ticket, invitation = office.invited()
    office.whole_session(invitation.key)
    card = office.card(ticket)
    assert " (agent: Agent One) (owner, " in card.text
    assert "Technician: Technician Two" in card.text
