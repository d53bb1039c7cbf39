"""Events, polling, the live state and all three at once: whichever way a session comes in, the tickets are equal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from sandbox.settings import SandboxSettings
from store import health
from tests.harness import until
from tests.whole.conftest import OpenAppliance
from tests.whole.office import ApplianceOffice, normalised
from workers.poll import BY_POLLING, BY_WATCHING

TRUSTING = (('platform = "appliance"', 'platform = "appliance"\ntrust_typed_keys = true'),)
LAG = 90.0
"""Seconds, of the sandbox's own clock, until a report has a session's end."""

Told = list[list[tuple[bool, str]]]
"""What stands on each ticket of the story, without what differs from one telling to the next."""


@dataclass(frozen=True)
class Way:
    """How the bridge hears of sessions."""

    name: str
    events: bool = False
    polling: bool = False
    live: bool = False

    @property
    def keys(self) -> str:
        return f"poll_seconds = {int(self.polling)}\nreal_time = {str(self.live).lower()}"

    @property
    def told_by(self) -> set[str]:
        """What names these ways in the bridge's own books."""
        ways = {"appliance": self.events, BY_POLLING: self.polling, BY_WATCHING: self.live}
        return {name for name, used in ways.items() if used}


EVENTS = Way("events", events=True)
POLLING = Way("polling", polling=True)
LIVE = Way("live state", live=True)
ALL = Way("all three", events=True, polling=True, live=True)


pytestmark = pytest.mark.usefixtures("short_pauses")


def opened(open_appliance: OpenAppliance, database_url: str, way: Way) -> ApplianceOffice:
    office = open_appliance(database_url, keys=way.keys, changes=TRUSTING, clock=way.polling or way.live)
    if not way.events:
        office.sandbox.settings.appliance.hook_url = ""
    if way.live:
        until(lambda: office.sandbox.appliance_live.readers)
    return office


def story(office: ApplianceOffice) -> Told:
    """Four tickets: one invited, one whose key is typed, one whose key is corrected, one that somebody mistyped."""
    invited, invitation = office.invited("Printer", "PRN-7")
    typed, corrected, mistaken = (office.desk.open_ticket(subject, "It blinks.") for subject in ("A", "B", "C"))

    lsid = office.begun(invitation.key).lsid
    office.customer.say("Hello")
    office.first.use("share")
    office.first.send_file("driver.zip")
    office.first.transfer("rep:2")
    office.second.accept(lsid)
    office.second.note("Fixed.")
    office.second.end()
    surveyed(office, office.second.answer_survey)

    office.chosen(str(typed))
    office.customer.say("my number was typed")
    office.first.end()
    surveyed(office, office.first.answer_survey)

    office.chosen(str(mistaken))
    office.first.edit_external_key(str(corrected))
    office.customer.say("my number was corrected")
    office.first.end()
    surveyed(office, office.first.answer_survey)

    office.sandbox.clock.advance(LAG + 1)
    for ticket in (invited, typed, corrected):
        office.card(ticket)
    office.settle()
    return [[normalised(c) for c in office.ours(ticket)] for ticket in (invited, typed, corrected, mistaken)]


def surveyed(office: ApplianceOffice, answered: Callable[..., None]) -> None:
    answered("Yes", "All of it")
    office.customer.answer_survey("Very", ("Printer",), "Thank you")


def heard(office: ApplianceOffice) -> set[str]:
    """By which ways the bridge heard something new of a session."""
    with office.bridge.database.read() as connection:
        rows = connection.execute(text("SELECT DISTINCT connection, name FROM events")).all()
    names = {row.name if row.connection == "admin" else row.connection for row in rows}
    return names & ALL.told_by


def test_every_way_in_leads_to_the_same_tickets(
    settings: SandboxSettings, open_appliance: OpenAppliance, new_database: Callable[[], str]
) -> None:
    settings.appliance.report_end_seconds = LAG
    told = {}
    for way in (EVENTS, POLLING, LIVE, ALL):
        office = opened(open_appliance, new_database(), way)
        told[way.name] = story(office)
        assert heard(office) <= way.told_by, "nothing came in by another way"
    expected = told[EVENTS.name]
    assert [len(comments) for comments in expected] == [2, 1, 1, 0]
    assert told == dict.fromkeys(told, expected)


@pytest.mark.parametrize("way", [EVENTS, POLLING, ALL], ids=lambda way: way.name)
def test_a_survey_that_comes_after_the_card_is_added_once(
    open_appliance: OpenAppliance, sqlite_url: str, way: Way
) -> None:
    office = opened(open_appliance, sqlite_url, way)
    ticket, invitation = office.invited()
    office.begun(invitation.key)
    office.first.end()
    office.card(ticket)
    office.settle()
    surveyed(office, office.first.answer_survey)
    until(lambda: all(any(w in c.text for c in office.additions(ticket)) for w in ("All of it", "Thank you")))
    office.settle()
    said = "".join(c.text for c in office.ours(ticket))
    assert (said.count("All of it"), said.count("Thank you"), len(office.cards(ticket))) == (1, 1, 1)


def test_a_survey_without_an_answer_is_no_news(open_appliance: OpenAppliance, sqlite_url: str) -> None:
    office = opened(open_appliance, sqlite_url, POLLING)
    ticket, invitation = office.invited()
    office.begun(invitation.key)
    office.first.end()
    office.card(ticket)
    office.settle()
    before = finds(office)
    office.customer.answer_survey("", (), "")
    for _ in range(3):
        await_a_look(office)
    assert finds(office) == before


def finds(office: ApplianceOffice) -> int:
    """How often a look found something new."""
    with office.bridge.database.read() as connection:
        found = connection.execute(text("SELECT count(*) FROM events WHERE kind = 'command.found'")).scalar_one()
    return int(found)


def await_a_look(office: ApplianceOffice) -> None:
    def last() -> float | None:
        with office.bridge.database.read() as connection:
            return health.polled_at(connection, "appliance")

    before = last()
    until(lambda: last() != before)


@pytest.mark.parametrize("way", [EVENTS, LIVE, ALL], ids=lambda way: way.name)
def test_attributes_follow_by_every_way_that_tells_of_a_running_session(
    open_appliance: OpenAppliance, sqlite_url: str, way: Way
) -> None:
    office = opened(open_appliance, sqlite_url, way)
    ticket, invitation = office.invited("Printer", "PRN-7")
    session = office.begun(invitation.key)
    until(lambda: office.linked(session))
    office.desk.change(ticket, "Printer", "PRN-8")
    until(lambda: session.attributes["asset"] == "PRN-8")


def test_a_key_that_is_typed_while_the_session_runs_is_known_at_once_by_the_live_state(
    open_appliance: OpenAppliance, sqlite_url: str
) -> None:
    office = opened(open_appliance, sqlite_url, LIVE)
    ticket = office.desk.open_ticket("Printer", "It blinks.")
    session = office.chosen(str(ticket))
    until(lambda: office.linked(session))
    assert session.open


def test_the_live_state_comes_back_after_a_cut_and_after_a_restart_of_the_appliance(
    open_appliance: OpenAppliance, sqlite_url: str
) -> None:
    office = opened(open_appliance, sqlite_url, LIVE)
    ticket, invitation = office.invited()
    session = office.begun(invitation.key)
    until(lambda: office.linked(session))
    live = office.sandbox.appliance_live
    live.truncate()
    live.cut()
    until(lambda: not live.readers)
    office.customer.say("still here")
    until(lambda: live.readers)
    office.first.end()
    assert "still here" in office.card(ticket).text
    office.settle()
    assert len(office.ours(ticket)) == 2
