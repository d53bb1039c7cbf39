"""The database is locked or away: nothing false is acknowledged, and afterwards everything goes on by itself."""

from __future__ import annotations

import threading

import httpx
import pytest

from sandbox.helpdesk import hooks as desk_hooks
from tests.faultkit.inside import Inside, bridge_inside
from tests.faultkit.servers import PostgresServer, locked
from tests.harness import until


def _deliver(inside: Inside) -> httpx.Response:
    desk = inside.sandbox.helpdesk
    hook = desk_hooks.signed(desk, {"event": "ticket.updated", "ticket_id": "1", "actor": "agent@example.com"})
    return httpx.post(hook.url, content=hook.body, headers=dict(hook.headers), trust_env=False, timeout=30)


@pytest.mark.usefixtures("short_patience")
def test_a_locked_sqlite_is_told_to_the_sender_and_waited_for(sqlite_url: str) -> None:
    with bridge_inside(sqlite_url) as inside:
        with locked(sqlite_url):
            answers = _at_once(inside, 5)
            case = inside.people.open_ticket("locked")
            assert [answer.status_code for answer in answers] == [503] * 5
            assert {answer.headers["Retry-After"] for answer in answers} == {"5"}
            until(lambda: any(one.status == 503 for one in inside.hooks.requests()[5:]))
        until(lambda: inside.people.pin(case), 15)


@pytest.mark.usefixtures("short_patience")
def test_work_under_way_survives_a_locked_sqlite(sqlite_url: str) -> None:
    with bridge_inside(sqlite_url) as inside:
        case = inside.people.open_ticket("under way", ask=False)
        gate = inside.zendesk.hold_after(f"/api/v2/tickets/{case.ticket_id}.json", method="PUT")
        inside.people.ask(case)
        gate.wait_for()
        inside.sandbox.drain()
        with locked(sqlite_url):
            gate.open()
            until(lambda: inside.zendesk.requests(method="PUT"))
            assert len(_at_once(inside, 1)) == 1
        until(inside.all_quiet, 30)
        assert len(inside.people.ours(case)) == 1


def test_a_postgresql_that_goes_away_is_told_to_the_sender_and_waited_for(
    postgres: PostgresServer, postgres_url: str
) -> None:
    with bridge_inside(postgres_url) as inside:
        waiting = inside.people.open_ticket("before", ask=False)
        gate = inside.zendesk.hold_after(f"/api/v2/tickets/{waiting.ticket_id}.json", method="PUT")
        inside.people.ask(waiting)
        gate.wait_for()
        postgres.stop()
        gate.open()
        answer = _deliver(inside)
        assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "5")
        assert httpx.get(f"{inside.bridge.url}/readyz", trust_env=False).status_code == 503
        case = inside.people.open_ticket("during")
        postgres.start()
        until(lambda: inside.people.invited([waiting, case]) and inside.all_quiet(), 40)
        assert [len(inside.people.ours(one)) for one in (waiting, case)] == [1, 1]


def _at_once(inside: Inside, times: int) -> list[httpx.Response]:
    answers: list[httpx.Response] = []
    threads = [threading.Thread(target=lambda: answers.append(_deliver(inside))) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers
