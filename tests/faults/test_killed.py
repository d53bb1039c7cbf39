"""Processes killed with -9, frozen, and left dead: what was acknowledged is done, once, and soon."""

from __future__ import annotations

import threading
import time

import httpx
import pytest
from sqlalchemy import text

from sandbox.helpdesk import hooks as desk_hooks
from tests.faultkit.outside import ROLES, Outside
from tests.faultkit.story import Case
from tests.harness import until

EVERYWHERE = ["sqlite", "sqlite-redis", "postgres-redis"]
PATIENCE = 60.0
"""How long it really takes is measured by `bench/chaos.py`, on a machine that does nothing else."""
NOTE = "/api/v2/tickets/*.json"


def _wrong(outside: Outside, cases: list[Case]) -> list[str]:
    until(outside.all_quiet, 40)
    return [wrong for case in cases for wrong in outside.people.wrong_with(case)]


@pytest.mark.parametrize("outside", EVERYWHERE, indirect=True)
def test_killed_in_the_middle_of_every_step(outside: Outside) -> None:
    """Everything is killed while some calls wait before the vendor's work, and some after it."""
    people = outside.people
    cases = [people.open_ticket(f"killed-{number}", ask=False) for number in range(6)]
    notes = [f"/api/v2/tickets/{case.ticket_id}.json" for case in cases]
    # The one whose PIN is made comes first and alone: a request for a PIN does not say for which ticket.
    making = outside.rescue.hold_after("/API/requestPINCode*")
    people.ask(cases[4])
    making.wait_for()
    gates = [
        outside.zendesk.hold_after(notes[0], method="PUT"),
        outside.zendesk.hold_after(notes[1], method="PUT"),
        outside.zendesk.hold_before(notes[2], method="PUT"),
        outside.zendesk.hold_before(notes[3], method="GET"),
    ]
    for case in cases[:4]:
        people.ask(case)
    for gate in gates:
        gate.wait_for()
    people.ask(cases[5])
    outside.household.kill(*ROLES)
    # What waited before the vendor is never heard of there: its sender is dead.
    outside.zendesk.clear()
    outside.rescue.clear()
    outside.household.start(*ROLES)
    until(lambda: people.invited(cases), PATIENCE)
    for case in cases:
        people.hold_session(case)
    assert _wrong(outside, cases) == []


@pytest.mark.parametrize("outside", ["sqlite", "postgres-redis"], indirect=True)
def test_a_worker_that_slept_past_its_lease_writes_nothing_twice(outside: Outside) -> None:
    """One sleeps with its request on the wire, another takes over; then the first one's request arrives after all."""
    people = outside.people
    outside.household.kill("clock")
    case = people.open_ticket("slept", ask=False)
    asleep = outside.zendesk.hold_before(f"/api/v2/tickets/{case.ticket_id}.json", method="PUT")
    people.ask(case)
    asleep.wait_for()
    outside.freeze("worker")
    outside.household.start("clock")
    until(lambda: people.pin(case), PATIENCE)
    asleep.open()
    path = f"/api/v2/tickets/{case.ticket_id}.json"
    writes = until(lambda: found if len(found := outside.zendesk.requests(path, method="PUT")) == 2 else None)
    assert [one.status for one in writes] == [200, 409]
    outside.household.thaw("worker")
    until(outside.all_quiet)
    assert len(people.ours(case)) == 1


@pytest.mark.parametrize("dead", ["worker", "clock"])
@pytest.mark.parametrize("outside", ["sqlite", "postgres-redis"], indirect=True)
def test_work_goes_on_without(outside: Outside, dead: str) -> None:
    outside.household.kill(dead)
    case = outside.people.open_ticket(f"without-{dead}")
    until(lambda: outside.people.pin(case), PATIENCE)
    outside.people.hold_session(case)
    assert _wrong(outside, [case]) == []


@pytest.mark.parametrize("outside", ["sqlite-redis", "postgres-redis"], indirect=True)
def test_redis_flushed_gone_and_back(outside: Outside) -> None:
    people = outside.people
    assert outside.redis
    flushed = people.open_tickets("flushed", 5)
    for _ in range(20):
        outside.redis.flush()
        time.sleep(0.01)
    until(lambda: people.invited(flushed), PATIENCE)
    outside.redis.kill()
    gone = people.open_tickets("gone", 3)
    until(lambda: people.invited(gone), PATIENCE)
    outside.redis.start()
    back = people.open_ticket("back")
    until(lambda: people.pin(back), PATIENCE)
    for case in (*flushed, *gone, back):
        people.hold_session(case)
    assert _wrong(outside, [*flushed, *gone, back]) == []


@pytest.mark.parametrize("outside", ["sqlite", "postgres-redis"], indirect=True)
def test_no_acknowledged_delivery_is_lost_when_web_is_killed_under_load(outside: Outside) -> None:
    acknowledged: list[int] = []
    stopping = threading.Event()
    senders = [threading.Thread(target=_send, args=(outside, acknowledged, stopping)) for _ in range(4)]
    for sender in senders:
        sender.start()
    for _ in range(2):
        before = len(acknowledged)
        until(lambda before=before: len(acknowledged) > before + 20)  # type: ignore[misc]  # a default is no parameter
        outside.household.kill("web")
        outside.household.start("web")
        outside.household.wait_until_up()
    stopping.set()
    for sender in senders:
        sender.join(30)
    with outside.database.read() as connection:
        stored = set(connection.execute(text("SELECT id FROM deliveries")).scalars())
    assert len(acknowledged) > 40
    assert set(acknowledged) <= stored
    until(outside.all_quiet, 40)


def _send(outside: Outside, acknowledged: list[int], stopping: threading.Event) -> None:
    """Events of a ticket that asks for nothing, each with an id of its own, as fast as they are answered."""
    desk = outside.sandbox.helpdesk
    body = {"event": "ticket.updated", "ticket_id": "1", "actor": outside.secrets.email}
    with httpx.Client(trust_env=False, timeout=5) as client:
        while not stopping.is_set():
            hook = desk_hooks.signed(desk, body)
            try:
                answer = client.post(hook.url, content=hook.body, headers=dict(hook.headers))
            except httpx.TransportError:
                stopping.wait(0.05)
                continue
            if answer.status_code == 200:
                acknowledged.append(int(answer.json()["delivery"]))
