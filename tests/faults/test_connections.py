"""A vendor that is away, refuses, or says no: what belongs to it waits or stops, all others go on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import text

from demo import CONFIG
from sandbox.serve import Sandbox
from store import health
from tests.faultkit.inside import Inside, bridge_inside, generous
from tests.faultkit.story import Helpers
from tests.harness import SIGNING_SECRET, until

SECOND_DESK = """
[connections.zendesk2]
kind = "zendesk"
base_url = "{second}"
email = "${{ZENDESK_EMAIL}}"
api_token = "${{ZENDESK_API_TOKEN}}"
hook_secret = "${{ZENDESK_HOOK_SECRET}}"

[[routes]]
name = "remote help from the second desk"
ticket = "zendesk2"
platform = "rescue"
when = {{ tag = "remote-support" }}
invitation = {{ visibility = "public" }}
"""


@pytest.fixture
def two_desks(database_url: str) -> Iterator[tuple[Inside, Helpers]]:
    """A bridge with two help desks and one Rescue; the second desk has no proxy before it."""
    with ExitStack() as stack:
        second = stack.enter_context(Sandbox(generous()))
        config = CONFIG + SECOND_DESK.replace("{second}", second.helpdesk_url)
        inside = stack.enter_context(bridge_inside(database_url, config=config))
        second.connect(zendesk_hook=f"{inside.bridge.url}/hooks/zendesk2", zendesk_secret=SIGNING_SECRET)
        yield inside, Helpers(second)


def test_a_dead_vendor_stops_only_its_own_work_and_is_spared(
    two_desks: tuple[Inside, Helpers], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "BREAKER_SECONDS", 1.0)
    inside, others = two_desks
    inside.zendesk.dead = True
    cases = inside.people.open_tickets("dead", 8)
    until(lambda: inside.connection_state("zendesk")[2] > time.time())
    other = others.open_ticket("alive")
    until(lambda: others.pin(other), 15)
    assert not any(inside.people.pin(case) for case in cases)
    inside.zendesk.dead = False
    until(lambda: inside.people.invited(cases), 40)
    assert inside.connection_state("zendesk") == ("ok", "", 0)


def test_a_vendor_that_never_answers_holds_only_its_share_of_the_threads(two_desks: tuple[Inside, Helpers]) -> None:
    inside, others = two_desks
    gate = inside.zendesk.hold_before(times=1000)
    cases = inside.people.open_tickets("silent", 20)
    gate.wait_for(4)
    other = others.open_ticket("alive")
    until(lambda: others.pin(other), 15)
    inside.zendesk.clear()
    until(lambda: inside.people.invited(cases), 40)


def test_a_closed_ticket_parks_its_own_card_and_no_other(inside: Inside) -> None:
    people = inside.people
    closed, healthy = people.open_ticket("closed"), people.open_ticket("healthy")
    until(lambda: people.invited([closed, healthy]))
    people.close_ticket(closed)
    people.hold_session(closed)
    people.hold_session(healthy)
    until(lambda: people.cards(healthy) and inside.all_quiet())
    assert inside.states(closed.ticket_id)["add_note"].startswith("parked: ")
    assert "closed" in inside.states(closed.ticket_id)["add_note"]
    assert people.wrong_with(healthy) == []
    assert inside.connection_state("zendesk")[0] == "ok"


def test_refused_credentials_stop_the_connection_until_it_is_resumed(inside: Inside) -> None:
    desk = inside.sandbox.settings.helpdesk
    token, desk.api_token = desk.api_token, "another-token"
    case = inside.people.open_ticket("denied")
    until(lambda: inside.connection_state("zendesk")[0] == "stopped")
    assert "401" in inside.connection_state("zendesk")[1]
    # Two deliveries told of the ticket: the other one's read may have been under way.
    until(lambda: not inside.sending())
    asked = len(inside.zendesk.passed)
    another = inside.people.open_ticket("denied too")
    inside.sandbox.drain()
    inside.let_time_pass()
    time.sleep(0.5)
    assert len(inside.zendesk.passed) == asked, "a stopped connection is asked nothing"
    desk.api_token = token
    with inside.bridge.database.write() as connection:
        assert health.resume(connection, "zendesk", time.time())
    inside.bridge.drain.wake()
    until(lambda: inside.people.invited([case, another]), 10)


def test_a_refused_authcode_stops_rescue_and_says_so(inside: Inside) -> None:
    inside.sandbox.rescue.force("requestPINCode_v3", "INVALID_SECRETAUTHCODE")
    case = inside.people.open_ticket("authcode")
    until(lambda: inside.connection_state("rescue")[0] == "stopped")
    with inside.bridge.database.read() as connection:
        told = connection.execute(text("SELECT what FROM journal WHERE what LIKE 'connection rescue stopped%'"))
        lines = told.scalars().all()
    assert len(lines) == 1
    assert "INVALID_SECRETAUTHCODE" in lines[0]
    with inside.bridge.database.write() as connection:
        health.resume(connection, "rescue", time.time())
    inside.bridge.drain.wake()
    until(lambda: inside.people.pin(case), 10)


def test_without_a_technician_console_the_agent_is_told(sqlite_url: str) -> None:
    config = CONFIG.replace('kind = "rescue"', 'kind = "rescue"\nno_technician_console = false')
    with bridge_inside(sqlite_url, config=config) as inside:
        inside.sandbox.rescue.owner.console_open = False
        case = inside.people.open_ticket("console")
        note = until(lambda: inside.people.ours(case))[0]
        assert not note.public
        assert "Open the technician console" in note.body
        assert inside.states(case.ticket_id)["invite"].startswith("failed: ")


@pytest.mark.parametrize("code", ["OUTOFPINCODES", "POLLRATEEXCEEDED", "ERROR"])
def test_a_pin_that_cannot_be_had_now_is_had_later(inside_sqlite: Inside, code: str) -> None:
    inside = inside_sqlite
    inside.sandbox.rescue.force("requestPINCode_v3", code)
    case = inside.people.open_ticket("later")
    until(lambda: code in inside.states(case.ticket_id).get("invite", ""))
    inside.let_time_pass()
    until(lambda: inside.people.pin(case))
    assert len(inside.people.ours(case)) == 1


def test_a_session_that_rescue_no_longer_knows_still_gets_its_card(inside_sqlite: Inside) -> None:
    inside = inside_sqlite
    case = inside.people.open_ticket("forgotten")
    until(lambda: inside.people.pin(case))
    inside.sandbox.rescue.force("getChat", "ERROR", times=5)
    inside.people.hold_session(case)
    until(lambda: inside.people.cards(case) and inside.all_quiet())
    assert inside.people.wrong_with(case) == []
