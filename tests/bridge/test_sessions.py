"""Whatever order the posts of a session come in, the same is known in the end."""

from __future__ import annotations

from itertools import permutations

from bridge.model import Answer, ChatLine, ChatPart, Person, Session, Survey
from bridge.sessions import merge, transcript

START = Session("7", technician=Person("Tech"), chat=(ChatPart(0, (ChatLine("hello", "Tech", "10:00 AM"),)),))
END = Session(
    "7",
    notes="done",
    ended=True,
    technician=Person(email="tech@example.com"),
    chat=(ChatPart(1, (ChatLine("bye", "Tech", "10:05 AM"),)),),
)
SURVEY = Session("7", surveys=(Survey("technician", (Answer("Question 1", "yes"),)),))


def test_any_order_and_any_doubles_lead_to_the_same() -> None:
    expected = merge(merge(merge(Session("7"), START), END), SURVEY)
    for order in permutations([START, END, SURVEY, END, START]):
        found = Session("7")
        for part in order:
            found = merge(found, part)
        assert found == expected


def test_the_transcript_joins_the_posts_in_their_order() -> None:
    found = merge(merge(Session("7"), END), START)
    assert [line.text for line in transcript(found)] == ["hello", "bye"]


def test_the_platforms_whole_log_wins_where_it_holds_more() -> None:
    lines = tuple(ChatLine(text) for text in ("hello", "in between", "bye"))
    whole = Session("7", chat=(ChatPart(9, lines, whole=True),))
    found = merge(merge(merge(Session("7"), START), END), whole)
    assert [line.text for line in transcript(found)] == ["hello", "in between", "bye"]


def test_a_whole_log_that_lost_lines_does_not_win() -> None:
    whole = Session("7", chat=(ChatPart(9, (ChatLine("bye"),), whole=True),))
    found = merge(merge(merge(Session("7"), START), END), whole)
    assert [line.text for line in transcript(found)] == ["hello", "bye"]


def test_what_is_empty_never_wins_over_what_is_known() -> None:
    found = merge(END, Session("7"))
    assert found == END


def test_a_hand_over_leaves_nothing_of_the_one_before() -> None:
    first = Session("7", technician=Person("First", "first@example.com", "1", username="first"))
    second = merge(first, Session("7", technician=Person("Second", id="2", username="second")))
    assert second.technician == Person("Second", id="2", username="second")
    assert merge(second, Session("7", technician=Person(email="s@example.com", id="2"))).technician.name == "Second"
