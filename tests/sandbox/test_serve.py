"""Starting, stopping and breaking the vendors."""

from __future__ import annotations

import json
import time
from threading import Thread

import httpx
import pytest

from sandbox.driver import HelpdeskUser
from sandbox.serve import Sandbox
from sandbox.settings import SandboxSettings

ME = "/api/v2/users/me.json"


def test_the_front_page_links_all_vendors(sandbox: Sandbox) -> None:
    page = httpx.get(sandbox.front_url, trust_env=False).text
    vendors = [sandbox.helpdesk_url, sandbox.rescue_url, sandbox.appliance_url, sandbox.crm_url, sandbox.remotepc_url]
    assert all(f'href="{url}/"' in page for url in vendors)
    for url in (sandbox.front_url, *vendors):
        assert httpx.get(f"{url}/static/sandbox.css", trust_env=False).status_code == 200


def test_the_front_page_links_the_bridge_if_it_is_known(sandbox: Sandbox) -> None:
    assert "the bridge's console" not in httpx.get(sandbox.front_url, trust_env=False).text
    sandbox.console_url = "http://127.0.0.1:8000/"
    assert 'href="http://127.0.0.1:8000/"' in httpx.get(sandbox.front_url, trust_env=False).text


def test_given_ports_are_kept_and_freed() -> None:
    with Sandbox() as first:
        port = int(first.helpdesk_url.rpartition(":")[2])
    with Sandbox(SandboxSettings(helpdesk_port=port)) as second:
        assert second.helpdesk_url == first.helpdesk_url
        assert httpx.get(second.helpdesk_url, trust_env=False).status_code == 200


def test_a_taken_port_is_an_error_and_leaves_nothing_running(sandbox: Sandbox) -> None:
    port = int(sandbox.rescue_url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        Sandbox(SandboxSettings(rescue_port=port))


def test_stopping_twice_and_waiting() -> None:
    sandbox = Sandbox().start()
    waiting = Thread(target=sandbox.wait)
    waiting.start()
    sandbox.stop()
    sandbox.stop()
    waiting.join(timeout=5)
    assert not waiting.is_alive()


def test_failing_before_the_work(sandbox: Sandbox, zendesk: httpx.Client, ticket: int) -> None:
    sandbox.faults.helpdesk.fail("/api/v2/tickets/*", method="PUT", status=503, times=2, retry_after=7)
    body = {"ticket": {"tags": ["a"]}}
    path = f"/api/v2/tickets/{ticket}.json"
    assert zendesk.get(path).status_code == 200
    answers = [zendesk.put(path, json=body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].headers["Retry-After"] == "7"
    assert len(sandbox.helpdesk.ticket(ticket).audits) == 2
    assert [one.status for one in sandbox.faults.helpdesk.requests(path, method="PUT")] == [503, 503, 200]


def test_failing_after_the_work(sandbox: Sandbox, zendesk: httpx.Client, ticket: int) -> None:
    sandbox.faults.helpdesk.fail_after(f"/api/v2/tickets/{ticket}.json", method="PUT")
    answer = zendesk.put(f"/api/v2/tickets/{ticket}.json", json={"ticket": {"comment": {"body": "done"}}})
    assert answer.status_code == 500
    assert [one.body for one in sandbox.helpdesk.ticket(ticket).comments] == ["It blinks.", "done"]


def test_cutting_after_the_work(sandbox: Sandbox, zendesk: httpx.Client, ticket: int) -> None:
    sandbox.faults.helpdesk.cut_after(method="PUT")
    with pytest.raises(httpx.RemoteProtocolError):
        zendesk.put(f"/api/v2/tickets/{ticket}.json", json={"ticket": {"comment": {"body": "done"}}})
    assert [one.body for one in sandbox.helpdesk.ticket(ticket).comments] == ["It blinks.", "done"]
    assert sandbox.faults.helpdesk.pending() == 0


def test_cutting_before_the_work(sandbox: Sandbox, zendesk: httpx.Client, ticket: int) -> None:
    sandbox.faults.helpdesk.cut(method="PUT")
    with pytest.raises(httpx.RemoteProtocolError):
        zendesk.put(f"/api/v2/tickets/{ticket}.json", json={"ticket": {"comment": {"body": "done"}}})
    assert len(sandbox.helpdesk.ticket(ticket).comments) == 1


def test_rubbish_instead_of_an_answer(sandbox: Sandbox, zendesk: httpx.Client, rescue: httpx.Client) -> None:
    sandbox.faults.helpdesk.garbage(ME)
    answer = zendesk.get(ME)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert zendesk.get(ME).json()["user"]["role"] == "admin"
    assert rescue.get("/API/login.aspx").text == "INVALID"


def test_delays_and_latency(sandbox: Sandbox, zendesk: httpx.Client) -> None:
    def took() -> float:
        begun = time.monotonic()
        assert zendesk.get(ME).status_code == 200
        return time.monotonic() - begun

    sandbox.faults.helpdesk.delay(0.2, ME)
    sandbox.faults.helpdesk.latency = 0.1
    assert took() >= 0.3
    assert took() >= 0.1
    sandbox.faults.clear()
    assert sandbox.faults.helpdesk.latency == 0.0


def test_many_at_once_lose_nothing(sandbox: Sandbox, zendesk: httpx.Client, ticket: int) -> None:
    sandbox.settings.helpdesk.updates_per_ticket = 100

    def comment(number: int) -> None:
        with HelpdeskUser(sandbox.helpdesk_url) as user:
            user.reply(ticket, f"number {number}")

    people = [Thread(target=comment, args=(number,)) for number in range(20)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    found = sandbox.helpdesk.ticket(ticket)
    assert sorted(one.body for one in found.comments[1:]) == sorted(f"number {n}" for n in range(20))
    assert len({one.id for one in found.comments}) == 21
