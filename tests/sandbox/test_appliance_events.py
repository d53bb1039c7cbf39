"""The outbound queue: one event at a time, in order, and none past one that was not taken."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from sandbox.beyondtrust.events import OutboundQueue, refusals
from sandbox.beyondtrust.state import ApplianceState
from sandbox.settings import ApplianceSettings
from tests.sandbox.appliance import helped, over, waiting
from tests.sandbox.receiver import Receiver


@pytest.fixture
def state(receiver: Receiver) -> ApplianceState:
    hook = f"{receiver.url}/hooks/appliance?key=secret"
    return ApplianceState(ApplianceSettings(hook_url=hook, event_retry_seconds=0.02))


@pytest.fixture
def queue(state: ApplianceState) -> Iterator[OutboundQueue]:
    running = OutboundQueue(state)
    yield running
    running.close()


def names(receiver: Receiver) -> list[str]:
    return [one.form["event"].removeprefix("support_conference_") for one in receiver.received]


def test_a_whole_session_tells_all_seven_events(
    state: ApplianceState, queue: OutboundQueue, receiver: Receiver
) -> None:
    session = helped(state, external_key="35436")
    state.end(session.lsid)
    state.answer_customer_survey(session.lsid, ["Very"])
    state.answer_representative_survey(session.lsid, ["Yes"])
    assert queue.drain()
    assert names(receiver) == [
        "begin",
        "member_added",
        "member_added",
        "owner_changed",
        "member_departed",
        "member_departed",
        "end",
        "customer_exit_survey_completed",
        "rep_exit_survey_completed",
    ]
    for one in receiver.received:
        assert {"version", "timestamp", "appliance_id"} <= one.form.keys()
        assert (one.form["lsid"], one.form["external_key"]) == (session.lsid, "35436")
        assert one.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert one.query == "key=secret"


def test_events_say_whom_they_are_about(state: ApplianceState, queue: OutboundQueue, receiver: Receiver) -> None:
    session = helped(state)
    state.transfer(session.lsid, "team:2")
    assert queue.drain()
    forms = [one.form for one in receiver.received]
    assert (forms[1]["type"], forms[1]["display_name"]) == ("customer", "Ann")
    assert (forms[3]["type"], forms[3]["username"], forms[3]["user_id"]) == ("representative", "technician1", "1")
    assert (forms[4]["type"], forms[4]["name"]) == ("queue", "Network Team")


@pytest.mark.parametrize("status", [201, 204, 302, 401, 404, 500, 503])
def test_anything_but_200_stops_the_queue(
    state: ApplianceState, queue: OutboundQueue, receiver: Receiver, status: int
) -> None:
    receiver.answers.extend([(200, {}), (status, {}), (status, {})])
    waiting(state)
    assert queue.drain()
    assert names(receiver) == ["begin", "member_added", "member_added", "member_added"]
    assert [(one.number, one.status) for one in queue.attempts] == [(1, 200), (1, status), (2, status), (3, 200)]
    assert len(refusals(queue.attempts)) == 1


def test_nobody_there_stops_it_too_until_somebody_is(
    state: ApplianceState, queue: OutboundQueue, receiver: Receiver
) -> None:
    there = state.settings.hook_url
    state.settings.hook_url = "http://127.0.0.1:9/"
    waiting(state)
    assert not queue.drain(0.1)
    assert {one.status for one in queue.attempts} == {0}
    state.settings.hook_url = there
    assert queue.drain()
    assert names(receiver) == ["begin", "member_added"]


def test_an_event_is_given_up_at_last(state: ApplianceState, queue: OutboundQueue, receiver: Receiver) -> None:
    state.settings.event_give_up_seconds = 0.0
    receiver.answers.append((500, {}))
    waiting(state)
    assert queue.drain()
    assert (queue.dropped, names(receiver)) == (1, ["begin", "member_added"])


def test_raw_events_go_the_same_way(state: ApplianceState, queue: OutboundQueue, receiver: Receiver) -> None:
    for body in (b"event=unheard_of&version=1", b"\xff\x00%%%", b"", "event=unheard_of&version=1"):
        queue.submit_raw(body)
    assert queue.drain()
    bodies = [one.body for one in receiver.received]
    assert bodies == [b"event=unheard_of&version=1", b"\xff\x00%%%", b"", b"event=unheard_of&version=1"]


def test_what_was_not_ticked_is_not_sent(state: ApplianceState, queue: OutboundQueue, receiver: Receiver) -> None:
    state.settings.muted_events = frozenset({"support_conference_member_added"})
    waiting(state)
    assert queue.drain()
    assert names(receiver) == ["begin"]


def test_without_an_address_nothing_is_queued(state: ApplianceState, queue: OutboundQueue) -> None:
    state.settings.hook_url = ""
    over(state)
    assert len(queue) == 0


def test_dropped_sessions_and_hidden_work_say_nothing(
    state: ApplianceState, queue: OutboundQueue, receiver: Receiver
) -> None:
    session = helped(state)
    assert queue.drain()
    before = len(receiver.received)
    state.note(session.lsid, 1, "a note")
    state.edit_external_key(session.lsid, "7")
    state.drop(session.lsid)
    assert queue.drain()
    assert len(receiver.received) == before


def test_a_queue_that_is_closed_sends_nothing_more(
    state: ApplianceState, queue: OutboundQueue, receiver: Receiver
) -> None:
    state.settings.event_retry_seconds = 60.0
    receiver.answers.append((500, {}))
    waiting(state)
    receiver.wait_for(1)
    queue.close()
    queue.submit_raw("event=late")
    assert (len(queue), len(receiver.received)) == (0, 1)


def test_the_fields_survive_any_text(state: ApplianceState, queue: OutboundQueue, receiver: Receiver) -> None:
    waiting(state, "team:1", external_key="a&b=c +ä\n🖨")
    assert queue.drain()
    assert parse_qs(receiver.received[0].body.decode())["external_key"] == ["a&b=c +ä\n🖨"]
