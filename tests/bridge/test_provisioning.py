"""Decisions about accounts, as values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bridge import decide
from bridge.accounts import (
    PASSWORD_SIGNS,
    Account,
    AccountAction,
    AccountRequest,
    Standing,
    found_after_doubt,
    new_password,
)
from bridge.decide import Past, Rules
from bridge.effects import (
    AddNote,
    Decision,
    EffectState,
    GaveUp,
    ProvisionUser,
    ReadRecord,
    TicketKey,
    TicketRecord,
    UpdateFields,
    UpdateRecord,
)
from bridge.model import (
    CrmEvent,
    CrmEventKind,
    CrmRecord,
    Person,
    Record,
    Ticket,
    TicketEvent,
    TicketEventKind,
    TicketStatus,
    Visibility,
)
from bridge.provisioning import OutcomeRule, ProvisioningRoute, fill_record, mistakes
from bridge.route import When, WhenKind

NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
ASKS = When(WhenKind.FIELD, "remote_access", "requested")
ROUTE = ProvisioningRoute(
    name="accounts",
    source="crm",
    accounts="remotepc",
    when=ASKS,
    email="{contact.email}",
    record=CrmRecord.CONTACT,
    first_name="{contact.field.firstname}",
    computers="{contact.field.computers}",
    outcome=OutcomeRule("status", "reason", {"exists": "active"}),
)
OF_TICKETS = replace(
    ROUTE, record=None, when=When(WhenKind.TAG, "remotepc"), email="{requester.email}", first_name="", computers="2"
)
CONTACT = Record(
    CrmRecord.CONTACT, "901", email="Customer@example.com", fields={"remote_access": "requested", "computers": "3"}
)
LANE = TicketKey("crm", "contact/901")
READ = ReadRecord(CrmRecord.CONTACT, "901", ("contact.propertyChange", "crm.changed"), ())
EVENT = CrmEvent(CrmEventKind.CHANGED, CrmRecord.CONTACT, "901", "contact.propertyChange")
TICKET = Ticket("7", tags=frozenset({"remotepc"}), requester=Person(email="customer@example.com"))
CHANGED = TicketEvent(TicketEventKind.CHANGED, "7", "ticket.updated")


def rules(*routes: ProvisioningRoute, **more: Any) -> Rules:
    found = Rules(routes=(), reference_keys=("key",), now=NOW, source="1.0.0", provisioning=routes or (ROUTE,))
    return replace(found, **more)


def read(record: Record = CONTACT, *, asking: bool = False, past: tuple[Past, ...] = ()) -> Decision:
    known = TicketRecord(LANE, asking=frozenset({"provisioning: accounts"}) if asking else frozenset())
    return decide.record_read(READ, record, known, past, rules())


def wanted(decision: Decision) -> ProvisionUser:
    [effect] = decision.effects
    assert isinstance(effect.action, ProvisionUser)
    return effect.action


def test_an_event_reads_what_the_routes_want_to_know() -> None:
    [effect] = decide.record_event(EVENT, LANE, rules()).effects
    assert (effect.connection, effect.ticket) == ("crm", LANE)
    fields = ("computers", "firstname", "reason", "remote_access", "status")
    assert effect.action == ReadRecord(CrmRecord.CONTACT, "901", ("contact.propertyChange", "crm.changed"), fields)


@pytest.mark.parametrize(
    ("event", "more", "told"),
    [
        (replace(EVENT, record=CrmRecord.ACCOUNT), {}, "no route asks for it"),
        (replace(EVENT, kind=CrmEventKind.DELETED), {}, "nothing follows"),
        (replace(EVENT, actor="AppId:4711"), {"own_actors": frozenset({"appid:4711"})}, "caused by Deskbridge itself"),
    ],
)
def test_events_from_which_nothing_follows(event: CrmEvent, more: dict[str, object], told: str) -> None:
    decision = decide.record_event(event, LANE, rules(**more))
    assert not decision.effects
    assert told in decision.tell[0]


def test_a_record_that_asks_is_provisioned_in_its_lane() -> None:
    decision = read()
    [effect] = decision.effects
    assert (effect.connection, effect.ticket, effect.route) == ("remotepc", LANE, "accounts")
    request = AccountRequest("Customer@example.com", 3, "", "")
    assert effect.action == ProvisionUser(AccountAction.INVITE, request, CrmRecord.CONTACT, "901")
    assert decision.ticket is not None
    assert decision.ticket.asking == {"provisioning: accounts"}


def test_the_key_is_of_route_record_and_address_whatever_its_case() -> None:
    [one], [other] = read().effects, read(replace(CONTACT, email="customer@EXAMPLE.com")).effects
    assert one.key == other.key
    assert "customer" not in one.key.lower()
    [moved] = read(replace(CONTACT, email="second@example.com")).effects
    assert moved.key != one.key


def test_only_becoming_true_asks() -> None:
    assert not read(asking=True).effects
    assert "nothing to do" in read(asking=True).tell[0]
    over = read(replace(CONTACT, fields={"remote_access": ""}), asking=True)
    assert over.ticket is not None
    assert not over.ticket.asking


@pytest.mark.parametrize("state", [EffectState.PENDING, EffectState.SENDING])
def test_what_is_under_way_is_not_asked_again(state: EffectState) -> None:
    [effect] = read().effects
    decision = read(past=(Past(effect.key, state),))
    assert not decision.effects
    assert "at it already" in decision.tell[0]


def test_what_was_done_is_only_told_again_where_it_does_not_stand() -> None:
    [effect] = read().effects
    past = (Past(effect.key, EffectState.DONE, Standing.EXISTS),)
    [told] = read(past=past).effects
    assert told.action == UpdateRecord(CrmRecord.CONTACT, "901", {"status": "active", "reason": ""})
    stands = replace(CONTACT, fields={**CONTACT.fields, "status": "active", "reason": ""})
    assert not read(stands, past=past).effects


@pytest.mark.parametrize("state", [EffectState.PARKED, EffectState.FAILED, EffectState.SKIPPED])
def test_what_failed_may_be_asked_for_again(state: EffectState) -> None:
    [first] = read().effects
    [second] = read(past=(Past(first.key, state),)).effects
    [third] = read(past=(Past(first.key, state), Past(second.key, state))).effects
    assert [second.key, third.key] == [f"{first.key}:2", f"{first.key}:3"]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (replace(CONTACT, email=" "), "there is no e-mail address"),
        (replace(CONTACT, email="a@b"), "the e-mail address is none"),
        (replace(CONTACT, email="a@example.com, b@example.com"), "the e-mail address is none"),
        (replace(CONTACT, fields={"remote_access": "requested", "computers": "-1"}), "the number of computers is none"),
        (replace(CONTACT, fields={"remote_access": "requested"}), "the number of computers is none"),
    ],
)
def test_what_cannot_be_asked_for_fails_at_once(record: Record, reason: str) -> None:
    [effect] = read(record).effects
    assert effect.action == UpdateRecord(CrmRecord.CONTACT, "901", {"status": "failed", "reason": reason})


def test_who_is_added_needs_both_names() -> None:
    route = replace(ROUTE, action=AccountAction.ADD, last_name="{contact.last_name}")
    known = TicketRecord(LANE)
    [refused] = decide.record_read(READ, CONTACT, known, (), rules(route)).effects
    assert isinstance(refused.action, UpdateRecord)
    named = replace(CONTACT, last_name="One", fields={**CONTACT.fields, "firstname": "Customer"})
    action = wanted(decide.record_read(READ, named, known, (), rules(route)))
    assert (action.action, action.request.first_name, action.request.last_name) == (
        AccountAction.ADD,
        "Customer",
        "One",
    )


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        (When(WhenKind.EVENT, "contact.propertyChange"), True),
        (When(WhenKind.EVENT, "crm.changed"), True),
        (When(WhenKind.EVENT, "contact.creation"), False),
        (When(WhenKind.ANY), True),
        (When(WhenKind.FIELD, "remote_access", "no"), False),
    ],
)
def test_conditions_of_records(when: When, holds: bool) -> None:
    decision = decide.record_read(READ, CONTACT, TicketRecord(LANE), (), rules(replace(ROUTE, when=when)))
    assert bool(decision.effects) is holds


@pytest.mark.parametrize(
    ("outcome", "fields"),
    [
        (Standing.INVITED, {"status": "invited", "reason": ""}),
        (Standing.ALREADY_INVITED, {"status": "invited", "reason": ""}),
        (Standing.ADDED, {"status": "added", "reason": ""}),
        (Standing.EXISTS, {"status": "active", "reason": ""}),
        (GaveUp("no (WORD)", "Rejected"), {"status": "failed", "reason": "no (WORD)"}),
    ],
)
def test_the_outcome_is_written_to_the_record(outcome: Standing | GaveUp, fields: dict[str, object]) -> None:
    action = ProvisionUser(AccountAction.INVITE, AccountRequest("customer@example.com"), CrmRecord.CONTACT, "901")
    [effect] = decide.provisioned(action, outcome, LANE, "accounts", rules()).effects
    assert (effect.connection, effect.action) == ("crm", UpdateRecord(CrmRecord.CONTACT, "901", fields))


def test_a_provider_that_was_away_too_long_is_told_without_its_details() -> None:
    action = ProvisionUser(AccountAction.INVITE, AccountRequest("customer@example.com"), CrmRecord.CONTACT, "901")
    failure = GaveUp("gave up: remotepc: POST /rpc-api broke off", "Unavailable")
    [effect] = decide.provisioned(action, failure, LANE, "accounts", rules()).effects
    assert isinstance(effect.action, UpdateRecord)
    assert "could not be reached" in str(effect.action.fields["reason"])
    assert "POST" not in str(effect.action.fields["reason"])


def test_a_route_that_is_gone_tells_nobody() -> None:
    action = ProvisionUser(AccountAction.INVITE, AccountRequest("customer@example.com"))
    decision = decide.provisioned(action, Standing.INVITED, LANE, "another", rules())
    assert not decision.effects
    assert "is gone" in decision.tell[0]


def test_a_ticket_asks_and_is_told_by_field_and_internal_note() -> None:
    key = TicketKey("crm", "7")
    decision = decide.ticket_seen(CHANGED, TICKET, TicketRecord(key), (), rules(OF_TICKETS))
    action = wanted(decision)
    assert action == ProvisionUser(AccountAction.INVITE, AccountRequest("customer@example.com", 2), None, "")
    assert decision.ticket is not None
    assert decision.ticket.snapshot == TICKET
    assert decision.ticket.asking == {"provisioning: accounts"}
    field, note = decide.provisioned(action, Standing.INVITED, key, "accounts", rules(OF_TICKETS)).effects
    assert field.action == UpdateFields({"status": "invited", "reason": ""})
    assert isinstance(note.action, AddNote)
    assert note.action.note.visibility is Visibility.INTERNAL
    assert note.action.note.mark == note.key


def test_a_refusal_is_told_on_the_ticket_without_an_outcome_too() -> None:
    route = replace(OF_TICKETS, outcome=None)
    action = ProvisionUser(AccountAction.INVITE, AccountRequest("customer@example.com"))
    [note] = decide.provisioned(action, GaveUp("why not"), TicketKey("crm", "7"), "accounts", rules(route)).effects
    assert isinstance(note.action, AddNote)
    assert "why not" in str(note.action.note.document)


@pytest.mark.parametrize(
    ("when", "ticket", "holds"),
    [
        (When(WhenKind.TAG, "remotepc"), TICKET, True),
        (When(WhenKind.TAG, "remotepc"), replace(TICKET, status=TicketStatus.CLOSED), False),
        (When(WhenKind.FIELD, "asks", "yes"), replace(TICKET, fields={"asks": "yes"}), True),
        (When(WhenKind.STATUS, "open"), TICKET, True),
        (When(WhenKind.EVENT, "ticket.updated"), TICKET, True),
        (When(WhenKind.EVENT, "ticket.closed"), TICKET, False),
        (When(WhenKind.ANY), TICKET, True),
    ],
)
def test_conditions_of_tickets(when: When, ticket: Ticket, holds: bool) -> None:
    route = replace(OF_TICKETS, when=when)
    decision = decide.ticket_seen(CHANGED, ticket, TicketRecord(TicketKey("crm", "7")), (), rules(route))
    assert bool(decision.effects) is holds


def test_a_ticket_event_is_read_for_a_provisioning_route_alone() -> None:
    assert decide.ticket_event(CHANGED, TicketKey("crm", "7"), rules(OF_TICKETS)).effects
    assert not decide.ticket_event(CHANGED, TicketKey("crm", "7"), rules(ROUTE)).effects


def test_templates_of_records() -> None:
    record = replace(CONTACT, name="Customer One", fields={"firstname": "{contact.email}"})
    assert fill_record("{contact.name} {{x}} {contact.field.firstname} {contact.field.none}", record) == (
        "Customer One {x} {contact.email} "
    )
    assert list(mistakes("{contact.email} {account.email} {contact.field.} {", CrmRecord.CONTACT)) == [
        "account.email",
        "contact.field.",
        "{",
    ]
    assert list(mistakes("{requester.email}", CrmRecord.CONTACT)) == ["requester.email"]
    assert not list(mistakes("{requester.email}", None))


def test_a_new_password_has_every_class_and_is_new() -> None:
    found = {new_password() for _ in range(50)}
    assert len(found) == 50
    for password in found:
        assert len(password) == 16
        assert any(sign in PASSWORD_SIGNS for sign in password)
        assert any(sign.isdigit() for sign in password)
        assert password not in (password.lower(), password.upper())


@pytest.mark.parametrize(
    ("day", "standing"),
    [(date(2026, 3, 1), Standing.ADDED), (date(2026, 2, 1), Standing.EXISTS), (None, Standing.EXISTS)],
)
def test_who_is_found_after_doubt_was_added_lately_or_was_there(day: date | None, standing: Standing) -> None:
    account = Account("customer@example.com", 1, 0, True, day)
    assert found_after_doubt(account, date(2026, 3, 2)) is standing
