"""What RemotePC knows of computers, on the contacts of each CRM: only what changed, once, from where it ended."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bridge.errors import RateLimited, Unavailable
from connectors.command_line.desk import Desk
from store.schema import journal
from tests.whole.test_provisioning import CRMS, CUSTOMER, Open, Provisioned, opened
from workers import sync as syncing
from workers.sync import Synced, night, routes, sync, sync_due
from workers.sync_command import sync_command

__all__ = ["opened"]


@pytest.fixture
def office(opened: Open) -> Provisioned:
    return joined(opened, "hubspot")


def joined(opened: Open, kind: str) -> Provisioned:
    """A CRM and RemotePC with a route that syncs, and one user."""
    lines = {
        "hubspot": '{ allotted = "remotepc_allotted", used = "remotepc_used" }',
        "salesforce": '{ allotted = "RemotePC_allotted__c", used = "RemotePC_used__c" }',
        "dynamics": '{ allotted = "new_remotepcallotted", used = "new_remotepcused" }',
    }
    found = opened(kind, sync=lines[kind])
    add(found, CUSTOMER, 5)
    return found


def add(office: Provisioned, email: str, computers: int) -> None:
    office.remotepc.state.add(
        {
            "firstName": "Customer",
            "lastName": "One",
            "invitedUserEmailId": email,
            "password": "Made-up-pass-1",
            "allotedComputers": computers,
        }
    )


def run(office: Provisioned, *, again: bool = False) -> Synced:
    house = office.bridge.services.house
    [route] = routes(house)
    *_, last = sync(house, route, again=again)
    return last


def numbers(office: Provisioned) -> tuple[str, str]:
    names = office.crm.names
    return str(office.crm.contact_value(names.allotted)), str(office.crm.contact_value(names.used))


def writes(office: Provisioned) -> int:
    method, path = office.crm.record_write
    return len(office.crm.faults.requests(path, method=method))


@pytest.mark.parametrize("kind", CRMS)
def test_computers_stand_on_the_contact_and_only_what_changed_is_written(opened: Open, kind: str) -> None:
    office = joined(opened, kind)
    office.remotepc.state.connect_computer(CUSTOMER)
    assert (run(office).written, numbers(office)) == (1, ("5", "1"))
    assert (run(office, again=True).written, writes(office)) == (0, 1)
    office.remotepc.state.connect_computer(CUSTOMER)
    assert (run(office, again=True).written, numbers(office)) == (1, ("5", "2"))


def test_a_night_is_synced_once(office: Provisioned) -> None:
    assert run(office).finished
    office.remotepc.faults.seen.clear()
    assert run(office).finished
    sync_due(office.bridge.services.house, lambda: False)
    assert not office.remotepc.faults.requests()


def test_users_without_a_contact_are_counted_and_no_contact_is_made(office: Provisioned) -> None:
    add(office, "nobody@example.com", 1)
    done = run(office)
    assert (done.users, done.looked, done.strangers, done.written, done.refused) == (2, 2, 1, 1, 0)


def test_a_contact_that_may_not_be_changed_stops_no_other(office: Provisioned) -> None:
    add(office, "a-second@example.com", 1)
    office.crm.faults.fail("*a-second*", status=400)
    done = run(office)
    assert (done.looked, done.refused, done.written) == (2, 1, 1)


def test_it_goes_on_where_it_was_interrupted(office: Provisioned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "KEEP_EVERY", 1)
    for number in range(9):
        add(office, f"a{number}@example.com", 1)
    house = office.bridge.services.house
    office.crm.faults.cut("*a4*")
    [route] = routes(house)
    with pytest.raises(Unavailable):
        list(sync(house, route))
    before = [one.path for one in office.crm.faults.requests("*contacts*")]
    office.crm.faults.seen.clear()
    done = run(office)
    after = [one.path for one in office.crm.faults.requests("*contacts*", method="GET")]
    assert (done.finished, done.looked, done.users) == (True, 10, 10)
    assert "a4" in before[-1]
    assert "a4" in after[0]
    assert not set(before[:-1]) & set(after)


def test_the_clock_stops_between_two_users_and_goes_on(office: Provisioned) -> None:
    for number in range(3):
        add(office, f"a{number}@example.com", 1)
    house = office.bridge.services.house
    sync_due(house, lambda: True)
    assert len(office.crm.faults.requests("*contacts*")) == 1
    sync_due(house, lambda: False)
    assert len(office.crm.faults.requests("*contacts*", method="GET")) == 4


def test_a_vendor_that_asks_to_wait_rests_and_is_asked_again_later(office: Provisioned) -> None:
    house = office.bridge.services.house
    office.crm.faults.fail("*contacts*", status=429, retry_after=60)
    sync_due(house, lambda: False)
    assert len(office.crm.faults.requests("*contacts*")) == 1
    sync_due(house, lambda: False)
    assert len(office.crm.faults.requests("*contacts*")) == 1
    [route] = routes(house)
    office.crm.faults.fail("*contacts*", status=429, retry_after=60)
    with pytest.raises(RateLimited):
        list(sync(house, route))


def test_a_refused_key_stops_the_connection(office: Provisioned) -> None:
    house = office.bridge.services.house
    office.remotepc.settings.api_key = "another-key-of-today"
    sync_due(house, lambda: False)
    office.remotepc.faults.seen.clear()
    sync_due(house, lambda: False)
    assert not office.remotepc.faults.requests()


def test_the_story_has_counts_and_no_addresses(office: Provisioned) -> None:
    run(office)
    with office.bridge.database.read() as connection:
        told = [row.what for row in connection.execute(select(journal.c.what))]
    assert told == ["route accounts: 1 users looked at, 1 contacts changed, 0 without a contact, 0 refused"]


def test_our_own_write_asks_for_nothing(office: Provisioned) -> None:
    run(office)
    office.send(office.crm.tell_contact(office.hook, ours=True))
    office.settle()
    assert not office.remotepc.faults.requests("*/invite")


@pytest.mark.parametrize(
    ("moment", "told"),
    [(1_772_416_800.0, "2026-03-02"), (1_772_416_799.0, "2026-03-01"), (1_772_503_199.0, "2026-03-02")],
)
def test_a_night_begins_at_two(moment: float, told: str) -> None:
    assert night(moment) == told


@pytest.mark.parametrize(
    ("connection", "route", "code"), [(None, None, 0), ("remotepc", "accounts", 0), (None, "x", 1)]
)
def test_by_hand(office: Provisioned, connection: str | None, route: str | None, code: int) -> None:
    command = sync_command("remotepc", lambda: nullcontext(office.bridge.services.house))
    desk = Desk(lambda _name: nullcontext(), connection, json=False)  # type: ignore[arg-type, return-value]
    done = CliRunner().invoke(command, ["--route", route] if route else [], obj=desk)
    assert done.exit_code == code, done.output
    if code:
        assert "there is accounts" in done.output
    else:
        assert "Contacts changed" in done.output
        assert numbers(office) == ("5", "0")
