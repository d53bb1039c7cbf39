"""Polling and watching: what is new becomes work, what is known does not."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bridge.effects import InvitationRecord, TicketKey
from bridge.errors import AccessDenied, RateLimited, Throttled, Unavailable
from bridge.model import Answer, ChatLine, ChatPart, InvitationState, Person, Session, SessionSummary, Survey, Ticket
from store import health, records
from store.health import ConnectionState
from store.schema import deliveries
from tests.workers.conftest import START, Hands, untrusting
from workers import poll

ENDED = SessionSummary("s", reference="42", ended=True)
WHOLE = Session("s", reference="42", ended=True, chat=(ChatPart(0, (ChatLine("hello", "Rep"),), whole=True),))


@pytest.fixture(autouse=True)
def ticket(hands: Hands) -> None:
    hands.desk.tickets["42"] = Ticket("42", "Printer")
    hands.platform.sessions["s"] = [WHOLE]


def commands(hands: Hands) -> int:
    with hands.house.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(deliveries)).scalar_one())


def state(hands: Hands) -> ConnectionState:
    with hands.house.database.read() as connection:
        return health.all_connections(connection, hands.now[0])["appliance"].state


def test_a_session_that_no_event_told_gets_its_card(hands: Hands) -> None:
    hands.platform.listed = [ENDED]
    assert poll.poll(hands.house, "appliance", START - 60) == 1
    hands.work()
    assert hands.marks() == ["card"]


def test_what_is_listed_again_is_nothing_new(hands: Hands) -> None:
    hands.platform.listed = [ENDED, ENDED]
    assert poll.poll(hands.house, "appliance", START) == 1
    hands.work()
    assert poll.poll(hands.house, "appliance", START) == 0
    assert commands(hands) == 1
    assert not hands.work()


def test_a_survey_that_comes_later_is_added(hands: Hands) -> None:
    hands.platform.listed = [ENDED]
    poll.poll(hands.house, "appliance", START)
    hands.work()
    survey = Survey("customer", (Answer("How was it?", "good"),))
    hands.platform.sessions["s"] = [Session("s", ended=True, surveys=(survey,))]
    hands.platform.listed = [SessionSummary("s", "42", ended=True, surveyed_by=frozenset({"customer"}))]
    assert poll.poll(hands.house, "appliance", START) == 1
    hands.work()
    assert hands.marks() == ["card", "addition"]
    assert poll.poll(hands.house, "appliance", START) == 0


def test_a_key_that_was_typed_later_links_a_running_session(hands: Hands) -> None:
    hands.platform.listed = [SessionSummary("s", started_at=datetime.fromtimestamp(START, UTC))]
    poll.poll(hands.house, "appliance", START)
    hands.platform.listed = [SessionSummary("s", reference="42")]
    assert poll.poll(hands.house, "appliance", START) == 1
    hands.platform.listed = [ENDED]
    poll.poll(hands.house, "appliance", START)
    hands.work()
    assert hands.marks() == ["card"]


def test_nothing_from_before_the_bridge_is_asked_for(hands: Hands) -> None:
    poll.poll(hands.house, "appliance", 0.0)
    (since,) = hands.platform.asked_since
    assert since.timestamp() == pytest.approx(START - poll.OVERLAP_SECONDS)


@pytest.mark.parametrize(
    ("failure", "becomes"),
    [
        (Throttled("not our turn"), ConnectionState.OK),
        (AccessDenied("no"), ConnectionState.STOPPED),
        (RateLimited("slower", retry_after=30), ConnectionState.RESTING),
        (Unavailable("down"), ConnectionState.OK),
    ],
)
def test_a_platform_that_cannot_be_asked_says_so_in_its_health(
    hands: Hands, failure: Exception, becomes: ConnectionState
) -> None:
    hands.platform.fail = failure  # type: ignore[assignment]  # parametrize knows only Exception
    _look(hands, "poll-appliance")
    assert state(hands) is becomes


def test_a_stopped_platform_is_left_alone(hands: Hands) -> None:
    with hands.house.database.write() as connection:
        health.stop(connection, hands.house.refusal("appliance", AccessDenied("refused"), START))
    _look(hands, "poll-appliance")
    assert not hands.platform.asked_since


def test_the_first_look_goes_deep_and_the_next_one_does_not(hands: Hands) -> None:
    with hands.house.database.write() as connection:
        health.polled(connection, "appliance", START)
    hands.let_pass(10 * 86400)
    with hands.house.database.write() as connection:
        health.polled(connection, "appliance", hands.now[0])
    (post,) = [one for one in poll.posts(hands.house) if one.name == "poll-appliance"]
    for _ in range(2):
        post.run(_Once())
    deep, shallow = (hands.now[0] - since.timestamp() for since in hands.platform.asked_since)
    assert deep == pytest.approx(poll.DEEP_SECONDS)
    assert shallow == pytest.approx(poll.OVERLAP_SECONDS)


def test_the_live_state_tells_starts_keys_and_ends(hands: Hands) -> None:
    hands.platform.live = [SessionSummary("s"), SessionSummary("s", reference="42"), ENDED]
    _look(hands, "watch-appliance")
    hands.work()
    assert hands.marks() == ["card"]


def test_all_ways_at_once_write_one_card(hands: Hands) -> None:
    hands.platform.live = [SessionSummary("s", reference="42"), ENDED]
    hands.platform.listed = [ENDED]
    for _ in range(3):
        _look(hands, "watch-appliance")
        _look(hands, "poll-appliance")
        hands.work()
    assert hands.marks() == ["card"]


class _Once(threading.Event):
    """Lets a loop look once."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def wait(self, timeout: float | None = None) -> bool:
        self.asked += 1
        return self.asked > 1


def _look(hands: Hands, name: str) -> None:
    (post,) = [one for one in poll.posts(hands.house) if one.name == name]
    post.run(_Once())


def technician(hands: Hands) -> str:
    with hands.house.database.read() as connection:
        known = records.find_session(connection, "appliance", "s")
    assert known is not None
    return known.session.technician.name


def test_the_live_state_tells_of_a_hand_over(hands: Hands) -> None:
    for person in (Person("First", id="1"), Person("Second", id="2")):
        hands.platform.live = [SessionSummary("s", reference="42", technician=person)]
        _look(hands, "watch-appliance")
        assert technician(hands) == person.name


def test_a_live_state_that_may_not_be_had_stops_nothing_else(hands: Hands) -> None:
    hands.platform.fail = AccessDenied("no right to the real-time state")
    _look(hands, "watch-appliance")
    assert state(hands) is ConnectionState.OK


def test_an_invited_session_in_a_listing_without_times_is_read_once_and_linked_while_it_runs(hands: Hands) -> None:
    untrusting(hands)
    now = hands.moment
    invitation = InvitationRecord(
        TicketKey("desk", "42"), 1, "help", "appliance", InvitationState.ISSUED, now, now + timedelta(hours=1)
    )
    with hands.house.database.write() as connection:
        records.save_invitation(connection, invitation)
    hands.platform.sessions["s"] = [Session("s", reference="42", started_at=now, patience_seconds=120)]
    hands.platform.listed = [SessionSummary("s", reference="42")]
    for _ in range(2):
        poll.poll(hands.house, "appliance", START)
        hands.work()
    with hands.house.database.read() as connection:
        known = records.find_session(connection, "appliance", "s")
    assert known is not None
    assert (known.ticket, known.carded) == (TicketKey("desk", "42"), False)
    assert hands.marks() == [], "its card is written at its end"
    assert hands.effects() == [("read_session", "done")]
