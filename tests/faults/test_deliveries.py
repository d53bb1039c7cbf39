"""Deliveries that come twice, late, in the wrong order, again, or that nobody can read."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence

import httpx
import pytest
from sqlalchemy import text

from bridge.model import Delivery, SessionEvent
from connectors.contract import SupportPlatform
from demo import CONFIG
from sandbox.clock import iso
from sandbox.helpdesk import hooks as desk_hooks
from sandbox.sender import Hook
from store import inbox
from tests.faultkit.inside import Inside, bridge_inside
from tests.faultkit.quiet import open_work
from tests.faultkit.story import Case
from tests.harness import until


def _finished(inside: Inside, cases: Sequence[Case]) -> list[str]:
    """What is wrong once everything has calmed down."""
    until(lambda: inside.people.carded(cases) and inside.all_quiet(), 30)
    return [wrong for case in cases for wrong in inside.people.wrong_with(case)]


def test_doubled_posts_make_one_card(inside: Inside) -> None:
    inside.sandbox.settings.rescue.post_copies = 3
    cases = inside.people.open_tickets("doubled", 3)
    until(lambda: inside.people.invited(cases))
    for case in cases:
        inside.people.hold_session(case)
    assert _finished(inside, cases) == []


def test_a_start_that_comes_after_the_end_makes_the_same_card(inside: Inside) -> None:
    inside.sandbox.settings.rescue.post_reorder = True
    case = inside.people.open_ticket("reordered")
    until(lambda: inside.people.pin(case))
    inside.people.hold_session(case)
    assert _finished(inside, [case]) == []


def test_a_start_that_comes_after_the_card_adds_nothing(inside_sqlite: Inside) -> None:
    inside = inside_sqlite
    case = inside.people.open_ticket("late")
    until(lambda: inside.people.pin(case))
    inside.sandbox.settings.rescue.post_reorder = True
    # The end passes; the start, posted after it, waits until the card stands on the ticket.
    inside.hooks.delay(0.0, "/hooks/rescue")
    gate = inside.hooks.hold_before("/hooks/rescue")
    inside.people.hold_session(case)
    until(lambda: inside.people.cards(case) and not open_work(inside.bridge.database))
    gate.open()
    assert _finished(inside, [case]) == []


def test_the_card_waits_for_an_invitation_that_is_late(inside: Inside) -> None:
    """The customer got the PIN by telephone; the note with it is still on its way when the session ends."""
    people, rescue = inside.people, inside.sandbox.rescue
    case = people.open_ticket("overtaken", ask=False)
    gate = inside.zendesk.hold_before(f"/api/v2/tickets/{case.ticket_id}.json", method="PUT")
    people.ask(case)
    gate.wait_for()
    people.hold_session(case, pin=next(iter(rescue.pins)))
    inside.sandbox.drain()
    until(lambda: "read_session" in inside.states(case.ticket_id))
    inside.bridge.drain.wake()
    assert inside.states(case.ticket_id)["read_session"] == "pending"
    assert not people.ours(case)
    gate.open()
    assert _finished(inside, [case]) == []


def test_a_webhook_that_comes_three_times_asks_once(inside: Inside) -> None:
    case = inside.people.open_ticket("thrice", ask=False)
    inside.sandbox.drain()
    desk = inside.sandbox.helpdesk
    desk.ticket(case.ticket_id).tags.append(desk.settings.tag)
    body = {
        "event": "ticket.updated",
        "ticket_id": str(case.ticket_id),
        "delivery": "d-1",
        "actor": "agent@example.com",
    }
    hook = desk_hooks.signed(desk, body)
    answers = _send_at_once(hook, 3)
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.json()["delivery"] for answer in answers}) == 1
    until(lambda: inside.people.pin(case) and inside.all_quiet())
    assert len(inside.people.invitations(case)) == 1
    assert len(inside.sandbox.rescue.pins) == 1


def _send_at_once(hook: Hook, times: int) -> list[httpx.Response]:
    answers: list[httpx.Response] = []

    def send() -> None:
        answers.append(httpx.post(hook.url, content=hook.body, headers=dict(hook.headers), trust_env=False))

    threads = [threading.Thread(target=send) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_replaying_every_delivery_changes_no_ticket(inside: Inside) -> None:
    cases = inside.people.open_tickets("replayed", 3)
    until(lambda: inside.people.invited(cases))
    for case in cases:
        inside.people.hold_session(case)
    assert _finished(inside, cases) == []
    before = [inside.people.ours(case) for case in cases]
    pins = len(inside.sandbox.rescue.pins)
    with inside.bridge.database.write() as connection:
        ids = connection.execute(text("SELECT id FROM deliveries")).scalars().all()
        assert all(inbox.replay(connection, each, inside.bridge.services.house.clock()) for each in ids)
    inside.bridge.drain.wake()
    assert _finished(inside, cases) == []
    assert [inside.people.ours(case) for case in cases] == before
    assert len(inside.sandbox.rescue.pins) == pins


def test_what_we_wrote_ourselves_sets_nothing_off(inside_sqlite: Inside) -> None:
    assert _reads_and_echoes(inside_sqlite) == (2, 2), "opened and asked for by people; told and carded by us"


def test_events_that_name_us_by_number_set_nothing_off(sqlite_url: str) -> None:
    config = CONFIG.replace('kind = "zendesk"', 'kind = "zendesk"\nuser_id = 902')
    with bridge_inside(sqlite_url, config=config) as inside:
        inside.sandbox.settings.helpdesk.hook_form = "event"
        assert _reads_and_echoes(inside) == (2, 2)


def test_events_whose_actor_nobody_knows_make_no_loop(sqlite_url: str) -> None:
    with bridge_inside(sqlite_url) as inside:
        inside.sandbox.settings.helpdesk.hook_form = "event"
        assert _reads_and_echoes(inside) == (4, 0), "each of our two writes is read once more, and ends there"


def _reads_and_echoes(inside: Inside) -> tuple[int, int]:
    """How often a whole session lets us read the ticket, and how many webhooks we knew as our own doing."""
    case = inside.people.open_ticket("echo")
    until(lambda: inside.people.pin(case))
    inside.people.hold_session(case)
    assert _finished(inside, [case]) == []
    with inside.bridge.database.read() as connection:
        reads = connection.execute(text("SELECT count(*) FROM effects WHERE kind = 'read_ticket'")).scalar_one()
        echoes = connection.execute(
            text("SELECT count(*) FROM journal WHERE what LIKE '%caused by Deskbridge itself%'")
        ).scalar_one()
    return reads, echoes


class _Poisoned:
    """A platform whose parser fails on one post, in a way that nobody foresaw."""

    def __init__(self, platform: SupportPlatform, word: bytes, threads: str) -> None:
        self._platform = platform
        self._word = word
        self._threads = threads

    def parse(self, delivery: Delivery) -> Sequence[SessionEvent]:
        if self._word in delivery.body and threading.current_thread().name.startswith(self._threads):
            raise ZeroDivisionError("nobody foresaw this")
        return self._platform.parse(delivery)

    def __getattr__(self, name: str) -> object:
        return getattr(self._platform, name)


@pytest.mark.parametrize(
    "threads",
    [
        pytest.param("", id="everywhere"),
        pytest.param("work", id="in the worker"),
    ],
)
def test_a_poisoned_delivery_is_parked_and_the_others_go_on(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, threads: str
) -> None:
    monkeypatch.setattr("workers.perform.BACKOFF_SECONDS", (0.05,))
    people = inside.people
    cases = [people.open_ticket("healthy"), people.open_ticket("poison")]
    until(lambda: people.invited(cases))
    platforms = inside.bridge.services.house.platforms
    assert isinstance(platforms, dict)
    platforms["rescue"] = _Poisoned(platforms["rescue"], b"poison", threads)
    people.hold_session(cases[1])
    people.hold_session(cases[0])
    posts = until(lambda: found if len(found := inside.hooks.requests("/hooks/rescue")) >= 4 else None)
    assert {one.status for one in posts} == {200}, "stored, whatever the parser says"
    until(lambda: people.cards(cases[0]))

    def parked() -> Sequence[str]:
        with inside.bridge.database.read() as connection:
            return connection.execute(text("SELECT reason FROM deliveries WHERE state = 'parked'")).scalars().all()

    until(lambda: len(parked()) == 2)
    assert set(parked()) == {"internal error: ZeroDivisionError"}
    assert people.wrong_with(cases[0]) == []


@pytest.mark.parametrize(
    "key", ["with\0null", "lone \ud800 surrogate", "long" * 100], ids=["null", "surrogate", "long"]
)
def test_a_strange_delivery_key_harms_nobody(inside: Inside, key: str) -> None:
    case = inside.people.open_ticket("strange", ask=False)
    inside.sandbox.drain()
    desk = inside.sandbox.helpdesk
    desk.ticket(case.ticket_id).tags.append(desk.settings.tag)
    told = {"event": "ticket.updated", "ticket_id": str(case.ticket_id), "delivery": key, "actor": "agent@example.com"}
    body, stamp = json.dumps(told).encode(), iso(desk.clock.now())
    headers = {
        "Content-Type": "application/json",
        "X-Zendesk-Webhook-Signature": desk_hooks.signature(desk.settings.hook_secret, stamp, body),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
    }
    answers = _send_at_once(Hook(desk.settings.hook_url, headers, body), 2)
    assert [answer.status_code for answer in answers] == [200, 200]
    until(lambda: inside.people.pin(case))
