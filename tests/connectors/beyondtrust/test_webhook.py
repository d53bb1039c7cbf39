"""What each outbound event tells, from the raw requests under tests/fixtures/beyondtrust."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import MalformedPayload
from bridge.model import Delivery, Person, Session, SessionEvent, SessionEventKind
from connectors.platforms.beyondtrust import webhook
from tests.contract.captured import captured

LSID = "c69a8e10bea9428f816cfababe9815fe"
JOHN = Person(name="John Doe", email="j.doe@example.com", id="12", username="j.doe@example.com")


def event(name: str) -> Delivery:
    return captured(f"beyondtrust/{name}")


def told(name: str) -> SessionEvent:
    (found,) = webhook.parse(event(name))
    return found


def at(hour: int, minute: int, second: int) -> datetime:
    return datetime(2026, 3, 2, hour, minute, second, tzinfo=UTC)


def changed(delivery: Delivery, **fields: str) -> Delivery:
    """The same event with other fields."""
    form = dict(parse_qsl(delivery.body.decode(), keep_blank_values=True))
    return replace(delivery, body=urlencode({**form, **fields}).encode())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("begin", SessionEventKind.STARTED),
        ("member-added-customer", SessionEventKind.CHANGED),
        ("member-added-representative", SessionEventKind.CHANGED),
        ("owner-changed", SessionEventKind.CHANGED),
        ("member-departed", SessionEventKind.CHANGED),
        ("end", SessionEventKind.ENDED),
        ("customer-survey", SessionEventKind.SURVEYED),
        ("rep-survey", SessionEventKind.SURVEYED),
    ],
)
def test_each_event_names_its_session_and_its_ticket(name: str, kind: SessionEventKind) -> None:
    found = told(name)
    assert (found.kind, found.session.id, found.session.reference) == (kind, LSID, "4711")
    assert found.name.startswith("support_conference_")


def test_all_seven_are_known() -> None:
    assert len(webhook.EVENTS) == 7


def test_begin_starts_the_session_at_its_time() -> None:
    assert told("begin").session == Session(LSID, "4711", started_at=at(10, 30, 0))
    assert told("begin").occurred_at == at(10, 30, 0)


def test_end_ends_it_at_its_time() -> None:
    assert told("end").session == Session(LSID, "4711", ended_at=at(10, 40, 10), ended=True)


def test_the_new_owner_is_the_technician() -> None:
    assert told("owner-changed").session.technician == JOHN


def test_a_queue_as_owner_is_no_technician() -> None:
    assert told("owner-changed-queue").session.technician == Person()


@pytest.mark.parametrize("name", ["member-added-representative", "member-departed"])
def test_who_was_called_in_or_left_does_not_take_the_session_over(name: str) -> None:
    assert told(name).session.technician == Person()


def test_a_user_name_that_is_no_address_is_no_e_mail() -> None:
    (found,) = webhook.parse(changed(event("owner-changed"), username="jdoe", type=""))
    assert found.session.technician == Person(name="John Doe", id="12", username="jdoe")


def test_the_customer_who_joins_is_the_customer() -> None:
    assert told("member-added-customer").session.customer == Person(name="Zoë Größe 👩🏽‍💻")


def test_an_empty_external_key_is_no_reference() -> None:
    assert told("no-external-key").session.reference == ""


def test_an_unknown_event_says_nothing() -> None:
    assert webhook.parse(event("unknown-event")) == ()


def test_a_time_that_is_none_is_left_out() -> None:
    assert told("unknown-fields").occurred_at is None
    assert webhook.parse(changed(event("begin"), timestamp="99999999999999"))[0].occurred_at is None


def test_a_time_with_a_fraction_is_read() -> None:
    assert webhook.parse(changed(event("begin"), timestamp="1772447400.25"))[0].occurred_at == at(10, 30, 0)


def test_what_people_typed_is_text() -> None:
    session = told("markup").session
    assert session.technician.name == "<b onmouseover=alert(1)>John</b>"
    assert session.reference == "<script>4711</script>"


def test_null_bytes_are_dropped_and_odd_bytes_do_no_harm() -> None:
    assert told("odd-bytes").session.reference == "4711"


@pytest.mark.parametrize("name", ["no-event", "no-lsid", "odd-lsid", "empty", "json", "xml"])
def test_what_is_missing_is_said_without_a_quotation(name: str) -> None:
    with pytest.raises(MalformedPayload, match="expected an outbound event") as refused:
        webhook.parse(event(name))
    assert "etc" not in str(refused.value)


def test_the_same_event_sent_again_has_the_same_key() -> None:
    assert webhook.delivery_key(event("end-again")) == webhook.delivery_key(event("end"))


def test_the_order_of_the_fields_makes_no_difference() -> None:
    end = event("end")
    other = replace(end, body=b"&".join(reversed(end.body.split(b"&"))))
    assert webhook.delivery_key(other) == webhook.delivery_key(end)


def test_two_events_of_one_session_in_one_second_differ() -> None:
    added, owner = event("member-added-representative"), event("owner-changed")
    assert dict(parse_qsl(added.body))[b"timestamp"] == dict(parse_qsl(owner.body))[b"timestamp"]
    assert webhook.delivery_key(added) != webhook.delivery_key(owner)


def test_two_members_in_one_second_differ() -> None:
    added = event("member-added-representative")
    assert webhook.delivery_key(added) != webhook.delivery_key(changed(added, user_id="13"))


@given(st.dictionaries(st.sampled_from(["event", "lsid", "timestamp", "type", "username", "x"]), st.text(max_size=20)))
def test_any_form_is_events_or_malformed(fields: dict[str, str]) -> None:
    delivery = replace(event("end"), body=urlencode(fields, errors="replace").encode())
    assert webhook.delivery_key(delivery)
    with contextlib.suppress(MalformedPayload):
        webhook.parse(delivery)
