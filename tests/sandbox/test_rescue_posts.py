"""Post-to-URL in all its shapes."""

from __future__ import annotations

import re
import time

import pytest
from lxml import etree

from sandbox.driver import Customer, Technician
from sandbox.serve import Sandbox
from sandbox.settings import RescueSettings
from tests.sandbox.receiver import Received, Receiver

TIME = re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d [AP]M")


class Stage:
    """A session that can be played from the outside."""

    def __init__(self, sandbox: Sandbox, receiver: Receiver, people: tuple[Customer, Technician]) -> None:
        self.sandbox, self.receiver = sandbox, receiver
        self.customer, self.technician = people
        self.settings: RescueSettings = sandbox.settings.rescue

    def play(self, *said: str, name: str = "Zoë") -> int:
        rescue = self.sandbox.rescue
        values = {"cfield0": name, "cfield5": "last", "tracking0": "T-1"}
        session = self.customer.join(rescue.request_pin(rescue.owner, values).code)
        self.technician.session_id = session
        self.technician.note("written while the customer waits, and not in the start")
        self.technician.pick_up(session)
        for text in said or ("hello",):
            self.customer.say(text)
        self.technician.note("a note")
        self.technician.end(survey=["yes", "all good"])
        return session

    def posts(self, number: int) -> list[Received]:
        assert self.sandbox.drain()
        posts = self.receiver.received
        assert len(posts) == number
        return posts


@pytest.fixture
def stage(sandbox: Sandbox, receiver: Receiver, customer: Customer, technician: Technician) -> Stage:
    sandbox.connect(rescue_hook=f"{receiver.url}/hooks/rescue", rescue_secret="s/ecret")
    return Stage(sandbox, receiver, (customer, technician))


def test_a_start_and_an_end_with_the_secret_in_the_address(stage: Stage) -> None:
    session = stage.play()
    start, end = (post.form for post in stage.posts(2))
    assert {post.query for post in stage.receiver.received} == {"key=s%2Fecret"}
    assert start["SessionID"] == end["SessionID"] == str(session)
    assert start["Tracking0"] == "T-1"
    assert (start["CField0"], start["CField5"], start["TechName"]) == ("Zoë", "last", "Technician 1")
    late = ("Note", "ClosingTime", "WorkTime", "LastActionTime", "Transmitted")
    assert [start[name] for name in late] == [""] * 5
    assert all(end[name] for name in late)
    assert all(TIME.fullmatch(end[name]) for name in ("PickupTime", "ClosingTime", "LastActionTime"))


def test_surveys_come_at_the_end_only(stage: Stage) -> None:
    stage.play()
    start, end = (post.form for post in stage.posts(2))
    assert not any(name.startswith("TSurvey") for name in start)
    assert [end[f"TSurvey{number}"] for number in range(10)] == ["yes", "all good", *[""] * 8]


def test_chat_is_what_came_since_the_last_post(stage: Stage) -> None:
    session = stage.play("one", "two")
    start, end = (post.form["ChatLog"] for post in stage.posts(2))
    assert "one" not in start
    assert "P2P" not in end
    assert f"{start}\n{end}" == stage.sandbox.rescue.session(session).transcript()


def test_chat_lines_may_be_glued_together(stage: Stage) -> None:
    stage.settings.post_chat_separator = ""
    stage.play("one", "two")
    chat = stage.posts(2)[1].form["ChatLog"]
    assert "\n" not in chat
    assert re.search(r"Zoë: one\d+:\d\d [AP]M Zoë: two\d+:\d\d [AP]M The technician ended", chat)


def test_the_note_can_be_called_as_documented(stage: Stage) -> None:
    stage.settings.post_note_field = "Notes"
    stage.play()
    form = stage.posts(2)[1].form
    assert form["Notes"] == "a note"
    assert "Note" not in form


@pytest.mark.parametrize("kind", ["text/xml", "application/xml"])
def test_xml(stage: Stage, kind: str) -> None:
    stage.settings.post_format = "xml"
    stage.settings.post_xml_type = kind  # type: ignore[assignment]  # one of its literals
    stage.play("<script>&\x0bamp;")
    end = stage.posts(2)[1]
    root = etree.fromstring(end.body)
    assert (root.tag, end.headers["Content-Type"]) == ("session", kind)
    assert root.findtext("cfield0") == "Zoë"
    assert root.findtext("note") == "a note"
    assert root.findtext("tsurvey0") == "yes"
    assert "<script>&amp;" in (root.findtext("chatlog") or "")
    assert [child.tag for child in root] == [str(child.tag).lower() for child in root]


@pytest.mark.parametrize(("charset", "name"), [("windows-1252", "Zo%EB"), ("utf-16-le", "Z%00o%00%EB%00")])
def test_other_charsets(stage: Stage, charset: str, name: str) -> None:
    stage.settings.post_charset = charset
    stage.play("smile 🖨")
    end = stage.posts(2)[1]
    assert f"CField0={name}&".encode() in end.body
    assert end.headers["Content-Type"] == f"application/x-www-form-urlencoded; charset={charset}"


def test_at_most_once(stage: Stage) -> None:
    stage.receiver.answers.append((503, {"Retry-After": "0"}))
    stage.play()
    stage.posts(2)
    assert [one.status for one in stage.sandbox.rescue_hooks.attempts] == [503, 200]


def test_until_it_arrives_if_a_harness_wants_it(stage: Stage) -> None:
    stage.settings.redeliver = True
    stage.receiver.answers.append((503, {"Retry-After": "0"}))
    stage.play()
    stage.posts(3)


def test_doubled(stage: Stage) -> None:
    stage.settings.post_copies = 2
    stage.play()
    first, second, third, fourth = (post.body for post in stage.posts(4))
    assert first == second != third == fourth


def test_in_the_wrong_order(stage: Stage) -> None:
    stage.settings.post_reorder = True
    stage.play()
    assert ["TSurvey0" in post.form for post in stage.posts(2)] == [True, False]


def test_delayed(stage: Stage) -> None:
    stage.settings.post_delay_seconds = 0.4
    begun = time.monotonic()
    stage.play()
    stage.posts(2)
    assert time.monotonic() - begun >= 0.4


def test_a_customer_who_leaves_ends_the_session_too(stage: Stage) -> None:
    rescue = stage.sandbox.rescue
    waiting = stage.customer.join(rescue.request_pin(rescue.owner, {}).code)
    stage.customer.leave()
    assert rescue.session(waiting).status == "Closed by waiting customer"
    stage.posts(0)
    active = stage.customer.join(rescue.request_pin(rescue.owner, {}).code)
    stage.technician.pick_up(active)
    stage.customer.leave()
    assert rescue.session(active).status == "Closed by active customer"
    assert stage.posts(2)[1].form["TSurvey0"] == ""
