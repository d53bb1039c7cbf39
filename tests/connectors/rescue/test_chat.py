"""Rescue's chat text to lines."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.model import ChatLine
from connectors.platforms.rescue import chat

THREE = (
    ChatLine("Connecting to: control.example.com (192.0.2.10:443)", time="10:09 AM"),
    ChatLine("Hello, how can I help you?", author="Technician", time="10:09 AM"),
    ChatLine("My drive", author="Customer Chris", time="1:10 PM"),
)
SAID = (
    "10:09 AM Connecting to: control.example.com (192.0.2.10:443)",
    "10:09 AM Technician: Hello, how can I help you?",
    "1:10 PM Customer Chris: My drive",
)


@pytest.mark.parametrize("between", ["\n", "\r\n", "\r", "\n\n", "", " "])
def test_lines_are_apart_or_glued(between: str) -> None:
    assert chat.lines(between.join(SAID)) == THREE


def test_no_text_is_no_line() -> None:
    assert chat.lines("") == ()
    assert chat.lines(" \r\n \n") == ()


def test_a_line_goes_on_where_no_stamp_stands() -> None:
    text = "10:09 AM Ann: first\n\n  second: indented\nthird\n10:10 AM Bob: next"
    assert chat.lines(text) == (
        ChatLine("first\n\n  second: indented\nthird", author="Ann", time="10:09 AM"),
        ChatLine("next", author="Bob", time="10:10 AM"),
    )


def test_a_typed_time_starts_no_line_where_lines_are_apart() -> None:
    text = "10:09 AM Ann: shall we say 11:30 AM tomorrow?\n10:10 AM Bob: yes"
    assert [line.author for line in chat.lines(text)] == ["Ann", "Bob"]


def test_a_typed_time_with_a_full_stop_starts_no_line_at_all() -> None:
    assert len(chat.lines("10:09 AM Ann: at 11:30 AM.10:10 AM Bob: yes")) == 2


@pytest.mark.parametrize(("end", "stamp"), [("room 1", "9:05 AM"), ("room 4", "10:09 AM"), ("PC-7", "2:00 PM")])
def test_a_glued_line_may_end_in_a_digit(end: str, stamp: str) -> None:
    first, second = chat.lines(f"8:00 AM Ann: {end}{stamp} Bob: yes")
    assert (first.text, second.time) == (end, stamp)


def test_text_before_the_first_stamp_is_kept_without_author() -> None:
    assert chat.lines("lost: head\n10:09 AM Ann: hi")[0] == ChatLine("lost: head")


@pytest.mark.parametrize("opening", chat.SYSTEM_OPENINGS)
def test_what_the_system_says_has_no_author(opening: str) -> None:
    assert chat.lines(f"10:09 AM {opening}: something")[0].author == ""


def test_the_first_colon_ends_the_name() -> None:
    assert chat.lines("10:09 AM Ann: see: there")[0] == ChatLine("see: there", author="Ann", time="10:09 AM")


@pytest.mark.parametrize("said", [": hello", "no colon here", "https://example.com/a", "Ann:"])
def test_without_a_name_all_is_text(said: str) -> None:
    assert chat.lines(f"10:09 AM {said}") == (ChatLine(said, time="10:09 AM"),)


def test_midnight_wraps_and_order_stays() -> None:
    stamps = [line.time for line in chat.lines("11:59 PM A: x\n12:00 AM A: y\n12:01 AM A: z")]
    assert stamps == ["11:59 PM", "12:00 AM", "12:01 AM"]


@settings(deadline=None)
@given(
    st.text() | st.lists(st.sampled_from(["10:09 AM ", "Ann: ", "\n", "x", ":", " ", "\r", "12:00 PM"])).map("".join)
)
def test_every_character_that_is_no_space_is_kept(text: str) -> None:
    told = "".join(line.time + line.author + (": " if line.author else "") + line.text for line in chat.lines(text))
    assert "".join(told.split()) == "".join(text.split())


@pytest.mark.parametrize("unit", ["1", "10:09 AM ", "\n", " ", "1:1", "10:09 ", "a: ", "\n 10:09 A", "10:09 AM\n"])
def test_a_long_chat_takes_no_quadratic_time(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    # This thread's own processor time: other work on the machine does not count. Linear is well under 0.2 s,
    # a step for each pair of characters would be minutes.
    begin = time.thread_time()
    chat.lines(text)
    assert time.thread_time() - begin < 2.0
