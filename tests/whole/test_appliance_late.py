"""What the appliance tells late, or never: its reports lag, surveys come afterwards, sessions close abnormally."""

from __future__ import annotations

import pytest

from sandbox.settings import SandboxSettings
from tests.harness import until
from tests.whole.conftest import OpenAppliance
from tests.whole.office import ApplianceOffice
from workers import reconcile

pytestmark = pytest.mark.usefixtures("short_pauses")


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


def test_many_sessions_that_end_at_once_are_told_at_the_pace_that_the_appliance_allows(
    appliance: ApplianceOffice,
) -> None:
    tickets = [appliance.invited()[0] for _ in range(10)]
    desk = appliance.sandbox.appliance
    begun = [desk.join(key) for key in list(desk.keys)]
    for session in begun:
        desk.accept(session.lsid, 1)
        desk.end(session.lsid)
    for ticket in tickets:
        appliance.card(ticket)
    appliance.settle()
    assert [len(appliance.ours(ticket)) for ticket in tickets] == [2] * 10
    answers = appliance.sandbox.faults.appliance.requests("/api/*")
    assert {answer.status for answer in answers} == {200}, "the appliance was never asked too often"
