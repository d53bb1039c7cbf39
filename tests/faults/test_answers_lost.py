"""A vendor's answer does not come, or says nothing: the note stands on the ticket exactly once all the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.faultkit.inside import Inside
from tests.faultkit.proxy import Fault, Proxy
from tests.faultkit.story import Case
from tests.harness import until

Trouble = Callable[[Proxy, str], None]

AFTER_THE_WORK: Mapping[str, Trouble] = {
    "cut": lambda proxy, path: proxy.cut_after(path, method="PUT"),
    "cut in the answer": lambda proxy, path: proxy.half(path, method="PUT"),
    "500": lambda proxy, path: proxy.answer_after(500, path, method="PUT"),
    "503": lambda proxy, path: proxy.answer_after(503, path, method="PUT"),
    "garbage": lambda proxy, path: proxy.answer_after(200, path, method="PUT"),
    "other JSON": lambda proxy, path: proxy.answer_after(200, path, method="PUT", body=b'{"audit": []}'),
    "409": lambda proxy, path: proxy.answer_after(409, path, method="PUT"),
}
BEFORE_THE_WORK: Mapping[str, Trouble] = {
    "cut": lambda proxy, path: proxy.cut(path, method="PUT"),
    "500": lambda proxy, path: proxy.answer(500, path, method="PUT"),
    "429": lambda proxy, path: proxy.answer(429, path, method="PUT", retry_after=1),
    "garbage": lambda proxy, path: proxy.answer(200, path, method="PUT"),
    "read cut": lambda proxy, path: proxy.cut(path, method="GET", times=2),
    "read garbage": lambda proxy, path: proxy.answer(200, path, method="GET", times=2),
    "read 503": lambda proxy, path: proxy.answer(503, path, method="GET", times=2, retry_after=1),
}


def _troubled(inside: Inside, troubles: Mapping[str, Trouble]) -> list[Case]:
    """A ticket for each trouble, which waits for the first calls that concern the ticket."""
    cases = [inside.people.open_ticket(name, ask=False) for name in troubles]
    _trouble(inside, troubles, cases)
    for case in cases:
        inside.people.ask(case)
    return cases


def _trouble(inside: Inside, troubles: Mapping[str, Trouble], cases: list[Case]) -> None:
    for case in cases:
        troubles[case.name](inside.zendesk, f"/api/v2/tickets/{case.ticket_id}.json")


@pytest.mark.usefixtures("no_breaker")
def test_one_note_when_the_answer_is_lost_after_the_work(inside: Inside) -> None:
    people = inside.people
    cases = _troubled(inside, AFTER_THE_WORK)
    until(lambda: people.invited(cases), 40)
    _trouble(inside, AFTER_THE_WORK, cases)
    for case in cases:
        people.hold_session(case)
    until(lambda: people.carded(cases) and inside.all_quiet(), 40)
    assert [wrong for case in cases for wrong in people.wrong_with(case)] == []
    assert sum(inside.zendesk.counts.values()) - inside.zendesk.counts[Fault.PASS] == 2 * len(AFTER_THE_WORK)


@pytest.mark.usefixtures("no_breaker")
def test_one_note_when_the_fault_comes_before_the_work(inside_sqlite: Inside) -> None:
    inside, people = inside_sqlite, inside_sqlite.people
    cases = _troubled(inside, BEFORE_THE_WORK)
    until(lambda: people.invited(cases), 40)
    for case in cases:
        people.hold_session(case)
    until(lambda: people.carded(cases) and inside.all_quiet(), 40)
    assert [wrong for case in cases for wrong in people.wrong_with(case)] == []


def test_one_note_when_the_answer_comes_after_the_time_out(inside: Inside) -> None:
    inside.impatient(0.5)
    inside.zendesk.delay(2.0, "/api/v2/tickets/*.json", method="PUT")
    case = inside.people.open_ticket("slow")
    until(lambda: inside.people.pin(case) and inside.all_quiet())
    assert len(inside.people.ours(case)) == 1


def test_one_invitation_when_the_answer_with_the_pin_is_lost(inside_sqlite: Inside) -> None:
    inside = inside_sqlite
    inside.rescue.cut_after("/API/requestPINCode*")
    case = inside.people.open_ticket("pin")
    until(lambda: inside.people.pin(case) and inside.all_quiet())
    assert len(inside.people.invitations(case)) == 1
    assert len(inside.sandbox.rescue.pins) == 2, "the first PIN was made, and nobody could know"
