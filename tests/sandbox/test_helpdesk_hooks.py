"""The help desk's webhooks: signature, forms, echo, and what is sent again."""

from __future__ import annotations

import json
from datetime import datetime

import httpx
import pytest

from sandbox.driver import HelpdeskUser
from sandbox.helpdesk.hooks import signature
from sandbox.serve import Sandbox
from tests.sandbox.receiver import Receiver

SECRET = "HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA="


@pytest.fixture(autouse=True)
def _connected(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.connect(zendesk_hook=f"{receiver.url}/hooks/zendesk", zendesk_secret=SECRET)


def test_the_vector_of_the_vendors_page() -> None:
    signed = signature(SECRET, "2021-07-25T10:00:00Z", b'{"say": "hello"}')
    assert signed == "Rry/4TtIdFyawtXXp8QdI6tlAUUQ/5kL1OTp5qo/ZIk="


def test_a_trigger_is_signed_and_names_ticket_and_actor(receiver: Receiver, desk: HelpdeskUser, ticket: int) -> None:
    desk.ask_for_session(ticket)
    created, changed = receiver.wait_for(2)
    body = json.loads(changed.body)
    delivery = body.pop("delivery")
    assert body == {"event": "ticket.updated", "ticket_id": str(ticket), "actor": "agent@example.com"}
    assert json.loads(created.body)["event"] == "ticket.created"
    headers = changed.headers
    stamp = headers["X-Zendesk-Webhook-Signature-Timestamp"]
    assert headers["X-Zendesk-Webhook-Signature"] == signature(SECRET, stamp, changed.body)
    assert datetime.fromisoformat(stamp).utcoffset() is not None
    assert headers["X-Zendesk-Webhook-Invocation-Id"] == delivery
    assert headers["X-Zendesk-Account-Id"] == "22129848"


def test_what_the_api_user_writes_echoes_back(receiver: Receiver, zendesk: httpx.Client, ticket: int) -> None:
    zendesk.put(f"/api/v2/tickets/{ticket}.json", json={"ticket": {"comment": {"body": "hi"}}})
    assert json.loads(receiver.wait_for(2)[1].body)["actor"] == "bridge@example.com"


def test_fixed_events_come_one_by_one(sandbox: Sandbox, receiver: Receiver, zendesk: httpx.Client, ticket: int) -> None:
    receiver.wait_for(1)
    sandbox.settings.helpdesk.hook_form = "event"
    changes = {"tags": ["remote-support"], "status": "open", "comment": {"body": "hi", "public": False}}
    zendesk.put(f"/api/v2/tickets/{ticket}.json", json={"ticket": changes})
    bodies = [json.loads(one.body) for one in receiver.wait_for(4)[1:]]
    kinds = [body["type"].removeprefix("zen:event-type:ticket.") for body in bodies]
    assert kinds == ["status_changed", "tags_changed", "comment_added"]
    assert bodies[1]["event"] == {"tags_added": ["remote-support"], "tags_removed": []}
    assert bodies[1]["subject"] == f"zen:ticket:{ticket}"
    assert bodies[1]["detail"]["status"] == "OPEN"
    assert bodies[1]["zendesk_event_version"] == "2022-11-06"


def test_a_merge_tells_of_both_tickets(
    sandbox: Sandbox, receiver: Receiver, zendesk: httpx.Client, desk: HelpdeskUser, ticket: int
) -> None:
    into = desk.open_ticket("All printers", "They blink.")
    receiver.wait_for(2)
    sandbox.settings.helpdesk.hook_form = "event"
    zendesk.post(f"/api/v2/tickets/{into}/merge.json", json={"ids": [ticket]})
    bodies = [json.loads(one.body) for one in receiver.wait_for(7)[2:]]
    told = {(body["detail"]["id"], body["type"].removeprefix("zen:event-type:ticket.")) for body in bodies}
    closing = {"merged", "comment_added", "status_changed", "tags_changed"}
    assert told == {(str(into), "comment_added"), *((str(ticket), word) for word in closing)}
    [merged] = [body for body in bodies if body["type"].endswith("merged")]
    assert merged["event"] == {"target_ticket_id": str(into)}


def test_503_is_sent_again_with_the_same_invocation(receiver: Receiver, desk: HelpdeskUser, sandbox: Sandbox) -> None:
    receiver.answers.extend([(503, {"Retry-After": "0"}), (429, {}), (200, {})])
    desk.open_ticket("a", "b")
    assert sandbox.drain()
    tries = receiver.received
    assert len({one.headers["X-Zendesk-Webhook-Invocation-Id"] for one in tries}) == 1
    assert len(tries) == 3


@pytest.mark.parametrize("status", [500, 502, 404, 401])
def test_any_other_failure_is_lost(receiver: Receiver, desk: HelpdeskUser, sandbox: Sandbox, status: int) -> None:
    receiver.answers.append((status, {}))
    desk.open_ticket("a", "b")
    assert sandbox.drain()
    assert [one.status for one in sandbox.helpdesk_hooks.attempts] == [status]


def test_it_gives_up_in_the_end(receiver: Receiver, desk: HelpdeskUser, sandbox: Sandbox) -> None:
    sandbox.settings.helpdesk.hook_retries = 2
    receiver.answers.extend([(503, {"Retry-After": "0"})] * 5)
    desk.open_ticket("a", "b")
    assert sandbox.drain()
    assert [one.number for one in sandbox.helpdesk_hooks.attempts] == [1, 2, 3]


def test_nobody_there_is_lost_unless_a_harness_wants_it(
    receiver: Receiver, desk: HelpdeskUser, sandbox: Sandbox
) -> None:
    sandbox.connect(zendesk_hook="http://127.0.0.1:1/nobody")
    desk.open_ticket("a", "b")
    assert sandbox.drain()
    assert [one.status for one in sandbox.helpdesk_hooks.attempts] == [0]
    sandbox.settings.helpdesk.redeliver = True
    sandbox.connect(zendesk_hook=f"{receiver.url}/hooks/zendesk")
    receiver.answers.extend([(500, {}), (500, {})])
    desk.open_ticket("c", "d")
    assert sandbox.drain()
    assert len(receiver.received) == 3
