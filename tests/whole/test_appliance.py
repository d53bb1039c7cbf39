"""The main job through the appliance, over real HTTP: a ticket asks, a key comes, the session returns to it, once."""

from __future__ import annotations

import re

import pytest

from sandbox.driver import Refusal
from sandbox.play import play
from sandbox.settings import SandboxSettings
from tests.harness import ADMIN_TOKEN, until
from tests.whole.conftest import OpenAppliance
from tests.whole.office import ApplianceOffice
from workers import reconcile

EXPIRY = re.compile(r"Please join before: \d{4}-\d\d-\d\d \d\d:\d\d UTC")
TRUSTING = (('platform = "appliance"', 'platform = "appliance"\ntrust_typed_keys = true'),)
ATTACHING = (('session = {{ visibility = "internal" }}', 'session = {{ recordings = "attach" }}'),)
CLOSING = (('visibility = "public"', 'visibility = "public"\nclose_on = "ticket_closed"'),)
BRIEF = (("ttl_seconds = 3600", "ttl_seconds = 1"),)
AGENTS = """
[[people]]
email = "agent.one@example.com"
name = "Agent One"
known_as = {{ appliance = "technician1" }}
"""


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks again for what is not there yet asks at once."""
    monkeypatch.setattr("workers.perform.BACKOFF_SECONDS", (0.05, 0.1, 0.2))


def everything(office: ApplianceOffice, key: str) -> None:
    """A session with all that can happen in one, and both surveys."""
    lsid = office.begun(key).lsid
    office.customer.say("Grüße, it blinks <red> & green")
    office.first.say("Good morning {{ticket.id}}")
    for tool in ("system", "share", "show", "shell"):
        office.first.use(tool)
    office.first.send_file("driver & tray.zip")
    office.first.transfer("rep:2")
    office.second.accept(lsid)
    office.second.note("Cleared tray 2.")
    office.second.end()
    office.second.answer_survey("Yes", "Cleared it")
    office.customer.answer_survey("Very", ("Printer", "Network"), "Thank you")


# -- the main job ----------------------------------------------------------------------------------------------


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
    everything(office, invitation.key)
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


def test_the_customer_sees_the_invitation_and_nothing_else_of_ours(appliance: ApplianceOffice) -> None:
    ticket, invitation = appliance.invited()
    everything(appliance, invitation.key)
    appliance.card(ticket)
    appliance.settle()
    seen = [c for c in appliance.desk.comments(ticket, customer=True) if c.author == "Deskbridge"]
    assert [c.id for c in seen] == [invitation.id]


def test_surveys_that_come_late_are_added_once(appliance: ApplianceOffice) -> None:
    ticket, invitation = appliance.invited()
    appliance.begun(invitation.key)
    appliance.first.end()
    appliance.card(ticket)
    appliance.settle()
    appliance.first.answer_survey("Partly", "Ordered a part")
    assert "What was done?: Ordered a part" in appliance.addition(ticket).text
    appliance.settle()
    appliance.customer.answer_survey("Somewhat", (), "Slow")
    assert "Anything you want to tell us?: Slow" in appliance.addition(ticket, 2).text
    appliance.settle()
    assert (len(appliance.cards(ticket)), len(appliance.additions(ticket))) == (1, 2)
    assert "Ordered a part" not in appliance.additions(ticket)[1].text


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


# -- attributes follow the ticket ------------------------------------------------------------------------------


def test_attributes_follow_the_ticket_while_the_session_runs(appliance: ApplianceOffice) -> None:
    ticket, invitation = appliance.invited("Printer", "PRN-7")
    session = appliance.begun(invitation.key)
    until(lambda: appliance.linked(session))
    appliance.desk.change(ticket, "Printer & <scanner>", "PRN-8")
    wanted = {"external_key": str(ticket), "asset": "PRN-8", "custom_field1": "Printer & <scanner>"}
    until(lambda: session.attributes == wanted)
    appliance.desk.change(ticket, "Printer & <scanner>", "")
    until(lambda: "asset" not in session.attributes)
    assert session.attributes == {"external_key": str(ticket), "custom_field1": "Printer & <scanner>"}


def test_what_changed_before_the_customer_came_is_brought_when_they_come(appliance: ApplianceOffice) -> None:
    ticket, invitation = appliance.invited("Printer", "PRN-7")
    appliance.desk.change(ticket, "Printer", "PRN-9")
    appliance.settle()
    session = appliance.begun(invitation.key)
    until(lambda: session.attributes["asset"] == "PRN-9")


def test_a_session_that_is_over_is_told_nothing_more(appliance: ApplianceOffice) -> None:
    ticket, invitation = appliance.invited("Printer", "PRN-7")
    session = appliance.begun(invitation.key)
    appliance.first.end()
    appliance.card(ticket)
    appliance.desk.change(ticket, "Printer", "PRN-9")
    appliance.settle()
    assert session.attributes["asset"] == "PRN-7"
    assert len(appliance.ours(ticket)) == 2


# -- an invitation ends ----------------------------------------------------------------------------------------


def test_an_expired_invitation_says_so(open_appliance: OpenAppliance) -> None:
    office = open_appliance(changes=BRIEF, clock=True)
    ticket, invitation = office.invited()
    office.told(ticket, "This invitation has expired without being used.")
    # The appliance tells the end in whole seconds: its key may open for a part of one more.
    office.sandbox.clock.advance(1)
    with pytest.raises(Refusal):
        office.customer.join(invitation.key)
    office.settle()
    assert len(office.ours(ticket)) == 2


@pytest.mark.parametrize("status", ["solved", "closed"])
def test_the_invitation_of_a_ticket_that_is_done_is_over(open_appliance: OpenAppliance, status: str) -> None:
    office = open_appliance(changes=CLOSING)
    ticket, invitation = office.invited()
    office.set_status(ticket, status)
    office.settle()
    over = [c for c in office.ours(ticket) if "so this invitation is over" in c.text]
    assert [c.internal for c in over] == ([False] if status == "solved" else []), "a closed ticket takes no comment"
    assert "Its code stops working at: " in "".join(c.text for c in over) or status == "closed"
    assert office.ours(ticket)[0] == invitation


# -- the external key is typed by hand -------------------------------------------------------------------------


def test_a_typed_key_is_believed_where_the_ticket_was_invited(appliance: ApplianceOffice) -> None:
    ticket, _ = appliance.invited()
    session = appliance.chosen(str(ticket))
    appliance.customer.say("found you")
    appliance.first.end()
    assert "found you" in appliance.card(ticket).text
    assert appliance.linked(session)


def test_a_typed_key_without_an_invitation_is_an_orphan_that_can_be_linked(
    open_appliance: OpenAppliance, database_url: str
) -> None:
    office = open_appliance(database_url)
    ticket = office.desk.open_ticket("Printer", "It blinks.")
    session = office.chosen(f" {ticket} ")
    office.customer.say("whose ticket is this")
    office.first.end()
    office.settle()
    assert not office.ours(ticket), "nothing of a stranger's session stands on the ticket"

    (orphan,) = office.api("/orphans").json()["items"]
    (suggestion,) = orphan["suggestions"]
    assert orphan["session"]["session_id"] == session.lsid
    assert suggestion["ticket"] == {"connection": "zendesk", "ticket_id": str(ticket)}
    answer = office.api(f"/sessions/{orphan['session']['id']}/link", suggestion["ticket"])
    assert answer.status_code == 202
    assert "whose ticket is this" in office.card(ticket).text
    office.settle()
    assert not office.api("/orphans").json()["items"]
    assert len(office.ours(ticket)) == 1


def test_a_typed_key_is_believed_where_the_route_trusts_it(open_appliance: OpenAppliance) -> None:
    office = open_appliance(changes=TRUSTING)
    ticket = office.desk.open_ticket("Printer", "It blinks.")
    office.chosen(f" {ticket} ")
    office.first.end()
    assert office.card(ticket).internal
    office.settle()
    assert len(office.ours(ticket)) == 1


def test_a_key_of_no_ticket_leaves_everybody_alone(open_appliance: OpenAppliance) -> None:
    office = open_appliance(changes=TRUSTING)
    ticket = office.desk.open_ticket("Printer", "It blinks.")
    office.chosen(f"{ticket}99")
    office.first.end()
    office.settle()
    assert not office.ours(ticket)
    assert office.invited()


def test_a_corrected_key_leads_to_the_right_ticket_alone(open_appliance: OpenAppliance) -> None:
    office = open_appliance(changes=TRUSTING)
    wrong = office.desk.open_ticket("Scanner", "It blinks.")
    right = office.desk.open_ticket("Printer", "It blinks.")
    session = office.chosen(str(wrong))
    office.first.transfer("rep:2")
    until(lambda: (found := office.linked(session)) and found.ticket_id == str(wrong))
    office.second.accept(session.lsid)
    office.second.edit_external_key(str(right))
    office.second.end()
    assert office.card(right)
    office.settle()
    assert not office.ours(wrong)
    assert len(office.ours(right)) == 1


# -- what the appliance does not tell, or tells late -----------------------------------------------------------


@pytest.mark.parametrize("lag", ["report_appears_seconds", "report_end_seconds"])
def test_a_report_that_lags_behind_is_waited_for(
    settings: SandboxSettings, open_appliance: OpenAppliance, lag: str
) -> None:
    setattr(settings.appliance, lag, 60.0)
    office = open_appliance()
    ticket, invitation = office.invited()
    office.begun(invitation.key)
    office.customer.say("patience")
    office.first.end()
    asked = office.sandbox.faults.appliance.requests
    until(lambda: len(asked("/api/reporting")) >= 3)
    assert not office.cards(ticket)
    office.sandbox.clock.advance(61)
    assert "patience" in office.card(ticket).text
    office.settle()
    assert len(office.cards(ticket)) == 1


def test_a_session_that_closed_abnormally_gets_its_card_when_the_live_state_tells_its_end(
    open_appliance: OpenAppliance,
) -> None:
    office = open_appliance(keys="poll_seconds = 0\nreal_time = true", clock=True)
    ticket, invitation = office.invited()
    session = office.begun(invitation.key)
    office.customer.say("it went dark")
    until(lambda: office.linked(session))
    until(lambda: office.sandbox.appliance_live.readers)
    office.sandbox.appliance.drop(session.lsid)
    assert "it went dark" in office.patient_card(ticket).text
    office.settle()
    assert len(office.ours(ticket)) == 2


def test_a_session_of_which_nothing_more_is_heard_gets_its_card_in_the_end(
    appliance: ApplianceOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, invitation = appliance.invited()
    session = appliance.begun(invitation.key)
    appliance.customer.say("it went dark")
    appliance.sandbox.appliance.drop(session.lsid)
    appliance.settle()
    monkeypatch.setattr(reconcile, "OVERDUE_SECONDS", -1.0)
    house = appliance.bridge.services.house
    reconcile.reconcile(house, house.clock())
    card = appliance.patient_card(ticket)
    assert "it went dark" in card.text
    assert "never reported the end" in card.text
    appliance.settle()
    assert len(appliance.ours(ticket)) == 2


# -- as the route says -----------------------------------------------------------------------------------------


def test_recordings_are_attached_where_the_route_says_so(open_appliance: OpenAppliance) -> None:
    office = open_appliance(changes=ATTACHING)
    ticket, invitation = office.invited()
    everything(office, invitation.key)
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
    everything(office, invitation.key)
    card = office.card(ticket)
    assert "Agent One (agent.one@example.com) (owner, " in card.text
    assert "Technician: Technician Two" in card.text
