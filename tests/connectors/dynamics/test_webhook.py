"""Dataverse's execution contexts and a flow's template, as captured requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bridge.errors import MalformedPayload
from bridge.model import CrmEvent, CrmEventKind, CrmRecord, TicketEvent, TicketEventKind
from connectors.bodies import BROKEN
from connectors.signatures import verify_shared_secret
from connectors.tickets.dynamics.webhook import TICKETS, delivery_key, moment, parse
from tests.contract.captured import FIXTURES, captured

SECRET = "made-up-dynamics-hook-secret"
NAMES = sorted(path.stem for path in (FIXTURES / "dynamics").glob("*.http"))
CASE = "7e0b3f52-1c2d-4a6e-9b1f-0a1b2c3d4e5f"
MASTER = "a1b2c3d4-0000-4a6e-9b1f-0a1b2c3d4e5f"
USER = "75c2dd85-e89e-4711-8122-000d3aa2331c"
AT = datetime(2026, 3, 2, 10, 29, 58, tzinfo=UTC)
CHANGED, CLOSED, MERGED = TicketEventKind.CHANGED, TicketEventKind.CLOSED, TicketEventKind.MERGED


def only(name: str) -> TicketEvent:
    [event] = parse(captured(f"dynamics/{name}"))
    assert isinstance(event, TicketEvent)
    return event


@pytest.mark.parametrize("name", NAMES)
def test_every_captured_request_shows_the_secret(name: str) -> None:
    verify_shared_secret(captured(f"dynamics/{name}"), [SECRET])


def test_a_step_names_the_case_and_who_changed_it() -> None:
    assert only("case-updated") == TicketEvent(CHANGED, CASE, "incident.update", USER, AT)


@pytest.mark.parametrize(
    ("name", "word", "kind"),
    [
        ("case-created", "incident.create", CHANGED),
        ("case-updated-stripped", "incident.update", CHANGED),
        ("case-updated-at-once", "incident.update", CHANGED),
        ("case-closed", "incident.close", CLOSED),
        ("case-deleted", "incident.delete", CLOSED),
    ],
)
def test_an_event_has_our_kind_and_the_vendors_words(name: str, word: str, kind: TicketEventKind) -> None:
    event = only(name)
    assert (event.kind, event.name, event.ticket_id) == (kind, word, CASE)


def test_a_merge_says_where_the_case_lives_on() -> None:
    event = only("case-merged")
    assert (event.kind, event.ticket_id, event.merged_into) == (MERGED, CASE, MASTER)


def test_a_merge_over_256_kilobytes_is_a_change_of_what_lives_on() -> None:
    event = only("case-merged-stripped")
    assert (event.kind, event.ticket_id, event.merged_into) == (CHANGED, MASTER, "")


def test_a_contact_is_no_ticket() -> None:
    [event] = parse(captured("dynamics/contact-updated"))
    assert event == CrmEvent(
        CrmEventKind.CHANGED,
        CrmRecord.CONTACT,
        "6d81597f-0f9f-4711-8122-000d3aa2331c",
        "contact.update",
        USER,
        AT,
        {
            "firstname": "James",
            "familystatuscode": "2",
            "donotphone": "false",
            "modifiedon": "2026-03-02T10:29:58+00:00",
            "parentcustomerid": "4ef5b371-e89e-4711-8122-000d3aa2331c",
            "modifiedonbehalfby": "",
        },
    )


def test_a_lead_is_somebody_to_be_in_contact_with() -> None:
    [event] = parse(captured("dynamics/lead-created"))
    assert isinstance(event, CrmEvent)
    assert (event.kind, event.record, event.name) == (CrmEventKind.CREATED, CrmRecord.CONTACT, "lead.create")


@pytest.mark.parametrize("name", ["unknown-event", "other-table"])
def test_other_messages_are_ignored(name: str) -> None:
    assert parse(captured(f"dynamics/{name}")) == []


@pytest.mark.parametrize("name", ["stranger", "case-without-id", "template-not-filled"])
def test_a_strangers_shape_is_refused(name: str) -> None:
    with pytest.raises(MalformedPayload, match="expected"):
        parse(captured(f"dynamics/{name}"))


def test_a_flow_may_use_the_template() -> None:
    assert only("template") == TicketEvent(CHANGED, CASE, "ticket.updated", USER)


def test_a_quote_in_a_placeholder_leaves_only_the_cases_id() -> None:
    assert only("template-broken") == TicketEvent(CHANGED, CASE, f"ticket.updated {BROKEN}")


def test_every_message_of_the_table_is_understood() -> None:
    sample = captured("dynamics/case-updated")
    for word, kind in TICKETS.items():
        [event] = parse(replace(sample, body=sample.body.replace(b'"Update"', f'"{word}"'.encode())))
        assert event.kind is (kind if kind is not MERGED else CHANGED)


def test_the_key_is_the_asynchronous_operation() -> None:
    delivery = captured("dynamics/case-updated")
    again = replace(delivery, headers={**delivery.headers, "x-request-id": "another"})
    assert delivery_key(delivery) == delivery_key(again) == "4af10637-4ea2-4711-8122-000000000001"


def test_a_step_that_runs_at_once_has_its_requests_id() -> None:
    assert delivery_key(captured("dynamics/case-updated-at-once")) == "0f3c9a11-7d55-4b0c-9b62-2f0f5f3f9a10"


def test_a_flow_has_its_run() -> None:
    delivery = captured("dynamics/template")
    run = delivery.headers["x-ms-workflow-run-id"]
    assert delivery_key(delivery) == run
    assert delivery_key(replace(delivery, body=delivery.body.replace(b'"delivery"', b'"other"'))) == run


@pytest.mark.parametrize(
    "value", [None, 17, "", "2026-03-02", "/Date(x)/", "/Date(1772447398000)", "/Date(99999999999999999)/"]
)
def test_other_moments_are_none(value: object) -> None:
    assert moment(value) is None


def test_a_moment_counts_from_1970_whatever_zone_it_shows() -> None:
    assert moment("/Date(1772447398000-0700)/") == moment("/Date(1772447398000)/") == AT
