"""Rescue's posts to events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import MalformedPayload
from bridge.model import Answer, ChatPart, Person, Session, SessionEvent, SessionEventKind, Survey
from connectors.platforms.rescue import webhook
from connectors.platforms.rescue.schema import POST_FIELDS
from tests.connectors.rescue.support import post

MEDIA_TYPES = ["", "application/x-www-form-urlencoded", "text/xml", "application/xml; charset=utf-16"]


def event(name: str) -> SessionEvent:
    [found] = webhook.parse(post(name))
    return found


def session(name: str) -> Session:
    return event(name).session


def test_a_start() -> None:
    found = event("form-start")
    assert found.kind is SessionEventKind.STARTED
    assert found.occurred_at == datetime(2026, 2, 19, 10, 9, 37, tzinfo=UTC)
    started = found.session
    assert (started.id, started.reference) == ("16633560", "DB1:zendesk:4711:1:pXk2uT8cQmW0aLrE")
    assert started.technician == Person("John Doe", "jdoe@example.com", "337366", "Second level", sso_id="jdoe")
    assert started.customer == Person("Chris Customer")
    assert started.fields == {
        "cfield0": "Chris Customer",
        "cfield1": "External drive not found",
        "cfield4": "PC-0042",
    }
    assert (started.device, started.waiting_seconds, started.work_seconds) == ("Windows 11", 104, None)
    assert (started.ended, started.ended_at, started.surveys, started.notes) == (False, None, (), "")


def test_an_end() -> None:
    found = event("form-end")
    assert found.kind is SessionEventKind.ENDED
    assert found.occurred_at == datetime(2026, 2, 19, 10, 12, 58, tzinfo=UTC)
    ended = found.session
    assert ended.ended
    assert ended.last_action_at == datetime(2026, 2, 19, 10, 12, 40, tzinfo=UTC)
    assert (ended.work_seconds, ended.transmitted_bytes) == (201, 1_048_576)
    assert ended.notes == "Drive letter was taken.\nMapped it to F:."
    assert ended.surveys == (Survey("technician", (Answer("Question 1", "Hardware"), Answer("Question 3", "Solved"))),)


def test_the_chat_comes_in_two_parts_in_order() -> None:
    [first], [second] = session("form-start").chat, session("form-end").chat
    assert [(part.order, part.whole) for part in (first, second)] == [(0, False), (1, False)]
    assert [line.author for line in second.lines] == ["John Doe", "Chris Customer", "", "", "John Doe", ""]


@pytest.mark.parametrize(
    "name",
    ["form-end-notes", "form-end-odd-case", "form-end-crlf", "form-end-glued", "xml-end", "query-get", "query-post"],
)
def test_one_session_in_many_shapes_is_the_same_event(name: str) -> None:
    assert event(name) == event("form-end")


def test_xml_at_the_start() -> None:
    assert event("xml-start") == event("form-start")


@pytest.mark.parametrize("media_type", ["text/xml", "application/xml", "text/xml; charset=utf-8", ""])
def test_xml_by_any_name(media_type: str) -> None:
    assert webhook.parse(replace(post("xml-end"), headers={"content-type": media_type})) == (event("form-end"),)


@pytest.mark.parametrize("name", ["form-windows-1252", "form-latin-1-declared"])
def test_windows_1252_said_or_not(name: str) -> None:
    found = session(name)
    assert found.customer.name == "Zoë Größe"
    assert found.fields["cfield1"] == "Prix: 5 € – «vite»"


def test_another_declared_charset() -> None:
    assert session("form-windows-1251-declared").customer.name == "Зоя"


@pytest.mark.parametrize("charset", ["hex", "unicode_escape", "nonsense", "idna", "", "utf-7"])
def test_a_strange_charset_is_not_believed(charset: str) -> None:
    start = post("form-start")
    odd = replace(start, headers={"content-type": f"application/x-www-form-urlencoded; charset={charset}"})
    assert webhook.parse(odd) == (event("form-start"),)


def test_emoji_and_right_to_left() -> None:
    found = session("form-emoji-rtl")
    assert found.customer.name == "נועה 👩🏽‍💻"
    assert [(line.author, line.text) for line in found.chat[0].lines] == [
        ("נועה 👩🏽‍💻", "הכול בסדר 🎉"),
        ("محمد", "شكرا جزيلا"),
    ]


@pytest.mark.parametrize("name", ["form-markup", "xml-markup"])
def test_markup_is_text(name: str) -> None:
    found = session(name)
    assert found.notes == "<img src=x onerror=alert(1)>"
    assert [line.text for line in found.chat[0].lines] == [
        "<script>alert(1)</script>",
        "{{ticket.id}} &lt;i&gt; ]]> {name}",
    ]


def test_null_bytes_are_left_out() -> None:
    found = session("form-null-bytes")
    assert found.technician.name == "John Doe"
    assert found.chat[0].lines[0].text == "onetwo"


def test_characters_that_xml_forbids_lose_no_post() -> None:
    assert session("xml-end-control-characters").notes == "bell  and null unit"


def test_unreadable_times_keep_the_event() -> None:
    found = event("form-end-sparse")
    assert found.kind is SessionEventKind.ENDED
    assert (found.session.started_at, found.session.ended_at, found.occurred_at) == (None, None, None)
    assert (found.session.waiting_seconds, found.session.work_seconds) == (104, 3723)


def test_a_time_that_means_never_does_not_end_a_session() -> None:
    found = event("form-start-never")
    assert (found.kind, found.session.ended_at) == (SessionEventKind.STARTED, None)


@pytest.mark.parametrize(
    "field", ["ClosingTime=2/19/2026+1:00:00+PM", "WorkTime=1", "LastActionTime=x", "TSurvey9=yes"]
)
def test_each_field_of_the_end_ends(field: str) -> None:
    [found] = webhook.parse(replace(post("form-start"), body=f"SessionID=7&{field}".encode()))
    assert found.kind is SessionEventKind.ENDED


def test_status_words_end_nothing() -> None:
    [found] = webhook.parse(replace(post("form-start"), body=b"SessionID=7&Status=Closed&Transmitted=5"))
    assert found.kind is SessionEventKind.STARTED


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("empty", "there is no SessionID"),
        ("form-stranger", "there is no SessionID"),
        ("xml-stranger", "there is no SessionID"),
        ("form-session-not-a-number", "not right: sessionid"),
        ("xml-not-closed", "the XML is broken"),
        ("xml-entity", "document type"),
    ],
)
def test_a_stranger_is_told_what_was_expected(name: str, said: str) -> None:
    with pytest.raises(MalformedPayload, match=said) as refused:
        webhook.parse(post(name))
    assert "expected a Post-to-URL of Rescue" in str(refused.value)
    assert "1=1" not in str(refused.value)


@pytest.mark.parametrize("name", ["form-end-notes", "xml-end", "query-get", "form-end-odd-case"])
def test_the_key_goes_by_what_is_told(name: str) -> None:
    assert webhook.delivery_key(post(name)) == webhook.delivery_key(post("form-end"))


def test_a_start_and_an_end_have_their_own_keys() -> None:
    assert webhook.delivery_key(post("form-start")) != webhook.delivery_key(post("form-end"))


def test_the_key_forgets_the_secret_of_the_query() -> None:
    stranger = post("empty")
    rotated = replace(stranger, query={"key": "another"}, url="https://bridge.example.com/hooks/rescue?key=another")
    assert webhook.delivery_key(stranger) == webhook.delivery_key(rotated)


@settings(deadline=None)
@given(
    body=st.binary() | st.text().map(lambda text: b"SessionID=7&ChatLog=" + text.encode("utf-8", "replace")),
    media_type=st.sampled_from(MEDIA_TYPES),
)
def test_any_bytes_are_an_event_or_malformed(body: bytes, media_type: str) -> None:
    delivery = replace(post("form-start"), body=body, headers={"content-type": media_type})
    assert webhook.delivery_key(delivery)
    try:
        [found] = webhook.parse(delivery)
    except MalformedPayload:
        return
    assert found.session.id


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(POST_FIELDS)), st.text(max_size=30)))
def test_any_values_of_the_known_fields_are_an_event(values: dict[str, str]) -> None:
    body = urlencode({**values, "sessionid": "7"}, errors="replace").encode()
    [found] = webhook.parse(replace(post("form-start"), body=body))
    assert found.session.id == "7"
    assert all(isinstance(part, ChatPart) for part in found.session.chat)
